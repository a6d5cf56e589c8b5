"""Exercise on ALiBi: the slopes of the heads."""

import math

from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def alibi_slopes(n_heads: int) -> list[float]:
    """The slopes of the heads, the steepest first: a geometric series that ends with 2^(-8).

    The first slope is also the factor from one slope to the next. `n_heads` is a power of 2.

    >>> alibi_slopes(4)
    [0.25, 0.0625, 0.015625, 0.00390625]
    """
    return [2 ** (-8 * head / n_heads) for head in range(1, n_heads + 1)]


def _slopes_cases() -> list[tuple]:
    return [(n_heads,) for n_heads in (4, 8, 1, 2, 16, 32, 64, 128)]


def _from_zero(n_heads):
    return [2 ** (-8 * head / n_heads) for head in range(n_heads)]


def _always_eight(n_heads):
    return [2.0**-head for head in range(1, n_heads + 1)]


def _evenly_spaced(n_heads):
    return [head / n_heads for head in range(n_heads, 0, -1)]


def _evenly_spaced_between(n_heads):
    first, last = 2 ** (-8 / n_heads), 2**-8
    return [first + (last - first) * i / max(n_heads - 1, 1) for i in range(n_heads)]


def _growing(n_heads):
    return [2 ** (8 * head / n_heads) for head in range(1, n_heads + 1)]


def _all_alike(n_heads):
    return [2 ** (-8 / n_heads)] * n_heads


def _multiples(n_heads):
    return [head * 2 ** (-8 / n_heads) for head in range(1, n_heads + 1)]


def _without_the_eight(n_heads):
    return [2 ** (-head / n_heads) for head in range(1, n_heads + 1)]


def _not_divided(n_heads):
    return [2.0 ** (-8 * head) for head in range(1, n_heads + 1)]


def _upside_down(n_heads):
    return [2 ** (-n_heads * head / 8) for head in range(1, n_heads + 1)]


def _natural(n_heads):
    return [math.exp(-8 * head / n_heads) for head in range(1, n_heads + 1)]


def _whole(n_heads):
    return [2.0 ** (-8 * head // n_heads) for head in range(1, n_heads + 1)]


def _half_way(n_heads):
    return [2.0 ** (-1 - 7 * i / max(n_heads - 1, 1)) for i in range(n_heads)]


def _from_one(n_heads):
    return [2.0 ** (-8 * i / max(n_heads - 1, 1)) for i in range(n_heads)]


def _squared_each_time(n_heads):
    return [2.0 ** (-8 / n_heads * 2**i) for i in range(n_heads)]


def _halved_each_time(n_heads):
    return [2.0 ** (-8 / n_heads - i) for i in range(n_heads)]


def _exponents(n_heads):
    return [-8 * head / n_heads for head in range(1, n_heads + 1)]


def _eight_of_them(n_heads):
    return [2 ** (-8 * head / n_heads) for head in range(1, 9)]


ALIBI_SLOPES = Exercise(
    name="positions.alibi_slopes",
    title=_("A slope for each head"),
    solution=alibi_slopes,
    cases=_slopes_cases,
    compare=close,
    hints=(
        _("The exponents go from −8/n to −8 in n equal steps. Number the heads from 1."),
        _("The slope of head h, counted from 1, is `2 ** (-8 * h / n_heads)`."),
    ),
    mistakes=(
        Mistake(
            _from_zero,
            _("You number the heads from 0, so the first slope is 1. Begin with h = 1: the slopes end at 2^(−8)."),
        ),
        Mistake(
            _always_eight,
            _(
                "Your slopes are those of 8 heads, 1/2, 1/4, 1/8, …, whatever the number of heads. "
                "The step of the exponent is 8 / n: with n heads the last one is always 2^(−8)."
            ),
        ),
        Mistake(
            _evenly_spaced,
            _(
                "Your slopes fall by equal **differences**. They should fall by equal factors, 2^(−8/n) each time: "
                "then some heads look near and others far."
            ),
        ),
        Mistake(
            _evenly_spaced_between,
            _(
                "The first and the last slope are right, and between them yours fall by equal differences. "
                "It is the **exponents** that fall by equal differences, 8/n each time."
            ),
        ),
        Mistake(
            _growing,
            _("Your slopes grow beyond 1. The exponents are negative, −8/n, −16/n, …: a slope is at most 1."),
        ),
        Mistake(
            _all_alike, _("All your slopes are the first. The exponent is −8 · h / n for head h: it grows with h.")
        ),
        Mistake(
            _multiples,
            _("You multiply the first slope by the number of the head. Multiply its exponent: 2^(−8 · h / n)."),
        ),
        Mistake(
            _without_the_eight,
            _("Your exponents end at −1, the 8 is missing: they go from −8/n down to −8."),
        ),
        Mistake(_not_divided, _("Your exponents are −8, −16, −24, … Divide them by the number of heads.")),
        Mistake(_upside_down, _("The step of your exponent is n / 8. It is 8 / n, so that n steps lead to −8.")),
        Mistake(_natural, _("You take powers of e. The slopes are powers of 2.")),
        Mistake(
            _whole,
            _("You divide with `//`, which rounds the exponents. They need not be whole numbers: use one slash."),
        ),
        Mistake(
            _half_way,
            _(
                "Your exponents go from −1 to −8 whatever the number of heads. They go from −8/n to −8: "
                "only for 8 heads is the first one −1."
            ),
        ),
        Mistake(
            _from_one,
            _("Your exponents go from 0 to −8. They begin with −8/n, one step below 0, so that no slope is 1."),
        ),
        Mistake(
            _squared_each_time,
            _("You square each slope to get the next. Multiply by the **first** slope each time: 2^(−8/n)."),
        ),
        Mistake(
            _halved_each_time,
            _("You halve from slope to slope, as with 8 heads. The factor is the first slope itself, 2^(−8/n)."),
        ),
        Mistake(_exponents, _("These are the exponents. The slopes are 2 to the power of them.")),
        Mistake(_eight_of_them, _("You always give 8 slopes. There is one for each of the `n_heads` heads.")),
    ),
    explanation=_(
        "A geometric series covers many scales with few heads: of 8, the first multiplies a weight by e^(−1/2) for "
        "each token of distance, the last by e^(−1/256). Nothing here is learned. (For a number that is no power of 2 "
        "the formula of the paper and the code of its authors differ.)"
    ),
    corners=(
        Corner(
            lambda n_heads: 8 % n_heads,
            _(
                "Only where 8 / n is not a whole number do your slopes go wrong: do not round the exponents, use one "
                "slash."
            ),
        ),
    ),
)
