"""Measures by threshold and a reliability diagram side by side: drawn for the saved page, and as SVG for the live one.

Both use the page's colors; the lines have names at their ends and different dashes.
"""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from matplotlib.figure import Figure

from course.evaluation import Reliability
from course.messages import _
from course.viz.kit.layout import label_line_ends, new_figure, wrapped_within
from course.viz.kit.style import BLUE, GREEN, INK, QUIET, SKY, VERMILLION, drawable, in_course_style

WIDTH, LINE = 8.0, 0.21  # inches
COLORS, DASHES = (BLUE, VERMILLION, GREEN), ("-", "--", ":")
SIDE_X, SIDE_Y, LEFT, RIGHT, TOP, BOTTOM = 400, 270, 40, 76, 12, 38  # pixels


@in_course_style
def threshold_pictures(
    thresholds: np.ndarray,
    curves: Mapping[str, np.ndarray],
    found: Reliability,
    threshold: float,
    *,
    title: str,
    said: Sequence[str] = (),
) -> Figure:
    """The curves with a line at the threshold, the reliability diagram, and sentences below."""
    figure = new_figure(WIDTH, 4.0)
    heading = wrapped_within(figure, " ".join(drawable(title).split()), 12.0, WIDTH - 0.2, 2, "bold")
    lines = [
        one for text in said for one in wrapped_within(figure, " ".join(drawable(text).split()), 10.0, WIDTH - 0.2, 3)
    ]
    top, below = 0.2 + 0.25 * len(heading), 0.7 + LINE * len(lines)
    height = top + 2.7 + below
    figure.set_size_inches(WIDTH, height)
    left = figure.add_axes((0.07, below / height, 0.36, 2.7 / height))
    right = figure.add_axes((0.62, below / height, 0.36, 2.7 / height))
    for values, color, dash in zip(curves.values(), COLORS, DASHES, strict=True):
        left.plot(thresholds, values, dash, color=color, linewidth=2)
    left.axvline(threshold, color=INK, linewidth=1, linestyle=(0, (2, 3)))
    low = min(0.0, *(float(np.nanmin(values)) for values in curves.values() if not np.isnan(values).all()))
    left.set(xlim=(0, 1), ylim=(low - 0.02, 1.02))
    left.set_yticks([tick for tick in (-1.0, -0.5, 0.0, 0.25, 0.5, 0.75, 1.0) if tick >= low])
    left.set_xlabel(_("threshold"))
    left.grid(axis="y")
    ends = [_last(thresholds, values) for values in curves.values()]
    label_line_ends(left, ends, list(curves), COLORS)
    filled = found.counts > 0
    right.plot([0, 1], [0, 1], color=QUIET, linestyle=(0, (4, 3)))
    tallest = found.counts.max()
    right.bar(
        found.edges[:-1],
        0.3 * found.counts / tallest,
        np.diff(found.edges),
        align="edge",
        color=SKY,
        alpha=0.4,
        edgecolor=INK,
        linewidth=0.5,
    )
    right.plot(found.probability[filled], found.came_true[filled], "o-", color=BLUE, markersize=6, clip_on=False)
    right.set(xlim=(0, 1), ylim=(-0.02, 1.02))
    right.set_xlabel(_("probability of positive (bars: items)"))
    right.set_ylabel(_("share that is positive"))
    right.grid(axis="y")
    figure.text(0.1 / WIDTH, 1 - 0.05 / height, "\n".join(heading), va="top", fontsize=12.0, weight="bold")
    figure.text(0.1 / WIDTH, 0.02 / height, "\n".join(lines), va="bottom", fontsize=10.0, linespacing=1.2)
    return figure


def _last(x: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """The last point of a curve that has a value."""
    known = np.flatnonzero(~np.isnan(values))
    return (float(x[known[-1]]), float(values[known[-1]])) if len(known) else (1.0, 0.0)


def curves_drawing(thresholds: np.ndarray, curves: Mapping[str, np.ndarray], threshold: float, words: str) -> str:
    """SVG of the measures by threshold, with a line at the one that is set."""
    known = [values[~np.isnan(values)] for values in curves.values()]
    low = min(0.0, *(float(values.min()) for values in known if values.size))
    low = low if low > -0.02 else low - 0.02
    lines, heights = [], []
    for look, values in zip(("first", "dashed", "dotted"), curves.values(), strict=True):
        points = " ".join(
            "{:.1f},{:.1f}".format(*_place(x, y, low))
            for x, y in zip(thresholds.tolist(), values.tolist(), strict=True)
            if y == y
        )
        lines.append(f'<polyline data-look="{look}" points="{points}"/>')
        heights.append(_place(*_last(thresholds, values), low)[1])
    names = []
    for place, height in zip(np.argsort(heights).tolist(), _spread(sorted(heights)), strict=True):
        name = escape(list(curves)[place])
        names.append(f'<text x="{SIDE_X - RIGHT + 5}" y="{height + 4:.1f}">{name}</text>')
    x = _place(threshold, 0.0, low)[0]
    stop = f'<path class="lm-stop" d="M{x:.1f},{TOP} V{SIDE_Y - BOTTOM}"/>'
    return _drawing(f"{''.join(lines)}{stop}{''.join(names)}", low, words, _("threshold"))


def reliability_drawing(found: Reliability, words: str) -> str:
    """SVG of the reliability diagram: a point for each bin with items, bars for the number of items."""
    tallest, filled = found.counts.max(), found.counts > 0
    bars = []
    for start, end, count in zip(found.edges[:-1], found.edges[1:], found.counts, strict=True):
        (left, top), (right, bottom) = (
            _place(float(start), 0.3 * float(count / tallest), 0.0),
            _place(float(end), 0.0, 0.0),
        )
        bars.append(
            f'<rect class="lm-bin" x="{left:.1f}" y="{top:.1f}" width="{max(right - left, 0.5):.1f}" '
            f'height="{bottom - top:.1f}"/>'
        )
    places = [
        _place(float(x), float(y), 0.0) for x, y in zip(found.probability[filled], found.came_true[filled], strict=True)
    ]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in places)
    (x1, y1), (x2, y2) = _place(0.0, 0.0, 0.0), _place(1.0, 1.0, 0.0)
    equal = f'<polyline data-look="faint" points="{x1:.1f},{y1:.1f} {x2:.1f},{y2:.1f}"/>'
    body = f'{"".join(bars)}{equal}<polyline points="{points}"/>{dots}'
    return _drawing(body, 0.0, words, _("probability of positive (bars: items)"))


def _place(x: float, y: float, low: float) -> tuple[float, float]:
    across, up = SIDE_X - LEFT - RIGHT, SIDE_Y - TOP - BOTTOM
    return LEFT + x * across, SIDE_Y - BOTTOM - (y - low) / (1 - low) * up


def _spread(heights: Sequence[float]) -> list[float]:
    """Heights of names, at least a line apart."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + 14) if placed else height)
    over = max(0.0, placed[-1] - (SIDE_Y - BOTTOM))
    return [height - over for height in placed]


def _drawing(body: str, low: float, words: str, xlabel: str) -> str:
    ticks = "".join(
        f'<text x="{_place(share, low, low)[0]:.1f}" y="{SIDE_Y - BOTTOM + 15}" text-anchor="middle">{share:g}</text>'
        f'<text x="{LEFT - 5}" y="{_place(0.0, share, low)[1] + 4:.1f}" text-anchor="end">{share:g}</text>'
        for share in (0.0, 0.5, 1.0)
    )
    middle = (LEFT + SIDE_X - RIGHT) / 2
    return (
        f'<figure class="lm-chart lm-plot"><figcaption>{escape(words)}</figcaption>'
        f'<svg viewBox="0 0 {SIDE_X} {SIDE_Y}" style="max-width: {SIDE_X}px" role="img" aria-label="{escape(words)}">'
        f'<path class="lm-axis" d="M{LEFT},{TOP} V{SIDE_Y - BOTTOM} H{SIDE_X - RIGHT}"/>{body}{ticks}'
        f'<text x="{middle}" y="{SIDE_Y - 6}" text-anchor="middle">{escape(xlabel)}</text></svg></figure>'
    )
