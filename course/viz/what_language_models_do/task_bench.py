"""Five tasks on one text: each system is asked once, and what it cannot read is a reason in one sentence."""

import re
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from course.messages import _
from course.tasks.language_tasks import TASKS, Answer, System, Text, prompted, results

By = Literal["course", "prompt"]
Systems = Callable[[str, By], System]
HANGUL = re.compile(r"[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]")


class Reached(NamedTuple):
    """What a system and the trivial baseline reached on the task's test items, as shares, and as they are written."""

    measure: str
    system: float
    baseline: float
    is_in_points: bool = False

    def written(self, share: float) -> str:
        return f"{100 * share:.1f}" if self.is_in_points else f"{share:.0%}"


class Outcome(NamedTuple):
    """An answer to a text, or why there is none."""

    source: Text
    answer: Answer | None
    reason: str = ""


def course_systems(task: str, by: By) -> System:
    """The course's model for a task, or SmolLM2 by the first wording. Raises `AssetError` without its files."""
    found = TASKS[task]()
    return found.system("model") if by == "course" else prompted(found)


def reached_on_test(task: str, by: By) -> Reached:
    """From the records of the experiment `five_tasks`."""
    scores, measure = results.scores(task), results.measure_of(task)
    is_in_points = measure in results.IN_POINTS
    scale = 100 if is_in_points else 1
    reached = scores["model" if by == "course" else results.WORDINGS[0]].estimate
    return Reached(measure, reached / scale, scores["trivial"].estimate / scale, is_in_points)


class TaskBench:
    """The systems, and what each has answered before, so that no text is read twice."""

    def __init__(self, systems: Systems = course_systems) -> None:
        self._systems = systems
        self._loaded: dict[tuple[str, By], System] = {}
        self._known: dict[tuple[str, By, str, str], Outcome] = {}

    def is_known(self, task: str, by: By, text: str, question: str) -> bool:
        """Whether `outcome` has the answer already."""
        return _key(task, by, text, question) in self._known

    def outcome(self, task: str, by: By, text: str, question: str) -> Outcome:
        """What the system says. A `ValueError` or `RuntimeError` of the system is the reason why it says nothing."""
        key = _key(task, by, text, question)
        if key not in self._known:
            source = _source(task, text, question)
            reason = _refused(task, source)
            self._known[key] = Outcome(source, None, reason) if reason else self._asked(key[0], key[1], source)
        return self._known[key]

    def _asked(self, task: str, by: By, source: Text) -> Outcome:
        if (task, by) not in self._loaded:
            self._loaded[task, by] = self._systems(task, by)
        try:
            return Outcome(source, self._loaded[task, by]([source])[0])
        except (ValueError, RuntimeError) as error:
            return Outcome(source, None, " ".join(str(error).split()))


def _key(task: str, by: By, text: str, question: str) -> tuple[str, By, str, str]:
    """The course's model for a summary and for a question is SmolLM2 by a prompt: asked once for both."""
    return task, "prompt" if task in results.PROMPTED else by, text, question if task == "questions" else ""


def _source(task: str, text: str, question: str) -> Text:
    """What a task reads of the text: the translator the lines with Korean letters."""
    if task == "translation":
        text = " ".join(line.strip() for line in text.splitlines() if HANGUL.search(line))
    return Text(text, question if task == "questions" else "")


def _refused(task: str, source: Text) -> str:
    reasons: Mapping[str, str] = {
        "translation": "" if source.text else _("The translator reads Korean only, and the text has no Korean letter."),
        "questions": "" if source.question.strip() else _("There is no question. Type one above."),
    }
    return reasons.get(task, "")
