"""The browser's drawings of attention: a grid of all heads, and the lines or the heatmap of the chosen ones."""

from collections.abc import Sequence
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
    "hint": _(
        "Point at a token, or go to it with Tab and the arrow keys, to read its weights. Click or Enter keeps it, "
        "Shift+click or Space adds another. A click on a line, or Enter on what is looked at, opens the pair."
    ),
    "map_hint": _(
        "Point at a cell, or go to it with Tab and the arrow keys. Click or Enter opens the pair; Shift+click or Space "
        "keeps the row."
    ),
    "query": _("{token} looks at"),
    "queries_mean": _("{tokens}, the mean of {count}: they look at"),
    "sum": _("{share} (sum {sum})"),
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
    "map": _("Heatmap: the arrow keys move over the cells, Enter opens a pair, Space keeps a row"),
    "toggle": _("Show or hide {name}"),
    "pinned": _("pinned, number {place}"),
}


def joined(*files: str) -> str:
    """Several files joined into one JavaScript module, because a widget's page loads only one."""
    return "\n".join((STATIC / file).read_text(encoding="utf-8") for file in files)


class _Drawing(anywidget.AnyWidget):
    """`picture` holds the drawn data: texts, sizes, and the weights as bytes. Empty, it draws nothing."""

    _css = STATIC / "attention_explorer.css"

    picture = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict(WORDS).tag(sync=True)


class HeadGrid(_Drawing):
    """Every head of every layer as a small picture. A click or the arrow keys choose one; P or Shift+click pins it.

    `picture` has `layers`, `heads`, `rows`, `columns`, and `maps`, one byte per cell; sorted by a measure, also
    `order`, the heads' numbers (layer by layer) in their new order, `numbers`, the text below each, and `measure`, its
    name. `average` frames the averaged heads. `large` takes the full width.
    """

    _esm = joined("attention_drawing.js", "attention_grid.js")

    layer = traitlets.Int(0).tag(sync=True)
    head = traitlets.Int(0).tag(sync=True)
    pinned = traitlets.List().tag(sync=True)
    average = traitlets.Unicode("none").tag(sync=True)
    large = traitlets.Bool(False).tag(sync=True)

    def show(
        self,
        weights: Float[Tensor, "layer head query key"] | None,
        order: Sequence[int] = (),
        numbers: Sequence[str] = (),
        measure: str = "",
    ) -> None:
        """Draw these maps; None draws nothing."""
        if weights is None:
            self.picture = {}
            return
        small = thumbnails(weights, THUMBNAIL)
        sizes = dict(zip(("layers", "heads", "rows", "columns"), small.shape, strict=True))
        ranking = {"order": list(order), "numbers": list(numbers), "measure": measure}
        self.picture = {**sizes, **ranking, "maps": small.numpy().tobytes()}


class AttentionView(_Drawing):
    """The lines or the heatmap (`view`) of one head, or the lines of several at once.

    `picture` has `label`, `queries`, `keys`, `names` (of the maps), `maps` (two bytes per weight, see `packed`),
    `hidden` (indices of keys), `lost` (the weight of each query of the first map on them), `causal`, `overlaid` (the
    maps are the heads of a layer), `split` and `between`. `query` is the index of the token whose weights stay
    displayed, or None, `others` are further ones. Weights below `threshold` have no line. `pair` is the opened pair,
    and `muted` are the overlaid heads that are not drawn. The message {"open": [map, query, key]} asks for a pair,
    {"open": null} for none.
    """

    _esm = joined(
        "attention_drawing.js",
        "attention_colors.js",
        "attention_selection.js",
        "attention_lines.js",
        "attention_heatmap.js",
        "attention_explorer.js",
    )

    view = traitlets.Unicode("lines").tag(sync=True)
    query = traitlets.Int(None, allow_none=True).tag(sync=True)
    others = traitlets.List().tag(sync=True)
    threshold = traitlets.Float(0.05).tag(sync=True)
    pair = traitlets.Any(None).tag(sync=True)
    muted = traitlets.List().tag(sync=True)

    def show(self, shown: ShownAttention | None, label: str) -> None:
        """Draw this attention with a label for screen readers; None draws nothing."""
        if shown is None:
            self.picture = {}
            return
        self.picture = {
            "label": label,
            "queries": list(shown.maps.queries),
            "keys": list(shown.maps.keys),
            "names": shown.names,
            "maps": packed(shown.drawn),
            "hidden": list(shown.hidden),
            "lost": [round(share, 4) for share in shown.lost.tolist()],
            "causal": shown.maps.causal,
            "overlaid": shown.overlaid,
            "split": shown.split,
            "between": shown.between,
        }


class CopyButtons(anywidget.AnyWidget):
    """Two buttons: the static picture into the clipboard as PNG, or into a file as SVG.

    The message {"format": "png" or "svg"} asks for the picture; the answer is the same message, with its bytes.
    """

    _esm = joined("attention_drawing.js", "attention_copy.js")
    _css = STATIC / "attention_explorer.css"

    name = traitlets.Unicode("attention").tag(sync=True)
    words = traitlets.Dict(
        {
            "png": _("Copy as PNG"),
            "svg": _("Save as SVG"),
            "working": _("Drawing …"),
            "copied": _("The picture is in the clipboard."),
            "saved": _("Saved as {file}."),
            "failed": _("The picture could not be drawn."),
        }
    ).tag(sync=True)
