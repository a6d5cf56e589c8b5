"""A chart on the page whose points are selected by a click or the arrow keys."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets

STATIC = Path(__file__).parent


class PointChart(anywidget.AnyWidget):
    """Points with two heights each, in the chart that `axes` describes.

    A point is a dictionary: `x`, `proxy`, `gold` (a number or None), `hue` (the number of its series) and `words`.
    `axes` has `xlim`, `ylim`, `xticks` and `yticks` (a place and its text each), `xlabel`, `ylabel` and `words`.
    `selected` is the index of the selected point, or None.
    """

    _esm = STATIC / "point_chart.js"

    points = traitlets.List().tag(sync=True)
    axes = traitlets.Dict().tag(sync=True)
    selected = traitlets.Int(None, allow_none=True).tag(sync=True)

    def show(self, points: Sequence[dict[str, Any]], axes: dict[str, Any], selected: int | None) -> None:
        """Send the whole picture to the page at once."""
        with self.hold_sync():
            self.axes, self.points, self.selected = axes, list(points), selected
