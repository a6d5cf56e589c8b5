"""Rows of numbers as colored strips on a page: one image, one pixel high, per row."""

import base64
import io
from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.image import imsave

from course.messages import _
from course.viz.kit import html
from course.viz.kit.layout import Numbers
from course.viz.seq2seq.figures import NUMBERS, largest


def number_strips(labels: Sequence[str], rows: Numbers, caption: str) -> str:
    """A table with a label and a strip per row, in the colors of `state_strips`. Shape of `rows`: (labels, numbers)."""
    rows = np.asarray(rows, dtype=float)
    limit = largest(rows)
    colored = colormaps[NUMBERS](0.5 + rows / (2 * limit))
    words = [_in_words(row) for row in rows]
    return html.strips(list(zip(labels, map(_data_uri, colored[:, None]), words, strict=True)), caption, limit)


def _in_words(row: np.ndarray) -> str:
    return _("{count} numbers from {low} to {high}").format(
        count=len(row), low=f"{row.min():.2f}".replace("-", "−"), high=f"{row.max():.2f}".replace("-", "−")
    )


def _data_uri(pixels: np.ndarray) -> str:
    png = io.BytesIO()
    imsave(png, pixels, format="png", metadata={"Software": None})
    return f"data:image/png;base64,{base64.b64encode(png.getvalue()).decode('ascii')}"
