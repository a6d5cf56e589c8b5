"""The static pictures of the lesson on fine-tuning."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from course.messages import _
from course.viz.fine_tuning.scored_texts import Counts, ScoredTexts
from course.viz.kit.layout import new_figure, shortened, wrapped_within
from course.viz.kit.style import BLUE, INK, ORANGE, SKY, drawable, in_course_style, mixed

WIDTH, HEIGHT, LINE = 8.0, 4.0, 0.24  # inches


@in_course_style
def threshold_figure(
    scored: ScoredTexts, threshold: int | float, counts: Counts, *, title: str, lines: Sequence[str] = ()
) -> Figure:
    """The precision–recall curve with the point of a threshold, and the confusion matrix beside it.

    `lines` are written below them, each in one line, the first one in bold.
    """
    below = LINE * len(lines)
    figure = new_figure(WIDTH, HEIGHT + below)
    precision, recall, _thresholds = scored.curve
    axes = figure.add_axes(_above(below, 0.1, 0.14, 0.42, 0.7))
    axes.plot(recall, precision, color=BLUE)
    if counts.precision is not None:
        axes.plot(
            [counts.recall],
            [counts.precision],
            marker="o",
            markersize=10,
            markerfacecolor=ORANGE,
            markeredgecolor=INK,
            linestyle="none",
            zorder=3,
        )
        axes.annotate(
            f"{threshold:.2f}",
            (counts.recall, counts.precision),
            xytext=(-8, -14),
            textcoords="offset points",
            ha="right",
        )
    name = shortened(figure, drawable(scored.names[1]), 11.0, 1.6)
    axes.set_xlabel(_("recall of {name}").format(name=name))
    axes.set_ylabel(_("precision"))
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.02)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _position: f"{value:.0%}")
    axes.grid(axis="both")
    _matrix(figure, _above(below, 0.7, 0.32, 0.28, 0.42), scored.names, counts)
    for place, line in enumerate(lines):
        weight = "normal" if place else "bold"
        shown = shortened(figure, drawable(line), 10.0, WIDTH - 0.2, weight)
        y = (below - LINE * (place + 0.5)) / (HEIGHT + below)
        figure.text(0.01, y, shown, va="center", fontsize=10.0, weight=weight)
    figure.suptitle(
        "\n".join(wrapped_within(figure, drawable(title), 12.0, WIDTH - 0.3, 2, "bold")),
        x=0.01,
        ha="left",
        fontsize=12.0,
        weight="bold",
    )
    return figure


def _above(below: float, left: float, bottom: float, width: float, height: float) -> tuple[float, float, float, float]:
    """A box in shares of the figure, when the figure gets so many inches more below."""
    whole = HEIGHT + below
    return left, (bottom * HEIGHT + below) / whole, width, height * HEIGHT / whole


def _matrix(figure: Figure, box: tuple[float, float, float, float], names: tuple[str, str], counts: Counts) -> None:
    axes = figure.add_axes(box)
    table = np.array([[counts.right_negative, counts.false_positive], [counts.missed, counts.right_positive]])
    labels = [shortened(figure, drawable(name), 10.0, 1.0) for name in names]
    for (row, column), count in np.ndenumerate(table):
        color = mixed(SKY, 0.45) if row == column else mixed(ORANGE, 0.45)
        axes.fill_between([column - 0.5, column + 0.5], row - 0.5, row + 0.5, color=color)
        sign = "✓" if row == column else "✗"
        axes.text(column, row, f"{sign} {count:,}", ha="center", va="center", fontsize=12.0)
    axes.set_xlim(-0.5, 1.5)
    axes.set_ylim(1.5, -0.5)
    axes.set_xticks([0, 1], labels)
    axes.set_yticks([0, 1], labels)
    axes.tick_params(length=0)
    axes.set_xlabel(_("predicted"))
    axes.set_ylabel(_("true"))
