"""A constant guess tells how a source numbers the classes: "always 0" is right as often as class 0 occurs.

It needs a set whose classes are not equally frequent, and whose frequencies are known: a validation set.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from course.data.glue import hidden_labels
from course.data.glue_tasks import HIDDEN, glue_task, label_order, sources_of
from course.evaluation.glue.metrics import Numbers, plain
from course.messages import _

# How many items of each validation set are of each class, in the hub's order, where sources number them differently.
VALIDATION_COUNTS: Mapping[str, tuple[tuple[int, ...], ...]] = {
    "mnli": ((3_479, 3_123, 3_213), (3_463, 3_129, 3_240)),  # matched, mismatched
    "qnli": ((2_702, 2_761),),
    "rte": ((146, 131),),
}
LEAST_TIMES = 20  # an order is told from another when it makes the labels this many times more probable


@dataclass(frozen=True)
class ConstantGuess:
    """The accuracy of guessing each number for all items, and how well each order of classes would explain it.

    `likelihoods` are the logarithms of the probability that a set drawn from the validation set has these labels, for
    each order that a source has; `sources` are the sources that have it. `told` are the orders that the labels do not
    rule out: those within a factor of `LEAST_TIMES` of the most probable. It is empty where none explains them, as with
    a training set.
    """

    accuracy: Mapping[int, float]
    likelihoods: Mapping[tuple[str, ...], float]
    sources: Mapping[tuple[str, ...], tuple[str, ...]]

    @property
    def told(self) -> list[tuple[str, ...]]:
        best = max(self.likelihoods.values())
        return [order for order, one in self.likelihoods.items() if one > best - math.log(LEAST_TIMES)]


def constant_guess(name: str, labels: Numbers) -> ConstantGuess:
    """What the labels of a task's validation set, or of a part of it drawn at random, tell of the order of its classes.

    For CoLA, SST-2, MRPC, QQP and WNLI all sources agree, and there is one order. Raises `ValueError` for STS-B, no
    labels and a number without a class, and `HiddenLabelsError` for labels of -1.

    The counts of QNLI and RTE agree with the accuracies that constant predictions are reported to have there, 50.54 and
    52.71 %; which class is the more frequent one, and the counts of MNLI, are as commonly reported.
    """
    task, found = glue_task(name), plain(labels)
    if HIDDEN in found:
        raise hidden_labels(task, split="test")
    if not found:
        raise ValueError(_("There are no items to count. Give one or more."))
    counts = Counter(found)
    for one in counts:
        task.class_name(one)
    sources: dict[tuple[str, ...], tuple[str, ...]] = {}
    for source in sources_of(name):
        order = label_order(name, source)
        sources[order] = (*sources.get(order, ()), source)
    likelihoods = {
        order: _log_probability([counts[order.index(one)] for one in task.classes], VALIDATION_COUNTS.get(name))
        for order in sources
    }
    accuracy = {number: counts[number] / len(found) for number in range(len(task.classes))}
    return ConstantGuess(accuracy, likelihoods, sources)


def _log_probability(drawn: Sequence[int], sets: Sequence[Sequence[int]] | None) -> float:
    """Of drawing so many of each class, without putting back, from the set where it is most probable; else 0."""
    if sets is None:
        return 0.0
    ways = [
        math.prod(math.comb(there, one) for there, one in zip(each, drawn, strict=True))
        / math.comb(sum(each), sum(drawn))
        if sum(drawn) <= sum(each)
        else 0
        for each in sets
    ]
    return math.log(max(ways)) if max(ways) > 0 else -math.inf
