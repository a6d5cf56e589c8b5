"""Iterations by their KL divergence and their rewards: the axes of the chart, and its static picture."""

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from course.messages import _, ngettext
from course.viz.kit.chart import tick_texts, ticks
from course.viz.kit.layout import new_figure, shortened, text_width, wrapped_within
from course.viz.kit.style import INK, PAPER, QUIET, UNNAMED, drawable, in_course_style
from course.viz.kit.text import number
from course.viz.rlhf.scatter_points import ScatterPoint, ScatterSample, names_of

WIDTH, CHART, LINE, NAME = 8.0, 3.3, 0.21, 0.24  # inches
PROXY, GOLD = "●", "◇"
XLABEL, YLABEL = _("KL divergence from the reference, nats per response"), _("mean reward of an iteration")
MOST_SERIES = len(UNNAMED)
MOST_LINES = 3  # of a sample


def limits(values: Sequence[int | float]) -> tuple[int | float, int | float]:
    """The ends of an axis with some room beside the values."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    margin = 0.06 * (high - low) or 0.5
    return low - margin, high + margin


def axes_of(points: Sequence[ScatterPoint]) -> dict[str, Any]:
    """Where the axes of the chart end, and what is written at them."""
    xlim = limits([0.0, *(point.kl for point in points)] if points else [0.0, 10.0])
    heights = [height for point in points for height in (point.proxy, point.gold) if height is not None]
    ylim = limits(heights)
    xs, ys = ticks(*xlim, 8), ticks(*ylim, 6)
    n = len(points)
    words = ngettext("{n} iteration by KL divergence and reward", "{n} iterations by KL divergence and reward", n)
    return {
        "xlim": xlim,
        "ylim": ylim,
        "xticks": list(zip(xs, tick_texts(xs), strict=True)),
        "yticks": list(zip(ys, tick_texts(ys), strict=True)),
        "xlabel": XLABEL,
        "ylabel": f"{YLABEL}: {PROXY} {_('proxy')}, {GOLD} {_('gold')}",
        "words": words.format(n=n),
    }


def sample_in_words(sample: ScatterSample) -> str:
    """A sample in a line, with the rewards that were kept."""
    text = " → ".join(part for part in (sample.prompt, sample.answer) if part)
    return text if sample.proxy is None else f"{text} ({rewards_in_words(sample.proxy, sample.gold)})"


def rewards_in_words(proxy: int | float, gold: int | float | None) -> str:
    """Both rewards, or the one that was measured."""
    if gold is None:
        return _("proxy {proxy}").format(proxy=number(proxy, sign=True))
    return _("proxy {proxy}, gold {gold}").format(proxy=number(proxy, sign=True), gold=number(gold, sign=True))


def point_in_words(point: ScatterPoint) -> str:
    """One iteration in a line."""
    return _("{series}, iteration {iteration}: KL {kl}, {rewards}").format(
        series=point.series,
        iteration=point.iteration,
        kl=number(point.kl),
        rewards=rewards_in_words(point.proxy, point.gold),
    )


@in_course_style
def scatter_figure(points: Sequence[ScatterPoint], selected: int | None, *, title: str) -> Figure:
    """The chart, its series named at the right, and below it the samples of the selected point."""
    figure = new_figure(WIDTH, 1.0)
    head = wrapped_within(figure, drawable(title), 12.0, WIDTH - 0.2, 2, "bold")
    point = None if selected is None else points[selected]
    texts = [] if point is None else [_sample_lines(figure, sample) for sample in point.samples]
    below = 0.0 if point is None else 0.3 + sum(LINE * len(lines) + 0.07 for lines in texts)
    top = 0.08 + 0.24 * len(head) + 0.26
    height = top + CHART + 0.5 + below
    figure.set_size_inches(WIDTH, height)
    figure.text(0.0, 1.0, "\n".join(head), va="top", fontsize=12.0, weight="bold")
    names = names_of(points)
    colors = dict(zip(names, UNNAMED, strict=False))
    shown = [shortened(figure, drawable(name), 10.0, 2.0) for name in names]
    right = max((text_width(figure, name, 10.0) for name in shown), default=0.0) + 0.4
    box = (0.6 / WIDTH, (below + 0.5) / height, 1 - (0.6 + right) / WIDTH, CHART / height)
    of = axes_of(points)
    axes = figure.add_axes(box, xlim=of["xlim"], ylim=of["ylim"])
    axes.set_xlabel(XLABEL, fontsize=10.0)
    axes.set_title(of["ylabel"], fontsize=10.0, weight="normal", pad=6)
    axes.grid(axis="y")
    for axis, places in ((axes.xaxis, of["xticks"]), (axes.yaxis, of["yticks"])):
        axis.set_ticks(*zip(*places, strict=True), fontsize=10.0)
    for name in names:
        of_series = [each for each in points if each.series == name]
        golds = [(each.kl, each.gold) for each in of_series if each.gold is not None]
        axes.scatter(
            [x for x, _y in golds],
            [y for _x, y in golds],
            marker="D",
            s=28,
            facecolor=PAPER,
            edgecolor=colors[name],
            linewidth=1.3,
            zorder=3,
        )
        axes.scatter([e.kl for e in of_series], [e.proxy for e in of_series], s=30, color=colors[name], zorder=3)
    for place, (name, text) in enumerate(zip(names, shown, strict=True)):
        y = 1 - (top + 0.1 + NAME * place) / height
        figure.text(1 - (right - 0.2) / WIDTH, y, PROXY, color=colors[name], va="center", fontsize=10.0)
        figure.text(1 - (right - 0.36) / WIDTH, y, text, va="center", fontsize=10.0)
    if point is not None:
        for height_of in (point.proxy, point.gold):
            if height_of is not None:
                axes.plot([point.kl], [height_of], "o", markersize=12, color="none", markeredgecolor=INK, zorder=4)
        y = below - 0.12
        figure.text(0.0, y / height, drawable(point_in_words(point)), fontsize=10.5, weight="bold", va="center")
        y -= 0.18
        for lines in texts:
            figure.text(0.0, y / height, "\n".join(lines), fontsize=10.0, va="top")
            y -= LINE * len(lines) + 0.07
    elif not points:
        figure.text(0.5, 0.5, _("No iteration yet: points come while the policy trains."), ha="center", color=QUIET)
    return figure


def _sample_lines(figure: Figure, sample: ScatterSample) -> list[str]:
    text = drawable(sample_in_words(sample))
    return wrapped_within(figure, " ".join(text.split()), 10.0, WIDTH - 0.1, MOST_LINES)
