"""Frontiers of several laws in one chart, N against C in logarithms: as SVG for the live page, and by matplotlib."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course.messages import _
from course.viz.kit.large_numbers import RAISED
from course.viz.kit.layout import apart, label_line_ends
from course.viz.kit.style import BLUE, GREEN, INK, ORANGE, PURPLE, QUIET, SKY, VERMILLION, mixed
from course.viz.scaling.own_laws import OwnLaws, own_names, published, published_best

LOW_C, HIGH_C, LOW_N, HIGH_N = 10.5, 26.0, 2.0, 15.0  # of the logarithms to base 10
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 285, 46, 150, 10, 40  # pixels
BUDGETS = np.linspace(LOW_C, HIGH_C, 63)
NAME_LINE = 15  # pixels from one name to the next
STROKES = {
    "own": (BLUE, "-", 2.6),
    "parabolas": (BLUE, (0, (1, 1.5)), 1.8),
    "kaplan": (VERMILLION, (0, (6, 3)), 2.0),
    "hoffmann": (GREEN, (0, (2, 2)), 2.2),
    "besiroglu": (PURPLE, (0, (7, 2, 2, 2)), 2.0),
}


class Curve(NamedTuple):
    """A frontier: the log of the best size at each of `BUDGETS`."""

    key: str
    name: str
    sizes: Sequence[int | float]


class Scene(NamedTuple):
    """The frontiers, the band around the first, runs (log C, log N) used and left out, and the budget that is set.

    `before` is the band with the runs that are left out.
    """

    curves: Sequence[Curve]
    band: tuple[Sequence[int | float], Sequence[int | float]]
    used: Sequence[tuple[int | float, int | float]]
    left_out: Sequence[tuple[int | float, int | float]] = ()
    at: int | float | None = None
    before: tuple[Sequence[int | float], Sequence[int | float]] | None = None


def scene_of(own: OwnLaws, all_runs: OwnLaws | None = None, at: int | float | None = None) -> Scene:
    """The frontiers of the course's own runs and the published ones; of `all_runs` those left out are crosses."""
    flops = 10.0**BUDGETS
    low, high = np.log10(own.band(flops)).tolist()
    curves = [Curve("own", own_names()["own"], [float(np.log10(own.best(c).parameters)) for c in flops])]
    if own.by_parabolas is not None:
        curves.append(
            Curve("parabolas", own_names()["parabolas"], np.log10(own.by_parabolas.at(flops)).tolist()),
        )
    curves += [
        Curve(key, name, [float(np.log10(published_best(key, c).parameters)) for c in flops])
        for key, name in published().items()
    ]
    used = _places(own)
    rest = [] if all_runs is None else [place for place in _places(all_runs) if place not in set(used)]
    before = None
    if all_runs is not None and rest:
        least, most = np.log10(all_runs.band(flops)).tolist()
        before = least, most
    return Scene(curves, (low, high), used, rest, at, before)


def _places(laws: OwnLaws) -> list[tuple[float, float]]:
    return list(zip(np.log10(laws.flops).tolist(), np.log10(laws.size).tolist(), strict=True))


def svg(scene: Scene, caption: str, words: str) -> str:
    """The scene as SVG; `words` says it to a screen reader."""
    parts = [_axes_svg()]
    low, high = scene.band
    around = [_at(x, y) for x, y in zip(BUDGETS, low, strict=True)]
    around += [_at(x, y) for x, y in zip(BUDGETS[::-1], high[::-1], strict=True)]
    parts.append(f'<path class="lm-span" d="M{" L".join(around)} Z"/>')
    for edge in scene.before or ():
        points = " ".join(_at(x, y) for x, y in zip(BUDGETS, edge, strict=True))
        parts.append(f'<polyline data-look="faint" points="{points}"/>')
    ends = []
    for curve in scene.curves:
        points = " ".join(_at(x, y) for x, y in zip(BUDGETS, curve.sizes, strict=True))
        parts.append(f'<polyline data-look="{_LOOKS[curve.key]}" points="{points}"/>')
        ends.append(_up(curve.sizes[-1]))
    parts += [f'<circle class="lm-run" cx="{_across(x):.1f}" cy="{_up(y):.1f}" r="2.5"/>' for x, y in scene.used]
    parts += [
        f'<path class="lm-left-out" d="M{_across(x) - 4:.1f},{_up(y) - 4:.1f} l8,8 m0,-8 l-8,8"/>'
        for x, y in scene.left_out
    ]
    places = apart(ends, float(NAME_LINE), TOP + 6.0, HEIGHT - BOTTOM - 6.0)
    for curve, end, place in zip(scene.curves, ends, places, strict=True):
        right = WIDTH - RIGHT
        parts.append(f'<path class="lm-axis" d="M{right + 2},{end:.1f} L{right + 12},{place:.1f}"/>')
        parts.append(f'<text x="{right + 15}" y="{place + 4:.1f}">{escape(curve.name)}</text>')
    if scene.at is not None:
        x = _across(scene.at)
        parts.append(f'<path class="lm-stop" d="M{x:.1f},{TOP} V{HEIGHT - BOTTOM}"/>')
        for curve in scene.curves:
            size = float(np.interp(scene.at, BUDGETS, curve.sizes))
            parts.append(f'<circle cx="{x:.1f}" cy="{_up(size):.1f}" r="4"/>')
    return (
        f'<figure class="lm-chart lm-plot"><figcaption>{escape(caption)}</figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" style="max-width: {1.15 * WIDTH:.0f}px" '
        f'role="img" aria-label="{escape(words)}">{"".join(parts)}</svg></figure>'
    )


_LOOKS = {"own": "main", "parabolas": "dots", "kaplan": "dashed", "hoffmann": "dotted", "besiroglu": "dashdot"}


def _axes_svg() -> str:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = []
    for y in range(3, int(HIGH_N) + 1, 3):
        parts.append(f'<path class="lm-gridline" d="M{LEFT},{_up(y):.1f} H{right}"/>')
        parts.append(f'<text x="{LEFT - 5}" y="{_up(y) + 4:.1f}" text-anchor="end">{raised(y)}</text>')
    for x in range(11, int(HIGH_C) + 1, 3):
        parts.append(f'<path class="lm-axis" d="M{_across(x):.1f},{bottom} v4"/>')
        parts.append(f'<text x="{_across(x):.1f}" y="{bottom + 17}" text-anchor="middle">{raised(x)}</text>')
    parts.append(f'<path class="lm-axis" d="M{LEFT},{TOP} V{bottom} H{right}"/>')
    label = escape(_("FLOPs of the training"))
    parts.append(f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 5}" text-anchor="middle">{label}</text>')
    return "".join(parts)


def raised(power: int) -> str:
    return f"10{str(power).translate(RAISED)}"


def _across(x: int | float) -> float:
    return LEFT + (x - LOW_C) / (HIGH_C - LOW_C) * (WIDTH - LEFT - RIGHT)


def _up(y: int | float) -> float:
    y = min(max(y, LOW_N), HIGH_N)
    return HEIGHT - BOTTOM - (y - LOW_N) / (HIGH_N - LOW_N) * (HEIGHT - TOP - BOTTOM)


def _at(x: int | float, y: int | float) -> str:
    return f"{_across(x):.1f},{_up(y):.1f}"


def draw(axes: Axes, scene: Scene) -> None:
    """The same in matplotlib's axes, whose size in the figure has to be final."""
    axes.set(xlim=(LOW_C, HIGH_C), ylim=(LOW_N, HIGH_N))
    axes.fill_between(BUDGETS, *scene.band, color=mixed(SKY, 0.35), linewidth=0, zorder=1)
    for edge in scene.before or ():
        axes.plot(BUDGETS, edge, color=QUIET, linestyle=(0, (5, 4)), linewidth=1, zorder=2)
    for curve in scene.curves:
        color, dashes, width = STROKES[curve.key]
        axes.plot(BUDGETS, curve.sizes, color=color, linestyle=dashes, linewidth=width, zorder=3)
    for places, sign in ((scene.used, "o"), (scene.left_out, "x")):
        if places:
            x, y = np.array(places).T
            size = 14 if sign == "o" else 36
            axes.scatter(x, y, s=size, marker=sign, color=INK, linewidths=0 if sign == "o" else 1.5, zorder=4)
    if scene.at is not None:
        axes.axvline(scene.at, color=INK, linewidth=1, linestyle=(0, (2, 3)), zorder=2)
        for curve in scene.curves:
            size = float(np.interp(scene.at, BUDGETS, curve.sizes))
            axes.plot([scene.at], [size], "o", color=ORANGE, markeredgecolor=INK, markersize=6, zorder=5)
    axes.set_xticks(range(11, 27, 3), [raised(power) for power in range(11, 27, 3)])
    axes.set_yticks(range(3, 16, 3), [raised(power) for power in range(3, 16, 3)])
    axes.set_xlabel(_("FLOPs of the training"))
    axes.set_ylabel(_("best size N, parameters"))
    axes.grid(axis="y")
    ends = [(HIGH_C, min(max(curve.sizes[-1], LOW_N), HIGH_N)) for curve in scene.curves]
    label_line_ends(axes, ends, [curve.name for curve in scene.curves], [STROKES[one.key][0] for one in scene.curves])


def axes_in(figure: Figure, left: int | float, bottom: int | float, width: int | float, height: int | float) -> Axes:
    """Axes at this place of a figure, in inches, with room for the names at their right."""
    across, up = figure.get_size_inches()
    return figure.add_axes((left / across, bottom / up, width / across, height / up))
