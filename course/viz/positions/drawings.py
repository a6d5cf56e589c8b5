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

Number = int | float
LEFT, TOP, GAP = 118, 22, 26  # pixels
MATRIX_WIDTH, MATRIX_HEIGHT, SIDE = 400, 340, 110
ROW = 22  # maximum height of one position
LABEL = 13  # minimum height of a label
PANEL_WIDTH, PANEL_HEIGHT = 330, 150
DIAL = 130  # radius of the circle on which vectors of length 1 end


def _svg(width: Number, height: Number, label: str, parts: Sequence[str]) -> str:
    return (
        f'<div class="lm-chart"><svg width="{width:.0f}" height="{height:.0f}" role="img" '
        f'aria-label="{escape(label)}">{"".join(parts)}</svg></div>'
    )


def _text(x: Number, y: Number, text: str, anchor: str = "start", *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'


def _line(points: Sequence[tuple[Number, Number]], color: str, width: Number = 2) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" style="stroke: {color}; stroke-width: {width}"/>'


def _frame(x: Number, y: Number, width: Number, height: Number) -> str:
    return f'<rect class="lm-axis" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _dot(x: Number, y: Number) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5"/>'


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
        _line([(LEFT + (i + 0.5) * column, middle - half * v) for i, v in enumerate(vector)], GREEN),
        _dot(LEFT + (dimension + 0.5) * column, middle - half * wave[position]),
        _text(LEFT - 6, middle + 4, _("position {number}").format(number=position), "end", bold=True),
        _text(right + 6, bottom + GAP + 10, "+1"),
        _text(right + 6, bottom + GAP + SIDE, "−1"),
        _text(right + GAP, bottom + 14, "−1"),
        _text(right + GAP + SIDE, bottom + 14, "+1", "end"),
    ]
    label = _("The waves of {n} positions and {d} dimensions").format(n=n_positions, d=d_model)
    return _svg(right + GAP + SIDE + 8, bottom + GAP + SIDE + 6, label, parts)


def distance_panels(
    panels: Mapping[str, Sequence[tuple[str, Float[np.ndarray, "distance"]]]], distance: int, last: int
) -> str:
    """A small chart per panel: lines (color, values) over the distances 0, 1, …; the last line is highlighted.

    Its value at `distance` is marked and written out. All y axes go from −1 to 1; all x axes end at distance `last`.
    """
    parts, pitch, step = [], PANEL_WIDTH + 2 * LEFT / 3, PANEL_WIDTH / max(last, 1)
    for number, (name, lines) in enumerate(panels.items()):
        x0, y0 = 30 + number % 2 * pitch, TOP + number // 2 * (PANEL_HEIGHT + 2.4 * GAP)
        middle, half = y0 + PANEL_HEIGHT / 2, PANEL_HEIGHT / 2
        parts += [
            _text(x0, y0 - 8, name, bold=True),
            _frame(x0, y0, PANEL_WIDTH, PANEL_HEIGHT),
            f'<path class="lm-axis" d="M{x0:.1f},{middle:.1f} h{PANEL_WIDTH}" stroke-dasharray="2 4"/>',
            _text(x0 - 6, y0 + 8, "1", "end"),
            _text(x0 - 6, middle + 4, "0", "end"),
            _text(x0 - 6, y0 + PANEL_HEIGHT, "−1", "end"),
            _text(x0, y0 + PANEL_HEIGHT + 16, "0"),
            _text(x0 + PANEL_WIDTH, y0 + PANEL_HEIGHT + 16, str(last), "end"),
            _text(x0 + PANEL_WIDTH / 2, y0 + PANEL_HEIGHT + 16, _("tokens back"), "middle"),
        ]
        for color, values in lines:
            highlighted = values is lines[-1][1]
            points = [(x0 + x * step, middle - half * y) for x, y in enumerate(values.tolist())]
            parts.append(_line(points, color, 2.5 if highlighted else 1))
        values = lines[-1][1].tolist()
        if distance < len(values):
            parts.append(_dot(x0 + distance * step, middle - half * values[distance]))
            written = f"{values[distance]:.2f}".replace("-", "−")
            parts.append(_text(x0 + PANEL_WIDTH, y0 - 8, f"{distance}: {written}", "end", bold=True))
    rows = math.ceil(len(panels) / 2)
    height = TOP + rows * (PANEL_HEIGHT + 2.4 * GAP) - GAP
    return _svg(30 + pitch + PANEL_WIDTH + 8, height, _("How alike two positions are, by their distance"), parts)


def two_arrows(before: Sequence[Number], after: Sequence[Number], names: Sequence[str]) -> str:
    """Two vectors of length 1 on a circle, given by angles in radians: dotted `before`, solid `after`."""
    center = DIAL + 56  # room for a name at either side
    parts = [
        f'<circle cx="{center}" cy="{center}" r="{DIAL}" class="lm-axis" style="fill: none"/>',
        f'<path class="lm-axis" d="M{center - DIAL},{center} h{2 * DIAL} M{center},{center - DIAL} v{2 * DIAL}" '
        'stroke-dasharray="2 4"/>',
    ]
    for start, end, color in zip(before, after, (BLUE, VERMILLION), strict=True):
        old, new = ((center + DIAL * math.cos(a), center - DIAL * math.sin(a)) for a in (start, end))
        dotted = f'style="stroke: {color}; stroke-width: 2" stroke-dasharray="3 4"'
        parts.append(f'<path d="M{center},{center} L{old[0]:.1f},{old[1]:.1f}" {dotted}/>')
        parts.append(_line([(center, center), new], color, 4))
        head = [(new[0] - 14 * math.cos(end + side), new[1] + 14 * math.sin(end + side)) for side in (0.35, -0.35)]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (new, *head))
        parts.append(f'<polygon points="{points}" style="fill: {color}"/>')
    place = 1.07 * DIAL  # the query's name is outside the circle, the key's beside its arrow: they never overlap
    x, y = center + place * math.cos(after[0]), center - place * math.sin(after[0])
    side = math.cos(after[0])
    anchor = "start" if side > 0.3 else "end" if side < -0.3 else "middle"
    parts.append(_text(x, y + 4, names[0], anchor, bold=True))
    x, y = center + 0.6 * DIAL * math.cos(after[1] - 0.3), center - 0.6 * DIAL * math.sin(after[1] - 0.3)
    parts.append(_text(x, y + 4, names[1], "middle", bold=True))
    return _svg(2 * center, 2 * center, _("A query and a key, turned by their positions"), parts)
