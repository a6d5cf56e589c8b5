"""Exercise on sinusoidal positions: the pattern of a position."""

import math

from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def sinusoidal_vector(position: int, d_model: int, base: float) -> list[float]:
    """The wave values of one position: sine and cosine of the same angle, pair after pair.

    `base` is the b of the formula, which for the paper is 10,000. `d_model` is even, so there are
    d_model / 2 pairs, and the first of them is pair 0.

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
        (50, 6, 100.0),
        (5, 10, 20.0),
        (11, 4, 1_000.0),
    ]


def _waves(position, d_model, wavelength):
    """The sine and the cosine of each pair, given what the position is divided by in pair i."""
    angles = [position / wavelength(i) for i in range(d_model // 2)]
    return [value for angle in angles for value in (math.sin(angle), math.cos(angle))]


def _half_the_exponent(position, d_model, base):
    return _waves(position, d_model, lambda i: base ** (i / d_model))


def _divided_by_pairs(position, d_model, base):
    return _waves(position, d_model, lambda i: base ** (4 * i / d_model))


def _not_divided(position, d_model, base):
    return _waves(position, d_model, lambda i: base ** (2 * i))


def _last_is_the_base(position, d_model, base):
    return _waves(position, d_model, lambda i: base ** (i / max(d_model // 2 - 1, 1)))


def _pairs_from_one(position, d_model, base):
    return _waves(position, d_model, lambda i: base ** (2 * (i + 1) / d_model))


def _multiplied(position, d_model, base):
    return _waves(position, d_model, lambda i: base ** (-2 * i / d_model))


def _base_of_the_paper(position, d_model, base):
    return _waves(position, d_model, lambda i: 10_000 ** (2 * i / d_model))


def _whole_angles(position, d_model, base):
    angles = [position // base ** (2 * i / d_model) for i in range(d_model // 2)]
    return [value for angle in angles for value in (math.sin(angle), math.cos(angle))]


def _power_before_the_product(position, d_model, base):
    angles = [position / base**2 * i / d_model for i in range(d_model // 2)]
    return [value for angle in angles for value in (math.sin(angle), math.cos(angle))]


def _power_before_the_fraction(position, d_model, base):
    angles = [position / base ** (2 * i) / d_model for i in range(d_model // 2)]
    return [value for angle in angles for value in (math.sin(angle), math.cos(angle))]


def _divided_by_the_base(position, d_model, base):
    return _waves(position, d_model, lambda i: base)


def _wavelength_for_the_angle(position, d_model, base):
    return _waves(1, d_model, lambda i: base ** (-2 * i / d_model))


def _in_degrees(position, d_model, base):
    return _waves(math.radians(position), d_model, lambda i: base ** (2 * i / d_model))


def _whole_turns(position, d_model, base):
    return _waves(2 * math.pi * position, d_model, lambda i: base ** (2 * i / d_model))


def _cosine_first(position, d_model, base):
    vector = sinusoidal_vector(position, d_model, base)
    return [vector[i ^ 1] for i in range(d_model)]


def _sines_only(position, d_model, base):
    return [sine for sine in sinusoidal_vector(position, d_model, base)[::2] for _copy in range(2)]


def _cosines_only(position, d_model, base):
    return [cosine for cosine in sinusoidal_vector(position, d_model, base)[1::2] for _copy in range(2)]


def _half_as_long(position, d_model, base):
    return sinusoidal_vector(position, d_model, base)[::2]


def _two_halves(position, d_model, base):
    vector = sinusoidal_vector(position, d_model, base)
    return vector[::2] + vector[1::2]


def _two_halves_to_the_base(position, d_model, base):
    vector = _last_is_the_base(position, d_model, base)
    return vector[::2] + vector[1::2]


def _slowest_first(position, d_model, base):
    vector = sinusoidal_vector(position, d_model, base)
    return [value for i in range(d_model - 2, -1, -2) for value in vector[i : i + 2]]


def _angle_of_its_own(position, d_model, base):
    angles = [position / base ** (i / d_model) for i in range(d_model)]
    return [math.cos(angle) if i % 2 else math.sin(angle) for i, angle in enumerate(angles)]


def _angle_of_its_own_doubled(position, d_model, base):
    angles = [position / base ** (2 * i / d_model) for i in range(d_model)]
    return [math.cos(angle) if i % 2 else math.sin(angle) for i, angle in enumerate(angles)]


def _one_angle(position, d_model, base):
    return [math.sin(position), math.cos(position)] * (d_model // 2)


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
            _(
                "Your waves grow too fast: the exponent of pair i is 2i / **d_model**, not 2i / (d_model / 2). "
                "If your i already goes 0, 2, 4, …, it is not doubled again."
            ),
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
                "Here the two of a pair are side by side, sine, cosine, sine, cosine."
            ),
        ),
        Mistake(
            _angle_of_its_own,
            _(
                "Each of your values has an angle of its own. The sine and the cosine of a pair share **one** angle: "
                "only then can a pair be turned from one position to the next."
            ),
        ),
        Mistake(
            _angle_of_its_own_doubled,
            _(
                "You count i over the columns, so that a pair has two angles. The formula's i counts the **pairs**: "
                "columns 2i and 2i + 1 share the angle with the exponent 2i / d_model."
            ),
        ),
        Mistake(
            _cosine_first, _("In each pair you write the cosine first. The sine comes first, in the even columns.")
        ),
        Mistake(
            _base_of_the_paper,
            _("You always use the paper's base, 10,000. Take the one that is handed over: it stretches the waves."),
        ),
        Mistake(
            _last_is_the_base,
            _(
                "Your last pair is divided by the base itself, as in the first published code. By the paper's formula "
                "the exponent of the last pair, 2i / d_model, stays below 1."
            ),
        ),
        Mistake(
            _two_halves_to_the_base,
            _(
                "This is the form of the first published code: all sines before all cosines, and the last pair divided "
                "by the base itself. The paper's formula differs in both: pairs side by side, exponent 2i / d_model."
            ),
        ),
        Mistake(
            _pairs_from_one,
            _("You count the pairs from 1. Pair 0 is divided by base^0 = 1: it turns by a whole radian a position."),
        ),
        Mistake(_not_divided, _("Your exponent is 2i. It is 2i / d_model, which stays below 1.")),
        Mistake(
            _one_angle,
            _(
                "All your pairs have the angle of the first, as if every exponent were 0. It is `2 * i / d_model`, "
                "with the pair's own i, and with one slash: `//` gives whole numbers, here 0."
            ),
        ),
        Mistake(
            _whole_angles,
            _("You divide the position with `//`, which rounds the angles down to whole radians. Use one slash."),
        ),
        Mistake(
            _power_before_the_product,
            _(
                "`**` comes before `*` and `/`: of `base ** 2 * i / d_model` only the 2 is in the exponent. "
                "All of it goes in parentheses, `base ** (2 * i / d_model)`."
            ),
        ),
        Mistake(
            _power_before_the_fraction,
            _(
                "`d_model` is not in your exponent: `base ** (2 * i) / d_model` takes the power first. "
                "Put it inside of the parentheses, `base ** (2 * i / d_model)`."
            ),
        ),
        Mistake(
            _divided_by_the_base,
            _("You divide by the base itself in every pair. Divide by base^(2i / d_model), which is 1 for pair 0."),
        ),
        Mistake(
            _wavelength_for_the_angle,
            _("You take base^(2i / d_model) for the angle. It is what the **position** is divided by."),
        ),
        Mistake(_in_degrees, _("You take the angle for degrees. It is in radians, as `math.sin` wants it.")),
        Mistake(
            _whole_turns,
            _("You multiply the angle by 2π. In this formula a position is one radian for pair 0, and not one turn."),
        ),
        Mistake(_sines_only, _("You take the sine twice. The second value of a pair is the **cosine** of its angle.")),
        Mistake(_cosines_only, _("You take the cosine twice. The first value of a pair is the **sine** of its angle.")),
        Mistake(
            _half_as_long,
            _("Your vector holds the sines alone. It needs d_model numbers: a sine and a cosine of each angle."),
        ),
        Mistake(_slowest_first, _("Your pairs are in the reverse order: pair 0, the fastest, comes first.")),
    ),
    explanation=_(
        "Pair 0 has the angle position / 1 and turns by a radian at each position; the last pair turns almost as "
        "slowly as position / base. The two values of a pair are a point on a circle, which is why a step of k "
        "positions is the same turn wherever it begins."
    ),
    corners=(
        Corner(
            lambda position, d_model, base: position == 0,
            _("Only position 0 goes wrong. All its angles are 0: every sine is 0 and every cosine 1."),
        ),
    ),
)
