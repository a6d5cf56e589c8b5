"""Names of paths in a chart and of their points, where they cover least of what is drawn."""

from collections.abc import Sequence
from typing import cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.path import Path
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

from course.viz.kit.layout import text_width
from course.viz.kit.style import INK

SIZE, SMALL, LINE, STROKE = 10.0, 9.0, 13.0, 16.0  # points: of letters, of a line, and from a path to its name
STEPS = (0, 1, -1, 2, -2, 3, -3)  # lines of text up and down, the nearest first
THIN = 1.0  # points: a thinner line is a seed, which a name may rather cover than a mean
MARK = 4.0  # points around a marked point

Point = tuple[int | float, int | float]


def name_paths(axes: Axes, ends: Sequence[Point], names: Sequence[str], colors: Sequence[str]) -> None:
    """Write each name to the right or left of where its path ends, joined to it by a stroke of its color.

    Of the places around the end each name takes the one that covers no other text, and then the fewest lines and marks.
    Call this after the axes have their final limits and position in the figure, and all else is drawn.
    """
    places = [(side, step) for side in (1, -1) for step in STEPS]
    for end, name, color in zip(ends, names, colors, strict=True):
        width = 72 * text_width(axes.figure, name, SIZE)
        x, y = _in_points(axes, [end])[0]
        boxes = [_beside(x, y + step * LINE, side, width) for side, step in places]
        costs = [
            _covered(axes, box) + 0.05 * (abs(step) + (side < 0))
            for box, (side, step) in zip(boxes, places, strict=True)
        ]
        side, step = places[costs.index(min(costs))]
        axes.annotate(
            name,
            end,
            xytext=(side * STROKE, step * LINE),
            textcoords="offset points",
            color=INK,
            fontsize=SIZE,
            ha="left" if side > 0 else "right",
            va="center",
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "relpos": (0 if side > 0 else 1, 0.5),
                "color": color,
                "linewidth": 1.5,
                "shrinkA": 1,
                "shrinkB": 3,
            },
        )


def name_points(axes: Axes, points: Sequence[Point], names: Sequence[str], color: str) -> None:
    """Write what each point is below it, or above it where a name below would cover more."""
    left = axes.get_window_extent().x0 * 72 / axes.figure.dpi
    for point, name in zip(points, names, strict=True):
        width = 72 * text_width(axes.figure, name, SMALL)
        x, y = _in_points(axes, [point])[0]
        at_axis = x - left < width / 2  # it would be written over the axis
        middle = x + 5 + width / 2 if at_axis else x
        costs = [_covered(axes, _around(middle, y + up, width, SMALL)) for up in (-LINE, LINE)]
        up = LINE if costs[1] < costs[0] else -LINE
        axes.annotate(
            name,
            point,
            xytext=(middle - x, up),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=SMALL,
            color=color,
            annotation_clip=False,
        )


def _in_points(axes: Axes, places: Sequence[Point] | np.ndarray) -> np.ndarray:
    axes.get_ylim()  # matplotlib fits the limits to the lines only when it is asked for them
    return axes.transData.transform(np.asarray(places, dtype=float)) * 72 / axes.figure.dpi


def _around(x: int | float, y: int | float, width: int | float, height: int | float) -> Bbox:
    return Bbox([[x - width / 2 - 1, y - height / 2], [x + width / 2 + 1, y + height / 2]])


def _beside(x: int | float, y: int | float, side: int, width: int | float) -> Bbox:
    return _around(x + side * (STROKE + width / 2), y, width, LINE)


def _covered(axes: Axes, box: Bbox) -> int | float:
    """How much a text in this box would hide: other texts count most, then lines and marks, thin lines least."""
    to_points = 72 / axes.figure.dpi
    inside = axes.get_window_extent()
    edges = (inside.x0 * to_points, inside.y0 * to_points, inside.y1 * to_points + LINE)
    cost = 100.0 * (box.x0 < edges[0] or box.y0 < edges[1] or box.y1 > edges[2])
    for text in axes.texts:
        if isinstance(text, Annotation):  # it knows its place only when it is drawn
            text.update_positions(cast(FigureCanvasAgg, axes.figure.canvas).get_renderer())
        cost += 50 * box.overlaps(Bbox(Text.get_window_extent(text).get_points() * to_points))
    for line in axes.lines:
        places = np.asarray(line.get_xydata(), dtype=float)
        if len(places) == 0:
            continue
        drawn = _in_points(axes, places)
        if len(places) > 1 and line.get_linestyle() != "None":
            cost += (1.0 if line.get_linewidth() > THIN else 0.2) * Path(drawn).intersects_bbox(box, filled=False)
        if line.get_marker() not in ("None", None, ""):
            cost += sum(box.padded(MARK).contains(x, y) for x, y in drawn)
    return cost
