"""Exercise on normalization by the root mean square."""

import math
import random
import statistics

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def rms_norm(x: list[float], gain: list[float], eps: float) -> list[float]:
    """Normalize one vector by its root mean square, then scale each number by its gain.

    The root mean square is the root of mean of squares + eps, the mean being over the numbers of x.
    Nothing is subtracted and nothing is added: that is the difference from layer normalization.

    >>> rms_norm([1.0, 7.0], gain=[1.0, 10.0], eps=0.0)
    [0.2, 14.0]
    """
    root = (sum(number**2 for number in x) / len(x) + eps) ** 0.5
    return [g * number / root for g, number in zip(gain, x, strict=True)]


def _rms_norm_cases() -> list[tuple]:
    draw = random.Random(7)
    cases: list[tuple] = [([1.0, 7.0], [1.0, 10.0], 0.0), ([3.0, 3.0], [1.0, 1.0], 0.0), ([0.0, 0.0], [2.0, 1.0], 0.25)]
    cases += [([-1.0, 1.0, 5.0], [1.0, 2.0, -1.0], 1.0), ([2.0], [3.0], 0.5)]
    for n in (2, 3, 4, 6, 8):
        x = [draw.gauss(0.5, 2.0) for _number in range(n)]
        cases.append((x, [draw.gauss(1.0, 0.5) for _number in range(n)], draw.choice([0.0, 0.1, 1.0])))
    return cases


def _scaled(x, gain, root):
    root = root or 1.0
    return [g * number / root for g, number in zip(gain, x, strict=True)]


def _mean_square(x):
    return sum(number**2 for number in x) / len(x)


def _centered(x, gain, eps):
    mean = statistics.fmean(x)
    centered = [number - mean for number in x]
    return _scaled(centered, gain, math.sqrt(_mean_square(centered) + eps))


def _deviation(x, gain, eps):
    return _scaled(x, gain, math.sqrt(statistics.pvariance(x) + eps))


def _length(x, gain, eps):
    return _scaled(x, gain, math.sqrt(sum(number**2 for number in x) + eps))


def _no_root(x, gain, eps):
    return _scaled(x, gain, _mean_square(x) + eps)


def _eps_outside(x, gain, eps):
    return _scaled(x, gain, math.sqrt(_mean_square(x)) + eps)


def _no_eps(x, gain, eps):
    return _scaled(x, gain, math.sqrt(_mean_square(x)))


def _minus_eps(x, gain, eps):
    return _scaled(x, gain, math.sqrt(abs(_mean_square(x) - eps)))


def _eps_in_the_mean(x, gain, eps):
    return _scaled(x, gain, math.sqrt((sum(number**2 for number in x) + eps) / len(x)))


def _no_gain(x, gain, eps):
    return rms_norm(x, [1.0] * len(x), eps)


def _gain_added(x, gain, eps):
    return [g + number for g, number in zip(gain, _no_gain(x, gain, eps), strict=True)]


def _gain_divides(x, gain, eps):
    return [number / (g or 1.0) for g, number in zip(gain, _no_gain(x, gain, eps), strict=True)]


def _one_more_gain(x, gain, eps):
    return rms_norm(x, [1 + g for g in gain], eps)


def _first_gain(x, gain, eps):
    return rms_norm(x, gain[:1] * len(x), eps)


def _sample(x, gain, eps):
    return _scaled(x, gain, math.sqrt(sum(number**2 for number in x) / max(1, len(x) - 1) + eps))


def _absolute(x, gain, eps):
    return _scaled(x, gain, sum(map(abs, x)) / len(x) + eps)


def _largest(x, gain, eps):
    return _scaled(x, gain, max(map(abs, x)) + eps)


def _squared_mean(x, gain, eps):
    return _scaled(x, gain, math.sqrt(statistics.fmean(x) ** 2 + eps))


def _multiplied(x, gain, eps):
    root = math.sqrt(_mean_square(x) + eps)
    return [g * number * root for g, number in zip(gain, x, strict=True)]


def _gain_first(x, gain, eps):
    scaled = [g * number for g, number in zip(gain, x, strict=True)]
    return rms_norm(scaled, [1.0] * len(x), eps)


def _squares(x, gain, eps):
    return [g * number**2 for g, number in zip(gain, _no_gain(x, gain, eps), strict=True)]


def _each_by_itself(x, gain, eps):
    return [g * number / (math.sqrt(number**2 + eps) or 1.0) for g, number in zip(gain, x, strict=True)]


def _unscaled(x, gain, eps):
    return [g * number for g, number in zip(gain, x, strict=True)]


RMS_NORM = Exercise(
    name="gpt.rms_norm",
    title=_("Normalize by the root mean square"),
    solution=rms_norm,
    cases=_rms_norm_cases,
    hints=(
        _("Read the name backwards: square the numbers, take the mean, take the root. `eps` is added before the root."),
        _(
            "`root = (sum(number**2 for number in x) / len(x) + eps) ** 0.5`; each number is divided by it, "
            "times its `gain`."
        ),
    ),
    mistakes=(
        Mistake(
            _centered,
            _("You subtracted the **mean** first: that is layer normalization. Here the numbers stay as they are."),
        ),
        Mistake(
            _deviation,
            _("You divided by the **standard deviation**: square the numbers, not their distances from the mean."),
        ),
        Mistake(_length, _("You divided by the **length** of the vector: divide the sum of the squares by `len(x)`.")),
        Mistake(_no_root, _("You divided by the mean **square**: take the root.")),
        Mistake(_eps_outside, _("`eps` comes **before** the root: root of (mean of squares + eps).")),
        Mistake(_no_eps, _("`eps` is missing: it is added to the mean of the squares.")),
        Mistake(
            _minus_eps, _("`eps` is **added** to the mean of the squares, not subtracted: it keeps the root above 0.")
        ),
        Mistake(_eps_in_the_mean, _("You divided `eps` by `len(x)`, too: take the mean first, then add `eps`.")),
        Mistake(_no_gain, _("The `gain` is missing: each number is multiplied by its own.")),
        Mistake(_gain_added, _("You **added** the gain: each number is multiplied by it.")),
        Mistake(_gain_divides, _("You **divided** by the gain: each number is multiplied by it.")),
        Mistake(_one_more_gain, _("You multiplied by **1 + gain**, as Gemma does: here it is the gain alone.")),
        Mistake(_first_gain, _("You used the **first** gain for all numbers: each has its own.")),
        Mistake(_sample, _("You divided by n **- 1**: the mean of the squares divides by n.")),
        Mistake(
            _absolute, _("You averaged the **absolute** values: square the numbers, and take the root of the mean.")
        ),
        Mistake(_largest, _("You divided by the **largest** number: divide by the root of the mean square.")),
        Mistake(_squared_mean, _("You squared the **mean**: take the mean of the squares.")),
        Mistake(_multiplied, _("You **multiplied** by the root mean square: divide by it.")),
        Mistake(_gain_first, _("You applied the gain **before** normalizing: it comes after, or it changes the root.")),
        Mistake(_squares, _("You scaled the **squares**: the squares are for the root alone.")),
        Mistake(
            _each_by_itself, _("You divided each number by **itself**: one root, of the mean, serves all of them.")
        ),
        Mistake(_unscaled, _("Nothing was normalized: divide by the root of the mean square.")),
    ),
    explanation=_(
        "Layer normalization does four things: it subtracts the mean, divides by the standard deviation, multiplies by "
        "a gain and adds a bias. Two of them are left here. A vector of mean 0 comes out the same from both."
    ),
    corners=(
        Corner(
            lambda x, gain, eps: not any(x),
            _("A vector of zeros stays one: with `eps` above 0 nothing is divided by 0."),
        ),
    ),
)
