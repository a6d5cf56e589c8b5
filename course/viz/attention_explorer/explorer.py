"""Attention of any model of the course on the learner's own text: every layer, every head, as lines or as a heatmap."""

from collections.abc import Mapping
from typing import Any

import ipywidgets
import traitlets
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from course.messages import _, ngettext
from course.viz.attention_explorer.controls import VIEWS, in_rows, make_controls
from course.viz.attention_explorer.figures import attention_heads, attention_lines, shade_hidden
from course.viz.attention_explorer.maps import AVERAGES, AttentionMaps, Link
from course.viz.attention_explorer.readers import KINDS, Reader, reader
from course.viz.attention_explorer.shown import ShownAttention
from course.viz.attention_explorer.view import AttentionView, HeadGrid
from course.viz.figures import attention_heatmap
from course.viz.kit import html
from course.viz.kit.layout import stacked
from course.viz.kit.strips import token_strip_figure
from course.viz.kit.text import percent
from course.viz.kit.widget import LessonWidget, require_at_most

MAX_CHARACTERS = 2_000  # far more than the tokens that can be shown
MAX_PINNED = 3


class AttentionExplorer(LessonWidget):
    """A text, a model, and the attention of each token in the chosen layer and head.

    `models` maps a name to (model, tokenizer), the pair that `course.pretrained.load` returns, or to a model and its
    task; see `readers.py`. The state, set from Python or by hand, is `model` (a name), `text`, `kind` (of attention, a
    key of `KINDS`), `layer` and `head` (counted from 0), `average` ("none", "heads" or "layers"), `pinned` (up to three
    more heads as (layer, head), whose lines are drawn too), `view` ("lines", "heatmap", "heads"), `query` (index of the
    only token whose lines are drawn, or None), `threshold` (weights below it have no line), `hide_special` and
    `hide_first` (hide the columns of control tokens or of the first token, and rescale each row to sum 1), and `causal`
    (run an encoder with a causal mask).

    `maps` holds the tokens and all weights of the current text, `weights` those shown, and `links()` returns the
    strongest. Models with the same kind of input share the text. A text of more than 128 tokens is an error.
    """

    model = traitlets.Unicode()
    text = traitlets.Unicode()
    kind = traitlets.Unicode("self")
    layer = traitlets.Int(0, min=0)
    head = traitlets.Int(0, min=0)
    average = traitlets.Enum(AVERAGES, "none")
    pinned = traitlets.List(traitlets.Tuple(traitlets.Int(min=0), traitlets.Int(min=0)), maxlen=MAX_PINNED)
    view = traitlets.Enum(list(VIEWS), "lines")
    query = traitlets.Int(None, allow_none=True)
    threshold = traitlets.Float(0.05, min=0.0, max=1.0)
    hide_special = traitlets.Bool(False)
    hide_first = traitlets.Bool(False)
    causal = traitlets.Bool(False)

    def __init__(self, models: Mapping[str, Any], text: str | None = None, **state: Any) -> None:
        self.readers: dict[str, Reader] = {
            name: reader(*model) if isinstance(model, tuple) else model for name, model in models.items()
        }
        self.reading: dict[str, AttentionMaps] = {}
        self._reader: Reader | None = None  # of the text that is shown
        self._texts: dict[str, str] = {}  # the last text of each kind of input
        self._controls = make_controls(list(models))
        self._controls["pin"].on_click(self.guarded(self.pin))
        self._controls["unpin"].on_click(self.guarded(self.unpin))
        self._heading = ipywidgets.HTML()
        self.grid, self.plot = HeadGrid(), AttentionView(layout=ipywidgets.Layout(min_width="0"))
        wrap = ipywidgets.Layout(flex_flow="row wrap", grid_gap="8px 12px", align_items="flex-start")
        drawings = ipywidgets.HBox([self.grid, self.plot], layout=wrap)
        super().__init__([*in_rows(self._controls), self._heading, drawings])
        self.model, self.causal = state.pop("model", next(iter(models))), state.pop("causal", False)
        if text is not None:
            self._texts[self.readers[self.model].input_kind] = text
        for name, control in self._controls.items():
            if self.has_trait(name):
                traitlets.link((self, name), (control, "value"))
        for name in ("layer", "head", "average", "pinned"):
            traitlets.link((self, name), (self.grid, name))
        for name in ("query", "threshold"):
            traitlets.link((self, name), (self.plot, name))
        self.react(self.read, "model", "text", "causal")
        self.observe(self.guarded(self.draw_all), ["kind", "hide_special", "hide_first"])
        self.observe(self.guarded(self.draw), ["layer", "head", "average", "pinned", "view"])
        for name, value in state.items():
            setattr(self, name, value)

    @traitlets.validate("model", "kind")
    def _known(self, proposal: traitlets.Bunch) -> str:
        known = self.readers if proposal.trait.name == "model" else self.reading or KINDS
        if proposal.value not in known:
            raise traitlets.TraitError(
                _("{value!r} is not one of {known}.").format(value=proposal.value, known=", ".join(known))
            )
        return proposal.value

    @traitlets.validate("layer", "head", "pinned", "query")
    def _inside(self, proposal: traitlets.Bunch) -> Any:
        if self.maps is not None and proposal.value is not None:
            name, value = proposal.trait.name, proposal.value
            places = {"layer": [(value, 0)], "head": [(0, value)], "pinned": value}.get(name, [])
            for layer, head in places:
                if layer >= self.maps.n_layers or head >= self.maps.n_heads:
                    raise traitlets.TraitError(
                        _(
                            "There is no layer {layer} with a head {head}: {layers} layers with {heads} heads each."
                        ).format(layer=layer, head=head, layers=self.maps.n_layers, heads=self.maps.n_heads)
                    )
            if name == "query" and not 0 <= value < len(self.maps.queries):
                raise traitlets.TraitError(
                    _("There is no token {place}: there are {count}, counted from 0.").format(
                        place=value, count=len(self.maps.queries)
                    )
                )
        return proposal.value

    # --- Actions ---

    def read(self) -> None:
        """Run the model on the text. When the kind of input changes, its last text is used, or else an example."""
        current = self.readers[self.model]
        before, self._reader = self._reader, current
        if before is None or before.input_kind != current.input_kind:
            text = self._texts.get(current.input_kind, current.example)
            if text != self.text:
                self.text = text  # this change calls `read` again
                return
        self._texts[current.input_kind] = self.text
        try:
            require_at_most(MAX_CHARACTERS, self.text)
            self.reading = current.read(self.text, causal=self.causal and current.can_be_causal)
        except ValueError:
            self.reading = {}
            self.draw_all()
            raise
        if list(self.reading) != [value for _name, value in self._controls["kind"].options]:
            self._controls["kind"].options = [(KINDS[kind], kind) for kind in self.reading]
        self.draw_all()

    def pin(self) -> None:
        """Keep drawing the lines of the chosen head. Raises `ValueError` when three heads are pinned already."""
        if len(self.pinned) == MAX_PINNED:
            raise ValueError(
                _("{count} heads are pinned, and more cannot be told apart. Unpin them first.").format(count=3)
            )
        if (self.layer, self.head) not in self.pinned:
            self.pinned = [*self.pinned, (self.layer, self.head)]

    def unpin(self) -> None:
        """Draw only the chosen head."""
        self.pinned = []

    def draw_all(self) -> None:
        """Draw the grid of all heads, and the chosen and pinned heads."""
        self._show_controls()
        if self.maps is not None:
            self._fit(self.maps)
        self.grid.show(self.shown.all_heads if self.maps else None)
        self.draw()

    def draw(self) -> None:
        """Draw the chosen head, or mean, and the pinned heads."""
        large = self.view == "heads"
        self.grid.large = large
        self.plot.layout.display = "none" if large else None
        self._heading.value = html.heading(self._title(), " ".join(self.shown.notes())) if self.maps else ""
        wide = self.view == "heatmap" and self.maps is not None and len(self.maps.keys) > 20
        self.plot.layout.flex = "1 1 760px" if wide else "1 1 440px"  # what does not fit beside the grid goes below it
        with self.plot.hold_sync():
            if not large:
                self.plot.view = self.view
            self.plot.show(self.shown if self.maps else None, self._title() if self.maps else "")

    def _show_controls(self) -> None:
        """Display only those controls that have an effect."""
        shown = {
            "model": len(self.readers) > 1,
            "kind": len(self.reading) > 1,
            "causal": self.readers[self.model].can_be_causal,
            "hide_special": self.maps is not None and bool(self.maps.special),
        }
        for name, visible in shown.items():
            self._controls[name].layout.display = "flex" if visible else "none"

    def _fit(self, maps: AttentionMaps) -> None:
        """Clip layer, head, query and pinned heads to the sizes of `maps`."""
        n_layers, n_heads = maps.n_layers, maps.n_heads
        with self.hold_trait_notifications():
            self.layer, self.head = min(self.layer, n_layers - 1), min(self.head, n_heads - 1)
            self.pinned = [(layer, head) for layer, head in self.pinned if layer < n_layers and head < n_heads]
            if self.query is not None and self.query >= len(maps.queries):
                self.query = None
        self._controls["layer"].max, self._controls["head"].max = n_layers - 1, n_heads - 1

    # --- Views ---

    @property
    def maps(self) -> AttentionMaps | None:
        """The tokens and the weights of all layers and heads; None when there are none to show."""
        return self.reading.get(self.kind)

    @property
    def shown(self) -> ShownAttention:
        """The part of `maps` that is shown. Raises `ValueError` when there are no maps."""
        if self.maps is None:
            raise ValueError(_("There is no attention to show: {reason}").format(reason=self.error))
        hidden = (self.maps.special if self.hide_special else frozenset()) | ({0} if self.hide_first else set())
        return ShownAttention(self.maps, self.layer, self.head, self.average, tuple(self.pinned), tuple(sorted(hidden)))

    @property
    def weights(self) -> Float[Tensor, "query key"]:
        """The chosen head or mean, without the hidden keys, each row rescaled to sum 1."""
        return self.shown.weights

    def links(self, count: int = 5) -> list[Link]:
        """The strongest links: of the selected query, or else of all queries that see more than one key."""
        return self.shown.links(count, self.query)

    def _title(self) -> str:
        kind = [KINDS[self.kind]] if len(self.reading) > 1 else []
        return ", ".join([self.model, *kind, self.shown.name])

    def figure(self) -> Figure:
        if self.maps is None:
            return token_strip_figure({"": []})
        shown, queries, keys, title = self.shown, self.maps.queries, self.maps.keys, self._title()
        if self.view == "heads":
            return attention_heads(
                shown.all_heads.numpy(), title=self.model, marked=[(self.layer, self.head), *self.pinned]
            )
        named = {name: weights.numpy() for name, weights in shown.named.items()}
        lines = attention_lines(
            named, queries, keys, title=title, query=self.query, threshold=self.threshold, hidden=shown.hidden
        )
        heatmap = attention_heatmap(shown.weights.numpy(), queries, keys, title=title, selected=self.query)
        shade_hidden(heatmap.axes[0], self.maps.visible(shown.hidden).numpy())
        return stacked([lines, heatmap])

    def summary(self) -> str:
        if self.maps is None:
            return self.error
        count = len(self.maps.keys)
        head = f"{self._title()}: " + ngettext("{count} token", "{count} tokens", count).format(count=count)
        links = [" → ".join(self.maps.named(link)) + f" {percent(link.weight)}" for link in self.links()]
        return "\n".join([head, *self.shown.notes(), _("The strongest links: {links}").format(links=", ".join(links))])
