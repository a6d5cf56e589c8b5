"""Rewards against the distance from the reference: what each method buys with its KL divergence."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from course.messages import _
from course.viz.figures.curves import MARKERS, explain_band, mean_and_deviation, name_axes
from course.viz.figures.path_names import name_paths, name_points
from course.viz.kit.alt_text import at_most
from course.viz.kit.layout import Numbers, new_figure, shortened, text_width
from course.viz.kit.style import INK, PAPER, colors_for, contrast, drawable, in_course_style
from course.viz.kit.text import number

KL = "kl"
WIDTH, PANEL, HEAD, FOOT, BETWEEN, LEFT = 8.0, 2.7, 0.75, 0.6, 0.5, 0.75  # inches
LONGEST_NAME = 2.2  # inches
MOST_MARKED = 12  # points of a path that have marks and error bars; a longer one is a line
Table = np.ndarray
Line = list[tuple[float, float]]


@in_course_style
def reward_frontier(
    paths: Mapping[str, Mapping[str, Numbers]],
    *,
    title: str,
    ylabels: Mapping[str, str] | None = None,
    points: Mapping[str, Sequence[str]] | None = None,
) -> Figure:
    """A panel for each measure over the square root of the KL divergence, and in it a path for each method.

    paths: method → "kl" in nats per response and measures such as "proxy" and "gold", each (seeds, points) or
    (points,). A point of a path is an iteration of training, a β or an n; seeds are averaged point by point in both
    directions. Up to 12 points have marks, with a standard deviation to each side; of a longer path each seed is a thin
    line, too. NaN is a point that was not measured. An estimate of the KL divergence below 0 counts as 0. `ylabels`
    names the axes of measures, `points` the points of a path, as its β or n.

    Raises `ValueError` for no paths, a path without "kl" or without a measure, shapes that differ within a path, an
    infinite number, and another number of names than of points.
    """
    tables = {name: _tables(name, path) for name, path in paths.items()}
    measures = list(dict.fromkeys(measure for path in tables.values() for measure in path if measure != KL))
    if not measures:
        raise ValueError(_("There is nothing to draw: give one path or more, each with a measure beside 'kl'."))
    colors = colors_for(tables)
    height = HEAD + len(measures) * PANEL + (len(measures) - 1) * BETWEEN + FOOT
    figure = new_figure(WIDTH, height)
    names = {name: shortened(figure, drawable(name), 10.0, LONGEST_NAME) for name in tables}
    right = max(text_width(figure, name, 10.0) for name in names.values()) + 0.45
    end = max(float(np.nanmax(path[KL])) for path in tables.values())
    drawn = {}
    for place, measure in enumerate(measures):
        bottom = height - HEAD - PANEL - place * (PANEL + BETWEEN)
        axes = figure.add_axes((LEFT / WIDTH, bottom / height, 1 - (LEFT + right) / WIDTH, PANEL / height))
        axes.set_xlim(0, 1.03 * np.sqrt(max(end, 0.0)) or 1.0)
        lines = {
            name: _draw(axes, name, path[KL], path[measure], colors[name], marker)
            for (name, path), marker in zip(tables.items(), MARKERS, strict=False)
            if measure in path
        }
        xlabel = _("√KL, the square root of nats per response") if place == len(measures) - 1 else ""
        label = (ylabels or {}).get(measure) or _("{measure} reward").format(measure=measure)
        name_axes(axes, title if place == 0 else "", xlabel, label)
        axes.grid(axis="y")
        if place == 0:
            explain_band(axes, {}, _spread_in_words(tables))
        if points:  # room for the names below the lowest points
            low, high = axes.get_ylim()
            axes.set_ylim(low - 0.08 * (high - low), high)
        for name, line in lines.items():
            _name_points(axes, line, (points or {}).get(name, ()), colors[name])
        ends = [line[-1] for line in lines.values()]
        name_paths(axes, ends, [names[name] for name in lines], [colors[name] for name in lines])
        for text in axes.texts:
            text.set_path_effects([withStroke(linewidth=3, foreground=PAPER)])
            text.set_zorder(6)
        drawn[measure] = lines
    figure.set_label(at_most(_in_words(title, drawn)))
    return figure


def _name_points(axes: Axes, line: Line, names: Sequence[str], color: str) -> None:
    """Write what each point of a path is below or above it."""
    if names and len(names) != len(line):
        raise ValueError(
            _("There are {names} names for {points} points: give one for each that was measured.").format(
                names=len(names), points=len(line)
            )
        )
    if names:
        name_points(axes, line, list(map(drawable, names)), _ink_like(color))


def _ink_like(color: str) -> str:
    """A color dark enough for small letters on white."""
    return color if contrast(color, PAPER) >= 4.5 else INK


def _in_words(title: str, drawn: Mapping[str, Mapping[str, Line]]) -> str:
    """The figure for whoever does not see it: where each path begins, is highest, and ends."""
    lines = [_("{title}. Line charts over √KL, the square root of nats per response.").format(title=title)]
    for measure, paths in drawn.items():
        for name, line in paths.items():
            highest = max(line, key=lambda point: point[1])
            (x, y), (end_x, end_y) = highest, line[-1]
            lines.append(
                _("{measure}, {name}: highest {y} at {x}, in the end {end_y} at {end_x}.").format(
                    measure=measure, name=name, x=number(x), y=number(y), end_x=number(end_x), end_y=number(end_y)
                )
            )
    return "\n".join(lines)


def _tables(name: str, path: Mapping[str, Numbers]) -> dict[str, Table]:
    """The numbers of a path as (seeds, points)."""
    tables = {measure: np.atleast_2d(np.asarray(values, dtype=float)) for measure, values in path.items()}
    if KL not in tables or len(tables) < 2:
        raise ValueError(
            _("{name!r} has {keys}: it needs 'kl' and a measure or more.").format(
                name=name, keys=", ".join(map(repr, path)) or _("nothing")
            )
        )
    shape = tables[KL].shape
    for measure, table in tables.items():
        if table.shape != shape or table.ndim != 2 or not table.size:
            raise ValueError(
                _("{name!r} has {measure!r} in the shape {shape}, and 'kl' in {kl}: give one number for each.").format(
                    name=name, measure=measure, shape=table.shape, kl=shape
                )
            )
        if np.isinf(table).any() or np.isnan(table).all():
            raise ValueError(
                _("{name!r} has {measure!r} of {value}, which cannot be drawn. Leave it out.").format(
                    name=name, measure=measure, value=table[~np.isfinite(table)][0]
                )
            )
    return tables


def _draw(axes: Axes, name: str, kl: Table, values: Table, color: str, marker: str) -> Line:
    """A path with its spread. Returns its points, means over the seeds."""
    measured = np.isfinite(kl).all(axis=0) & np.isfinite(values).all(axis=0)
    if not measured.any():
        raise ValueError(
            _("{name!r} has no point that was measured in every seed. Measure the same points in all.").format(
                name=name
            )
        )
    x, y = np.sqrt(np.maximum(kl[:, measured], 0.0)), values[:, measured]
    (mean_x, spread_x), (mean_y, spread_y) = mean_and_deviation(x), mean_and_deviation(y)
    if x.shape[1] <= MOST_MARKED:
        axes.plot(mean_x, mean_y, color=color, marker=marker, markersize=6, zorder=3, clip_on=False)
        if len(x) > 1:
            bars = {"xerr": spread_x, "yerr": spread_y, "elinewidth": 1.2, "linestyle": "none", "color": color}
            axes.errorbar(mean_x, mean_y, **bars, alpha=0.7)
    else:
        if len(x) > 1:
            for one_x, one_y in zip(x, y, strict=True):
                axes.plot(one_x, one_y, color=color, linewidth=0.8, alpha=0.45)
        axes.plot(mean_x, mean_y, color=color, zorder=3)
        axes.plot(mean_x[-1:], mean_y[-1:], color=color, marker=marker, markersize=7, zorder=4, clip_on=False)
    return list(zip(mean_x.tolist(), mean_y.tolist(), strict=True))


def _spread_in_words(tables: Mapping[str, Mapping[str, Table]]) -> str:
    """What thin lines and error bars are, where there are any."""
    shapes = [path[KL].shape for path in tables.values() if len(path[KL]) > 1]
    parts = []
    if any(points > MOST_MARKED for _seeds, points in shapes):
        parts.append(_("thin lines: the seeds"))
    if any(points <= MOST_MARKED for _seeds, points in shapes):
        parts.append(_("bars: ± 1 standard deviation over the seeds"))
    return "; ".join(parts)
