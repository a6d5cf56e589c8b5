"""From the metrics of tasks to the score of GLUE: the mean of each task's metrics, then the mean of the tasks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from course.data.glue import GlueSet
from course.data.glue_tasks import GLUE_TASKS
from course.evaluation.glue.metrics import METRICS, Numbers, glue_metrics
from course.messages import _

WITHOUT_WNLI = tuple(name for name in GLUE_TASKS if name != "wnli")


@dataclass(frozen=True)
class TaskScore:
    """What a model reached in one set of a task. `is_whole` says whether the set was the published one."""

    name: str
    split: str
    n: int
    is_whole: bool
    metrics: Mapping[str, float]

    @property
    def score(self) -> float:
        """The mean of the task's metrics."""
        return fmean(self.metrics.values())


@dataclass(frozen=True)
class GlueScore:
    """The mean of the tasks, which are named, since "the score of GLUE" with and without WNLI are two numbers."""

    tasks: Mapping[str, float]
    split: str

    @property
    def score(self) -> float:
        return fmean(self.tasks.values())

    def __str__(self) -> str:
        left_out = [GLUE_TASKS[name].short_name for name in GLUE_TASKS if name not in self.tasks]
        if left_out:
            return _("{score:.1f} (GLUE, {split} sets, without {tasks})").format(
                score=100 * self.score, split=self.split, tasks=", ".join(left_out)
            )
        return _("{score:.1f} (GLUE, {split} sets, nine tasks)").format(score=100 * self.score, split=self.split)


def score_task(items: GlueSet, predicted: Numbers) -> TaskScore:
    """The metrics of predictions, one for each item of the set, in the hub's numbers.

    Raises `HiddenLabelsError` for a test set, whose labels are not public, and `ValueError` as `glue_metrics` does.
    """
    metrics = glue_metrics(items.task.name, items.labels, predicted)
    return TaskScore(items.task.name, items.split, len(items), items.is_whole, metrics)


def mean_of_tasks(metrics: Mapping[str, Sequence[Mapping[str, float]]]) -> dict[str, float]:
    """The score of each task: the mean of its metrics, then of its sets, of which MNLI has two.

    Raises `ValueError` where a task's metrics are not its official ones.
    """
    found = {}
    for name, sets in metrics.items():
        for one in sets:
            if set(one) != set(METRICS[name]):
                raise ValueError(
                    _("The metrics of {task} are {known}, and these are {given}.").format(
                        task=GLUE_TASKS[name].short_name, known=", ".join(METRICS[name]), given=", ".join(one)
                    )
                )
        found[name] = fmean(fmean(one.values()) for one in sets)
    return found


def glue_score(scores: Sequence[TaskScore], *, without_wnli: bool = False) -> GlueScore:
    """The score of GLUE from those of its ten validation sets, MNLI counting once, as the mean of its two.

    `without_wnli` leaves WNLI out, as Devlin et al. 2019 did in their tables: its validation set contradicts its
    training set, and no trained model beat the majority class then. Raises `ValueError` when a set is missing, given
    twice, only a part of the published one, or a training set: their mean would be no score of GLUE.
    """
    due = [
        (name, split)
        for name in (WITHOUT_WNLI if without_wnli else GLUE_TASKS)
        for split in GLUE_TASKS[name].sizes
        if split.startswith("validation")
    ]
    given = [(one.name, one.split) for one in scores]
    if sorted(given) != sorted(due):
        raise ValueError(
            _("A score of GLUE needs each of these sets once: {due}. Missing: {missing}; too many: {more}.").format(
                due=_shown(due),
                missing=_shown([key for key in due if key not in given]),
                more=_shown([key for key in dict.fromkeys(given) if given.count(key) > due.count(key)]),
            )
        )
    for one in scores:
        if not one.is_whole:
            raise ValueError(
                _(
                    "This is no score of GLUE: the {split} set of {task} has {n} items here, and {due} as published."
                ).format(
                    split=one.split,
                    task=GLUE_TASKS[one.name].short_name,
                    n=one.n,
                    due=GLUE_TASKS[one.name].sizes[one.split],
                )
            )
    sets: dict[str, list[Mapping[str, float]]] = {}
    for name, split in due:
        sets.setdefault(name, []).append(scores[given.index((name, split))].metrics)
    return GlueScore(mean_of_tasks(sets), "validation")


def _shown(keys: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{name} {split}" for name, split in keys) or _("none")
