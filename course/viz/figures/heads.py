"""One number for each head of each layer, as a grid: which heads matter, which follow the meaning of a sentence."""

from collections.abc import Collection, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import CenteredNorm, to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.messages import _
from course.viz.kit.layout import PAGE_WIDTH, Numbers, new_figure, shortened, text_width
from course.viz.kit.style import INK, drawable, in_course_style, ink_on
from course.viz.kit.text import number

MAP = "PuOr"  # ColorBrewer's: its two ends stay apart for color-blind readers
TITLE, AXIS, BAR = 0.5, 0.35, 1.1  # inches: above the grid, for an axis' name, for the color bar
ROW = 0.36
LONGEST_NAME = 2.6  # inches


@in_course_style
def head_grid(
    values: Numbers,
    layers: Sequence[str],
    *,
    title: str,
    label: str,
    center: float = 0.0,
    decimals: int = 1,
    marked: Collection[tuple[int, int]] = (),
) -> Figure:
    """A number for each head (column, counted from 0) of each layer (row), colored by its distance from `center`.

    values: (layers, heads); NaN where a layer has no such head. layers: the name of each row. label: what the number
    is, at the color bar. marked: places (layer, head) to frame. Raises `ValueError` when `values` has not one row for
    each layer.
    """
    table = np.asarray(values, dtype=float)
    if table.ndim != 2 or len(table) != len(layers):
        raise ValueError(f"{len(layers)} layers need values of the shape ({len(layers)}, heads), not {table.shape}.")
    n_heads = table.shape[1]
    figure = new_figure(8.0, 4.0)
    names = [shortened(figure, drawable(name), 10.0, LONGEST_NAME) for name in layers]
    label = shortened(figure, drawable(label), 10.0, ROW * len(table) + AXIS)
    texts = {place: number(value, decimals) for place, value in np.ndenumerate(table)}
    cell = max(0.5, max(text_width(figure, text, 9.0) for text in texts.values()) + 0.12)
    left = max(text_width(figure, name, 10.0) for name in names) + 0.25
    title = shortened(figure, drawable(title), 13.0, PAGE_WIDTH - 0.3, "bold")
    width = max(left + cell * n_heads + BAR, text_width(figure, title, 13.0, "bold") + 0.3)
    height = TITLE + ROW * len(table) + AXIS + 0.3
    figure.set_size_inches(width, height)
    bottom = (AXIS + 0.25) / height
    axes = figure.add_axes((left / width, bottom, cell * n_heads / width, ROW * len(table) / height))
    image = axes.imshow(table, cmap=MAP, norm=CenteredNorm(center), aspect="auto")
    axes.set_xticks(range(n_heads))
    axes.set_yticks(range(len(table)), names)
    axes.tick_params(length=0)
    axes.set_xlabel(_("head"))
    axes.set_title(title, x=-left / (cell * n_heads))
    for (row, column), value in np.ndenumerate(table):
        if not np.isnan(value):
            color = ink_on(to_hex(colormaps[MAP](image.norm(value))))
            axes.text(column, row, texts[row, column], ha="center", va="center", fontsize=9.0, color=color)
    for row, column in marked:
        _frame(axes, row, column)
    bar_left = (left + cell * n_heads + 0.2) / width
    bar = figure.add_axes((bar_left, bottom, 0.14 / width, ROW * len(table) / height))
    figure.colorbar(image, cax=bar)
    bar.set_ylim(np.nanmin(table), np.nanmax(table))
    bar.set_ylabel(label, fontsize=10.0)
    bar.yaxis.set_major_formatter(lambda value, _position: f"{value:g}".replace("-", "−"))
    bar.tick_params(length=2, labelsize=9.0)
    return figure


def _frame(axes: Axes, row: int, column: int) -> None:
    """A frame inside the cell, so that neighbouring frames don't overlap."""
    axes.add_patch(Rectangle((column - 0.46, row - 0.44), 0.92, 0.88, fill=False, edgecolor=INK, linewidth=2.2))
