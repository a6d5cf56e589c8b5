"""The browser's drawings of attention: a grid of all heads, and the lines or the heatmap of the chosen ones."""

from pathlib import Path

import anywidget
import traitlets
from jaxtyping import Float
from torch import Tensor

from course.messages import _
from course.viz.attention_explorer.maps import packed, thumbnails
from course.viz.attention_explorer.shown import ShownAttention

STATIC = Path(__file__).parent
THUMBNAIL = 24  # most cells per side of a head's small picture
WORDS = {  # the page's texts, with placeholders that it fills in
    "looks": _("looks"),
    "looked_at": _("is looked at"),
    "hint": _("Hover over a token, or move to it with Tab and the arrow keys, to read its weights. Enter keeps it."),
    "query": _("{token} looks at"),
    "key": _("{token} is looked at by"),
    "cell": _("{query} looks at {key}"),
    "unseen": _("hidden"),
    "lost": _("on hidden tokens"),
    "scale": _("weight"),
    "keys": _("keys: what is looked at"),
    "queries": _("queries: what looks"),
    "layer": _("layer"),
    "head": _("head"),
    "cell_name": _("layer {layer}, head {head}"),
    "grid": _("All heads: the arrow keys choose one, P pins it"),
    "map": _("Heatmap: the arrow keys move over the cells, Enter keeps a row"),
}


def _joined(*files: str) -> str:
    """Several files joined into one JavaScript module, because a widget's page loads only one."""
    return "\n".join((STATIC / file).read_text(encoding="utf-8") for file in files)


class _Drawing(anywidget.AnyWidget):
    """`picture` holds the drawn data: texts, sizes, and the weights as bytes. Empty, it draws nothing."""

    _css = STATIC / "attention_explorer.css"

    picture = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict(WORDS).tag(sync=True)


class HeadGrid(_Drawing):
    """Every head of every layer as a small picture. A click or the arrow keys choose one; P or Shift+click pins it.

    `picture` has `layers`, `heads`, `rows`, `columns`, and `maps`, one byte per cell. `average` frames the averaged
    heads. `large` takes the full width.
    """

    _esm = _joined("attention_drawing.js", "attention_grid.js")

    layer = traitlets.Int(0).tag(sync=True)
    head = traitlets.Int(0).tag(sync=True)
    pinned = traitlets.List().tag(sync=True)
    average = traitlets.Unicode("none").tag(sync=True)
    large = traitlets.Bool(False).tag(sync=True)

    def show(self, weights: Float[Tensor, "layer head query key"] | None) -> None:
        """Draw these maps; None draws nothing."""
        if weights is None:
            self.picture = {}
            return
        small = thumbnails(weights, THUMBNAIL)
        sizes = dict(zip(("layers", "heads", "rows", "columns"), small.shape, strict=True))
        self.picture = {**sizes, "maps": small.numpy().tobytes()}


class AttentionView(_Drawing):
    """The lines or the heatmap (`view`) of one head, or the lines of several at once.

    `picture` has `label`, `queries`, `keys`, `names` (of the maps), `maps` (two bytes per weight, see `packed`),
    `hidden` (indices of keys), `lost` (the weight of each query of the first map on them) and `causal`. `query` is the
    index of the token whose weights stay displayed, or None. Weights below `threshold` have no line.
    """

    _esm = _joined("attention_drawing.js", "attention_lines.js", "attention_heatmap.js", "attention_explorer.js")

    view = traitlets.Unicode("lines").tag(sync=True)
    query = traitlets.Int(None, allow_none=True).tag(sync=True)
    threshold = traitlets.Float(0.05).tag(sync=True)

    def show(self, shown: ShownAttention | None, label: str) -> None:
        """Draw this attention with a label for screen readers; None draws nothing."""
        if shown is None:
            self.picture = {}
            return
        self.picture = {
            "label": label,
            "queries": list(shown.maps.queries),
            "keys": list(shown.maps.keys),
            "names": list(shown.named),
            "maps": packed(list(shown.named.values())),
            "hidden": list(shown.hidden),
            "lost": [round(share, 4) for share in shown.lost.tolist()],
            "causal": shown.maps.causal,
        }
