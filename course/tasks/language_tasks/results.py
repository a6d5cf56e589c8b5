"""What each kind of system reached on the five tasks of lesson 01, from the records of the experiment `five_tasks`.

Items of one group (the sentences of a report, the questions on a passage) are drawn together in every interval. The
intervals cover other test items, for these systems as they are.
"""

from typing import Any

import numpy as np
from jaxtyping import Float

from course import trained
from course.evaluation import SummedMeasure
from course.intervals import Interval, PairedBootstrap, difference_of, resample, score_of
from course.intervals.resampling import Resamples
from course.messages import _
from course.tasks.language_tasks.measures import MEASURES

EXPERIMENT = "five_tasks"
WORDINGS = ("prompt-0", "prompt-1", "prompt-2")
PROMPTED = ("summary", "questions")  # the tasks whose model is SmolLM2 under its first wording
TITLES = {
    "classification": _("classification"),
    "names": _("named entities"),
    "translation": _("translation"),
    "summary": _("summary"),
    "questions": _("questions"),
}
IN_POINTS = ("BLEU", "chrF")  # from 0 to 100 by themselves; all others are shares


def scores(task: str, measure: str | None = None) -> dict[str, Interval]:
    """What each system reached, by its name: "trivial", "simple", "model" and the wordings of the prompt.

    The measure is the task's first, if none is named. Raises `ValueError` for a task or measure that is not there.
    """
    name = measure_of(task, measure)
    systems, found = _resampled(task, name)
    unit = "" if name in IN_POINTS else "%"
    return {system: score_of(found, number, unit, of=_of(task)) for number, system in enumerate(systems)}


def difference(task: str, a: str, b: str, measure: str | None = None) -> Interval:
    """What system a reached minus what system b did, on the same items. Raises as `scores`, and for such a system."""
    return _compared(task, a, b, measure).difference


def spread(task: str, measure: str | None = None) -> tuple[float, float]:
    """The lowest and the highest score of the three wordings: how much the words of a prompt are worth."""
    found = scores(task, measure)
    reached = [found[wording].estimate for wording in WORDINGS]
    return min(reached), max(reached)


def _compared(task: str, a: str, b: str, measure: str | None) -> PairedBootstrap:
    name = measure_of(task, measure)
    systems, found = _resampled(task, name)
    for system in (a, b):
        if system not in systems:
            raise ValueError(
                _("There is no system {system!r}. There are: {known}.").format(system=system, known=", ".join(systems))
            )
    unit = "" if name in IN_POINTS else "points"
    return difference_of(found, systems.index(a), systems.index(b), unit, of=_of(task))


def measure_of(task: str, measure: str | None = None) -> str:
    """The measure of a task by its name, the first one if none is named. Raises `ValueError` as `scores` does."""
    if task not in MEASURES:
        raise ValueError(
            _("There is no task {task!r}. There are: {known}.").format(task=task, known=", ".join(MEASURES))
        )
    if measure is not None and measure not in MEASURES[task]:
        raise ValueError(
            _("{task!r} has no measure {measure!r}. It has: {known}.").format(
                task=task, measure=measure, known=", ".join(MEASURES[task])
            )
        )
    return measure or next(iter(MEASURES[task]))


def _resampled(task: str, measure: str) -> tuple[list[str], Resamples]:
    """The systems of a task, and all of them resampled together, whole groups at a time."""
    record = trained.record_of(EXPERIMENT, task)
    groups = np.array(trained.numbers(record["groups"]), dtype=int)
    cells: dict[str, Any] = dict(record["cells"])
    if task in PROMPTED:
        cells[WORDINGS[0]] = cells["model"]
    tables = [_of_groups(cell["sums"][measure], groups) for cell in cells.values()]
    return list(cells), resample(_of_sums(MEASURES[task][measure]), list(range(groups.max() + 1)), tables)


def _of_groups(lines: list[str], groups: np.ndarray) -> Float[np.ndarray, "group number"]:
    items = np.array([trained.numbers(line) for line in lines]).T
    sums = np.zeros((groups.max() + 1, items.shape[1]))
    np.add.at(sums, groups, items)
    return sums


def _of_sums(measure: SummedMeasure) -> SummedMeasure:
    """The measure for items whose numbers are given instead of their answers."""
    return SummedMeasure(measure.name, lambda _true, numbers: np.asarray(numbers), measure.of_sums)


def _of(task: str) -> str:
    return {
        "classification": _("reviews"),
        "names": _("reports"),
        "translation": _("texts"),
        "summary": _("articles"),
        "questions": _("passages"),
    }[task]
