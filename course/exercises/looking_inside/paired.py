"""Exercise on paired differences: how much worse, and how sure."""

import math
import random
import statistics

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def paired_difference(before: list[float], after: list[float]) -> tuple[float, float]:
    """How much larger `after` is than `before` on the same items, and the standard error of that.

    `before[i]` and `after[i]` are measured on the same item: errors in the same word, with and
    without a head, for example. Returns the mean of the differences, and their sample standard
    deviation (which divides by n - 1) over the square root of n. There are two items or more.

    >>> paired_difference([0.0, 2.0, 1.0], [1.0, 3.0, 2.0])
    (1.0, 0.0)
    >>> paired_difference([0.0, 0.0], [0.0, 2.0])
    (1.0, 1.0)
    """
    differences = [b - a for a, b in zip(before, after, strict=True)]
    n = len(differences)
    mean = sum(differences) / n
    variance = sum((difference - mean) ** 2 for difference in differences) / (n - 1)
    return mean, (variance / n) ** 0.5


def _paired_difference_cases() -> list[tuple]:
    draw = random.Random(20)
    cases: list[tuple] = [([0.0, 2.0, 1.0], [1.0, 3.0, 2.0]), ([0.0, 0.0], [0.0, 2.0]), ([1.0, 4.0], [3.0, 1.0])]
    cases += [([2.0, 0.0, 1.0, 3.0], [1.0, 0.0, 0.0, 1.0]), ([0.5, 1.5, 4.0], [0.5, 1.0, 6.0])]
    for n in (2, 3, 4, 5, 8, 12):
        before = [draw.choice([0.0, 1.0, 2.0, draw.uniform(0, 9)]) for _item in range(n)]
        cases.append((before, [value + draw.gauss(0.7, 1.0) for value in before]))
    return cases


def _both(before, after, error):
    differences = [b - a for a, b in zip(before, after, strict=True)]
    return statistics.fmean(differences), error(differences)


def _reversed(before, after):
    mean, error = paired_difference(before, after)
    return -mean, error


def _population(before, after):
    return _both(before, after, lambda d: statistics.pstdev(d) / math.sqrt(len(d)))


def _root_of_n_minus_1(before, after):
    return _both(before, after, lambda d: statistics.stdev(d) / math.sqrt(len(d) - 1))


def _deviation(before, after):
    return _both(before, after, statistics.stdev)


def _over_n(before, after):
    return _both(before, after, lambda d: statistics.stdev(d) / len(d))


def _variance_over_n(before, after):
    return _both(before, after, lambda d: statistics.variance(d) / len(d))


def _variance_over_root(before, after):
    return _both(before, after, lambda d: statistics.variance(d) / math.sqrt(len(d)))


def _unpaired(before, after):
    n = len(before)
    mean = statistics.fmean(after) - statistics.fmean(before)
    return mean, math.sqrt((statistics.variance(before) + statistics.variance(after)) / n)


def _error_of_after(before, after):
    return _both(before, after, lambda d: statistics.stdev(after) / math.sqrt(len(after)))


def _error_of_before(before, after):
    return _both(before, after, lambda d: statistics.stdev(before) / math.sqrt(len(before)))


def _absolute(before, after):
    differences = [abs(b - a) for a, b in zip(before, after, strict=True)]
    return statistics.fmean(differences), statistics.stdev(differences) / math.sqrt(len(differences))


def _absolute_mean(before, after):
    _mean, error = paired_difference(before, after)
    return statistics.fmean([abs(b - a) for a, b in zip(before, after, strict=True)]), error


def _sum(before, after):
    mean, error = paired_difference(before, after)
    return mean * len(before), error


def _half_width(before, after):
    mean, error = paired_difference(before, after)
    return mean, 1.96 * error


def _two_errors(before, after):
    mean, error = paired_difference(before, after)
    return mean, 2 * error


def _exchanged(before, after):
    mean, error = paired_difference(before, after)
    return error, mean


def _median(before, after):
    _mean, error = paired_difference(before, after)
    return statistics.median([b - a for a, b in zip(before, after, strict=True)]), error


def _t_value(before, after):
    mean, error = paired_difference(before, after)
    return mean, mean / error if error else 0.0


def _interval(before, after):
    mean, error = paired_difference(before, after)
    return mean - error, mean + error


def _around_zero(before, after):
    return _both(before, after, lambda d: math.sqrt(sum(x * x for x in d) / (len(d) - 1) / len(d)))


def _relative(before, after):
    mean, error = paired_difference(before, after)
    scale = statistics.fmean(before) or 1.0
    return mean / scale, error / scale


def _share_larger(before, after):
    _mean, error = paired_difference(before, after)
    return statistics.fmean([float(b > a) for a, b in zip(before, after, strict=True)]), error


PAIRED_DIFFERENCE = Exercise(
    name="looking_inside.paired_difference",
    title=_("A difference on the same items"),
    solution=paired_difference,
    cases=_paired_difference_cases,
    hints=(
        _("First make one list of the differences, item by item. Everything else is about that list."),
        _(
            "`statistics.fmean` gives its mean and `statistics.stdev` its sample standard deviation; "
            "the standard error is the latter over `math.sqrt(n)`."
        ),
    ),
    mistakes=(
        Mistake(_reversed, _("You took `before - after`: a positive number should say that `after` is **larger**.")),
        Mistake(
            _population,
            _("Your standard deviation divides by n; the sample's divides by **n - 1** (`statistics.stdev`)."),
        ),
        Mistake(
            _root_of_n_minus_1,
            _("You divided by √(n - 1): the n - 1 is in the standard deviation, the root is of **n**."),
        ),
        Mistake(_deviation, _("That is the **standard deviation** of the differences: divide it by √n.")),
        Mistake(_over_n, _("You divided by n: the standard error is the standard deviation over **√n**.")),
        Mistake(_variance_over_n, _("That is the **square** of the standard error: take the root.")),
        Mistake(
            _variance_over_root, _("You used the **variance** in place of the standard deviation: take its root first.")
        ),
        Mistake(
            _unpaired,
            _("Your error is that of two **separate** samples. The items are the same: use the differences."),
        ),
        Mistake(_error_of_after, _("Your error is that of `after` alone: it belongs to the **differences**.")),
        Mistake(_error_of_before, _("Your error is that of `before` alone: it belongs to the **differences**.")),
        Mistake(_absolute, _("You took the **size** of each difference; a worse and a better item should cancel.")),
        Mistake(
            _absolute_mean,
            _("Your mean is of the **sizes** of the differences; a worse and a better item should cancel."),
        ),
        Mistake(_sum, _("You returned the **sum** of the differences: divide it by n.")),
        Mistake(
            _half_width, _("That is **1.96 standard errors**, half of a 95 % interval: return one standard error.")
        ),
        Mistake(_two_errors, _("That is **two** standard errors: return one.")),
        Mistake(_exchanged, _("The two results are **exchanged**: first the mean, then its standard error.")),
        Mistake(_median, _("You took the **median** of the differences: take their mean.")),
        Mistake(
            _t_value, _("Your second number is the **t-value**, mean over error: return the standard error itself.")
        ),
        Mistake(_interval, _("You returned the **ends of an interval**: return the mean and the standard error.")),
        Mistake(_around_zero, _("Your deviation is from 0: take it from the **mean** of the differences.")),
        Mistake(_relative, _("You divided by the mean of `before`: the difference is in the **items' own unit**.")),
        Mistake(_share_larger, _("You counted how **many** items became larger: take how much, on average.")),
    ),
    explanation=_(
        "A hard word is hard with and without the head. Each item's difference leaves out what is common to both, "
        "and what remains varies far less than the items do: the same number of words tells much smaller effects apart."
    ),
    results=(_("mean"), _("standard error")),
    corners=(
        Corner(
            lambda before, after: len(before) == 2,
            _("With two items the sample variance divides by n - 1 = 1, and the standard error by √2."),
        ),
    ),
)
