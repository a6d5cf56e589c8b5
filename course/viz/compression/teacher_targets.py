"""What a teacher says of the learner's own text, at a temperature that one moves."""

import math

import ipywidgets
import traitlets
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from course.compression import entropy, soft_targets
from course.fine_tuning import SentenceClassifier, predict_logits
from course.messages import _
from course.viz.figures.bars import number_bars
from course.viz.kit import html
from course.viz.kit.controls import control_grid, float_slider
from course.viz.kit.text import number, percent
from course.viz.kit.traits import Number, Text
from course.viz.kit.widget import LessonWidget, require_at_most, text_box

MAX_CHARACTERS, LOWEST, HIGHEST = 500, 0.5, 20.0


class TeacherTargets(LessonWidget):
    """A text, a temperature, and the teacher's probabilities of all classes, the most probable one first.

    The state is `text` and `temperature`. `targets` are the probabilities by class, in the teacher's order of classes;
    `entropy` is theirs, in nats.
    """

    text = Text()
    temperature = Number(1.0, min=LOWEST, max=HIGHEST)
    targets: dict[str, float]
    entropy: float

    def __init__(self, teacher: SentenceClassifier, *, text: str, temperature: int | float = 1.0) -> None:
        self._teacher = teacher
        self._read: tuple[str, Float[Tensor, "class"]] | None = None
        box = text_box(_("Text"), _("Type a text"))
        box.rows = 2
        slider = float_slider(_("Temperature"), LOWEST, HIGHEST, 0.1, 1)
        self._heading, self._bars, self._note = (ipywidgets.HTML() for _view in range(3))
        super().__init__([box, control_grid(slider), self._heading, self._bars, self._note], text=text)
        self.start_with(temperature=temperature)
        for name, control in (("text", box), ("temperature", slider)):
            traitlets.link((self, name), (control, "value"))
        self.react(self.update, "text", "temperature")

    def update(self) -> None:
        """Soften the teacher's logits; the text is read again only when it has changed."""
        require_at_most(MAX_CHARACTERS, self.text)
        if not self.text.strip():
            raise ValueError(_("The text is empty. Type a few words for the teacher to read."))
        if self._read is None or self._read[0] != self.text:
            self._read = (self.text, predict_logits(self._teacher, [self.text])[0])
        row = soft_targets(self._read[1], float(self.temperature))
        self.entropy, self._at = entropy(row).item(), self.temperature
        self.targets = dict(zip(self._teacher.classes, row.tolist(), strict=True))
        rank = sorted(range(len(row)), key=lambda place: -float(self._read[1][place]) if self._read else 0.0)
        self._order = [self._teacher.classes[place] for place in rank]
        self._heading.value = html.heading(self._said())
        self._bars.value = html.bars(self._rows(), _("The teacher's soft targets"), full=1.0)
        self._note.value = html.heading("", self._second())

    # --- What is shown ---

    def _said(self) -> str:
        return _("Temperature {temperature}: entropy {entropy} nats, of at most {most}").format(
            temperature=f"{self._at:.1f}",
            entropy=number(self.entropy),
            most=number(math.log(len(self.targets))),
        )

    def _second(self) -> str:
        first, second = (self.targets[name] for name in self._order[:2])
        return _("The second class, {name}, has {share} of what is left beside the first.").format(
            name=self._order[1], share=percent(second / max(1 - first, 1e-12), 0)
        )

    def _rows(self) -> list[html.Bar]:
        return [
            html.Bar(name, self.targets[name], percent(self.targets[name], 1), marked=place == 0)
            for place, name in enumerate(self._order)
        ]

    def picture(self) -> Figure:
        return number_bars(
            self._order,
            [self.targets[name] for name in self._order],
            title=self._said(),
            xlabel=_("probability that the teacher gives the class"),
            marked=0,
            limits=(0.0, 1.0),
        )

    def in_words(self) -> str:
        said = ", ".join(f"{name} {percent(self.targets[name], 1)}" for name in self._order)
        return "\n".join([repr(self._read[0] if self._read else ""), self._said(), said, self._second()])
