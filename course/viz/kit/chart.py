"""A small chart of lines and points, described once: the page draws it as SVG, a saved page as a figure."""

from collections.abc import Sequence
from html import escape
from typing import Literal, NamedTuple

from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from course.viz.kit.layout import shortened
from course.viz.kit.style import BLUE, INK, ORANGE, PAPER, QUIET, SKY, VERMILLION, drawable, mixed
from course.viz.kit.text import number

Look = Literal["main", "second", "faint"]
STROKES = {"main": (BLUE, 2.4, "-"), "second": (VERMILLION, 2.4, "-"), "faint": (QUIET, 1.4, "--")}
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 12, 38  # pixels around the axes
CLOSE = 1e-9


class Line(NamedTuple):
    """A line through points (x, y), and what it looks like."""

    points: Sequence[tuple[int | float, int | float]]
    look: Look = "main"


class Label(NamedTuple):
    """Words at a place (x, y) of the chart: `anchor` says on which side of it they are."""

    x: int | float
    y: int | float
    text: str
    anchor: Literal["start", "middle", "end"] = "start"


class Chart(NamedTuple):
    """Lines, one point that is marked, a range of x in a tint, places of x with a line of their own, and labels.

    `words` says all of it to a screen reader.
    """

    caption: str
    xlabel: str
    ylabel: str
    xlim: tuple[int | float, int | float]
    ylim: tuple[int | float, int | float]
    lines: Sequence[Line]
    point: tuple[int | float, int | float] | None = None
    span: tuple[int | float, int | float] | None = None
    stops: Sequence[int | float] = ()
    labels: Sequence[Label] = ()
    words: str = ""


def ticks(low: int | float, high: int | float, most: int) -> list[int | float]:
    """About so many round numbers from `low` to `high`."""
    margin = CLOSE * (high - low)
    return [float(x) for x in MaxNLocator(most).tick_values(low, high) if low - margin <= x <= high + margin]


def tick_texts(places: Sequence[int | float]) -> list[str]:
    """The numbers as an axis writes them, all with the same decimals."""
    digits = next((n for n in range(4) if all(abs(x - round(x, n)) < CLOSE for x in places)), 4)
    return [number(x, digits) for x in places]


def svg(chart: Chart, width: int = 560, height: int = 250) -> str:
    """The chart as SVG, `width` by `height` pixels or smaller, where the page is narrow."""
    (low_x, high_x), (low_y, high_y) = chart.xlim, chart.ylim

    def x_of(x: int | float) -> int | float:
        return LEFT + (x - low_x) / (high_x - low_x) * (width - LEFT - RIGHT)

    def y_of(y: int | float) -> int | float:
        y = min(max(y, low_y), high_y)
        return height - BOTTOM - (y - low_y) / (high_y - low_y) * (height - BOTTOM - TOP)

    parts = []
    if chart.span is not None:
        left, right = (x_of(min(max(x, low_x), high_x)) for x in chart.span)
        size = f'width="{right - left:.1f}" height="{height - BOTTOM - TOP}"'
        parts.append(f'<rect class="lm-span" x="{left:.1f}" y="{TOP}" {size}/>')
    xs, ys = ticks(low_x, high_x, 8 if width > 400 else 4), ticks(low_y, high_y, 5)
    for y, text in zip(ys, tick_texts(ys), strict=True):
        parts.append(f'<path class="lm-gridline" d="M{LEFT},{y_of(y):.1f} H{width - RIGHT}"/>')
        parts.append(f'<text x="{LEFT - 5}" y="{y_of(y) + 4:.1f}" text-anchor="end">{text}</text>')
    for x, text in zip(xs, tick_texts(xs), strict=True):
        parts.append(f'<path class="lm-axis" d="M{x_of(x):.1f},{height - BOTTOM} v4"/>')
        parts.append(f'<text x="{x_of(x):.1f}" y="{height - BOTTOM + 16}" text-anchor="middle">{text}</text>')
    parts.append(f'<path class="lm-axis" d="M{LEFT},{TOP} V{height - BOTTOM} H{width - RIGHT}"/>')
    if low_y < 0 < high_y:
        parts.append(f'<path class="lm-axis" d="M{LEFT},{y_of(0):.1f} H{width - RIGHT}"/>')
    for x in chart.stops:
        parts.append(f'<path class="lm-stop" d="M{x_of(x):.1f},{TOP} V{height - BOTTOM}"/>')
    for line in chart.lines:
        points = " ".join(f"{x_of(x):.1f},{y_of(y):.1f}" for x, y in line.points)
        parts.append(f'<polyline data-look="{line.look}" points="{points}"/>')
    if chart.point is not None:
        x, y = chart.point
        parts.append(f'<circle cx="{x_of(x):.1f}" cy="{y_of(y):.1f}" r="6"/>')
    for label in chart.labels:
        where = f'x="{x_of(label.x):.1f}" y="{y_of(label.y):.1f}" text-anchor="{label.anchor}"'
        parts.append(f'<text class="lm-label" {where}>{escape(label.text)}</text>')
    middle = (LEFT + width - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{height - 5}" text-anchor="middle">{escape(chart.xlabel)}</text>')
    caption = f"<b>{escape(chart.caption)}</b> {escape(chart.ylabel)}".rstrip()
    return (
        f'<figure class="lm-chart lm-plot"><figcaption>{caption}</figcaption>'
        f'<svg viewBox="0 0 {width} {height}" width="{width}" style="max-width: {1.25 * width:.0f}px" '
        f'role="img" aria-label="{escape(chart.words)}">'
        f"{''.join(parts)}</svg></figure>"
    )


def draw(axes: Axes, chart: Chart, *, size: int | float = 10.0) -> None:
    """The same chart in matplotlib's axes, whose size in the figure has to be final. `size` is that of its text."""
    box = axes.get_window_extent()
    room = box.width / axes.figure.dpi
    axes.set_xlim(*chart.xlim)
    axes.set_ylim(*chart.ylim)
    if chart.span is not None:
        axes.axvspan(*chart.span, facecolor=mixed(SKY, 0.25), linewidth=0, zorder=0)
    axes.grid(axis="y")
    if chart.ylim[0] < 0 < chart.ylim[1]:
        axes.axhline(0, color=INK, linewidth=0.8, zorder=1)
    for x in chart.stops:
        axes.axvline(x, color=INK, linewidth=1.2, linestyle=":", zorder=2)
    for line in chart.lines:
        color, width, dashes = STROKES[line.look]
        axes.plot(*zip(*line.points, strict=True), color=color, linewidth=width, linestyle=dashes, zorder=3)
    if chart.point is not None:
        x, y = chart.point
        y = min(max(y, chart.ylim[0]), chart.ylim[1])
        axes.plot([x], [y], marker="o", markersize=9, color=ORANGE, markeredgecolor=INK, zorder=4, clip_on=False)
    for label in chart.labels:
        ha = {"start": "left", "middle": "center", "end": "right"}[label.anchor]
        text = axes.annotate(drawable(label.text), (label.x, label.y), ha=ha, fontsize=size, zorder=5)
        text.set_path_effects([withStroke(linewidth=3, foreground=PAPER)])
    for axis, most, (low, high) in ((axes.xaxis, 8 if room > 4 else 4, chart.xlim), (axes.yaxis, 5, chart.ylim)):
        places = ticks(low, high, most)
        axis.set_ticks(places, tick_texts(places), fontsize=size)
    axes.set_xlabel(shortened(axes.figure, drawable(chart.xlabel), size, room), fontsize=size)
    axes.set_title(drawable(chart.caption), fontsize=size + 0.5, pad=22 if chart.ylabel else 6)
    if chart.ylabel:
        place = {"xycoords": "axes fraction", "xytext": (0, 7), "textcoords": "offset points"}
        text = shortened(axes.figure, drawable(chart.ylabel), size, room + 0.3)
        axes.annotate(text, (0, 1), **place, fontsize=size, annotation_clip=False)
