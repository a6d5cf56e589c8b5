"""A question on the page: a button for each option, and under each that was chosen, why it is right or wrong."""

import warnings
from typing import Any

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from course.exercises import progress
from course.exercises.display import marked_up, without_marks
from course.exercises.questions import Question
from course.messages import _
from course.viz.kit.layout import blank
from course.viz.kit.traits import StateError, Whole
from course.viz.kit.widget import Action, LessonWidget

RIGHT, WRONG = "✓", "✗"
NAMES = "ABCDE"  # of the options


class QuestionCard(LessonWidget):
    """A question, its options as buttons, and a reply under each option that was chosen.

    The state is `chosen`, the place of the option chosen last, or None; `tried` are the places of all that were, in
    their order. One may go on choosing: after a wrong option to find the right one, after the right one to read why the
    others are wrong. The first answer and a right one are kept in the progress, and a question that was answered right
    before begins with that answer.
    """

    chosen = Whole(None, min=0, allow_none=True)

    def __init__(self, question: Question, chosen: int | None = None) -> None:
        """Raises `ValueError` for a `chosen` that is no place of an option."""
        self.question, self.tried = question, []
        self._buttons = [Action(without_marks(option)) for option in question.options]
        self._replies = [ipywidgets.HTML() for _option in question.options]
        for place, (button, reply) in enumerate(zip(self._buttons, self._replies, strict=True)):
            button.on_click(self.guarded(lambda place=place: setattr(self, "chosen", place)))
            button.add_class("lm-option")
            reply.add_class("lm-reply")
        text = ipywidgets.HTML(f'<div class="lm-question">{marked_up(question.text)}</div>')
        pairs = [part for pair in zip(self._buttons, self._replies, strict=True) for part in pair]
        super().__init__([text, ipywidgets.VBox(pairs).add_class("lm-options")])
        self.start_with(chosen=chosen)
        answered = progress.answered(question.name)
        if chosen is None and answered is not None and answered.right:
            self.tried, self.chosen = [question.right], question.right
        self.react(self.answer, "chosen")

    @traitlets.validate("chosen")
    def _among_the_options(self, proposal: traitlets.Bunch) -> int | None:
        count = len(self.question.options)
        if proposal.value is not None and proposal.value >= count:
            raise StateError(
                _("There is no option {place}: there are {count}, counted from 0.").format(
                    place=proposal.value, count=count
                )
            )
        return proposal.value

    def answer(self) -> None:
        """Show the reply to the chosen option; keep the answer, if it is a new one."""
        if self.chosen is not None and self.chosen not in self.tried:
            self.tried.append(self.chosen)
            self._keep(self.chosen == self.question.right)
        for place, (button, reply) in enumerate(zip(self._buttons, self._replies, strict=True)):
            button.description = f"{self._sign(place)}{NAMES[place]}. {without_marks(self.question.options[place])}"
            (button.add_class if place in self.tried else button.remove_class)("lm-tried")
            reply.value = marked_up(self._reply(place)) if place in self.tried else ""

    def _keep(self, right: bool) -> None:
        """Keep the answer in the progress; what goes wrong with its file is said in the widget."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            progress.record_answer(self.question.name, right)
        for warning in caught:
            self.show_error(RuntimeError(str(warning.message)))

    def _sign(self, place: int) -> str:
        """The sign in front of an option that was chosen."""
        if place not in self.tried:
            return ""
        return f"{RIGHT if place == self.question.right else WRONG} "

    def _reply(self, place: int) -> str:
        verdict = _("**Right.** {reply}") if place == self.question.right else _("**Not right.** {reply}")
        return verdict.format(reply=self.question.replies[place])

    def static_view(self) -> dict[str, Any]:
        items = "".join(  # with letters of its own: sanitizers turn those of a list into numbers
            f"<p>{self._sign(place)}{NAMES[place]}. {marked_up(option)}"
            + (f"<br>{marked_up(self._reply(place))}" if place in self.tried else "")
            + "</p>"
            for place, option in enumerate(self.question.options)
        )
        question, remedy = marked_up(self.question.text), _("Run the cell to answer.")
        text = f"<p>{question}</p>{items}<p><em>{remedy}</em></p>"
        return {"text/html": f'<div class="mathjax_ignore" style="white-space: pre-line">{text}</div>'}

    def picture(self) -> Figure:
        return blank(self.in_words())

    def in_words(self) -> str:
        lines = [without_marks(self.question.text)]
        for place, option in enumerate(self.question.options):
            lines.append(f"{self._sign(place)}{NAMES[place]}. {without_marks(option)}")
            if place in self.tried:
                lines.append(f"   {without_marks(self._reply(place))}")
        return "\n".join(lines)
