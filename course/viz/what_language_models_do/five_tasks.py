"""One text, five tasks: what each system says, how sure it is, and what a right answer makes of it."""

from collections.abc import Callable
from typing import Any

import ipywidgets
import traitlets
from matplotlib.figure import Figure

from course.messages import _
from course.tasks.language_tasks import TASKS
from course.viz.kit import html
from course.viz.kit.controls import STYLE, control_grid
from course.viz.kit.traits import Choice, Text
from course.viz.kit.widget import LessonWidget, TextLine, require_at_most, text_box
from course.viz.rag.text_figure import Paragraph, text_figure
from course.viz.what_language_models_do.right_answer import Judgement, judged
from course.viz.what_language_models_do.task_bench import (
    By,
    Outcome,
    Reached,
    Systems,
    TaskBench,
    course_systems,
    reached_on_test,
)
from course.viz.what_language_models_do.task_page import in_words, judged_in_words, task_page, title_of
from course.viz.what_language_models_do.text_examples import EXAMPLES, FIRST

MOST_TEXT, MOST_QUESTION, MOST_RIGHT = 1_000, 200, 500  # characters
RIGHT = {task: f"right_{task}" for task in TASKS}


class FiveTasks(LessonWidget):
    """A text, and for each of five tasks the answer of the course's model, or of SmolLM2 by a prompt.

    The state is `text`, `question` and `by`, "course" or "prompt", and a right answer for each task, empty where there
    is none: `right_classification`, `right_names`, `right_translation`, `right_summary` and `right_questions`. A new
    text forgets them. `outcomes` has what was said; the quick tasks are shown while the slow ones still compute.
    """

    text = Text()
    question = Text()
    by = Choice(("course", "prompt"), "course")
    right_classification = Text()
    right_names = Text()
    right_translation = Text()
    right_summary = Text()
    right_questions = Text()
    outcomes: dict[str, Outcome]

    def __init__(
        self,
        text: str = FIRST.text,
        question: str = FIRST.question,
        *,
        by: By = "course",
        systems: Systems = course_systems,
        scores: Callable[[str, By], Reached] = reached_on_test,
        **right: str,
    ) -> None:
        """`scores` has what the systems and the trivial baselines reached; `right` are right answers by their traits.

        Raises `ValueError` for a state that is out of range, `AssetError` without the models' files.
        """
        self.bench, self._scores, self.outcomes = TaskBench(systems), scores, {}
        box, asked = text_box(_("Text"), _("Type a text")), text_box(_("Question"), _("Ask something about the text"))
        box.rows, asked.rows, box.continuous_update, asked.continuous_update = 4, 1, False, False
        own = (_("your own text"), "")
        self._examples = ipywidgets.Dropdown(
            options=[own, *((name, name) for name in EXAMPLES)], description=_("Example"), style=STYLE
        )
        names = {_("the course's models"): "course", _("SmolLM2 by a prompt"): "prompt"}
        switch = ipywidgets.Dropdown(options=list(names.items()), description=_("Answers by"), style=STYLE)
        lines = {task: self._line(task) for task in TASKS}
        shown = any(right.values())
        self._lines_box = ipywidgets.VBox(list(lines.values()), layout={"display": "" if shown else "none"})
        fold = ipywidgets.Checkbox(value=shown, description=_("Type right answers"), indent=False)
        fold.observe(self._fold, "value")
        self._pages = {task: ipywidgets.HTML() for task in TASKS}
        children = [control_grid(self._examples, switch), box, asked, fold, self._lines_box, *self._pages.values()]
        super().__init__(children, message_below=asked, text=text)
        self.start_with(question=question, by=by, **right)
        pairs = {"text": box, "question": asked, "by": switch} | {RIGHT[task]: line for task, line in lines.items()}
        for name, control in pairs.items():
            traitlets.link((self, name), (control, "value"))
        self._name_example()
        self.observe(self._forget, ["text", "question"])
        self.react(self.update, "text", "question", "by")
        self.observe(self.guarded(self.judge), list(RIGHT.values()))
        self._examples.observe(self._choose, "value")

    def update(self) -> None:
        """Ask the systems, the quick ones first, and show each answer as it comes."""
        require_at_most(MOST_TEXT, self.text)
        require_at_most(MOST_QUESTION, self.question)
        if not self.text.strip():
            raise ValueError(_("The text is empty. Type one, or choose an example."))
        state = (self.by, self.text, self.question)
        before = {task: page.value for task, page in self._pages.items()}
        found: dict[str, Outcome] = {}
        try:
            scores = {task: self._scores(task, self.by) for task in TASKS}
            for task in TASKS:
                if not self.bench.is_known(task, *state):
                    self._pages[task].value = html.heading(title_of(task), _("computing …"))
            for task in TASKS:
                found[task] = self.bench.outcome(task, *state)
                self._pages[task].value = task_page(task, found[task], scores[task], by=self.by)
        except Exception:
            for task, value in before.items():
                self._pages[task].value = value
            raise
        self.outcomes, self._shown, self._found = found, state, scores
        self.judge()

    def judge(self) -> None:
        """Hold the right answers that were typed against what was said."""
        for task, outcome in self.outcomes.items():
            self._pages[task].value = task_page(task, outcome, self._found[task], self._judgement(task), self._shown[0])

    def _judgement(self, task: str) -> Judgement | str | None:
        outcome, typed = self.outcomes[task], getattr(self, RIGHT[task])
        if outcome.answer is None or not typed.strip():
            return None
        try:
            require_at_most(MOST_RIGHT, typed)
            return judged(task, outcome.answer, typed, outcome.source)
        except ValueError as error:
            return str(error)

    @staticmethod
    def _line(task: str) -> TextLine:
        wanted = {
            "classification": _("positive or negative"),
            "names": _("Apple: organization; Paris: place, or none"),
        }.get(task, "")
        return TextLine(
            description=title_of(task),
            placeholder=wanted,
            continuous_update=False,
            layout=ipywidgets.Layout(width="auto"),
            style={"description_width": "9em"},
        )

    def _fold(self, change: Any) -> None:
        self._lines_box.layout.display = "" if change.new else "none"

    # --- Examples ---

    def _choose(self, change: Any) -> None:
        if change.new in EXAMPLES:
            with self.hold_trait_notifications():
                self.text, self.question = EXAMPLES[change.new]

    def _name_example(self) -> None:
        found = [name for name, one in EXAMPLES.items() if one.text == self.text]
        self._examples.value = found[0] if found else ""

    def _forget(self, change: Any) -> None:
        """Right answers are those to a text, and to a question."""
        self._name_example()
        for task in TASKS if change.name == "text" else ["questions"]:
            setattr(self, RIGHT[task], "")

    # --- The static view ---

    def _lines(self) -> list[tuple[str, str]]:
        """Each task's title with how sure the answer is, and the answer."""
        lines = []
        for task, outcome in self.outcomes.items():
            if outcome.answer is None:
                lines.append((title_of(task), outcome.reason))
                continue
            sure, found = outcome.answer.confidence, self._found[task]
            title = title_of(task)
            if sure is not None:
                title = _("{title}, confidence {sure}").format(title=title, sure=f"{sure:.0%}")
            said = in_words(task, outcome.answer, outcome.source)
            judgement = self._judgement(task)
            if judgement is not None:
                said = f"{said} | {judgement if isinstance(judgement, str) else judged_in_words(judgement)}"
            reached = _("{title}; on the test, {measure} {reached}, trivial baseline {baseline}").format(
                title=title,
                measure=found.measure,
                reached=found.written(found.system),
                baseline=found.written(found.baseline),
            )
            lines.append((reached, said))
        return lines

    def picture(self) -> Figure:
        _by, text, question = self._shown
        title = _("Five tasks, by the course's models") if _by == "course" else _("Five tasks, by a prompt")
        said = [text, *([_("Question: {question}").format(question=question)] if question.strip() else [])]
        return text_figure([Paragraph(*line) for line in self._lines()], title=title, said=said)

    def in_words(self) -> str:
        _by, text, _question = self._shown
        lines = [" ".join(text.split())[:80]]
        for task, (_title, said) in zip(self.outcomes, self._lines(), strict=True):
            lines.append(f"{title_of(task)}: {said[:80]}")
        return "\n".join(lines)
