"""One sentence, answered by one base model with one method after another on it."""

from collections.abc import Mapping
from html import escape

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from course.messages import _, ngettext
from course.viz.kit import html
from course.viz.kit.controls import STYLE, control_grid
from course.viz.kit.text import number, percent
from course.viz.kit.traits import StateError, Text
from course.viz.kit.widget import LessonWidget, require_at_most, text_box
from course.viz.peft.answers import Answer, Row, Rows
from course.viz.peft.switch_figure import MARK, switch_figure

MAX_CHARACTERS = 400
OWN = _("own model")


class MethodSwitch(LessonWidget):
    """A text, and what each row says of it: methods that are on one base model, switched one after the other.

    A row is an `Attached` on a classifier, or a classifier: with the same body the base with nothing on it, such as a
    trained head alone, and with a body of its own a whole model beside the base, such as one after full fine-tuning.
    The state is `text` and `method`, the row that the others are compared with, at first the first. `answers` is what
    is shown. Afterwards on the base is what was on it before. Raises `ValueError` as `Rows` does.
    """

    text = Text()
    method = traitlets.Unicode()
    answers: tuple[Answer, ...]

    def __init__(self, rows: Mapping[str, Row], text: str, *, method: str | None = None) -> None:
        self.rows = Rows(rows)
        self._asked: str | None = None
        box = text_box(_("Your text"), _("Type something"))
        box.rows = 2
        names = ipywidgets.Dropdown(options=list(rows), description=_("Compare with"), style=STYLE)
        self._heading, self._table = ipywidgets.HTML(), ipywidgets.HTML()
        super().__init__([box, control_grid(names), self._heading, self._table], text=text)
        self.start_with(method=next(iter(rows)) if method is None else method)
        for name, control in (("text", box), ("method", names)):
            traitlets.link((self, name), (control, "value"))
        self.react(self.update, "text", "method")

    @traitlets.validate("method")
    def _known_method(self, proposal: traitlets.Bunch) -> str:
        if proposal.value not in self.rows.models:
            raise StateError(
                _("There is no {what} {name!r}; there are: {known}.").format(
                    what=_("method"), name=proposal.value, known=", ".join(self.rows.models)
                )
            )
        return proposal.value

    def update(self) -> None:
        """Switch through all rows and ask each."""
        require_at_most(MAX_CHARACTERS, self.text)
        if self._asked != self.text:
            models = self.rows.models.values()
            if not self.text.strip() or not any(model.tokenizer.encode(self.text) for model in models):
                raise ValueError(_("There is no text to ask about. Type one."))
            self.answers = self.rows.answers(self.text)
        self._asked, self._compared = self.text, self.method
        self._heading.value = html.heading(self._said())
        self._table.value = self._rows_page()

    def _reference(self) -> Answer:
        return next(answer for answer in self.answers if answer.name == self._compared)

    def _differences(self) -> list[str]:
        """By how much the log-odds of the last class are above those of the row that all are compared with."""
        base = self._reference().log_odds
        return [number(answer.log_odds - base, sign=True) for answer in self.answers]

    def _best(self, answer: Answer) -> str:
        chance, name = max(zip(answer.probabilities, self.rows.classes, strict=True))
        return f"{name} {percent(chance, 1)}"

    def _said(self) -> str:
        base = self._reference()
        said = _("{row} says {answer}; the log-odds of {name} are {odds}.").format(
            row=base.name, answer=self._best(base), name=self.rows.classes[-1], odds=number(base.log_odds, sign=True)
        )
        n, count = sum(_class_of(answer) != _class_of(base) for answer in self.answers), len(self.answers) - 1
        others = ngettext(
            "{n} of the other {count} rows says another class.", "{n} of the other {count} rows say another class.", n
        )
        return f"{said} {others.format(n=n, count=count)}" if count else said

    def _columns(self) -> tuple[str, str]:
        """The headings of the numbers after the bars."""
        odds = _("log-odds of {name}, difference from {row}").format(name=self.rows.classes[-1], row=self._compared)
        return odds, _("trained numbers, head included")

    def _rows_page(self) -> str:
        heads = [*self.rows.classes, *self._columns(), _("switched in")]
        first = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
        lines = []
        for answer, difference in zip(self.answers, self._differences(), strict=True):
            bars = "".join(f"<td>{html.bar(share, percent(share, 1))}</td>" for share in answer.probabilities)
            took = OWN if answer.milliseconds is None else _("{n} ms").format(n=number(answer.milliseconds, 1))
            numbers = "".join(f"<td>{escape(text)}</td>" for text in (difference, f"{answer.trained:,}", took))
            mark, sign = ("lm-marked", MARK) if answer.name == self._compared else ("", "")
            name = f'<th scope="row">{sign}{escape(answer.name)}</th>'
            lines.append(f'<tr class="{mark}">{name}{bars}{numbers}</tr>')
        caption = _("One base model, one method after the other on it")
        note = _("“{own}”: beside the base model in memory").format(own=OWN)
        told = f"{caption}. {note}." if any(answer.milliseconds is None for answer in self.answers) else f"{caption}."
        return (
            f'<table class="lm-switch"><caption>{escape(told)}</caption><thead><tr><td></td>{first}</tr></thead>'
            f"<tbody>{''.join(lines)}</tbody></table>"
        )

    def picture(self) -> Figure:
        odds, trained = self._columns()
        return switch_figure(
            {answer.name: answer.probabilities for answer in self.answers},
            self.rows.classes,
            {odds: self._differences(), trained: [f"{answer.trained:,}" for answer in self.answers]},
            title=_("“{text}”: {said}").format(text=self._asked, said=self._said()),
            marked=[answer.name for answer in self.answers].index(self._compared),
        )

    def in_words(self) -> str:
        odds, _trained = self._columns()
        lines = [
            _("{name}: {answer}, {difference}, {n} trained numbers").format(
                name=answer.name, answer=self._best(answer), difference=difference, n=f"{answer.trained:,}"
            )
            for answer, difference in zip(self.answers, self._differences(), strict=True)
        ]
        return "\n".join([f"{self._asked!r}", self._said(), _("After each answer: {odds}.").format(odds=odds), *lines])


def _class_of(answer: Answer) -> int:
    return answer.probabilities.index(max(answer.probabilities))
