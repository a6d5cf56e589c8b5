"""The four steps of attention for one output symbol of the learner's text, with the numbers of a trained model."""

from collections.abc import Sequence

import ipywidgets
import traitlets
from matplotlib.figure import Figure
from torch import Tensor

from course.interpretability import alignment
from course.messages import _
from course.seq2seq import Seq2Seq
from course.tasks import Task, Vocabulary
from course.viz.attention.alignment_explorer import typed_symbols
from course.viz.attention.figures import NumberTable, attention_steps_figure
from course.viz.attention.number_table import number_table
from course.viz.kit import html
from course.viz.kit.controls import control_grid, float_slider, int_slider, side_by_side
from course.viz.kit.text import number, percent, visible
from course.viz.kit.traits import Number, StateError, Text, Whole
from course.viz.kit.widget import LessonWidget, text_box

NUMBERS = 5  # entries of each vector that are written out: where those of the context are largest
LARGEST_WEIGHTS = 3  # inputs whose weighted values are written out
CANDIDATES = 5


class AttentionSteps(LessonWidget):
    """A text, an output symbol, and what the decoder computes between its state and that symbol.

    The state is `text`, `position` (of the output symbol, counted from 1) and `sharpness` (a factor on the scores
    before softmax; 1 is the model as trained). The symbols before that position are the model's own in any case.
    `steps` holds the tensors, `outputs` the symbols, ending with "end".
    """

    text = Text()
    position = Whole(1, min=1)
    sharpness = Number(1.0, min=0, max=4)

    def __init__(self, model: Seq2Seq, task: Task, text: str = "", position: int = 1, sharpness: float = 1.0) -> None:
        self.model, self.task = model, task
        self.inputs: Sequence[str] = ()
        self.outputs: Sequence[str] = ()
        self.steps: alignment.AttentionSteps | None = None
        box = text_box(_("Your text"), _("Type something"))
        box.rows = 1
        self._position = int_slider(_("Output symbol"), 1)
        self._sharpness = float_slider(_("Scores times"), 0.0, 4.0, step=0.1, digits=1)
        self._heading, *self._parts = (ipywidgets.HTML() for _widget in range(5))
        sliders = control_grid(self._position, self._sharpness)
        parts = side_by_side(*self._parts)
        super().__init__([box, sliders, self._heading, parts], text=text, sharpness=sharpness)
        traitlets.link((self, "text"), (box, "value"))
        traitlets.link((self, "sharpness"), (self._sharpness, "value"))
        self.react(self.read, "text")
        traitlets.link((self, "position"), (self._position, "value"))
        self.start_with(position=position)
        self.react(self.draw, "position", "sharpness")

    @traitlets.validate("position")
    def _inside(self, proposal: traitlets.Bunch) -> int:
        if proposal.value > max(1, len(self.outputs)):
            raise StateError(
                _("There is no output symbol {place}: there are {count}, counted from 1.").format(
                    place=proposal.value, count=len(self.outputs)
                )
            )
        return proposal.value

    def read(self) -> None:
        """Decode the model's output for the text."""
        inputs = typed_symbols(self.task, self.text)
        written, self._source, self._read = alignment.greedy_output_ids(self.model, self.task, inputs)
        self.inputs, self.outputs = inputs, (*written, _("end"))
        self._position.max = len(self.outputs)  # which clips its value, and so `position`
        self.draw()

    def draw(self) -> None:
        """Compute the steps of the symbol at `position`, and show them."""
        if not self.outputs:
            return
        batch = alignment.attention_steps(self.model, self._source, self._read, sharpness=self.sharpness)
        self.steps = alignment.AttentionSteps(*(part[0].cpu() for part in batch))
        self._heading.value = html.heading(*self._said())
        for part, drawn in zip(
            self._parts, (self._scores(), self._weights(), number_table(self._sum()), self._output()), strict=True
        ):
            part.value = drawn

    @property
    def places(self) -> list[int]:
        """The indices of the entries that are written out: those with the largest absolute values of the context."""
        return sorted(self._row("context").abs().topk(min(NUMBERS, self.steps.memory.shape[-1])).indices.tolist())

    def _columns(self) -> list[str]:
        return [str(place + 1) for place in self.places]

    def _written(self, vector: Tensor) -> list[str]:
        return [number(entry) for entry in vector[self.places].tolist()]

    def _row(self, name: str) -> Tensor:
        """The tensor `name` of the steps at the chosen output position."""
        return getattr(self.steps, name)[self.position - 1]

    @property
    def candidates(self) -> list[tuple[str, float]]:
        """The most probable output symbols after the four steps, with their probabilities."""
        best = self._row("logits").softmax(dim=-1).topk(CANDIDATES)
        names = [self.task.target.symbols[i] for i in best.indices.tolist()]
        return [
            (_("end") if i == Vocabulary.eos_id else name, probability)
            for i, name, probability in zip(best.indices.tolist(), names, best.values.tolist(), strict=True)
        ]

    def _said(self) -> tuple[str, str]:
        where = _("Output {position} of {count}: {symbol}").format(
            position=self.position, count=len(self.outputs), symbol=visible(self.outputs[self.position - 1])
        )
        symbol, probability = self.candidates[0]
        now = _("after {before} the model predicts {symbol}, with probability {probability}").format(
            before=" ".join(map(visible, self.outputs[: self.position - 1])) or _("the start"),
            symbol=visible(symbol),
            probability=percent(probability),
        )
        return where, now

    def _scores(self) -> str:
        scores = self._row("scores").tolist()
        rows = [
            html.Bar(visible(symbol), score, number(score), marked=score == max(scores))
            for symbol, score in zip(self.inputs, scores, strict=True)
        ]
        return html.bars(rows, _("1 · Scores"))

    def _weights(self) -> str:
        weights = self._row("weights").tolist()
        rows = [
            html.Bar(visible(symbol), weight, f"{weight:.3f}", marked=weight == max(weights))
            for symbol, weight in zip(self.inputs, weights, strict=True)
        ]
        return html.bars(rows, _("2 · Softmax: weights, sum 1"), full=1.0)

    def _sum(self) -> NumberTable:
        weights, values = self._row("weights"), self.steps.memory
        first = min(LARGEST_WEIGHTS, len(self.inputs))
        weighted = weights[:, None] * values
        largest = weights.topk(first).indices
        rows = [
            (f"{weights[i].item():.3f} × {visible(self.inputs[i])}", self._written(weighted[i]))
            for i in largest.tolist()
        ]
        if len(self.inputs) > first:
            rows.append((_("the others"), self._written(weighted.sum(dim=0) - weighted[largest].sum(dim=0))))
        rows.append((_("context"), self._written(self._row("context"))))
        caption = _("3 · Weighted sum, {n} of {d} numbers").format(n=len(self.places), d=values.shape[-1])
        return NumberTable(caption, self._columns(), rows)

    def _joined(self) -> NumberTable:
        return NumberTable(
            _("4 · Context and state, joined"),
            self._columns(),
            [
                (_("context"), self._written(self._row("context"))),
                (_("state"), self._written(self._row("query"))),
                (_("tanh(W · both)"), self._written(self._row("combined"))),
            ],
        )

    def _output(self) -> str:
        most_probable = [
            html.Bar(visible(symbol), probability, percent(probability), marked=place == 0)
            for place, (symbol, probability) in enumerate(self.candidates)
        ]
        return number_table(self._joined()) + html.bars(most_probable, _("What the output layer makes of it"), full=1.0)

    def picture(self) -> Figure:
        names, probabilities = zip(*self.candidates, strict=True)
        where, now = self._said()
        return attention_steps_figure(
            self.inputs,
            self._row("scores").numpy(),
            self._row("weights").numpy(),
            [self._sum(), self._joined()],
            names,
            probabilities,
            title=where,
            subtitle=now,
        )

    def in_words(self) -> str:
        weights = zip(self.inputs, self._row("scores").tolist(), self._row("weights").tolist(), strict=True)
        lines = [f"{visible(symbol)}: {number(score)} → {weight:.3f}" for symbol, score, weight in weights]
        return "\n".join([". ".join(self._said()), _("score → weight"), ", ".join(lines)])
