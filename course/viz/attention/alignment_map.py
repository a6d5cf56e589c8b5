"""A heatmap on the page, one row per output symbol; the row hovered over or selected is written out as bars."""

from collections.abc import Sequence
from pathlib import Path

import anywidget
import traitlets
from jaxtyping import Float
from torch import Tensor

from course.messages import _
from course.viz.kit.text import visible

STATIC = Path(__file__).parent


class AlignmentMap(anywidget.AnyWidget):
    """The weights given to `show`. `selected` is the index of a row, set by hand (click, arrow keys) or from Python."""

    _esm = STATIC / "alignment_map.js"
    _css = STATIC / "alignment_map.css"

    picture = traitlets.Dict().tag(sync=True)
    selected = traitlets.Int(0).tag(sync=True)
    label = traitlets.Unicode(_("Where each output symbol looks")).tag(sync=True)
    caption = traitlets.Unicode(_("{symbol} looks at")).tag(sync=True)

    def show(self, weights: Float[Tensor, "query key"], queries: Sequence[str], keys: Sequence[str]) -> None:
        """Draw the weights, one row per query."""
        self.picture = {
            "queries": [visible(query) for query in queries],
            "keys": [visible(key) for key in keys],
            "weights": [[round(weight, 4) for weight in row] for row in weights.tolist()],
        }

    def clear(self) -> None:
        """Draw nothing."""
        self.picture = {}
