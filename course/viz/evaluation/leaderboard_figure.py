"""The static picture of a leaderboard: scores with their intervals, and beside them the distribution of ranks."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from course.intervals import Interval
from course.messages import _
from course.viz.kit.layout import new_figure, shortened, wrapped_within
from course.viz.kit.style import BLUE, INK, ORANGE, PAPER, QUIET, VERMILLION, drawable, in_course_style

WIDTH, ROW, LINE, NAMES = 8.0, 0.2, 0.21, 2.75  # inches
SIZE, SMALL = 9.0, 8.5  # points
BLUES = LinearSegmentedColormap.from_list("ranks", [PAPER, BLUE])


@in_course_style
def ranks_figure(
    names: Sequence[str],
    intervals: Sequence[Interval],
    shares: Float[np.ndarray, "model rank"],
    ranks: Int[np.ndarray, "model"],
    scores: Float[np.ndarray, "model"],
    *,
    title: str,
    xlabel: str,
    trivial: Sequence[bool],
    marks: Sequence[str],
    percent: bool = False,
    said: Sequence[str] = (),
) -> Figure:
    """A row for each model: its score with its interval, and in what share of the resamples it takes each rank.

    The strokes and the frames are the `scores` and `ranks` of one draw. Trivial baselines are gray; `marks` are letters
    beside the models that are compared, and `said` are sentences below.
    """
    n = len(names)
    figure = new_figure(WIDTH, 1.0)
    heading = wrapped_within(figure, " ".join(drawable(title).split()), 12.0, WIDTH - 0.2, 2, "bold")
    lines = [
        line for text in said for line in wrapped_within(figure, " ".join(drawable(text).split()), 10.0, WIDTH - 0.2, 3)
    ]
    top, below = 0.3 + 0.25 * len(heading), 0.62 + LINE * len(lines)
    height = top + ROW * n + below
    figure.set_size_inches(WIDTH, height)
    place = (below / height, ROW * n / height)
    left = figure.add_axes((NAMES / WIDTH, place[0], 0.3, place[1]))
    right = figure.add_axes((NAMES / WIDTH + 0.33, place[0], 0.99 - NAMES / WIDTH - 0.33, place[1]))
    for row, interval in enumerate(intervals):
        color = QUIET if trivial[row] else BLUE
        left.plot([interval.low, interval.high], [row, row], color=color, linewidth=2)
        left.plot(interval.estimate, row, "o", color=color, markersize=5)
        left.plot(scores[row], row, "|", color=VERMILLION, markersize=9, markeredgewidth=2)
    right.imshow(np.sqrt(shares), aspect="auto", cmap=BLUES, vmin=0, vmax=1, extent=(0.5, n + 0.5, n - 0.5, -0.5))
    right.plot(ranks, range(n), "s", markersize=5, markerfacecolor="none", markeredgecolor=VERMILLION)
    labels = [shortened(figure, " ".join(drawable(one).split()), SMALL, NAMES - 0.15) for one in names]
    left.set_yticks(range(n), labels, fontsize=SMALL)
    for label, mark, is_trivial in zip(left.get_yticklabels(), marks, trivial, strict=True):
        label.set(weight="bold" if mark else "normal", color=QUIET if is_trivial and not mark else INK)
    for axes in (left, right):
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(n - 0.5, -0.5)
    for row, mark in enumerate(marks):
        if mark:
            left.axhspan(row - 0.5, row + 0.5, color=ORANGE, alpha=0.25, linewidth=0)
            left.text(0.99, row, mark, transform=left.get_yaxis_transform(), ha="right", va="center", weight="bold")
    right.set_yticks([])
    left.grid(axis="x")
    if percent:
        left.xaxis.set_major_formatter(lambda value, _position: f"{100 * value:.4g}%")
    left.locator_params(axis="x", nbins=4)
    left.set_xlabel(shortened(figure, drawable(xlabel), 10.0, 2.3), fontsize=10.0)
    right.set_xlabel(_("rank under resampling"), fontsize=10.0)
    right.set_xticks(sorted({1, (n + 1) // 2, n}))
    figure.text(0.1 / WIDTH, 1 - 0.06 / height, "\n".join(heading), va="top", fontsize=12.0, weight="bold")
    figure.text(0.1 / WIDTH, 0.02 / height, "\n".join(lines), va="bottom", fontsize=10.0, linespacing=1.2)
    return figure
