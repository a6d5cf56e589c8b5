"""Exercise on mixtures: how often each task is drawn."""

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def mixture_rates(sizes: list[int], temperature: float, limit: int) -> list[float]:
    """The share of the draws that each task of a mixture gets.

    `sizes` are the tasks' numbers of examples. First, a size above `limit` counts as `limit`.
    Second, it is raised to the power of 1 / `temperature`. Last, what comes out is divided by
    its sum.

    >>> mixture_rates([100, 400, 9000], temperature=2.0, limit=900)
    [0.16666666666666666, 0.3333333333333333, 0.5]
    """
    weights = [min(size, limit) ** (1 / temperature) for size in sizes]
    return [weight / sum(weights) for weight in weights]


def _mixture_rates_cases() -> list[tuple]:
    return [
        ([100, 400, 9000], 2.0, 900),
        ([10, 1000], 2.0, 500),
        ([50, 700, 20], 4.0, 300),
        ([300, 40, 5000], 3.0, 1000),
        ([8, 64, 1000], 1.5, 512),
        ([120, 3000], 1.25, 800),
        ([900, 30, 30], 5.0, 200),
        ([7, 2000, 90, 450], 2.5, 600),
        ([25, 100], 2.0, 1000),
        ([16, 81, 625], 4.0, 10_000),
        ([30, 70], 1.0, 1000),
        ([20, 500, 80], 1.0, 100),
        ([40], 2.0, 10),
        ([400, 500, 900], 3.0, 100),
    ]


def _shares(values):
    return [value / sum(values) for value in values]


def _limited(sizes, limit):
    return [min(size, limit) for size in sizes]


def _without_limit(sizes, temperature, limit):
    return _shares([size ** (1 / temperature) for size in sizes])


def _without_temperature(sizes, temperature, limit):
    return _shares(_limited(sizes, limit))


def _sizes_alone(sizes, temperature, limit):
    return _shares(sizes)


def _power_of_temperature(sizes, temperature, limit):
    return _shares([size**temperature for size in _limited(sizes, limit)])


def _not_normalized(sizes, temperature, limit):
    return [size ** (1 / temperature) for size in _limited(sizes, limit)]


def _over_the_largest(sizes, temperature, limit):
    weights = _not_normalized(sizes, temperature, limit)
    return [weight / max(weights) for weight in weights]


def _limit_after_power(sizes, temperature, limit):
    return _shares([min(size ** (1 / temperature), limit) for size in sizes])


def _limit_from_below(sizes, temperature, limit):
    return _shares([max(size, limit) ** (1 / temperature) for size in sizes])


def _large_left_out(sizes, temperature, limit):
    weights = [size ** (1 / temperature) if size <= limit else 0.0 for size in sizes]
    return [weight / (sum(weights) or 1.0) for weight in weights]


def _equal(sizes, temperature, limit):
    return [1 / len(sizes)] * len(sizes)


def _power_after_sum(sizes, temperature, limit):
    return [share ** (1 / temperature) for share in _shares(_limited(sizes, limit))]


def _over_sum_of_sizes(sizes, temperature, limit):
    weights = _not_normalized(sizes, temperature, limit)
    return [weight / sum(_limited(sizes, limit)) for weight in weights]


def _softmax(sizes, temperature, limit):
    import math

    limited = _limited(sizes, limit)
    return _shares([math.exp((size - max(limited)) / temperature) for size in limited])


def _softmax_of_shares(sizes, temperature, limit):
    import math

    return _shares([math.exp(share / temperature) for share in _shares(_limited(sizes, limit))])


def _logarithms(sizes, temperature, limit):
    import math

    return _shares([math.log(1 + size) for size in _limited(sizes, limit)])


def _root(sizes, temperature, limit):
    return _shares([size**0.5 for size in _limited(sizes, limit)])


def _inverse(sizes, temperature, limit):
    return _shares([size ** (-1 / temperature) for size in _limited(sizes, limit)])


def _whole_exponent(sizes, temperature, limit):
    return _shares([size ** (1 // temperature) for size in _limited(sizes, limit)])


def _limit_for_each(sizes, temperature, limit):
    return _shares([limit ** (1 / temperature) if size > limit else size for size in sizes])


def _limit_of_the_share(sizes, temperature, limit):
    return _shares([min(share, 1 / len(sizes)) ** (1 / temperature) for share in _shares(sizes)])


MIXTURE_RATES = Exercise(
    name="instruction.mixture_rates",
    title=_("How often each task is drawn"),
    solution=mixture_rates,
    cases=_mixture_rates_cases,
    hints=(
        _(
            "Three steps, in this order: limit each size, take it to the power of 1 / temperature, divide all by their "
            "sum."
        ),
        _("A weight is `min(size, limit) ** (1 / temperature)`, a rate `weight / sum(weights)`."),
    ),
    mistakes=(
        Mistake(_without_limit, _("You do not use the **limit**: a size above it counts as `limit`.")),
        Mistake(
            _without_temperature,
            _("You do not use the **temperature**, or it cancels out: take each size to the power of 1 / temperature."),
        ),
        Mistake(_sizes_alone, _("Your rates are those of the **sizes** as they are: limit them, and take the power.")),
        Mistake(
            _power_of_temperature,
            _("Your exponent is the **temperature**: it is 1 / temperature, which makes the rates more alike."),
        ),
        Mistake(_not_normalized, _("The **last step** is missing: divide by the sum, so that the rates add up to 1.")),
        Mistake(_over_the_largest, _("You divide by the **largest** weight: divide by the sum.")),
        Mistake(_limit_after_power, _("You limit **after** taking the power: limit the sizes themselves.")),
        Mistake(_limit_from_below, _("You take the **larger** of size and limit: take the smaller one.")),
        Mistake(_large_left_out, _("You leave tasks above the limit **out**: they count as if they had `limit`.")),
        Mistake(_equal, _("Your rates are all **equal**: that is the limit of a very high temperature.")),
        Mistake(_power_after_sum, _("You divide by the sum **before** the power: afterwards they do not add up to 1.")),
        Mistake(_over_sum_of_sizes, _("You divide by the sum of the **sizes**: divide by that of the weights.")),
        Mistake(_softmax, _("You take a **softmax** of the sizes: take a power of each, and divide by the sum.")),
        Mistake(_softmax_of_shares, _("You take a **softmax** of the shares: take a power of each size.")),
        Mistake(_logarithms, _("You take **logarithms** of the sizes: take a power of each.")),
        Mistake(_root, _("You take the **square root**, whatever the temperature: the exponent is 1 / temperature.")),
        Mistake(_inverse, _("Your exponent is **negative**: large tasks get more than small ones, not less.")),
        Mistake(_whole_exponent, _("Your exponent is a **whole** number: divide with `/`, not `//`.")),
        Mistake(_limit_for_each, _("You take the power of **limited** sizes alone: take it of every size.")),
        Mistake(_limit_of_the_share, _("You limit the **shares**: limit the sizes, before anything else.")),
    ),
    corners=(
        Corner(
            lambda sizes, temperature, limit: max(sizes) <= limit,
            _("Only mixtures **below the limit** go wrong: there, the sizes count as they are."),
        ),
        Corner(
            lambda sizes, temperature, limit: temperature == 1,
            _("Only the **temperature 1** goes wrong: the rates are proportional to the limited sizes."),
        ),
    ),
    explanation=_(
        "A power below 1 brings the sizes closer together without changing their order. At the temperature 1 a task is "
        "drawn as often as its examples would be from all of them together; the higher the temperature, the more often "
        "the examples of small tasks are repeated. The limit keeps one large task from taking nearly all of the draws."
    ),
)
