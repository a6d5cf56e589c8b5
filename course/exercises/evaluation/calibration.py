"""Exercise on the expected calibration error, which the lesson `fine_tuning` asks for too: here it compares models."""

import random
from dataclasses import replace

from course.exercises.exercise import Mistake
from course.exercises.fine_tuning.calibration import CALIBRATION_ERROR as OF_FINE_TUNING
from course.messages import _


def calibration_error(confidences: list[float], right: list[bool], n_bins: int) -> float:
    """The expected calibration error (ECE), in `n_bins` bins of equal width from 0 to 1.

    confidences: of each prediction, above 0 and at most 1. right: whether it came true. A
    confidence at an edge between two bins belongs to the lower one. In each bin take the
    distance between the mean confidence and the share that came true. The error is the mean of
    these distances, each bin weighing as much as it has predictions; an empty bin weighs
    nothing. There is one prediction or more.

    >>> calibration_error([0.75, 1.0, 0.25], [True, False, True], n_bins=2)
    0.5
    >>> calibration_error([0.75, 1.0, 0.5], [True, False, True], n_bins=1)
    0.08333333333333333
    """
    total = 0.0
    for number in range(n_bins):
        low, high = number / n_bins, (number + 1) / n_bins
        inside = [i for i, confidence in enumerate(confidences) if low < confidence <= high]
        total += abs(sum(confidences[i] - right[i] for i in inside))
    return total / len(confidences)


def _calibration_error_cases() -> list[tuple]:
    draw = random.Random(1905)
    cases: list[tuple] = [
        ([0.75, 1.0, 0.25], [True, False, True], 2),
        ([0.75, 1.0, 0.5], [True, False, True], 1),
        ([0.625], [True], 4),
    ]
    for n, n_bins in ((5, 2), (9, 4), (7, 3), (14, 6)):
        confidences = [round(draw.uniform(0.3, 0.999), 3) for _item in range(n)]
        cases.append((confidences, [draw.random() < confidence for confidence in confidences], n_bins))
    return cases + [case for case in OF_FINE_TUNING.cases() if len(case[0]) > 2]


def _without_the_first(confidences, right, n_bins):
    return calibration_error([0.0, *confidences[1:]], right, n_bins)


def _without_the_last(confidences, right, n_bins):
    return calibration_error([*confidences[:-1], 0.0], right, n_bins)


CALIBRATION_ERROR = replace(
    OF_FINE_TUNING,
    name="evaluation.calibration_error",
    title=_("How far confidence is from what comes true"),
    solution=calibration_error,
    cases=_calibration_error_cases,
    mistakes=(
        *OF_FINE_TUNING.mistakes,
        Mistake(_without_the_first, _("You leave out the **first** prediction: all of them count.")),
        Mistake(_without_the_last, _("You leave out the **last** prediction: all of them count.")),
    ),
    explanation=_(
        "Two models of the same accuracy can differ in this: one says 0.99 of everything, the other says 0.6 of what "
        "it gets right in six cases of ten. An error of 0 does not make a good model: one that always predicts the "
        "majority with its share as the confidence has it. Give the number and the kind of the bins with it."
    ),
)
