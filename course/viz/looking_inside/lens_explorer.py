"""The logit lens on the learner's text, and what changes when a head or a layer's attention is removed."""

from collections.abc import Mapping
from html import escape

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from course.interpretability.ablation import Head, attention_layers
from course.layers.language_model import CausalLanguageModel
from course.messages import _
from course.tasks import Task
from course.tokenization import Tokenizer
from course.transformer import Transformer
from course.viz.attention_explorer.readers import reader
from course.viz.kit import html
from course.viz.kit.controls import STYLE, control_grid, int_slider
from course.viz.kit.text import isolated, percent
from course.viz.kit.traits import Choice, StateError, Text, Whole
from course.viz.kit.widget import LessonWidget, require_at_most, text_box
from course.viz.looking_inside.figures import lens_grid
from course.viz.looking_inside.lens_reading import Reading, Source, attention_name, read, source_of

MAX_CHARACTERS = 400
NOTHING, HEAD, LAYER = _("nothing"), _("one head"), _("the layer's heads")


class LensExplorer(LessonWidget):
    """A text, and what the model would answer if it ended after each layer; with heads removed, what becomes of it.

    The state is `model` (a key of `models`), `text`, `removed` ("nothing", "one head" or "the layer's heads"), `layer`
    (an attention layer, as `attention_layers` counts them) and `head`. `intact` and `reading` hold what is shown.
    """

    model = traitlets.Unicode()
    text = Text()
    removed = Choice((NOTHING, HEAD, LAYER), NOTHING)
    layer = Whole(0, min=0)
    head = Whole(0, min=0)
    intact: Reading
    reading: Reading

    def __init__(
        self,
        models: Mapping[str, tuple[CausalLanguageModel | Transformer, Tokenizer | Task]],
        *,
        text: str,
        model: str | None = None,
        removed: str = NOTHING,
        layer: int = 0,
        head: int = 0,
    ) -> None:
        if not models:
            raise ValueError(_("There is no model to look into: give one, with its tokenizer or task."))
        self.models = dict(models)
        self._known: tuple[tuple[str, str], Source, Reading] | None = None
        self._kind = ""
        self._texts: dict[str, str] = {}  # the last one of each kind of input
        box = text_box(_("Your text"), _("Type something"))
        box.rows = 2
        names = ipywidgets.Dropdown(options=list(self.models), description=_("Model"), style=STYLE)
        what = ipywidgets.Dropdown(options=[NOTHING, HEAD, LAYER], description=_("Remove"), style=STYLE)
        self._layer, self._head = int_slider(_("Attention layer"), 0, 1), int_slider(_("Head"), 0, 1)
        self._heading, self._table = ipywidgets.HTML(), ipywidgets.HTML()
        controls = control_grid(names, what, self._layer, self._head)
        super().__init__([box, controls, self._heading, self._table], text=text)
        self.start_with(model=next(iter(self.models)) if model is None else model)
        self._fit_sliders()
        self.start_with(layer=layer, head=head, removed=removed)
        for name, control in (("text", box), ("model", names), ("removed", what)):
            traitlets.link((self, name), (control, "value"))
        for name, control in (("layer", self._layer), ("head", self._head)):
            traitlets.link((self, name), (control, "value"))
        self.observe(lambda _change: self._fit_sliders(), ["model", "layer"])
        self.react(self.update, "text", "model", "removed", "layer", "head")

    @traitlets.validate("model")
    def _known_model(self, proposal: traitlets.Bunch) -> str:
        if proposal.value not in self.models:
            raise StateError(
                _("There is no model {name!r}; there are: {known}.").format(
                    name=proposal.value, known=", ".join(self.models)
                )
            )
        return proposal.value

    @traitlets.validate("layer", "head")
    def _inside(self, proposal: traitlets.Bunch) -> int:
        sizes = self._sizes()
        count = len(sizes) if proposal.trait.name == "layer" else sizes[min(self.layer, len(sizes) - 1)]
        if proposal.value >= count:
            raise StateError(
                _("There is no {what} {number}: there are {count}, counted from 0.").format(
                    what=proposal.trait.name, number=proposal.value, count=count
                )
            )
        return proposal.value

    def _sizes(self) -> list[int]:
        """The number of heads of each attention layer."""
        return [layer.n_heads for layer in attention_layers(self.models[self.model][0])]

    def _fit_sliders(self) -> None:
        """Give the sliders the model's ends, which clips `layer` and `head`."""
        sizes = self._sizes()
        self._layer.max = len(sizes) - 1
        self.layer = min(self.layer, len(sizes) - 1)
        self._head.max = sizes[self.layer] - 1
        self.head = min(self.head, sizes[self.layer] - 1)

    def update(self) -> None:
        """Read the stream of the whole model, and of the model without the chosen heads.

        When the kind of input changes, from sentences to words for example, its last text is used, or else an example.
        """
        self._layer.disabled, self._head.disabled = self.removed == NOTHING, self.removed != HEAD
        current = reader(*self.models[self.model])
        before, self._kind = self._kind, current.input_kind
        if before and before != current.input_kind:
            text = self._texts.get(current.input_kind, current.example)
            if text != self.text:
                self.text = text  # this change calls `update` again
                return
        self._texts[current.input_kind] = self.text
        require_at_most(MAX_CHARACTERS, self.text)
        model, tokenizer = self.models[self.model]
        if self._known is None or self._known[0] != (self.model, self.text):
            source = source_of(model, tokenizer, self.text)
            self._known = ((self.model, self.text), source, read(model, source))
        _key, source, intact = self._known
        gone = self._gone()
        self.intact, self.reading = intact, read(model, source, gone) if gone else intact
        self._heading.value = html.heading(self._said())
        self._table.value = lens_table(self.reading, self.intact)

    def _gone(self) -> list[Head]:
        if self.removed == LAYER:
            return [(self.layer, head) for head in range(self._sizes()[self.layer])]
        return [(self.layer, self.head)] if self.removed == HEAD else []

    def _said(self) -> str:
        token, best, chance = _end(self.reading)
        now = _("After “{token}” the model says {best} ({chance}).").format(token=token, best=best, chance=chance)
        if self.removed == NOTHING:
            return now
        _token, best, chance = _end(self.intact)
        before = _("Whole, it says {best} ({chance}).").format(best=best, chance=chance)
        where = (
            _("Without head {head} of attention layer {layer}.")
            if self.removed == HEAD
            else _("Without all heads of attention layer {layer}.")
        )
        layer = attention_name(self.models[self.model][0], self.layer)
        return " ".join([where.format(head=self.head, layer=layer), now, before])

    def picture(self) -> Figure:
        return lens_grid(self.reading, title=self._said())

    def in_words(self) -> str:
        last = [
            f"{name}: {isolated(row[-1])} {percent(chance)}"
            for name, row, chance in zip(
                self.reading.rows, self.reading.best, self.reading.chances[:, -1].tolist(), strict=True
            )
        ]
        return "\n".join([self._said(), *reversed(last)])  # a long text is cut at its end, and the answer is above


def _end(reading: Reading) -> tuple[str, str, str]:
    """The last token that was read, the most probable next one, and its chance."""
    return isolated(reading.tokens[-1]), isolated(reading.best[-1][-1]), percent(float(reading.chances[-1, -1]))


def lens_table(reading: Reading, intact: Reading) -> str:
    """The most probable next token by place in the model (row) and position (column), shaded by its chance.

    A token that differs from that of the whole model is marked with ≠.
    """
    head = "".join(
        f'<th scope="col" title="{escape(token)}"><bdi>{escape(token)}</bdi></th>' for token in reading.tokens
    )
    lines = []
    for row, name in enumerate(reading.rows):
        cells = []
        for column, token in enumerate(reading.best[row]):
            chance = float(reading.chances[row, column])
            mark = "≠ " if token != intact.best[row][column] else ""
            whole = escape(f"{mark}{isolated(token)} {percent(chance)}")  # what a narrow page cuts is in the tooltip
            cells.append(
                f'<td style="--lm-share: {100 * chance:.0f}%" title="{whole}">{mark}<bdi>{escape(token)}</bdi> '
                f"<small>{escape(percent(chance))}</small></td>"
            )
        lines.append(f'<tr><th scope="row">{escape(name)}</th>{"".join(cells)}</tr>')
    caption = escape(_("The most probable next token, by place in the model and the token that was read"))
    return (
        f'<table class="lm-lens" style="--lm-name: {max(map(len, reading.rows))}ch"><caption>{caption}</caption>'
        f"<thead><tr><td></td>{head}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table>"
    )
