"""Exercise on rotary positions: a vector turned by its position."""

import math
import random

from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def apply_rotary(vector: list[float], position: int, base: float) -> list[float]:
    """Turn each pair of a query's or key's numbers by an angle that grows with its position.

    Of `vector`, with d numbers, the pair i is made of the numbers i and i + d / 2: x and y of a
    point. It turns counterclockwise about (0, 0) by position * base^(-2i / d) radians, and its two
    numbers stay at their places in the vector.

    >>> [round(value, 3) for value in apply_rotary([1.0, 1.0, 0.0, 0.0], 1, 100.0)]
    [0.54, 0.995, 0.841, 0.1]
    """
    import math

    half = len(vector) // 2
    turned = list(vector)
    for i in range(half):
        angle = position * base ** (-2 * i / len(vector))
        x, y = vector[i], vector[i + half]
        turned[i] = x * math.cos(angle) - y * math.sin(angle)
        turned[i + half] = x * math.sin(angle) + y * math.cos(angle)
    return turned


def _apply_rotary_cases() -> list[tuple]:
    generator = random.Random(5)
    cases = [
        ([1.0, 1.0, 0.0, 0.0], 1, 100.0),
        ([1.0, 0.0], 1, 10.0),
        ([1.0, 2.0, 3.0, 4.0], 0, 100.0),
        ([0.0, 1.0, 2.0, -1.0], 3, 100.0),
        ([2.0, 2.0, 2.0, 2.0], 0, 10.0),
    ]
    for d, position, base in [(4, 2, 10_000.0), (6, 5, 1_000.0), (8, 1, 10_000.0), (8, 30, 100.0), (6, 2, 20.0)]:
        cases.append(([round(generator.uniform(-2, 2), 1) for _number in range(d)], position, base))
    return cases


def _turned(vector, angle, pair=lambda x, y, cos, sin: (x * cos - y * sin, x * sin + y * cos)):
    """Each pair turned by `angle(i)`; `pair` makes the two new numbers of the old ones."""
    half = len(vector) // 2
    new = [pair(vector[i], vector[i + half], math.cos(angle(i)), math.sin(angle(i))) for i in range(half)]
    return [first for first, _second in new] + [second for _first, second in new]


def _angle(vector, position, base):
    return lambda i: position * base ** (-2 * i / len(vector))


def _clockwise(vector, position, base):
    return apply_rotary(vector, -position, base)


def _neighbours(vector, position, base):
    turned = apply_rotary([*vector[::2], *vector[1::2]], position, base)
    return _pair_after_pair(turned)


def _pair_after_pair(vector):
    half = len(vector) // 2
    return [value for pair in zip(vector[:half], vector[half:], strict=True) for value in pair]


def _written_side_by_side(vector, position, base):
    return _pair_after_pair(apply_rotary(vector, position, base))


def _from_both_ends(vector, position, base):
    half = len(vector) // 2
    turned = apply_rotary(vector[:half] + vector[half:][::-1], position, base)
    return turned[:half] + turned[half:][::-1]


def _one_angle_for_all(vector, position, base):
    return _turned(vector, lambda i: position)


def _overwritten(vector, position, base):
    return _turned(
        vector,
        _angle(vector, position, base),
        lambda x, y, cos, sin: (
            x * cos - y * sin,
            (x * cos - y * sin) * sin + y * cos,
        ),
    )


def _half_of_the_exponent(vector, position, base):
    return _turned(vector, lambda i: position * base ** (-i / len(vector)))


def _twice_the_exponent(vector, position, base):
    return _turned(vector, lambda i: position * base ** (-4 * i / len(vector)))


def _rising(vector, position, base):
    return _turned(vector, lambda i: position * base ** (2 * i / len(vector)))


def _exponent_not_divided(vector, position, base):
    return _turned(vector, lambda i: position * base ** (-2 * i))


def _exponent_whole(vector, position, base):
    return _turned(vector, lambda i: position * base ** (-2 * i // len(vector)))


def _power_before_the_product(vector, position, base):
    return _turned(vector, lambda i: position * base**-2 * i / len(vector))


def _power_before_the_fraction(vector, position, base):
    return _turned(vector, lambda i: position * base ** (-2 * i) / len(vector))


def _last_pair_by_the_base(vector, position, base):
    return _turned(vector, lambda i: position * base ** (-i / max(len(vector) // 2 - 1, 1)))


def _pairs_of_angles_from_one(vector, position, base):
    return _turned(vector, lambda i: position * base ** (-2 * (i + 1) / len(vector)))


def _usual_base(vector, position, base):
    return apply_rotary(vector, position, 10_000.0)


def _position_added(vector, position, base):
    return _turned(vector, lambda i: position + base ** (-2 * i / len(vector)))


def _times_the_base(vector, position, base):
    return _turned(vector, lambda i: position * base)


def _with_itself(vector, position, base):
    half = len(vector) // 2
    return apply_rotary([*vector[:half], *vector[:half]], position, base)


def _with_the_first_partner(vector, position, base):
    half = len(vector) // 2
    return apply_rotary([*vector[:half], *vector[half : half + 1] * half], position, base)


def _degrees(vector, position, base):
    return _turned(vector, lambda i: math.radians(position) * base ** (-2 * i / len(vector)))


def _turns(vector, position, base):
    return _turned(vector, lambda i: 2 * math.pi * position * base ** (-2 * i / len(vector)))


def _reversed_angles(vector, position, base):
    return _turned(vector, lambda i: position * base ** (-2 * (len(vector) // 2 - 1 - i) / len(vector)))


def _angles_of_neighbours(vector, position, base):
    half, angle = len(vector) // 2, _angle(vector, position, base)
    partners = [-value for value in vector[half:]] + vector[:half]
    return [
        value * math.cos(angle(i // 2)) + partner * math.sin(angle(i // 2))
        for i, (value, partner) in enumerate(zip(vector, partners, strict=True))
    ]


def _no_minus(vector, position, base):
    return _turned(vector, _angle(vector, position, base), lambda x, y, c, s: (x * c + y * s, x * s + y * c))


def _two_minus(vector, position, base):
    return _turned(vector, _angle(vector, position, base), lambda x, y, c, s: (x * c - y * s, x * s - y * c))


def _mirrored(vector, position, base):
    return _turned(vector, _angle(vector, position, base), lambda x, y, c, s: (x * c + y * s, x * s - y * c))


def _sine_for_cosine(vector, position, base):
    return _turned(vector, _angle(vector, position, base), lambda x, y, c, s: (x * s - y * c, x * c + y * s))


def _first_numbers_only(vector, position, base):
    return _turned(vector, _angle(vector, position, base), lambda x, y, c, s: (x * c - y * s, y))


def _second_numbers_only(vector, position, base):
    return _turned(vector, _angle(vector, position, base), lambda x, y, c, s: (x, x * s + y * c))


def _shrunk(vector, position, base):
    return _turned(vector, _angle(vector, position, base), lambda x, y, c, s: (x * c, y * c))


def _waves_added(vector, position, base):
    return _turned(vector, _angle(vector, position, base), lambda x, y, c, s: (x + s, y + c))


def _first_pair_only(vector, position, base):
    return _turned(vector, lambda i: 0 if i else position)


def _without_first_pair(vector, position, base):
    return _turned(vector, lambda i: position * base ** (-2 * i / len(vector)) if i else 0)


def _without_last_pair(vector, position, base):
    half = len(vector) // 2
    return _turned(vector, lambda i: position * base ** (-2 * i / len(vector)) if i < half - 1 else 0)


APPLY_ROTARY = Exercise(
    name="positions.apply_rotary",
    title=_("Turn a vector by its position"),
    solution=apply_rotary,
    cases=_apply_rotary_cases,
    compare=close,
    hints=(
        _("Go over the pairs, `for i in range(half)`: the partner of number i is number `i + half`."),
        _(
            "Keep `x, y = vector[i], vector[i + half]` and `angle = position * base ** (-2 * i / len(vector))`, "
            "then write both new values into a copy of the vector."
        ),
    ),
    mistakes=(
        Mistake(
            _clockwise,
            _(
                "You turn clockwise. The minus belongs to the first number: (x cos **−** y sin, x sin **+** y cos). "
                "Scores would come out the same, yet a model trained one way cannot be run the other."
            ),
        ),
        Mistake(
            _neighbours,
            _(
                "You pair neighbours, 0 with 1, 2 with 3. Here number i goes with number i + d/2, as in most models "
                "today. Both are in use; weights trained with one do not fit the other."
            ),
        ),
        Mistake(
            _one_angle_for_all,
            _("All your pairs turn by the same angle. Pair i turns by position · base^(−2i / d): slower each time."),
        ),
        Mistake(
            _overwritten,
            _(
                "You use the new first number where the old one is meant. Keep x and y before you write either, "
                "or the length of the pair changes."
            ),
        ),
        Mistake(
            _half_of_the_exponent,
            _(
                "Your pairs slow down too little: the exponent of pair i is −**2i** / d. "
                "(With i / (d / 2) it would be the same.)"
            ),
        ),
        Mistake(
            _twice_the_exponent,
            _(
                "Your pairs slow down too much: the exponent is −2i / **d**, where d is the length of the whole "
                "vector. "
                "If your i already goes 0, 2, 4, …, it is not doubled again."
            ),
        ),
        Mistake(
            _rising,
            _("Your pairs turn faster and faster: the exponent has a minus, −2i / d, so that later pairs are slower."),
        ),
        Mistake(_exponent_not_divided, _("Your exponent is −2i. Divide it by d, the length of the vector.")),
        Mistake(
            _exponent_whole,
            _(
                "You divide the exponent with `//`, which rounds it down to whole numbers: `-2 * i / d`, with one "
                "slash."
            ),
        ),
        Mistake(
            _power_before_the_product,
            _(
                "`**` comes before `*` and `/`: of `base ** -2 * i / d` only the −2 is in the exponent. "
                "All of it goes in parentheses, `base ** (-2 * i / d)`."
            ),
        ),
        Mistake(
            _power_before_the_fraction,
            _(
                "The d is not in your exponent: `base ** (-2 * i) / d` takes the power first. "
                "Put it inside of the parentheses, `base ** (-2 * i / d)`."
            ),
        ),
        Mistake(
            _last_pair_by_the_base,
            _("Your last pair turns by position / base. By the formula its exponent, −2i / d, stays above −1."),
        ),
        Mistake(
            _pairs_of_angles_from_one,
            _("You count the pairs from 1 in the exponent. Pair 0 turns by base^0 = 1 radian a position."),
        ),
        Mistake(
            _reversed_angles,
            _("Your angles are in the reverse order: pair 0 is the fastest, and the last pair the slowest."),
        ),
        Mistake(_usual_base, _("You always use the base 10,000. Take the one that is handed over.")),
        Mistake(
            _position_added,
            _("You add the position to base^(−2i / d). They are multiplied: at position 0 nothing turns."),
        ),
        Mistake(
            _times_the_base,
            _(
                "You multiply the position by the base itself in every pair. Multiply by base^(−2i / d), which is 1 "
                "or less."
            ),
        ),
        Mistake(_with_itself, _("You turn each number of the first half with itself. Its partner is number i + d/2.")),
        Mistake(
            _with_the_first_partner,
            _("All your pairs have the same second number. The partner of number i is number **i** + d/2."),
        ),
        Mistake(_degrees, _("You take the angle for degrees. It is in radians, as `math.cos` wants it.")),
        Mistake(_turns, _("You multiply the angle by 2π. Pair 0 turns by one radian a position, and not by one turn.")),
        Mistake(
            _angles_of_neighbours,
            _(
                "The numbers of a pair turn by different angles. Number i and its partner i + d/2 share angle i: "
                "with all angles in one list, it is twice in a row (`cat`), and each is not repeated on the spot."
            ),
        ),
        Mistake(
            _written_side_by_side,
            _(
                "Each pair is turned as it should be, and then written side by side. "
                "The two stay where they were, at i and i + d/2."
            ),
        ),
        Mistake(
            _from_both_ends,
            _("You pair the numbers from both ends, the first with the last. The partner of number i is i + d/2."),
        ),
        Mistake(
            _no_minus,
            _("The minus is missing: the first number is x cos **−** y sin. With two plus signs the length changes."),
        ),
        Mistake(
            _two_minus,
            _("There is one minus too many: the second number is x sin **+** y cos, or the pair is not turned."),
        ),
        Mistake(
            _mirrored,
            _(
                "Your signs mirror the pair: at position 0 nothing may change, and there you return −y for y. "
                "It is (x cos **−** y sin, x sin **+** y cos)."
            ),
        ),
        Mistake(
            _sine_for_cosine,
            _("Sine and cosine are exchanged: at position 0 the cosine is 1, and x must come out as x."),
        ),
        Mistake(_first_numbers_only, _("Only the first number of each pair changes. Write the second one, too.")),
        Mistake(_second_numbers_only, _("Only the second number of each pair changes. Write the first one, too.")),
        Mistake(
            _shrunk,
            _("You only multiply by the cosine, which makes the pair shorter. A turn also needs the sine's part."),
        ),
        Mistake(
            _waves_added,
            _(
                "You add sine and cosine to the vector, as sinusoidal positions do. A rotary position multiplies: "
                "it turns the pair (x, y)."
            ),
        ),
        Mistake(
            _first_pair_only,
            _("Only the first pair turns. Does the loop end after one round, with a `return` inside it?"),
        ),
        Mistake(_without_first_pair, _("The first pair does not turn. Count the pairs from 0.")),
        Mistake(_without_last_pair, _("The last pair does not turn: the loop ends one round too early.")),
    ),
    explanation=_(
        "A turn does not change a pair's length, only its direction; at position 0 nothing turns. When query and key "
        "both turn, the angle between them changes by the difference of their positions alone."
    ),
    corners=(
        Corner(
            lambda vector, position, base: position == 0,
            _("Only position 0 goes wrong. Nothing turns there: the vector comes out as it went in."),
        ),
    ),
)
