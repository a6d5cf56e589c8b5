"""Examine a figure as a reader would: where its texts are, and which of them overlap."""

import itertools
import warnings

from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox


def written(figure: Figure) -> list[tuple[str, Bbox]]:
    """Every visible text of a figure with the box that it takes; a glyph that no font has is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.canvas.draw()
    off = [axis for axes in figure.axes if not axes.axison for axis in (axes.xaxis, axes.yaxis)]
    hidden = {text for axis in off for text in axis.findobj(Text)}
    texts = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip() and t not in hidden]
    return [(text.get_text(), Text.get_window_extent(text)) for text in texts]  # without an annotation's arrow


def overlapping(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts that lie over each other, by more than a pixel."""
    boxes = [(name, box.padded(-1)) for name, box in written(figure)]
    return [(a, b) for (a, one), (b, other) in itertools.combinations(boxes, 2) if one.overlaps(other)]
