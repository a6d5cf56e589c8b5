"""Attention of any model of the course on the learner's own text: every layer, every head, as lines or as a heatmap."""

from collections.abc import Mapping
from typing import Any

import ipywidgets
import traitlets
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from course.interpretability.attention_pair import PairSteps
from course.interpretability.head_measures import MEASURES
from course.messages import _, ngettext
from course.viz.attention_explorer.controls import ORDERS, VIEWS, in_rows, make_controls
from course.viz.attention_explorer.copying import picture_bytes
from course.viz.attention_explorer.figures import (
    HEAD_STYLES,
    attention_heads,
    attention_lines,
    attention_pair,
    head_styles,
    shade_hidden,
)
from course.viz.attention_explorer.maps import AVERAGES, BETWEEN, AttentionMaps, Link
from course.viz.attention_explorer.pair import PairView, pair_summary, pair_title
from course.viz.attention_explorer.readers import KINDS, Reader, reader
from course.viz.attention_explorer.shown import ShownAttention, head_name
from course.viz.attention_explorer.view import AttentionView, CopyButtons, HeadGrid
from course.viz.figures import attention_heatmap
from course.viz.kit import html
from course.viz.kit.layout import stacked
from course.viz.kit.text import isolated, percent
from course.viz.kit.traits import Choice, Flag, Number, StateError, Text, Whole
from course.viz.kit.widget import LessonWidget, require_at_most

MAX_CHARACTERS = 2_000  # far more than the tokens that can be shown
MAX_PINNED = 3
READ = ("model", "second", "causal")  # the state that, with the text, decides what the model reads


class AttentionExplorer(LessonWidget):
    """A text, a model, and the attention of each token in the chosen layer and head.

    `models` maps a name to (model, tokenizer), the pair that `course.pretrained.load` returns, or to a model and its
    task; see `readers.py`. The state, set from Python or by hand:

    - `model` (a name), `text`, `second` (the second text of a pair, for a BERT), `causal` (run an encoder with a causal
      mask), `kind` (of attention, a key of `KINDS`);
    - `layer` and `head` (counted from 0), `average` ("none", "heads" or "layers"), `pinned` (up to three more heads as
      (layer, head), whose lines are drawn too), `view` ("lines", "layer": the lines of all heads of the layer, but for
      those in `muted`; "heatmap", "heads"), `order` (of the heads in the grid: "layer" or a key of `MEASURES`);
    - `query` (index of the token whose lines alone are drawn, or None) and `others` (further ones, drawn with it),
      `threshold` (weights below it have no line), `hide_special` and `hide_first` (hide the columns of control tokens
      or of the first token, and rescale each row to sum 1), `split` (the first token of part B; 0 for one part) and
      `between` (show the weights between which parts: "all", "a_to_b", "b_to_a", "within");
    - `pair`, the opened (query, key) of the chosen head, or None. `steps` are its numbers.

    `maps` holds the tokens and all weights of the current text, `weights` those shown, and `links()` returns the
    strongest. Models with the same kind of input share the text. A text of more than 128 tokens is an error; what was
    read before stays, dimmed.
    """

    model = Text()
    text = Text()
    second = Text()
    kind = Text("self")
    layer = Whole(0, min=0)
    head = Whole(0, min=0)
    average = Choice(AVERAGES, "none")
    pinned = traitlets.List(traitlets.Tuple(traitlets.Int(min=0), traitlets.Int(min=0)), maxlen=MAX_PINNED)
    view = Choice(list(VIEWS), "lines")
    muted = traitlets.List(traitlets.Int(min=0))
    order = Choice(list(ORDERS), "layer")
    query = traitlets.Int(None, allow_none=True)
    others = traitlets.List(traitlets.Int())
    pair = traitlets.Tuple(traitlets.Int(), traitlets.Int(), default_value=None, allow_none=True)
    threshold = Number(0.05, min=0.0, max=1.0)
    hide_special = Flag(False)
    hide_first = Flag(False)
    causal = Flag(False)
    split = Whole(0, min=0)
    between = Choice(BETWEEN, "all")

    def __init__(self, models: Mapping[str, Any], text: str | None = None, **state: Any) -> None:
        self.readers: dict[str, Reader] = {
            name: reader(*model) if isinstance(model, tuple) else model for name, model in models.items()
        }
        self.reading: dict[str, AttentionMaps] = {}
        self._read_model = ""  # the name of the model that `reading` is of
        self._reader: Reader | None = None  # of the text that is shown
        self._texts: dict[str, str] = {}  # the last text of each kind of input
        self._controls = make_controls(list(models))
        self._controls["pin"].on_click(self.guarded(self.pin))
        self._controls["unpin"].on_click(self.guarded(self.unpin))
        self._heading = ipywidgets.HTML()
        self.grid, self.plot = HeadGrid(), AttentionView(layout=ipywidgets.Layout(min_width="0"))
        self.pair_view, self.copy_buttons = PairView(), CopyButtons()
        for view in (self.plot, self.pair_view):
            view.on_msg(lambda _view, content, _buffers: self._open(content.get("open")))
        self.copy_buttons.on_msg(lambda _view, content, _buffers: self._send_picture(content["format"]))
        wrap = ipywidgets.Layout(flex_flow="row wrap", grid_gap="8px 12px", align_items="flex-start")
        self._drawings = ipywidgets.HBox([self.grid, self.plot], layout=wrap)
        self._drawings.add_class("lm-attention-drawings")
        rows = in_rows(self._controls)
        super().__init__([*rows, self._heading, self._drawings, self.pair_view, self.copy_buttons])
        first = {"model": next(iter(models))} | {name: state.pop(name) for name in READ if name in state}
        self.start_with(**first)
        if text is not None:
            self._texts[self.readers[self.model].input_kind] = text
        for name, control in self._controls.items():
            if self.has_trait(name):
                traitlets.link((self, name), (control, "value"))
        for name in ("layer", "head", "average", "pinned"):
            traitlets.link((self, name), (self.grid, name))
        for name in ("query", "others", "threshold", "muted"):
            traitlets.link((self, name), (self.plot, name))
        self.react(self.read, "model", "text", "second", "causal")
        self.observe(self.guarded(self.draw_all), ["kind", "hide_special", "hide_first", "split", "between"])
        self.observe(self.guarded(self.draw), ["layer", "head", "average", "pinned", "view"])
        self.observe(self.guarded(self.draw_grid), "order")
        self.observe(self.guarded(self.draw_pair), "pair")
        self.start_with(**state)

    @traitlets.validate("model", "kind")
    def _known(self, proposal: traitlets.Bunch) -> str:
        known = self.readers if proposal.trait.name == "model" else self.reading or KINDS
        if proposal.value not in known:
            raise StateError(_("{value!r} is not one of {known}.").format(value=proposal.value, known=", ".join(known)))
        return proposal.value

    @traitlets.validate("layer", "head", "pinned", "query", "others", "pair", "split")
    def _inside(self, proposal: traitlets.Bunch) -> Any:
        if self.maps is not None and proposal.value is not None:
            name, value = proposal.trait.name, proposal.value
            places = {"layer": [(value, 0)], "head": [(0, value)], "pinned": value}.get(name, [])
            for layer, head in places:
                if layer >= self.maps.n_layers or head >= self.maps.n_heads:
                    raise StateError(
                        _(
                            "There is no layer {layer} with a head {head}: {layers} layers with {heads} heads each."
                        ).format(layer=layer, head=head, layers=self.maps.n_layers, heads=self.maps.n_heads)
                    )
            n_queries, n_keys = len(self.maps.queries), len(self.maps.keys)
            tokens = {
                "query": [(value, n_queries)],
                "split": [(value, n_keys)],
                "others": [(place, n_queries) for place in value] if name == "others" else [],
                "pair": list(zip(value, (n_queries, n_keys), strict=True)) if name == "pair" else [],
            }
            for place, count in tokens.get(name, []):
                if not 0 <= place < count:
                    raise StateError(
                        _("There is no token {place}: there are {count}, counted from 0.").format(
                            place=place, count=count
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
        pair = {"second": self.second} if getattr(current, "reads_pairs", False) else {}
        self._show_controls()
        require_at_most(MAX_CHARACTERS, self.text + pair.get("second", ""))
        reading = current.read(self.text, causal=self.causal and current.can_be_causal, **pair)
        self.reading, self._read_model = reading, self.model
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
        """Draw the chosen and pinned heads, and the grid of all heads."""
        self._show_controls()
        if self.maps is not None:
            self._fit(self.maps)
        self.draw()
        self.draw_grid()

    def draw_grid(self) -> None:
        """Draw every head, layer by layer or sorted by a measure."""
        if self.maps is None:
            self.grid.show(None)
        elif self.order == "layer":
            self.grid.show(self.shown.all_heads)
        else:
            values = self._measured()
            order = values.argsort(stable=True).tolist()
            numbers = [self._number(value) for value in values.tolist()]
            self.grid.show(self.shown.all_heads, order, numbers, ORDERS[self.order])

    def draw(self) -> None:
        """Draw the chosen head, mean or layer, the pinned heads, and the opened pair."""
        large = self.view == "heads"
        self.grid.large = large
        self.plot.layout.display = "none" if large else None
        self._heading.value = html.heading(self._title(), " ".join(self.shown.notes())) if self.maps else ""
        wide = self.view == "heatmap" and self.maps is not None and len(self.maps.keys) > 20
        self.plot.layout.flex = "1 1 760px" if wide else "1 1 440px"  # what does not fit beside the grid goes below it
        with self.plot.hold_sync():
            if not large:
                self.plot.view = "heatmap" if self.view == "heatmap" else "lines"
            self.plot.show(self.shown if self.maps else None, self._title() if self.maps else "")
        self.draw_pair()

    def draw_pair(self) -> None:
        """Draw the steps of the opened pair."""
        self.plot.pair = None if self.pair is None else list(self.pair)
        self.pair_view.show(*self._pair_parts(), self.steps, self.maps)

    def _open(self, what: list[int] | None) -> None:
        """Open the pair (map, query, key) of the page's message, or close the one that is open.

        A pinned head, or another of the layer, then becomes the chosen one.
        """
        if what is None or self.maps is None:
            self.set_trait("pair", None)
            return
        number, query, key = what
        if number >= len(self.shown.heads) or query >= len(self.maps.queries) or key >= len(self.maps.keys):
            return  # the page asked before it had heard of another text
        before, head = (self.layer, self.head), self.shown.heads[number]
        with self.hold_trait_notifications():
            if head != before:
                self.pinned = [before if one == head else one for one in self.pinned]
                self.layer, self.head = head
            self.pair = (query, key)

    def _send_picture(self, file_format: str) -> None:
        """Answer the copy buttons with the static picture, or with an empty message when it cannot be drawn."""
        try:
            content = [picture_bytes(self.figures() if self.maps else [self.figure()], file_format)]
        except Exception as error:
            self.show_error(error)
            content = []
        self.copy_buttons.send({"format": file_format}, content)

    def _show_controls(self) -> None:
        """Display only those controls that have an effect."""
        current, maps = self.readers[self.model], self.maps
        shown = {
            "model": len(self.readers) > 1,
            "second": getattr(current, "reads_pairs", False),
            "kind": len(self.reading) > 1,
            "causal": current.can_be_causal,
            "hide_special": maps is not None and bool(maps.special),
            "split": maps is not None and not maps.cross and maps.split is None and len(maps.keys) > 1,
            "between": maps is not None and not maps.cross and bool(self.first_of_b),
        }
        for name, visible in shown.items():
            self._controls[name].layout.display = "flex" if visible else "none"

    def _fit(self, maps: AttentionMaps) -> None:
        """Clip layer, head, query, pair, split and pinned heads to the sizes of `maps`."""
        n_layers, n_heads = maps.n_layers, maps.n_heads
        n_queries, n_keys = len(maps.queries), len(maps.keys)
        with self.hold_trait_notifications():
            self.layer, self.head = min(self.layer, n_layers - 1), min(self.head, n_heads - 1)
            self.pinned = [(layer, head) for layer, head in self.pinned if layer < n_layers and head < n_heads]
            self.others = [place for place in self.others if place < n_queries]
            if self.query is not None and self.query >= n_queries:
                self.query = None
            if self.pair is not None and (self.pair[0] >= n_queries or self.pair[1] >= n_keys):
                self.set_trait("pair", None)
            self.split = self.split if self.split < n_keys else 0
        for name, size in {"layer": n_layers, "head": n_heads, "split": n_keys}.items():
            self._controls[name].max = size - 1

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
        return ShownAttention(
            self.maps,
            self.layer,
            self.head,
            self.average,
            tuple(self.pinned),
            tuple(sorted(hidden)),
            self.view == "layer",
            self.first_of_b,
            self.between,
        )

    @property
    def first_of_b(self) -> int | None:
        """The place of the first token of part B: where the second text begins, or else `split`."""
        if self.maps is None:
            return None
        return self.maps.split or self.split or None

    @property
    def queries(self) -> list[int]:
        """The places of the selected tokens, in the order of the text."""
        return sorted({place for place in (self.query, *self.others) if place is not None})

    @property
    def steps(self) -> PairSteps | None:
        """The numbers of the opened pair; None when none is open."""
        if self.pair is None or self.maps is None:
            return None
        return self.maps.steps(self.layer, self.head, *self.pair)

    @property
    def weights(self) -> Float[Tensor, "query key"]:
        """The chosen head or mean, without the hidden keys, each row rescaled to sum 1."""
        return self.shown.weights

    def links(self, count: int = 5) -> list[Link]:
        """The strongest links: of the selected query, or else of all queries that see more than one key."""
        return self.shown.links(count, self.queries)

    def _title(self) -> str:
        kind = [KINDS[self.kind]] if len(self.reading) > 1 else []
        return ", ".join([self._read_model, *kind, self.shown.name])

    def _pair_parts(self) -> tuple[str, str]:
        """The title of the opened pair, and what differs between its weight and the one that is drawn."""
        if self.pair is None or self.maps is None:
            return "", ""
        title = pair_title(self.maps, self.layer, self.head, *self.pair)
        if self.average != "none" and self.view != "layer":
            return title, _("The drawing shows a mean; the steps are those of one head.")
        if self.shown.hidden:
            return title, _("The drawing hides some tokens and scales up the rest; the steps are those of the model.")
        if self.between != "all" and not self.shown.visible[self.pair]:
            return title, _("The drawing leaves this pair out; the steps are those of the model.")
        return title, ""

    def _measured(self) -> Float[Tensor, "head"]:
        """Every head's measure, layer by layer."""
        assert self.maps is not None
        return MEASURES[self.order](self.maps.weights).flatten()

    def _number(self, value: float) -> str:
        return percent(value) if self.order == "first" else f"{value:.1f}"

    def figures(self) -> list[Figure]:
        """What is shown, as figures: the grid, the lines or the heatmap, and the opened pair."""
        assert self.maps is not None
        shown, queries, keys, title = self.shown, self.maps.queries, self.maps.keys, self._title()
        if self.view == "heads":
            marked = [(self.layer, self.head), *self.pinned]
            figures = [attention_heads(shown.all_heads.numpy(), title=self._read_model, marked=marked)]
        elif self.view == "heatmap":
            figures = [attention_heatmap(shown.weights.numpy(), queries, keys, title=title, selected=self.query)]
            shade_hidden(figures[0].axes[0], shown.visible.numpy())
        else:
            maps = dict(zip(shown.names, shown.drawn.numpy(), strict=True))
            options = {"query": self.queries, "threshold": self.threshold, "hidden": shown.hidden}
            muted = self.muted if shown.overlaid else ()
            styles = head_styles(len(maps)) if shown.overlaid else HEAD_STYLES
            figures = [attention_lines(maps, queries, keys, title=title, muted=muted, styles=styles, **options)]
        if self.steps is not None:
            figures.append(attention_pair(self.steps, keys, title=self._pair_parts()[0]))
        return figures

    def picture(self) -> Figure:
        figures = self.figures()
        if self.maps is not None and self.view == "lines":  # a saved page has room for both
            title, shown = self._title(), self.shown
            weights, tokens = shown.weights.numpy(), (self.maps.queries, self.maps.keys)
            heatmap = attention_heatmap(weights, *tokens, title=title, selected=self.query)
            shade_hidden(heatmap.axes[0], shown.visible.numpy())
            figures.insert(1, heatmap)
        return stacked(figures)

    def in_words(self) -> str:
        assert self.maps is not None
        count = len(self.maps.keys)
        head = f"{self._title()}: " + ngettext("{count} token", "{count} tokens", count).format(count=count)
        links = [" → ".join(map(isolated, self.maps.named(link))) + f" {percent(link.weight)}" for link in self.links()]
        lines = [head, *self.shown.notes()]
        if self.order != "layer":
            lines.append(self._ranking())
        lines.append(_("The strongest links: {links}").format(links=", ".join(links)))
        if self.steps is not None:
            lines.append(pair_summary(self._pair_parts()[0], self.steps))
        return "\n".join(lines)

    def _ranking(self, count: int = 3) -> str:
        """The heads with the smallest and the largest measure."""
        assert self.maps is not None
        values = self._measured()
        order = values.argsort(stable=True).tolist()
        named = [
            f"{head_name(*divmod(place, self.maps.n_heads))} ({self._number(values[place].item())})" for place in order
        ]
        return _("Heads by {order}: {first} … {last}").format(
            order=ORDERS[self.order], first=", ".join(named[:count]), last=", ".join(named[-count:])
        )
