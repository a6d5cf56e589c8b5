"""A leaderboard on the page: scores with intervals, the distribution of ranks, and rows selected by click or key."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets

STATIC = Path(__file__).parent


class RankChart(anywidget.AnyWidget):
    """Rows of models, which `axes` describes; `selected` is the index of the row chosen last, or None.

    A row is a dictionary: `name`, `text`, `estimate`, `low` and `high` on the axis from 0 to 1, `at` (the same of the
    resample), `shares` (of the ranks), `rank` (in the resample), `trivial`, `mark` ("A", "B" or nothing), and `words`.
    `axes` has `ticks` (a place from 0 to 1 and its text each), `score`, `ranks` and `words`. `turn` counts the choices,
    so that the same row can be chosen again.
    """

    _esm = STATIC / "rank_chart.js"

    rows = traitlets.List().tag(sync=True)
    axes = traitlets.Dict().tag(sync=True)
    selected = traitlets.Int(None, allow_none=True).tag(sync=True)
    turn = traitlets.Int(0).tag(sync=True)

    def show(self, rows: Sequence[dict[str, Any]], axes: dict[str, Any]) -> None:
        """Send the whole picture to the page at once."""
        with self.hold_sync():
            self.axes, self.rows = axes, list(rows)
