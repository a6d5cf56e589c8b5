"""The steps of attention for one output symbol: scores, weights, weighted sum, the output."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course.messages import _
from course.viz.figures.bars import write_at_ends
from course.viz.kit.layout import Numbers, new_figure, shortened, text_width
from course.viz.kit.style import INK, ORANGE, SKY, drawable, in_course_style
from course.viz.kit.text import number, percent, visible

ROW, TOP, GAP, CAPTION = 0.27, 0.75, 0.5, 0.36  # inches
WIDTH, TEXT, LONGEST_LABEL = 8.2, 0.62, 1.1  # inches; TEXT is the room for a number at the end of a bar


class NumberTable(NamedTuple):
    """A few numbers of some vectors: their places, and for each vector its name and its numbers, as text."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]


@in_course_style
def attention_steps_figure(
    inputs: Sequence[str],
    scores: Numbers,
    weights: Numbers,
    tables: Sequence[NumberTable],
    outputs: Sequence[str],
    probabilities: Numbers,
    *,
    title: str,
    subtitle: str = "",
) -> Figure:
    """From the score of each input to the output symbol: what the widget shows, in the same order.

    scores, weights: (inputs,). tables: the weighted sum, and what the output layer reads. probabilities: (outputs,),
    those of the most probable symbols. Raises `ValueError` when the sizes do not fit.
    """
    scores, weights = (np.asarray(each, dtype=float) for each in (scores, weights))
    n = len(inputs)
    if scores.shape != (n,) or weights.shape != (n,):
        raise ValueError(f"{n} inputs need as many scores and weights, not {scores.shape}, {weights.shape}.")
    figure = new_figure(WIDTH, 4.0)
    middle = WIDTH / 2
    n_rows = max((len(table.rows) for table in tables), default=0)
    heights = (CAPTION + ROW * n, CAPTION + ROW * (n_rows + 1), CAPTION + ROW * len(outputs))
    height = TOP + sum(heights) + 2 * GAP * 0.6
    figure.set_size_inches(WIDTH, height)
    _write(figure, 0.05, 0.05, shortened(figure, drawable(title), 13.0, WIDTH - 0.1, "bold"), size=13.0, bold=True)
    _write(figure, 0.05, 0.37, shortened(figure, drawable(subtitle), 10.0, WIDTH - 0.1))

    names = [_short(figure, symbol) for symbol in inputs]
    _bars(figure, 0.05, TOP, middle - GAP, names, scores, [number(score) for score in scores], _("1 · Scores"))
    shares = [f"{weight:.3f}" for weight in weights]
    _bars(figure, middle, TOP, middle - GAP, names, weights, shares, _("2 · Softmax: weights, sum 1"), full=1.0)
    y = TOP + heights[0] + 0.6 * GAP
    for place, table in enumerate(tables):
        _table(figure, 0.05 + place * middle, y, middle - GAP, table)
    y += heights[1] + 0.6 * GAP
    chances = [percent(float(probability)) for probability in probabilities]
    caption = _("What the output layer makes of it")
    symbols = [_short(figure, symbol) for symbol in outputs]
    _bars(figure, 0.05, y, middle - GAP, symbols, np.asarray(probabilities, dtype=float), chances, caption, full=1.0)
    return figure


def _short(figure: Figure, symbol: str) -> str:
    return shortened(figure, drawable(visible(symbol)), 10.0, LONGEST_LABEL)


def _write(
    figure: Figure, x: float, y: float, text: str, *, size: float = 10.0, bold: bool = False, right: bool = False
) -> None:
    """Text at a place in inches from the top left, which is where it begins, or where it ends if `right`."""
    width, height = figure.get_size_inches()
    weight, side = "bold" if bold else "normal", "right" if right else "left"
    figure.text(x / width, 1 - y / height, text, fontsize=size, fontweight=weight, ha=side, va="top")


def _axes(figure: Figure, x: float, y: float, width: float, height: float) -> Axes:
    """Axes at a place in inches from the top left."""
    across, down = figure.get_size_inches()
    return figure.add_axes((x / across, 1 - (y + height) / down, width / across, height / down))


def _bars(
    figure: Figure,
    x: float,
    y: float,
    width: float,
    labels: Sequence[str],
    values: np.ndarray,
    texts: Sequence[str],
    caption: str,
    full: float | None = None,
) -> None:
    _write(figure, x, y, caption, bold=True)
    left = max((text_width(figure, label, 10.0) for label in labels), default=0) + 0.12
    axes = _axes(figure, x + left, y + CAPTION - 0.08, width - left - TEXT, ROW * len(values))
    colors = [ORANGE if value == values.max() else SKY for value in values]
    axes.barh(range(len(values)), values, color=colors, edgecolor=INK, linewidth=0.6, height=0.72)
    axes.set_yticks(range(len(values)), labels)
    axes.set_xticks([])
    axes.set_ylim(len(values) - 0.5, -0.5)
    low, high = min(0, *values, 0), max(0, *values, 0) if full is None else full
    axes.set_xlim(low, high if high > low else low + 1)
    if low < 0:
        axes.axvline(0, color=INK, linewidth=0.8)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0)
    write_at_ends(axes, range(len(values)), values, texts)


def _table(figure: Figure, x: float, y: float, width: float, table: NumberTable) -> None:
    _write(figure, x, y, shortened(figure, drawable(table.caption), 10.0, width, "bold"), bold=True)
    label = max(text_width(figure, drawable(name), 9.0) for name, _cells in table.rows)
    column = (width - label) / max(len(table.columns), 1)
    for row, (name, cells) in enumerate([("", table.columns), *table.rows]):
        line = y + CAPTION - 0.08 + ROW * row
        _write(figure, x + label, line, drawable(name), size=9.0, right=True)
        for place, cell in enumerate(cells, start=1):
            _write(figure, x + label + column * place, line, cell, size=9.0, right=True)
    total = y + CAPTION - 0.13 + ROW * len(table.rows)
    rule = _axes(figure, x, total, width, 0.01)
    rule.axhline(0, color=INK, linewidth=0.8)
    rule.set_axis_off()
