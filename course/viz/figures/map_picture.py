"""The picture of a map of vectors: points and rings at the left, the ranking at the right."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from course.messages import _
from course.viz.figures.map_reading import MapReading
from course.viz.kit.layout import new_figure, shortened, text_width, wrapped_within
from course.viz.kit.style import BLUE, INK, ORANGE, QUIET, VERMILLION, drawable, in_course_style

WIDTH, HEIGHT, LEFT, MAP_WIDTH, GAP = 8.0, 5.0, 0.75, 4.0, 0.2  # inches
LINE, SIZE = 0.22, 10.0  # inches, points
AROUND = [(1, 1), (-1, 1), (1, -1), (-1, -1), (0, 1), (0, -1), (1, 0), (-1, 0)]  # where a number may be


@in_course_style
def map_picture(
    reading: MapReading,
    ranking: Sequence[tuple[str, str]],
    query_text: str,
    lie: str,
    title: str,
    axis_names: tuple[str, str],
) -> Figure:
    """`ranking`: a mark and a name for each of the nearest texts, best first; `lie` is below the title."""
    figure = new_figure(WIDTH, HEIGHT)
    heading = [
        (wrapped_within(figure, drawable(title), 13.0, WIDTH - 0.2, 1, "bold"), 13.0, "bold"),
        (wrapped_within(figure, drawable(lie), SIZE + 1, WIDTH - 0.2, 2), SIZE + 1, "normal"),
    ]
    top = 0.05
    for lines, size, weight in heading:
        _write(figure, lines, 0.1, top, size, weight)
        top += 0.26 * len(lines)
    bottom = 0.6
    height = HEIGHT - top - 0.2 - bottom
    axes = figure.add_axes((LEFT / WIDTH, bottom / HEIGHT, MAP_WIDTH / WIDTH, height / HEIGHT))
    found = [hit.index for hit in reading.hits]
    axes.plot(*reading.points.T, ".", color=QUIET, markersize=3, alpha=0.5, label=_("texts"))
    ring = {"markerfacecolor": "none", "markeredgecolor": ORANGE, "markeredgewidth": 2.0, "markersize": 11}
    near = reading.points[reading.nearest_on_map]
    axes.plot(*near.T, "o", **ring, linestyle="none", label=_("nearest on the map"))
    axes.plot(*reading.points[found].T, "o", color=BLUE, markersize=5, label=_("nearest in all dimensions"))
    axes.plot(*reading.query, "*", color=VERMILLION, markeredgecolor=INK, markersize=13, label=_("question"))
    _with_equal_scales(axes, np.vstack([reading.points, reading.query]), MAP_WIDTH / height)
    _number(axes, [(float(x), float(y)) for x, y in reading.points[found]])
    xlabel, ylabel = (drawable(name) for name in axis_names)
    axes.set_xlabel(shortened(figure, xlabel, 11.0, MAP_WIDTH))
    axes.set_ylabel(shortened(figure, ylabel, 11.0, height))
    _beside(figure, axes, ranking, query_text, top + 0.12)
    return figure


def _beside(figure: Figure, axes: Axes, ranking: Sequence[tuple[str, str]], query_text: str, top: float) -> None:
    """The question, the ranking in as many lines as there is room for, and the key."""
    x, room = LEFT + MAP_WIDTH + GAP, WIDTH - LEFT - MAP_WIDTH - GAP - 0.1
    asked = wrapped_within(figure, drawable(query_text), SIZE, room, 3, "bold")
    n_lines = int((HEIGHT - top - 1.2) / LINE) - len(asked) - 1
    each = max(1, min(2, n_lines // max(len(ranking), 1)))
    _write(figure, asked, x, top, SIZE, "bold")
    top += LINE * len(asked)
    _write(figure, [shortened(figure, _("nearest by cosine in all dimensions:"), SIZE, room)], x, top)
    marks = [drawable(mark) for mark, _name in ranking]
    indent = max((text_width(figure, mark, SIZE) for mark in marks), default=0.0) + 0.12
    top += LINE
    for mark, (_mark, name) in list(zip(marks, ranking, strict=True))[:n_lines]:
        lines = wrapped_within(figure, drawable(name), SIZE, room - indent, each)
        _write(figure, [mark], x, top)
        _write(figure, lines, x + indent, top)
        top += LINE * len(lines)
    axes.legend(loc="lower left", bbox_to_anchor=(1 + GAP / MAP_WIDTH, 0.0), borderpad=0, frameon=False, fontsize=SIZE)


def _with_equal_scales(axes: Axes, points: Float[np.ndarray, "point 2"], shape: float) -> None:
    """All points with a margin, a unit as long to the right as up. shape: width through height of the axes."""
    low, high = points.min(axis=0), points.max(axis=0)
    height = 1.16 * max((high[0] - low[0]) / shape, high[1] - low[1]) or 1.0
    middle = (low + high) / 2
    half = np.array([height * shape, height]) / 2
    (left, below), (right, above) = middle - half, middle + half
    axes.set(xlim=(left, right), ylim=(below, above))
    axes.set_xticks([tick for tick in axes.get_xticks() if left <= tick <= right])
    axes.set_yticks([tick for tick in axes.get_yticks() if below <= tick <= above])


def _write(
    figure: Figure, lines: Sequence[str], x: float, top: float, size: float = SIZE, weight: str = "normal"
) -> None:
    """Lines of text at a place in inches from the left and from the top."""
    x, y = x / WIDTH, 1 - top / HEIGHT
    figure.text(x, y, "\n".join(lines), fontsize=size, weight=weight, va="top", linespacing=1.25)


def _number(axes: Axes, points: Sequence[tuple[float, float]]) -> None:
    """A number at each point, the first place around it where it is over no other number."""
    figure, taken = axes.figure, []
    for rank, point in enumerate(points, start=1):
        x, y = axes.transData.transform(point)
        width = (text_width(figure, str(rank), SIZE, "bold") + 0.03) * figure.dpi
        height = 1.3 * SIZE / 72 * figure.dpi
        box = Bbox.from_bounds(x, y, width, height)
        for distance, (right, up) in ((away, side) for away in (0.1, 0.2, 0.3, 0.4, 0.5) for side in AROUND):
            middle = x + right * (distance * figure.dpi + width / 2), y + up * (distance * figure.dpi + height / 2)
            box = Bbox.from_bounds(middle[0] - width / 2, middle[1] - height / 2, width, height)
            if not any(box.overlaps(other) for other in taken):
                break
        taken.append(box)
        offset = ((box.x0 + box.x1) / 2 - x, (box.y0 + box.y1) / 2 - y)
        axes.annotate(
            str(rank),
            point,
            xytext=(offset[0] * 72 / figure.dpi, offset[1] * 72 / figure.dpi),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=SIZE,
            weight="bold",
            color=BLUE,
        )
