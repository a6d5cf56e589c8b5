"""What all parts of the drawing share: its width, the rows of its tokens, and the colors of their numbers."""

from typing import TypedDict

import numpy as np
from matplotlib.colors import to_rgb

from course.viz.gpt.parts import PAIRS, Look
from course.viz.gpt.scene import Pixels, largest_of_bins, signed_pixels
from course.viz.kit.style import BLUE
from course.viz.seq2seq.figures import ABOVE, BELOW

WIDTH = 560  # pixels that a page of 700 has for an output
TALLEST, ROW = 240, 15  # pixels of a band's rows together, at most, and of one
BINS = 24  # numbers that a strip shows of a vector
PURPLE, ORANGE, DEEP = ([round(255 * c) for c in to_rgb(color)] for color in (ABOVE, BELOW, BLUE))


def row_height(n: int) -> Pixels:
    return min(ROW, TALLEST / n)


def pixels_of(look: Look, name: str) -> np.ndarray:
    """The picture of a part: a row for each token, a column for a key, or for some of a vector's numbers."""
    values = look.vectors[name].numpy()
    if name == "weights":
        return signed_pixels(np.sqrt(values), 1.0, DEEP, DEEP)
    if name in PAIRS:
        finite = np.where(np.isfinite(values), values, 0.0)
        return signed_pixels(finite, float(np.abs(finite).max()), PURPLE, ORANGE)
    bins = largest_of_bins(values, BINS)
    return signed_pixels(bins, np.abs(bins).max(axis=1, keepdims=True), PURPLE, ORANGE)


class Grid(TypedDict):
    """The attributes of a part that has rows: see `grid`."""

    left: str
    top: str
    step: str
    n: int
    cell: str


def grid(left: Pixels, top: Pixels, step: Pixels, n: int, cell: Pixels) -> Grid:
    """Where the rows of a part are, and its cells if it has some: what the page needs to know what is pointed at."""
    return {"left": f"{left:.2f}", "top": f"{top:.2f}", "step": f"{step:.4f}", "n": n, "cell": f"{cell:.4f}"}
