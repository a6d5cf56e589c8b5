"""Rows of numbers as colored strips on a page: one image, one pixel high, per row."""

import base64
import io
from collections.abc import Sequence

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.image import imsave

from course.messages import _
from course.viz.kit import html
from course.viz.kit.layout import Numbers
from course.viz.kit.text import number
from course.viz.seq2seq.figures import ABOVE, BELOW, COLUMNS, largest, of_all


def number_strips(labels: Sequence[str], rows: Numbers, caption: str) -> str:
    """A table with a label and a strip per row, in the colors of `state_strips`. Shape of `rows`: (labels, numbers).

    Of more than `COLUMNS` numbers the first are shown, and the caption says of how many.
    """
    rows = np.asarray(rows, dtype=float)
    caption = ", ".join(filter(None, (caption, of_all(rows.shape[1]))))
    rows = rows[:, :COLUMNS]
    limit = largest(rows)
    colored = np.empty((*rows.shape, 4))
    colored[..., :3] = np.where(rows[..., None] > 0, to_rgb(ABOVE), to_rgb(BELOW))
    colored[..., 3] = np.abs(rows) / limit  # over the page's own color, light or dark
    words = [_in_words(row) for row in rows]
    return html.strips(list(zip(labels, map(_data_uri, colored[:, None]), words, strict=True)), caption, limit)


def _in_words(row: np.ndarray) -> str:
    return _("{count} numbers from {low} to {high}").format(
        count=len(row), low=number(float(row.min())), high=number(float(row.max()))
    )


def _data_uri(pixels: np.ndarray) -> str:
    png = io.BytesIO()
    imsave(png, pixels, format="png", metadata={"Software": None})
    return f"data:image/png;base64,{base64.b64encode(png.getvalue()).decode('ascii')}"
