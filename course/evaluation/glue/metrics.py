"""What GLUE measures of each task: the official metrics.

Source: Wang et al. 2019, "GLUE: A Multi-Task Benchmark and Analysis Platform for Natural Language Understanding",
section 3 and table 1.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Set
from numbers import Real
from typing import Any

from course.data.glue import hidden_labels
from course.data.glue_tasks import HIDDEN, SCORE_RANGE, GlueTask, glue_task
from course.evaluation.classification import confusion_matrix
from course.evaluation.correlation import matthews, pearson, spearman
from course.messages import _

Numbers = Iterable[Any]  # a list, an array or a tensor of classes or scores
UNORDERED: tuple[type, ...] = (Mapping, Set, str, bytes)  # or no list of predictions
Measure = Callable[[list[Any], list[Any], GlueTask], float]


def _accuracy(true: list[Any], predicted: list[Any], task: GlueTask) -> float:
    return confusion_matrix(true, predicted, range(len(task.classes))).accuracy()


def _f1(true: list[Any], predicted: list[Any], task: GlueTask) -> float:
    return confusion_matrix(true, predicted, range(len(task.classes))).f1(1)


def _matthews(true: list[Any], predicted: list[Any], task: GlueTask) -> float:
    return matthews(true, predicted)


def _pearson(true: list[Any], predicted: list[Any], task: GlueTask) -> float:
    return pearson(true, predicted)


def _spearman(true: list[Any], predicted: list[Any], task: GlueTask) -> float:
    return spearman(true, predicted)


_ACCURACY: Mapping[str, Measure] = {"accuracy": _accuracy}
_PARAPHRASE: Mapping[str, Measure] = {"accuracy": _accuracy, "F1": _f1}
METRICS: Mapping[str, Mapping[str, Measure]] = {
    "cola": {"Matthews": _matthews},
    "sst2": _ACCURACY,
    "mrpc": _PARAPHRASE,
    "stsb": {"Pearson": _pearson, "Spearman": _spearman},
    "qqp": _PARAPHRASE,
    "mnli": _ACCURACY,
    "qnli": _ACCURACY,
    "rte": _ACCURACY,
    "wnli": _ACCURACY,
}
"""The metrics of each task by name, each from 0 or -1 to 1. F1 is that of class 1."""


def glue_metrics(name: str, true: Numbers, predicted: Numbers) -> dict[str, float]:
    """The official metrics of a task, of labels and predictions in the hub's numbers.

    Scores that are predicted for STS-B are clipped to 0 to 5 first. Of constant ones its correlations are NaN, with a
    warning; Matthews of a constant prediction is 0. Raises `HiddenLabelsError` for labels of -1, `ValueError` for a
    number without a class, scores that are not finite, no item, and more or fewer predictions than labels.
    """
    task = glue_task(name)
    if name not in METRICS:
        raise ValueError(_("{task} is for diagnosis: its labels are hidden, and it has no score.").format(task=name))
    true, predicted = plain(true), plain(predicted)
    if len(true) != len(predicted):
        raise ValueError(
            _("There are {true} items and {predicted} predictions; each item needs one.").format(
                true=len(true), predicted=len(predicted)
            )
        )
    if any(one is None or one == HIDDEN for one in true):
        raise hidden_labels(task, split="test")
    if task.is_score:
        true, predicted = finite_scores(true), clipped(predicted)
    else:
        confusion_matrix(true, predicted, range(len(task.classes)))  # raises for what is no class
    return {metric: float(measure(true, predicted, task)) for metric, measure in METRICS[name].items()}


def plain(values: Numbers) -> list[Any]:
    """The values as Python's own, also those of an array or a tensor.

    Raises `TypeError` for what has no order of items: of a mapping, only the keys would be read.
    """
    if isinstance(values, UNORDERED) or not (hasattr(values, "tolist") or isinstance(values, Iterable)):
        raise TypeError(
            _(
                "The predictions are of the type {kind}; give a list, an array or a tensor, in the order of the items."
            ).format(kind=type(values).__name__)
        )
    return values.tolist() if hasattr(values, "tolist") else list(values)


def clipped(scores: list[Any]) -> list[float]:
    """Scores of STS-B, none below 0 or above 5. Raises `ValueError` for one that is not finite."""
    least, most = SCORE_RANGE
    return [min(max(one, least), most) for one in finite_scores(scores)]


def finite_scores(values: list[Any]) -> list[float]:
    """Raises `ValueError` for a score that is no finite number."""
    for number, one in enumerate(values):
        if not isinstance(one, Real) or not math.isfinite(one):
            raise ValueError(_("Score {number} is {value!r}; give a finite number.").format(number=number, value=one))
    return [float(one) for one in values]
