"""Exercises on waves: the sinusoidal vector of a position, and a vector turned by its position."""

import math
import random

from course.exercises.compare import close
from course.exercises.exercise import Exercise, Mistake
from course.messages import _


def sinusoidal_vector(position: int, d_model: int, base: float) -> list[float]:
    """The wave values of one position: sine and cosine of the same angle, pair after pair.

    Pair i (from 0) holds the sine and the cosine of position / base^(2i / d_model). `d_model` is
    even, so there are d_model / 2 pairs.

    >>> [round(value, 3) for value in sinusoidal_vector(1, 4, 100.0)]
    [0.841, 0.54, 0.1, 0.995]
    """
    import math

    vector = []
    for i in range(d_model // 2):
        angle = position / base ** (2 * i / d_model)
        vector += [math.sin(angle), math.cos(angle)]
    return vector


def _sinusoidal_cases() -> list[tuple]:
    return [
        (1, 4, 100.0),
        (0, 4, 100.0),
        (1, 2, 10_000.0),
        (2, 6, 1_000.0),
        (3, 8, 10_000.0),
        (7, 4, 10.0),
        (20, 16, 10_000.0),
        (100, 6, 100.0),
    ]


def _pairs(position, d_model, exponent):
    angles = [position / exponent(i) for i in range(d_model // 2)]
    return [value for angle in angles for value in (math.sin(angle), math.cos(angle))]


def _half_the_exponent(position, d_model, base):
    return _pairs(position, d_model, lambda i: base ** (i / d_model))


def _divided_by_pairs(position, d_model, base):
    return _pairs(position, d_model, lambda i: base ** (4 * i / d_model))


def _multiplied(position, d_model, base):
    return _pairs(position, d_model, lambda i: base ** (-2 * i / d_model))


def _two_halves(position, d_model, base):
    vector = sinusoidal_vector(position, d_model, base)
    return vector[::2] + vector[1::2]


def _angle_of_its_own(position, d_model, base):
    angles = [position / base ** (i / d_model) for i in range(d_model)]
    return [math.cos(angle) if i % 2 else math.sin(angle) for i, angle in enumerate(angles)]


SINUSOIDAL_VECTOR = Exercise(
    name="positions.sinusoidal_vector",
    title=_("The pattern of a position"),
    solution=sinusoidal_vector,
    cases=_sinusoidal_cases,
    compare=close,
    hints=(
        _("Go over the pairs, `for i in range(d_model // 2)`, compute the one angle of the pair, append two values."),
        _("The angle is `position / base ** (2 * i / d_model)`. First comes its sine, then its cosine."),
    ),
    mistakes=(
        Mistake(
            _half_the_exponent,
            _(
                "Your waves grow too slowly: the exponent is **2i** / d_model for pair i. With i / d_model "
                "the last pair reaches only the square root of the base."
            ),
        ),
        Mistake(
            _divided_by_pairs,
            _("Your waves grow too fast: the exponent of pair i is 2i / **d_model**, not 2i / (d_model / 2)."),
        ),
        Mistake(
            _multiplied,
            _(
                "Your waves get faster from pair to pair. The position is **divided** by base^(2i / d_model), "
                "so that each wave is longer than the one before."
            ),
        ),
        Mistake(
            _two_halves,
            _(
                "The values are right, and in another order: all sines first, then all cosines. "
                "Here the two of a pair stand side by side, sine, cosine, sine, cosine."
            ),
        ),
        Mistake(
            _angle_of_its_own,
            _(
                "Each of your values has an angle of its own. The sine and the cosine of a pair share **one** angle: "
                "only then can a pair be turned from one position to the next."
            ),
        ),
    ),
    explanation=_(
        "Pair 0 has the angle position / 1 and turns by a radian at each position; the last pair turns almost as "
        "slowly as position / base. The two values of a pair are a point on a circle, which is why a step of k "
        "positions is the same turn wherever it begins."
    ),
)


def apply_rotary(vector: list[float], position: int, base: float) -> list[float]:
    """Turn each pair of a query's or key's numbers by an angle that grows with its position.

    Of `vector`, with d numbers, the pair i is made of the numbers i and i + d / 2. It turns
    counterclockwise by position * base^(-2i / d) radians: (x, y) becomes
    (x cos - y sin, x sin + y cos), and both stay at their places.

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
    ]
    for d, position, base in [(4, 2, 10_000.0), (6, 5, 1_000.0), (8, 1, 10_000.0), (8, 30, 100.0)]:
        cases.append(([round(generator.uniform(-2, 2), 1) for _number in range(d)], position, base))
    return cases


def _turned(vector, position, base, sign=1):
    half = len(vector) // 2
    turned = list(vector)
    for i in range(half):
        angle = sign * position * base ** (-2 * i / len(vector))
        x, y = vector[i], vector[i + half]
        turned[i] = x * math.cos(angle) - y * math.sin(angle)
        turned[i + half] = x * math.sin(angle) + y * math.cos(angle)
    return turned


def _clockwise(vector, position, base):
    return _turned(vector, position, base, sign=-1)


def _neighbours(vector, position, base):
    turned = _turned([*vector[::2], *vector[1::2]], position, base)
    half = len(vector) // 2
    return [value for pair in zip(turned[:half], turned[half:], strict=True) for value in pair]


def _one_angle(vector, position, base):
    return _turned(vector, position, 1.0)


def _overwritten(vector, position, base):
    half = len(vector) // 2
    turned = list(vector)
    for i in range(half):
        angle = position * base ** (-2 * i / len(vector))
        turned[i] = turned[i] * math.cos(angle) - turned[i + half] * math.sin(angle)
        turned[i + half] = turned[i] * math.sin(angle) + turned[i + half] * math.cos(angle)
    return turned


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
            _one_angle,
            _("All your pairs turn by the same angle. Pair i turns by position · base^(−2i / d): slower each time."),
        ),
        Mistake(
            _overwritten,
            _(
                "You use the new first number where the old one is meant. Keep x and y before you write either, "
                "or the length of the pair changes."
            ),
        ),
    ),
    explanation=_(
        "A turn does not change a pair's length, only its direction; at position 0 nothing turns. When query and key "
        "both turn, the angle between them changes by the difference of their positions alone."
    ),
)
