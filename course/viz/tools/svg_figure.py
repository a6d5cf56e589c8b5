"""A tool's picture in a figure: its shapes as they are before they move."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse, PathPatch
from matplotlib.path import Path

from course.viz.tools.safe_svg import name_of

UNITS = 80.0  # of the picture to an inch
STEP = re.compile(r"([MLQhvZ])([^A-Za-z]*)")
NUMBER = re.compile(r"[+-]?\d*\.?\d+")
MOVED = re.compile(r"translate\(([-\d.]+) ([-\d.]+)\)")
Point = tuple[float, float]


def size(picture: ElementTree.Element) -> Point:
    """Width and height in inches."""
    _left, _top, width, height = map(float, picture.get("viewBox", "0 0 0 0").split())
    return width / UNITS, height / UNITS


def draw(figure: Figure, picture: ElementTree.Element, left: float, bottom: float) -> None:
    """Draw the picture with its lower left corner at this place of the figure, in inches."""
    (width, height), (wide, high) = size(picture), figure.get_size_inches()
    place = (left / wide, bottom / high, width / wide, height / high)
    axes = figure.add_axes(place, xlim=(0, width * UNITS), ylim=(height * UNITS, 0))
    axes.set_axis_off()
    _draw(axes, picture, (0.0, 0.0), {"fill": "#000000", "stroke": "none", "stroke-width": "1"})


def _draw(axes: Axes, element: ElementTree.Element, at: Point, style: dict[str, str]) -> None:
    style = style | {key: value for key, value in element.attrib.items() if key in style}
    if moved := MOVED.fullmatch(element.get("transform", "")):
        at = at[0] + float(moved[1]), at[1] + float(moved[2])
    look = {
        "facecolor": style["fill"],
        "edgecolor": style["stroke"],
        "linewidth": float(style["stroke-width"]) * 72 / UNITS if style["stroke"] != "none" else 0.0,
        "capstyle": "round",
    }
    if name_of(element) == "path":
        points, codes = zip(*_path(element.get("d", "")), strict=True)
        axes.add_patch(PathPatch(Path([(x + at[0], y + at[1]) for x, y in points], codes), **look))
    elif name_of(element) in ("circle", "ellipse"):
        radius = element.get("r", "0")
        wide, high = (2 * float(element.get(name, radius)) for name in ("rx", "ry"))
        middle = at[0] + float(element.get("cx", 0)), at[1] + float(element.get("cy", 0))
        axes.add_patch(Ellipse(middle, wide, high, **look))
    for inner in element:
        _draw(axes, inner, at, style)


def _path(written: str) -> Iterator[tuple[Point, int]]:
    """The points of a path of lines, curves and closed shapes, and what leads to each."""
    x = y = 0.0
    start = (x, y)
    for command, rest in STEP.findall(written):
        numbers = [float(number) for number in NUMBER.findall(rest)]
        pairs = list(zip(numbers[::2], numbers[1::2], strict=False))
        if command == "Z":
            yield start, int(Path.CLOSEPOLY)
            continue
        if command in "hv":
            pairs = [(x + numbers[0], y) if command == "h" else (x, y + numbers[0])]
        code = int({"M": Path.MOVETO, "Q": Path.CURVE3}.get(command, Path.LINETO))
        yield from ((pair, code) for pair in pairs)
        x, y = pairs[-1]
        start = (x, y) if command == "M" else start
