"""Attention as a picture: one row for each query, one column for each key, the darker the more weight."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.messages import _
from course.viz.kit.layout import PAGE_WIDTH, Numbers, new_figure, shortened, text_width
from course.viz.kit.style import INK, VERMILLION, drawable, in_course_style, ink_on
from course.viz.kit.text import visible

LABEL, SMALL_LABEL, LONGEST_LABEL = 10.0, 9.0, 1.6  # points, points, inches
MAP = "Blues"
TITLE, AXIS, BAR, BESIDE = 0.5, 0.3, 0.85, 0.18  # inches: above a map, for an axis' name, the color bar, between maps


@in_course_style
def attention_heatmap(
    weights: Numbers,
    queries: Sequence[str],
    keys: Sequence[str],
    *,
    title: str | None = None,
    xlabel: str | None = None,
    ylabel: str | None = None,
    selected: int | None = None,
    numbers: bool = False,
) -> Figure:
    """How each query (a row, from the top) shares itself out over the keys (the columns).

    weights: (queries, keys), from 0 to 1. selected: the row to frame. `numbers` writes each weight into its cell, as
    whole percent. Raises `ValueError` when `weights` has not one row for each query and one column for each key.
    """
    title = title or _("Where each output symbol looks")
    return _maps({title: weights}, queries, keys, xlabel, ylabel, selected=selected, numbers=numbers)


@in_course_style
def attention_heatmaps(
    maps: Mapping[str, Numbers],
    queries: Sequence[str],
    keys: Sequence[str],
    *,
    columns: int = 2,
    xlabel: str | None = None,
    ylabel: str | None = None,
) -> Figure:
    """Several maps of the same queries and keys, each under its own name, at most `columns` in a row.

    There are fewer in a row where the page would have to make them smaller.

    maps: name → (queries, keys), from 0 to 1. Raises `ValueError` as `attention_heatmap` does.
    """
    return _maps(maps, queries, keys, xlabel, ylabel, columns=columns)


def _maps(
    maps: Mapping[str, Numbers],
    queries: Sequence[str],
    keys: Sequence[str],
    xlabel: str | None,
    ylabel: str | None,
    *,
    columns: int = 1,
    selected: int | None = None,
    numbers: bool = False,
) -> Figure:
    tables = {name: np.asarray(weights, dtype=float) for name, weights in maps.items()}
    for table in tables.values():
        if table.shape != (len(queries), len(keys)):
            raise ValueError(
                _("{queries} queries and {keys} keys need weights of the shape {wanted}, not {shape}.").format(
                    queries=len(queries), keys=len(keys), wanted=(len(queries), len(keys)), shape=table.shape
                )
            )
    figure = new_figure(8.0, 4.0)
    xlabel, ylabel = (
        shortened(figure, drawable(text), 11.0, PAGE_WIDTH / 2)
        for text in (xlabel or _("keys: what is looked at"), ylabel or _("queries"))
    )

    def labelled(size: float) -> tuple[list[str], list[str], float]:
        """The labels of rows and columns in this size, and the room at the left of a map."""
        rows, keys_ = (
            [shortened(figure, drawable(visible(token)), size, LONGEST_LABEL) for token in tokens]
            for tokens in (queries, keys)
        )
        return rows, keys_, max(text_width(figure, label, size) for label in rows) + AXIS + 0.2

    def room(columns: int, left: float) -> float:
        """The width of one cell when so many maps are side by side on a page."""
        return ((PAGE_WIDTH - BAR) / columns - left - BESIDE) / max(len(keys), 1)

    widest, narrowest = (0.46, 0.3) if numbers else (0.34, 0.17)  # inches of a cell
    size, columns = LABEL, min(columns, len(tables))
    row_labels, key_labels, left = labelled(size)
    if columns > 1 and room(columns, left) < narrowest:  # letters fit into narrower columns, words don't
        smaller, letters, beside = labelled(SMALL_LABEL)
        letter = max(text_width(figure, label, SMALL_LABEL) for label in letters) + 0.01
        if room(columns, beside) >= letter:
            size, row_labels, key_labels, left, narrowest = SMALL_LABEL, smaller, letters, beside, letter
        else:
            columns = next((n for n in range(columns - 1, 1, -1) if room(n, left) >= narrowest), 1)
    cell = min(widest, max(narrowest, room(columns, left)))
    longest = max(text_width(figure, label, size) for label in key_labels)
    upright = longest > cell - (0.04 if size == LABEL else 0)  # labels wider than a column stand on their side
    below = AXIS + 0.12 + (longest if upright else 0.2)
    map_width, map_height = cell * len(keys), max(cell, 0.026 * size) * len(queries)
    titles = {
        name: shortened(figure, drawable(name), 13.0, max(PAGE_WIDTH / columns - left, map_width), "bold")
        for name in tables
    }
    names = [text_width(figure, name, 13.0, "bold") for name in titles.values()]
    right = max(map_width, text_width(figure, xlabel, 11.0), *names) - map_width + BESIDE  # a name may be the wider
    panel_width, panel_height = left + map_width + right, TITLE + map_height + below
    rows = -(-len(tables) // columns)
    width = columns * panel_width + max(0, BAR - right)
    height = rows * panel_height
    figure.set_size_inches(width, height)
    for place, (name, table) in enumerate(tables.items()):
        row, column = divmod(place, columns)
        x, y = left + column * panel_width, height - row * panel_height - TITLE - map_height
        axes = figure.add_axes((x / width, y / height, map_width / width, map_height / height))
        axes.imshow(table, cmap=MAP, vmin=0, vmax=1, aspect="auto")
        axes.set_xticks(range(len(keys)), key_labels, rotation=90 if upright else 0)
        axes.set_yticks(range(len(queries)), row_labels)
        axes.tick_params(length=0, labelsize=size)
        axes.set_xlabel(xlabel, loc="left")
        axes.set_ylabel(ylabel, loc="top")
        axes.spines[["top", "right"]].set_visible(True)
        axes.set_title(titles[name])
        if numbers:
            _write_numbers(axes, table)
        if selected is not None:
            frame = Rectangle((-0.5, selected - 0.5), len(keys), 1, fill=False, edgecolor=VERMILLION, linewidth=2.5)
            axes.add_patch(frame).set_clip_on(False)
    bar_height = min(map_height, 2.0)
    bar_y = height - TITLE - bar_height
    x = left + (columns - 1) * panel_width + map_width + 0.2
    bar = figure.add_axes((x / width, bar_y / height, 0.12 / width, bar_height / height))
    shades = ScalarMappable(Normalize(0, 1), MAP)
    figure.colorbar(shades, cax=bar, ticks=[0, 0.5, 1], format=lambda value, _position: f"{value:.0%}")
    bar.tick_params(length=2, colors=INK)
    return figure


def _write_numbers(axes: Axes, table: np.ndarray) -> None:
    for (row, column), weight in np.ndenumerate(table):
        if weight >= 0.005:
            color = ink_on(to_hex(colormaps[MAP](weight)))
            axes.text(column, row, f"{100 * weight:.0f}", ha="center", va="center", color=color, fontsize=9.0)
