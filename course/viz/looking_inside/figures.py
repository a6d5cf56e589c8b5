"""The static picture of the logit lens."""

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from course.messages import _
from course.viz.kit.layout import PAGE_WIDTH, new_figure, shortened, text_width, wrapped
from course.viz.kit.style import drawable, in_course_style, ink_on
from course.viz.kit.text import percent
from course.viz.looking_inside.lens_reading import Reading

MAP = "Purples"
ROW, TITLE = 0.24, 0.75  # inches


@in_course_style
def lens_grid(reading: Reading, *, title: str) -> Figure:
    """The most probable next token at each place in the model (row) and position (column), colored by its chance."""
    n_rows, n_columns = len(reading.rows), len(reading.tokens)
    height = TITLE + ROW * n_rows + 0.45
    figure = new_figure(PAGE_WIDTH, height)
    left = max(text_width(figure, drawable(name), 9.0) for name in reading.rows) + 0.2
    cell = (PAGE_WIDTH - left - 0.1) / n_columns
    axes = figure.add_axes((left / PAGE_WIDTH, 0.1 / height, cell * n_columns / PAGE_WIDTH, ROW * n_rows / height))
    axes.imshow(reading.chances.numpy(), cmap=MAP, vmin=0, vmax=1, aspect="auto")
    axes.set_yticks(range(n_rows), [drawable(name) for name in reading.rows], fontsize=9.0)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    names = [shortened(figure, drawable(token), 9.0, cell - 0.1) for token in reading.tokens]
    axes.set_xticks(range(n_columns), names, fontsize=9.0)
    axes.set_xlabel(_("token that was read; below it, the most probable next one and its chance"), fontsize=9.0)
    axes.tick_params(length=0)
    for (row, column), chance in np.ndenumerate(reading.chances.numpy()):
        text = f"{reading.best[row][column]} {percent(float(chance))}"
        text = shortened(figure, drawable(text), 8.5, cell - 0.06)
        color = ink_on(to_hex(colormaps[MAP](float(chance))))
        axes.text(column, row, text, ha="center", va="center", fontsize=8.5, color=color)
    figure.suptitle(
        wrapped(figure, drawable(title), 11.0, PAGE_WIDTH - 0.2, "bold"),
        x=0.01,
        ha="left",
        fontsize=11.0,
        weight="bold",
    )
    return figure
