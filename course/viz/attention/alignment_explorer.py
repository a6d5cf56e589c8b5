"""The learner's own word or date, a model's output for it, and the attention behind each output symbol."""

from collections.abc import Mapping, Sequence

import ipywidgets
import torch
import traitlets
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from course.interpretability.alignment import greedy_output_ids
from course.layers.attention import record_attention
from course.messages import _
from course.seq2seq import Seq2Seq
from course.tasks import Task
from course.viz.attention.alignment_map import AlignmentMap
from course.viz.figures import attention_heatmap
from course.viz.figures.bars import share_bars
from course.viz.kit import html
from course.viz.kit.layout import stacked
from course.viz.kit.text import percent, visible
from course.viz.kit.traits import StateError, Text, Whole
from course.viz.kit.widget import LessonWidget, require_at_most, text_box

MAX_CHARACTERS = 40


def typed_symbols(task: Task, text: str) -> tuple[str, ...]:
    """The typed text as the task's symbols.

    Raises `ValueError` for a text of more than 40 characters. An unknown symbol is reported when the task encodes it.
    """
    require_at_most(MAX_CHARACTERS, text.strip())
    return task.symbols_from(text)


class AlignmentExplorer(LessonWidget):
    """A text, one of several models, and the model's attention weights for each symbol of its output.

    `models` maps a name to a model that attends once per output symbol, and its task. The state is `text`, `model` (one
    of the names), and `selected`, the index of the output symbol whose weights are written out. Each task keeps its
    last text. `weights` (output, input) come from one pass over the finished output; `outputs` ends with "end".
    """

    text = Text()
    model = Text()
    selected = Whole(0, min=0)

    def __init__(self, models: Mapping[str, tuple[Seq2Seq, Task]], texts: Mapping[str, str]) -> None:
        """`texts` maps the name of a task to its initial text."""
        self.models = dict(models)
        self._texts = dict(texts)
        self._shown = ("", "")  # the model and the text of what is shown
        self.inputs: Sequence[str] = ()
        self.outputs: Sequence[str] = ()
        self.weights: Float[Tensor, "output input"] = torch.zeros(0, 0)
        if not self.models:
            raise ValueError(_("There is no model to explore: give at least one, with its task."))
        first = next(iter(self.models))
        self._task = self.models[first][1].name
        box = text_box(_("Your text"), _("Type something"))
        box.rows = 1
        choice = ipywidgets.Dropdown(
            options=list(self.models), description=_("Model"), style={"description_width": "initial"}
        )
        self._heading = ipywidgets.HTML()
        self.map = AlignmentMap()
        super().__init__([choice, box, self._heading, self.map], model=first, text=self._texts.get(self._task, ""))
        traitlets.link((self, "model"), (choice, "value"))
        traitlets.link((self, "text"), (box, "value"))
        self._read_now = self.react(self.read, "text")
        self.observe(self.guarded(self.switch), "model")
        traitlets.link((self, "selected"), (self.map, "selected"))
        self.react(self.draw_heading, "selected")

    @traitlets.validate("model")
    def _known(self, proposal: traitlets.Bunch) -> str:
        if proposal.value not in self.models:
            raise StateError(
                _("There is no model {name!r} here. There are: {known}.").format(
                    name=proposal.value, known=", ".join(self.models)
                )
            )
        return proposal.value

    @traitlets.validate("selected")
    def _inside(self, proposal: traitlets.Bunch) -> int:
        if proposal.value >= max(1, len(self.outputs)):
            raise StateError(
                _("There is no output symbol {place}: there are {count}, counted from 0.").format(
                    place=proposal.value, count=len(self.outputs)
                )
            )
        return proposal.value

    def switch(self) -> None:
        """Switch to another model. A model of another task gets the last text of that task."""
        name = self.models[self.model][1].name
        before = self.text
        if name != self._task:
            self._task = name
            self.text = self._texts.get(name, "")  # a changed text is read immediately
        if self.text == before:
            self._read_now()

    def read(self) -> None:
        """Decode the model's output for the text, and record its attention."""
        model, task = self.models[self.model]
        inputs = typed_symbols(task, self.text)
        written, source, read = greedy_output_ids(model, task, inputs)
        with torch.no_grad(), record_attention(model) as maps:
            model(source, read)
        self._shown, self._texts[task.name] = (self.model, self.text), self.text
        self.weights, self.inputs = maps[0][0, 0].cpu(), inputs
        self.outputs = (*written, _("end"))
        self.selected = min(self.selected, len(self.outputs) - 1)
        self.map.show(self.weights, self.outputs, self.inputs)
        self.draw_heading()

    def draw_heading(self) -> None:
        """Show the output and the input that the selected symbol attends to most."""
        self._heading.value = html.heading(*self._said()) if self.outputs else ""

    def _said(self) -> tuple[str, str]:
        model, text = self._shown
        separator = "" if self.models[model][1].name == "dates" else " "
        written = separator.join(self.outputs[:-1])
        weight, at = self.weights[self.selected].max(dim=0)
        place = int(at)
        looks = _("{symbol} attends most to {input}, position {place}: {weight}").format(
            symbol=visible(self.outputs[self.selected]),
            input=visible(self.inputs[place]),
            place=place + 1,
            weight=percent(weight.item()),
        )
        return f"{text.strip()} → {written}", looks

    def picture(self) -> Figure:
        title, looks = self._said()
        weights = self.weights.numpy()
        row = share_bars(
            [visible(symbol) for symbol in self.inputs],
            weights[self.selected],
            title=looks,
            xlabel=_("weight"),
            marked=int(weights[self.selected].argmax()),
        )
        return stacked(
            [attention_heatmap(weights, self.outputs, self.inputs, title=title, selected=self.selected), row]
        )

    def in_words(self) -> str:
        row = ", ".join(
            f"{visible(symbol)} {percent(weight)}"
            for symbol, weight in zip(self.inputs, self.weights[self.selected].tolist(), strict=True)
        )
        return "\n".join([f"{self._shown[0]}: {self._said()[0]}", self._said()[1], row])
