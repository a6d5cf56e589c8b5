"""AdapterFusion on the learner's sentence: at each token, how much each adapter counts."""

from collections.abc import Sequence

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from course.fine_tuning import SentenceClassifier
from course.messages import _
from course.peft import AdapterFusion, Attached
from course.viz.kit import html
from course.viz.kit.controls import STYLE, control_grid, side_by_side
from course.viz.kit.text import isolated, percent
from course.viz.kit.traits import StateError, Text
from course.viz.kit.widget import LessonWidget, require_at_most, text_box
from course.viz.peft.fusion_map import TokenRow, fusion_map, fusion_table, token_rows
from course.viz.peft.fusion_reading import FusionReading, read_fusion
from course.viz.peft.place_names import block_and_layer

MAX_CHARACTERS = 300
MOST_CLASSES = 8
MEAN = _("mean over all blocks")


class FusionExplorer(LessonWidget):
    """A text, the attention on each adapter at each of its tokens, and the classifier's answer.

    `names` are those of the adapters, in the order in which they were fused. The state is `text` and `layer`, a block
    by its name ("block 0") or the mean over all. `reading` holds what is shown. Raises `ValueError` for another method
    than AdapterFusion, one that is off, a model that is no `SentenceClassifier`, and another number of names.
    """

    text = Text()
    layer = traitlets.Unicode()
    reading: FusionReading

    def __init__(self, fused: Attached, names: Sequence[str], text: str, *, layer: str = MEAN) -> None:
        self.model, self.names = _checked(fused, names), tuple(names)
        self.fused = fused
        self._read: str | None = None
        self.layers = (MEAN, *(block_and_layer(place)[0] for place in fused.parts))
        box = text_box(_("Your text"), _("Type something"))
        box.rows = 2
        layers = ipywidgets.Dropdown(options=list(self.layers), description=_("Block"), style=STYLE)
        self._heading, self._map, self._answer = (ipywidgets.HTML() for _view in range(3))
        self._map.add_class("lm-wide")
        super().__init__([box, control_grid(layers), self._heading, side_by_side(self._map, self._answer)], text=text)
        self.start_with(layer=layer)
        for name, control in (("text", box), ("layer", layers)):
            traitlets.link((self, name), (control, "value"))
        self.react(self.update, "text", "layer")

    @traitlets.validate("layer")
    def _known_layer(self, proposal: traitlets.Bunch) -> str:
        if proposal.value not in self.layers:
            raise StateError(
                _("There is no layer {name!r}; there are: {known}.").format(
                    name=proposal.value, known=", ".join(self.layers)
                )
            )
        return proposal.value

    def update(self) -> None:
        """Run the model on the text."""
        require_at_most(MAX_CHARACTERS, self.text)
        if self.text != self._read:
            self.reading = read_fusion(self.model, self.text)
        self._read, self._shown = self.text, self.layer
        self._heading.value = html.heading(self._said(), self._mean())
        self._map.value = fusion_table(self._rows(), self.names, self._title())
        self._answer.value = html.bars(self._classes(), _("What the classifier says"), 1.0)

    def _rows(self) -> list[TokenRow]:
        return token_rows(self.reading, None if self._shown == MEAN else self.layers.index(self._shown) - 1)

    def _classes(self) -> list[html.Bar]:
        """The classes' probabilities in the model's order, the highest marked; of many, the most probable ones."""
        found = self.reading.probabilities.tolist()
        highest = sorted(range(len(found)), key=lambda place: -found[place])[:MOST_CLASSES]
        return [
            html.Bar(self.reading.classes[place], found[place], percent(found[place], 1), marked=place == highest[0])
            for place in sorted(highest)
        ]

    def _said(self) -> str:
        [best] = [row for row in self._classes() if row.marked]
        return _("{name}: {probability}.").format(name=best.label, probability=best.text)

    def _title(self) -> str:
        return _("Attention on each adapter, {layer}").format(layer=self._shown)

    def _mean(self) -> str:
        """The mean over the tokens, in words."""
        where = _("Mean over all tokens and blocks: {shares}.")
        if self._shown != MEAN:
            where = _("Mean over all tokens in {layer}: {shares}.")
        mean = zip(self.names, self._rows()[0].shares, strict=True)
        shares = ", ".join(f"{name} {percent(share)}" for name, share in mean)
        return where.format(layer=self._shown, shares=shares)

    def picture(self) -> Figure:
        return fusion_map(self._rows(), self.names, self._classes(), title=f"{self._title()}. {self._said()}")

    def in_words(self) -> str:
        tokens = [f"{isolated(row.label)}: {', '.join(map(percent, row.shares))}" for row in self._rows()[1:]]
        return "\n".join([repr(self._read), self._said(), self._mean(), *tokens])


def _checked(fused: Attached, names: Sequence[str]) -> SentenceClassifier:
    """The model, if all can be shown."""
    if not isinstance(fused.method, AdapterFusion):
        raise ValueError(
            _("What is on this model is {method}: give what `fuse` returned.").format(
                method=type(fused.method).__name__
            )
        )
    if not isinstance(fused.model, SentenceClassifier):
        raise ValueError(
            _("{model} is no SentenceClassifier: give a fusion that is on one.").format(
                model=type(fused.model).__name__
            )
        )
    if not fused.is_on:
        raise ValueError(_("The fusion is off. Put it on the model: `fused.on()`."))
    n_adapters = len(fused.method.adapters)
    if len(set(names)) != len(names) or len(names) != n_adapters:
        raise ValueError(
            _("{n} adapters are fused; give as many names, each another one, not {names}.").format(
                n=n_adapters, names=", ".join(map(repr, names))
            )
        )
    return fused.model
