"""Exercise on calibration: how far confidence is from what comes true."""

import itertools
import random

from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def calibration_error(confidences: list[float], right: list[bool], n_bins: int) -> float:
    """The expected calibration error: how far confidence is from the share that is right.

    Put the predictions into `n_bins` bins of equal width: the first one holds confidences above 0
    up to 1 / n_bins, the next those above that up to 2 / n_bins, and the last ends at 1. In each
    bin take the distance between the mean confidence and the share that is right. The answer is
    the mean of these distances, each bin weighing as much as it has predictions.

    >>> calibration_error([0.75, 1.0], [True, False], n_bins=2)
    0.375
    >>> calibration_error([0.25, 0.75], [False, True], n_bins=2)
    0.25
    """
    total = 0.0
    for number in range(n_bins):
        low, high = number / n_bins, (number + 1) / n_bins
        inside = [i for i, confidence in enumerate(confidences) if low < confidence <= high]
        total += abs(sum(confidences[i] - right[i] for i in inside))
    return total / len(confidences)


def _cases() -> list[tuple]:
    draw = random.Random(10)
    cases: list[tuple] = [
        ([0.75, 1.0], [True, False], 2),
        ([0.25, 0.75], [False, True], 2),
        ([0.5, 0.75, 0.5, 1.0], [True, False, False, True], 2),
        ([0.9, 0.9, 0.9, 0.9], [True, False, True, True], 5),
        ([0.625, 0.875], [True, True], 1),
        ([0.25, 0.5, 0.75, 1.0], [True, False, True, False], 4),
        ([0.5, 0.25, 0.75, 0.75], [False, False, True, False], 4),
        ([0.5, 0.5, 0.9], [True, False, True], 2),
        ([0.5, 1.0, 0.75], [True, False, True], 2),
        ([0.5, 0.6, 0.2], [True, False, False], 2),
        ([0.25, 0.3, 0.1], [True, False, False], 4),
        ([0.375, 0.5, 0.625, 0.75], [True, True, False, False], 8),
    ]
    for n, n_bins in ((6, 2), (8, 5), (12, 5), (15, 8), (20, 10)):
        confidences = [round(draw.uniform(0.5, 0.999), 3) for _item in range(n)]
        cases.append((confidences, [draw.random() < 0.85 * one for one in confidences], n_bins))
    return cases


def _bins(confidences, n_bins, *, low_included=False):
    """The places of the confidences in each bin that has any."""
    found = []
    for number in range(n_bins):
        low, high = number / n_bins, (number + 1) / n_bins
        inside = [
            i
            for i, c in enumerate(confidences)
            if (low <= c < high or c == high == 1.0 if low_included else low < c <= high)
        ]
        found.append(inside)
    return [inside for inside in found if inside]


def _gap(confidences, right, inside):
    return sum(confidences[i] - right[i] for i in inside) / len(inside)


def _edges_below(confidences, right, n_bins):
    bins = _bins(confidences, n_bins, low_included=True)
    return sum(len(b) * abs(_gap(confidences, right, b)) for b in bins) / len(confidences)


def _each_bin_the_same(confidences, right, n_bins):
    bins = _bins(confidences, n_bins)
    return sum(abs(_gap(confidences, right, b)) for b in bins) / len(bins)


def _over_all_bins(confidences, right, n_bins):
    return sum(abs(_gap(confidences, right, b)) for b in _bins(confidences, n_bins)) / n_bins


def _without_abs(confidences, right, n_bins):
    return sum(c - r for c, r in zip(confidences, right, strict=True)) / len(confidences)


def _turned_round(confidences, right, n_bins):
    return -_without_abs(confidences, right, n_bins)


def _without_bins(confidences, right, n_bins):
    return abs(_without_abs(confidences, right, n_bins))


def _each_item(confidences, right, n_bins):
    return sum(abs(c - r) for c, r in zip(confidences, right, strict=True)) / len(confidences)


def _squared(confidences, right, n_bins):
    return sum(len(b) * _gap(confidences, right, b) ** 2 for b in _bins(confidences, n_bins)) / len(confidences)


def _brier(confidences, right, n_bins):
    return sum((c - r) ** 2 for c, r in zip(confidences, right, strict=True)) / len(confidences)


def _largest_gap(confidences, right, n_bins):
    return max(abs(_gap(confidences, right, b)) for b in _bins(confidences, n_bins))


def _sum_of_gaps(confidences, right, n_bins):
    return sum(abs(_gap(confidences, right, b)) for b in _bins(confidences, n_bins))


def _not_divided(confidences, right, n_bins):
    return calibration_error(confidences, right, n_bins) * len(confidences)


def _over_bins(confidences, right, n_bins):
    return calibration_error(confidences, right, n_bins) * len(confidences) / n_bins


def _middle_of_the_bin(confidences, right, n_bins):
    total = 0.0
    for number in range(n_bins):
        low, high = number / n_bins, (number + 1) / n_bins
        inside = [i for i, c in enumerate(confidences) if low < c <= high]
        total += abs(sum((low + high) / 2 - right[i] for i in inside))
    return total / len(confidences)


def _equal_mass(confidences, right, n_bins):
    order = sorted(range(len(confidences)), key=lambda i: confidences[i])
    cuts = [round(number * len(order) / n_bins) for number in range(n_bins + 1)]
    bins = [order[a:b] for a, b in itertools.pairwise(cuts) if b > a]
    return sum(len(b) * abs(_gap(confidences, right, b)) for b in bins) / len(confidences)


def _both_edges(confidences, right, n_bins):
    total = 0.0
    for number in range(n_bins):
        low, high = number / n_bins, (number + 1) / n_bins
        inside = [i for i, c in enumerate(confidences) if low <= c <= high]
        total += abs(sum(confidences[i] - right[i] for i in inside))
    return total / len(confidences)


def _no_edges(confidences, right, n_bins):
    total = 0.0
    for number in range(n_bins):
        low, high = number / n_bins, (number + 1) / n_bins
        inside = [i for i, c in enumerate(confidences) if low < c < high]
        total += abs(sum(confidences[i] - right[i] for i in inside))
    return total / len(confidences)


def _ten_bins(confidences, right, n_bins):
    return calibration_error(confidences, right, 10)


def _one_bin_more(confidences, right, n_bins):
    return calibration_error(confidences, right, n_bins + 1)


def _one_bin_less(confidences, right, n_bins):
    return calibration_error(confidences, right, max(1, n_bins - 1))


def _accuracy(confidences, right, n_bins):
    return sum(right) / len(right)


def _mean_confidence(confidences, right, n_bins):
    return sum(confidences) / len(confidences)


def _of_the_wrong(confidences, right, n_bins):
    return calibration_error(confidences, [not one for one in right], n_bins)


def _from_a_half_on(confidences, right, n_bins):
    total = 0.0
    for number in range(n_bins):
        low, high = 0.5 + number / n_bins / 2, 0.5 + (number + 1) / n_bins / 2
        inside = [i for i, c in enumerate(confidences) if low < c <= high]
        total += abs(sum(confidences[i] - right[i] for i in inside))
    return total / len(confidences)


def _without_the_last_bin(confidences, right, n_bins):
    total = 0.0
    for number in range(n_bins - 1):
        inside = [i for i, c in enumerate(confidences) if number / n_bins < c <= (number + 1) / n_bins]
        total += abs(sum(confidences[i] - right[i] for i in inside))
    return total / len(confidences)


def _last_bin_alone(confidences, right, n_bins):
    inside = [i for i, c in enumerate(confidences) if c > (n_bins - 1) / n_bins]
    return abs(sum(confidences[i] - right[i] for i in inside)) / len(confidences)


def _root_of_squares(confidences, right, n_bins):
    return _squared(confidences, right, n_bins) ** 0.5


def _cumulative(confidences, right, n_bins):
    """Bins without a lower end."""
    total = 0.0
    for number in range(n_bins):
        inside = [i for i, c in enumerate(confidences) if c <= (number + 1) / n_bins]
        total += abs(sum(confidences[i] - right[i] for i in inside))
    return total / len(confidences)


def _upward(confidences, right, n_bins):
    """Bins without an upper end."""
    total = 0.0
    for number in range(n_bins):
        inside = [i for i, c in enumerate(confidences) if c > number / n_bins]
        total += abs(sum(confidences[i] - right[i] for i in inside))
    return total / len(confidences)


def _sum_of_both(confidences, right, n_bins):
    total = 0.0
    for inside in _bins(confidences, n_bins):
        total += abs(sum(confidences[i] + right[i] for i in inside))
    return total / len(confidences)


def _of_bins(confidences, right, n_bins, *, first=0, width=1):
    total = 0.0
    for number in range(first, n_bins):
        inside = [i for i, c in enumerate(confidences) if number / n_bins < c <= (number + width) / n_bins]
        total += abs(sum(confidences[i] - right[i] for i in inside))
    return total / len(confidences)


def _without_the_first_bin(confidences, right, n_bins):
    return _of_bins(confidences, right, n_bins, first=1)


def _too_wide(confidences, right, n_bins):
    return _of_bins(confidences, right, n_bins, width=2)


def _all_in_each(confidences, right, n_bins):
    return n_bins * _without_bins(confidences, right, n_bins)


def _multiplied(confidences, right, n_bins):
    return calibration_error(confidences, right, n_bins) * len(confidences) ** 2


def _products(confidences, right, n_bins):
    total = 0.0
    for inside in _bins(confidences, n_bins):
        total += abs(sum(confidences[i] * right[i] for i in inside))
    return total / len(confidences)


CALIBRATION_ERROR = Exercise(
    name="fine_tuning.calibration_error",
    title=_("Expected calibration error"),
    solution=calibration_error,
    cases=_cases,
    compare=close,
    hints=(
        _("In a bin of k predictions, k times the distance is `abs(sum of confidences − number that is right)`."),
        _(
            "For each bin collect the places `i` with `low < confidences[i] <= high`; add up "
            "`abs(sum(confidences[i] - right[i]))`, and divide by the number of all predictions."
        ),
    ),
    mistakes=(
        Mistake(
            _edges_below,
            _("A confidence **at an edge** belongs to the bin below it: `low < confidence <= high`."),
        ),
        Mistake(
            _each_bin_the_same, _("Each bin counts the **same** in yours. It weighs as much as it has predictions.")
        ),
        Mistake(
            _over_all_bins,
            _("You divide by the number of **bins**. Each bin weighs as much as it has predictions."),
        ),
        Mistake(
            _without_abs,
            _("Bins that say too much and bins that say too little **cancel** in yours: take the `abs` in each bin."),
        ),
        Mistake(
            _turned_round,
            _("Bins that say too much and too little **cancel** in yours, and the sign is turned round."),
        ),
        Mistake(
            _without_bins,
            _("You take `abs` of the **whole**. Take it in each bin, or too much and too little cancel."),
        ),
        Mistake(
            _each_item, _("You take the distance for each **prediction**. Take it for each bin, between two means.")
        ),
        Mistake(_squared, _("You **square** the distances. Take them as they are.")),
        Mistake(
            _brier, _("That is the **Brier score**, a mean of squares over the predictions. There are no bins in it.")
        ),
        Mistake(_largest_gap, _("You take the **largest** distance, the maximum calibration error. Take their mean.")),
        Mistake(_sum_of_gaps, _("You **add up** the distances. Weigh each by the bin's share of the predictions.")),
        Mistake(_not_divided, _("The division by the **number of predictions** is missing.")),
        Mistake(_over_bins, _("You divide by the number of **bins** in the end. Divide by that of the predictions.")),
        Mistake(
            _middle_of_the_bin,
            _("You take the **middle of the bin** for the confidence. Take the mean of those that are in it."),
        ),
        Mistake(_equal_mass, _("Your bins have as many **predictions** each. Here they have the same width.")),
        Mistake(_both_edges, _("A confidence at an edge is in **two** of your bins. It belongs to the one below.")),
        Mistake(_no_edges, _("A confidence at an edge is in **no** bin of yours. It belongs to the one below.")),
        Mistake(_ten_bins, _("You always make **ten** bins. Their number is `n_bins`.")),
        Mistake(_one_bin_more, _("You make **one bin too many**.")),
        Mistake(_one_bin_less, _("You make **one bin too few**.")),
        Mistake(_accuracy, _("You return the **share that is right**. Compare it with the confidence, in each bin.")),
        Mistake(_mean_confidence, _("You return the mean **confidence**. Compare it with the share that is right.")),
        Mistake(_of_the_wrong, _("You compare with the share that is **wrong**.")),
        Mistake(
            _from_a_half_on, _("Your bins begin at **0.5**. They begin at 0, also where the lower ones stay empty.")
        ),
        Mistake(_without_the_last_bin, _("Your **last bin** is missing: the bins end at 1.")),
        Mistake(_without_the_first_bin, _("Your **first bin** is missing: the bins begin at 0.")),
        Mistake(_too_wide, _("Your bins are **twice as wide** as they should be, and overlap.")),
        Mistake(_all_in_each, _("Each of your bins holds **all** predictions: look at both ends of the bin.")),
        Mistake(_multiplied, _("You **multiply** by the number of predictions in the end. Divide by it.")),
        Mistake(_products, _("You **multiply** confidence and truth. Take one from the other.")),
        Mistake(_last_bin_alone, _("You look at the **last bin** alone.")),
        Mistake(_root_of_squares, _("You take the root of the mean of **squares**. Take the distances as they are.")),
        Mistake(_cumulative, _("Your bins have no **lower** end: each has all the bins below it in it.")),
        Mistake(_upward, _("Your bins have no **upper** end: each has all the bins above it in it.")),
        Mistake(_sum_of_both, _("You **add** confidence and share. Take one from the other.")),
    ),
    explanation=_(
        "In a bin of k predictions the distance, weighed by k, is the difference of two sums, so that nothing divides "
        "by 0 in an empty bin. The number depends on the bins: another `n_bins` gives another error of the same model."
    ),
    corners=(
        Corner(
            lambda confidences, right, n_bins: any(c * n_bins == int(c * n_bins) for c in confidences),
            _("Only confidences **at an edge** of two bins go wrong: they belong to the bin below."),
        ),
    ),
)
