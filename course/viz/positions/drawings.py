"""SVG drawings of the widgets on positions, in the page's own colors: waves, curves over a distance, two arrows."""

import base64
import io
import math
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from jaxtyping import Float
from matplotlib.colors import to_rgb
from matplotlib.image import imsave

from course.messages import _
from course.viz.kit.style import BLUE, GREEN, ORANGE, VERMILLION
from course.viz.kit.text import number

Number = int | float
LEFT, TOP, GAP = 118, 22, 26  # pixels
MATRIX_WIDTH, MATRIX_HEIGHT, SIDE = 400, 340, 110
ROW = 22  # maximum height of one position
LABEL = 17  # minimum height of a label
PANEL_WIDTH, PANEL_HEIGHT = 300, 150
DIAL, ARC = 130, 30  # radius of the circle on which vectors of length 1 end, and of the angle between them


def _svg(width: Number, height: Number, label: str, parts: Sequence[str], kind: str = "") -> str:
    """A drawing of this size in pixels; the style sheet scales it down to the width of the page."""
    return (
        f'<svg class="{kind}" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" role="img" '
        f'aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


def _text(x: Number, y: Number, text: str, anchor: str = "start", *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'


def _line(points: Sequence[tuple[Number, Number]], color: str, width: Number = 2) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" style="stroke: {color}; stroke-width: {width}"/>'


def _frame(x: Number, y: Number, width: Number, height: Number) -> str:
    return f'<rect class="lm-axis" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _dot(x: Number, y: Number, radius: Number = 5, style: str = "") -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"' + (f' style="{style}"/>' if style else "/>")


def two_color_png(values: Float[np.ndarray, "row column"]) -> str:
    """A base64 PNG, one pixel per value: orange above 0, blue below 0, more opaque with the absolute value."""
    pixels = np.empty((*values.shape, 4))
    pixels[..., :3] = np.where(values[..., None] > 0, to_rgb(ORANGE), to_rgb(BLUE))
    pixels[..., 3] = np.abs(values).clip(0, 1)
    buffer = io.BytesIO()
    imsave(buffer, (255 * pixels).round().astype(np.uint8), format="png")
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def label_step(n_rows: int, room: Number, label: Number) -> int:
    """The smallest step of 1, 2, 5, 10, 20, … rows at which labels of height `label` fit into `room`."""
    steps = (step * 10**power for power in range(6) for step in (1, 2, 5))
    return next(step for step in steps if step * room >= label * n_rows)


def wave_matrix(
    table: Float[np.ndarray, "position d_model"], labels: Sequence[str], position: int, dimension: int
) -> str:
    """The table as an image; beside it the wave of one dimension, below it the vector of one position."""
    n_positions, d_model = table.shape
    wave, vector = table[:, dimension].tolist(), table[position].tolist()
    height = min(MATRIX_HEIGHT, ROW * n_positions)
    row, column = height / n_positions, MATRIX_WIDTH / d_model
    right, bottom = LEFT + MATRIX_WIDTH, TOP + height
    step = label_step(n_positions, height, LABEL)
    parts = [
        f'<image x="{LEFT}" y="{TOP}" width="{MATRIX_WIDTH}" height="{height:.1f}" preserveAspectRatio="none" '
        f'style="image-rendering: pixelated" href="data:image/png;base64,{two_color_png(table)}"/>',
        _frame(LEFT, TOP, MATRIX_WIDTH, height),
        _frame(LEFT, TOP + position * row, MATRIX_WIDTH, row),
        _frame(LEFT + dimension * column, TOP, column, height),
    ]
    for place, label in enumerate(labels):
        if place == position or (place % step == 0 and abs(place - position) * row >= LABEL):
            y = TOP + (place + 0.5) * row + 4
            parts.append(_text(LEFT - 6, y, label, "end", bold=place == position))

    middle, half = right + GAP + SIDE / 2, SIDE / 2
    parts += [
        _frame(right + GAP, TOP, SIDE, height),
        _line([(middle + half * v, TOP + (i + 0.5) * row) for i, v in enumerate(wave)], VERMILLION),
        _dot(middle + half * wave[position], TOP + (position + 0.5) * row),
        _text(middle, TOP - 8, _("dimension {number}").format(number=dimension), "middle", bold=True),
        _text(LEFT + MATRIX_WIDTH / 2, TOP - 8, _("dimensions 0 to {last}").format(last=d_model - 1), "middle"),
    ]
    middle = bottom + GAP + half
    parts += [
        _frame(LEFT, bottom + GAP, MATRIX_WIDTH, SIDE),
        _line([(LEFT, middle), (right, middle)], "color-mix(in srgb, var(--lm-ink) 30%, transparent)", 1),
        *(
            _dot(LEFT + (i + 0.5) * column, middle - half * v, min(3, column / 2), f"fill: {GREEN}; stroke: none")
            for i, v in enumerate(vector)
        ),
        _dot(LEFT + (dimension + 0.5) * column, middle - half * wave[position]),
        _text(LEFT - 6, middle + 4, _("position {number}").format(number=position), "end", bold=True),
        _text(right + 6, bottom + GAP + 10, "+1"),
        _text(right + 6, bottom + GAP + SIDE, "−1"),
        *_color_scale(right + GAP + 14, bottom + GAP + SIDE / 2, SIDE - 14),
        _text(right + GAP, bottom + 14, "−1"),
        _text(right + GAP + SIDE, bottom + 14, "+1", "end"),
    ]
    label = _("The waves of {n} positions and {d} dimensions").format(n=n_positions, d=d_model)
    drawing = _svg(right + GAP + SIDE + 8, bottom + GAP + SIDE + 6, label, parts, "lm-large")
    return f'<div class="lm-chart">{drawing}</div>'


def _color_scale(x: Number, y: Number, width: Number) -> list[str]:
    """The colors of `two_color_png` from −1 to 1, as a strip with its ends and its middle written below."""
    scale = two_color_png(np.linspace(-1, 1, 41)[None, :])
    return [
        f'<image x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="12" preserveAspectRatio="none" '
        f'href="data:image/png;base64,{scale}"/>',
        _frame(x, y, width, 12),
        _text(x, y + 28, "−1"),
        _text(x + width / 2, y + 28, "0", "middle"),
        _text(x + width, y + 28, "+1", "end"),
    ]


def distance_panels(
    panels: Mapping[str, Sequence[tuple[str, Float[np.ndarray, "distance"]]]], distance: int, last: int
) -> str:
    """A small chart per panel: lines (color, values) over the distances 0, 1, …; the last line is highlighted.

    Its value at `distance` is marked and written out. All y axes go from −1 to 1; all x axes end at distance `last`.
    """
    charts = [_distance_panel(name, lines, distance, last) for name, lines in panels.items()]
    label = escape(_("How alike two positions are, by their distance"))
    return f'<div class="lm-chart lm-panels" role="group" aria-label="{label}">{"".join(charts)}</div>'


def _distance_panel(
    name: str, lines: Sequence[tuple[str, Float[np.ndarray, "distance"]]], distance: int, last: int
) -> str:
    left, step = 26, PANEL_WIDTH / max(last, 1)
    middle, half, right, bottom = TOP + PANEL_HEIGHT / 2, PANEL_HEIGHT / 2, left + PANEL_WIDTH, TOP + PANEL_HEIGHT
    parts = [
        _text(left, TOP - 8, name, bold=True),
        _frame(left, TOP, PANEL_WIDTH, PANEL_HEIGHT),
        f'<path class="lm-axis" d="M{left},{middle:.1f} h{PANEL_WIDTH}" stroke-dasharray="2 4"/>',
        _text(left - 6, TOP + 8, "1", "end"),
        _text(left - 6, middle + 4, "0", "end"),
        _text(left - 6, bottom, "−1", "end"),
        _text(left, bottom + 16, "0"),
        _text(right, bottom + 16, str(last), "end"),
        _text(left + PANEL_WIDTH / 2, bottom + 16, _("tokens back"), "middle"),
    ]
    values = lines[-1][1].tolist()
    for color, curve in lines:
        points = [(left + x * step, middle - half * y) for x, y in enumerate(curve.tolist())]
        parts.append(_line(points, color, 2.5 if curve is lines[-1][1] else 1))
    written = ""
    if distance < len(values):
        parts.append(_dot(left + distance * step, middle - half * values[distance]))
        written = _("{value} at distance {distance}").format(value=number(values[distance]), distance=distance)
        parts.append(_text(right, TOP - 8, written, "end", bold=True))
    return _svg(right + 6, bottom + 22, f"{name}. {written}", parts)


def two_arrows(
    before: Sequence[Number], after: Sequence[Number], names: Sequence[str], legend: Sequence[tuple[str, str]]
) -> str:
    """Two vectors of length 1 on a circle, given by angles in radians: dotted `before`, solid `after`.

    An arc marks the angle between the two solid ones. `legend` says what is drawn, as (what, value), beside it.
    """
    side, top = DIAL + 46, DIAL + 24  # room for a name at either side, and above
    parts = [
        f'<circle cx="{side}" cy="{top}" r="{DIAL}" class="lm-axis" style="fill: none"/>',
        f'<path class="lm-axis" d="M{side - DIAL},{top} h{2 * DIAL} M{side},{top - DIAL} v{2 * DIAL}" '
        'stroke-dasharray="2 4"/>',
    ]
    between = (after[1] - after[0] + math.pi) % (2 * math.pi) - math.pi  # the shorter way from the first to the second
    arc = [after[0] + between * share / 24 for share in range(25)]
    parts.append(_line([(side + ARC * math.cos(a), top - ARC * math.sin(a)) for a in arc], "var(--lm-ink)", 1.5))
    for start, end, color in zip(before, after, (BLUE, VERMILLION), strict=True):
        old, new = ((side + DIAL * math.cos(a), top - DIAL * math.sin(a)) for a in (start, end))
        dotted = f'style="stroke: {color}; stroke-width: 2" stroke-dasharray="3 4"'
        parts.append(f'<path d="M{side},{top} L{old[0]:.1f},{old[1]:.1f}" {dotted}/>')
        parts.append(_line([(side, top), new], color, 4))
        head = [(new[0] - 14 * math.cos(end + turn), new[1] + 14 * math.sin(end + turn)) for turn in (0.35, -0.35)]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (new, *head))
        parts.append(f'<polygon points="{points}" style="fill: {color}"/>')
    place = 1.07 * DIAL  # the query's name is outside the circle, the key's beside its arrow: they never overlap
    x, y = side + place * math.cos(after[0]), top - place * math.sin(after[0])
    anchor = "start" if math.cos(after[0]) > 0.3 else "end" if math.cos(after[0]) < -0.3 else "middle"
    parts.append(_text(x, y + 4, names[0], anchor, bold=True))
    x, y = side + 0.6 * DIAL * math.cos(after[1] - 0.3), top - 0.6 * DIAL * math.sin(after[1] - 0.3)
    parts.append(_text(x, y + 4, names[1], "middle", bold=True))
    drawing = _svg(2 * side, 2 * top, _("A query and a key, turned by their positions"), parts)
    rows = "".join(f"<tr><td>{escape(what)}</td><td>{escape(value)}</td></tr>" for what, value in legend)
    return f'<div class="lm-chart lm-beside">{drawing}<table class="lm-legend"><tbody>{rows}</tbody></table></div>'
