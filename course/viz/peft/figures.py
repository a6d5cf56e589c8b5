"""AdaLoRA's ranks while it trains: those of each matrix, block by block, and their sum."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from course.layers.sizes import require_whole
from course.messages import _
from course.viz.figures.curves import whole_numbers
from course.viz.kit.alt_text import at_most
from course.viz.kit.layout import PAGE_WIDTH, new_figure, shortened, text_width, wrapped_within
from course.viz.kit.style import BLUE, INK, drawable, in_course_style
from course.viz.peft.place_names import block_and_layer

MAP = "Blues"
LINE, NAME, TICKS, BETWEEN, SUM = 0.24, 0.3, 0.52, 0.12, 1.1  # inches of height
BAR, GAP, NUMBER = 0.62, 0.2, 0.26  # inches of width: the color bar, between panels, the ranks at the end
LONGEST_ROW = 2.0  # inches
MOST_ROWS = 12  # of a panel with high rows; more are lower
MOST_COLUMNS, MOST_CELLS = 3, 2000  # panels side by side; steps of a panel that are drawn one by one


@in_course_style
def ranks_over_steps(
    allocated_after: Sequence[int],
    ranks: Mapping[str, Sequence[int]],
    *,
    until: int | None = None,
    title: str | None = None,
) -> Figure:
    """The rank of each matrix from one allocation to the next, with the last one as a number; below it, their sum.

    allocated_after: the steps after which ranks were allocated, rising. ranks: place → as many ranks. There is a panel
    for each kind of matrix and a row for each block. until: the last step of the training, where the ranks were fixed
    before. Raises `ValueError` for no steps or places, steps that do not rise, another number of ranks than of steps,
    and a rank that is no whole number of 0 or more.
    """
    _check(allocated_after, ranks, until)
    steps = np.asarray(allocated_after)
    end = int(steps[-1] if until is None else until)
    table = {place: np.asarray(values) for place, values in ranks.items()}
    names = {place: block_and_layer(place) for place in table}
    rows = list(dict.fromkeys(block for block, _layer in names.values()))
    kinds = list(dict.fromkeys(layer for _block, layer in names.values()))
    places = {name: place for place, name in names.items()}
    top = max(1, *(int(values.max()) for values in table.values()))

    figure = new_figure(PAGE_WIDTH, 4.0)
    size = 10.0 if len(rows) <= MOST_ROWS else 8.0
    row = 0.026 * size if len(rows) <= MOST_ROWS else 0.02 * size
    labels = [shortened(figure, drawable(name), size, LONGEST_ROW) for name in rows]
    left = max(text_width(figure, label, size) for label in labels) + 0.12
    n_columns = min(len(kinds), MOST_COLUMNS)
    width = (PAGE_WIDTH - left - BAR - (n_columns - 1) * GAP) / n_columns - NUMBER
    lines = wrapped_within(
        figure, drawable(title or _("The rank of each matrix while AdaLoRA trains")), 13.0, PAGE_WIDTH - 0.1, 2, "bold"
    )
    head, panel = LINE * len(lines) + 0.05, NAME + row * len(rows) + TICKS + BETWEEN
    n_lines = math.ceil(len(kinds) / n_columns)
    height = head + panel * n_lines + NAME + SUM + 0.55
    figure.set_size_inches(PAGE_WIDTH, height)
    figure.suptitle("\n".join(lines), x=0.0, y=1.0, ha="left", va="top", fontsize=13.0, weight="bold")

    def box(x: float, y: float, wide: float, high: float) -> tuple[float, float, float, float]:
        """In shares of the figure, from inches; y from its upper edge."""
        return x / PAGE_WIDTH, 1 - (y + high) / height, wide / PAGE_WIDTH, high / height

    for number, kind in enumerate(kinds):
        line, column = divmod(number, n_columns)
        at = box(left + column * (width + NUMBER + GAP), head + line * panel + NAME, width, row * len(rows))
        axes = figure.add_axes(at)
        values = [table.get(places.get((name, kind), "")) for name in rows]
        _draw_panel(axes, steps, values, end, top, size)
        axes.set_title(shortened(figure, drawable(kind), 11.0, width, "bold"), fontsize=11.0, pad=4)
        axes.set_yticks(range(len(rows)), labels if column == 0 else [""] * len(rows), fontsize=size)
    bar = figure.add_axes(box(PAGE_WIDTH - BAR + 0.12, head + NAME, 0.12, min(row * len(rows), 2.0)))
    figure.colorbar(ScalarMappable(Normalize(0, top), MAP), cax=bar, ticks=sorted({0, top // 2, top}))
    bar.set_title(_("rank"), fontsize=10.0, weight="normal", pad=5)
    bar.tick_params(length=2)
    sums = figure.add_axes(box(left, head + panel * n_lines + NAME, PAGE_WIDTH - left - BAR - NUMBER, SUM))
    total = np.sum(list(table.values()), axis=0)
    _draw_sum(sums, steps, total, end)
    figure.set_label(at_most(_in_words(lines, steps, end, table, names, total)))
    return figure


def _draw_panel(
    axes: Axes, steps: np.ndarray, rows: Sequence[np.ndarray | None], end: int, top: int, size: float
) -> None:
    """A row of colors for each matrix, each color as wide as its rank lasted, and the last rank beside it."""
    first = int(steps[0])
    cells = np.linspace(first, end, min(end - first + 1, MOST_CELLS))
    shown = np.searchsorted(steps, cells, side="right") - 1
    nothing = np.full(len(cells), np.nan)
    picture = np.stack([nothing if values is None else values[shown].astype(float) for values in rows])
    color_map = colormaps[MAP].with_extremes(bad="#ffffff")
    half = (end - first) / max(len(cells) - 1, 1) / 2 or 0.5
    extent = (first - half, end + half, len(rows) - 0.5, -0.5)
    axes.imshow(picture, cmap=color_map, vmin=0, vmax=top, extent=extent, aspect="auto", interpolation="nearest")
    for place, values in enumerate(rows):
        if values is not None:
            at = (extent[1], place)
            axes.annotate(f"{values[-1]}", at, (4, 0), textcoords="offset points", va="center", fontsize=size)
    axes.hlines(np.arange(1, len(rows)) - 0.5, *extent[:2], color="#ffffff", linewidth=1.0)
    axes.set_xticks(_whole_ticks(first, end, 4))
    axes.set_xlabel(_("step"))
    axes.xaxis.set_major_formatter(whole_numbers(end))
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right"]].set_visible(True)


def _draw_sum(axes: Axes, steps: np.ndarray, total: np.ndarray, end: int) -> None:
    """The sum of all ranks over the steps, with its first and its last number."""
    axes.step([*steps, end], [*total, total[-1]], where="post", color=BLUE)
    for at, value, beside, ha in ((steps[0], total[0], 4, "left"), (end, total[-1], 0, "right")):
        place = {"xytext": (beside, 5), "textcoords": "offset points", "ha": ha}
        axes.annotate(f"{value:,}", (at, value), **place, color=INK, fontsize=10.0)
    axes.set_title(_("all matrices together"), fontsize=11.0, pad=6)
    axes.set(xlabel=_("step"), ylabel=_("sum of ranks"), ylim=(0, 1.3 * max(1, *total)))
    axes.set_xlim(steps[0], max(end, steps[0] + 1))
    axes.set_xticks(_whole_ticks(int(steps[0]), end, 8))
    axes.xaxis.set_major_formatter(whole_numbers(end))
    axes.set_yticks(_whole_ticks(0, max(1, *total.tolist()), 3))


def _whole_ticks(low: int, high: int, most: int) -> list[int]:
    """About so many round numbers from `low` to `high`."""
    ticks = MaxNLocator(most, integer=True, min_n_ticks=1).tick_values(low, high)
    return [int(tick) for tick in ticks if low <= tick <= high]


def _in_words(
    title: Sequence[str],
    steps: np.ndarray,
    end: int,
    table: Mapping[str, np.ndarray],
    names: Mapping[str, tuple[str, str]],
    total: np.ndarray,
) -> str:
    """The figure for whoever does not see it: the sum, then the last rank of each matrix, the highest first."""
    last = sorted(table, key=lambda place: -table[place][-1])
    each = "; ".join(f"{' '.join(filter(None, names[place]))}: {table[place][-1]}" for place in last)
    return "\n".join(
        [
            _("{title}. Heatmap of the ranks of {n} matrices, steps {first} to {end}.").format(
                title=" ".join(title), n=len(table), first=f"{steps[0]:,}", end=f"{end:,}"
            ),
            _("Sum of ranks: {first} at first, {last} in the end.").format(
                first=f"{total[0]:,}", last=f"{total[-1]:,}"
            ),
            _("Ranks in the end, the highest first: {each}.").format(each=each),
        ]
    )


def _check(steps: Sequence[int], ranks: Mapping[str, Sequence[int]], until: int | None) -> None:
    if not len(steps) or not ranks:
        raise ValueError(
            _("There is nothing to draw: {steps} allocations, {places} matrices. Give one or more of each.").format(
                steps=len(steps), places=len(ranks)
            )
        )
    for before, after in zip(steps, [*steps[1:], max(until or steps[-1], steps[-1]) + 1], strict=True):
        if after <= before:
            raise ValueError(
                _("Step {after} comes after step {before}: put the allocations in their order.").format(
                    after=after, before=before
                )
            )
    if until is not None and until < steps[-1]:
        raise ValueError(
            _("until is {until}, before the last allocation, which is after step {last}.").format(
                until=until, last=steps[-1]
            )
        )
    for place, values in ranks.items():
        if len(values) != len(steps):
            raise ValueError(
                _("{place} has {ranks} ranks for {steps} allocations; give one for each.").format(
                    place=place, ranks=len(values), steps=len(steps)
                )
            )
        for rank in values:
            require_whole(rank, _("A rank of {place}").format(place=place), least=0)
