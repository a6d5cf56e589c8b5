"""Exercises on ALiBi: the slopes of the heads, and what is added to the scores."""

from course.exercises.compare import close
from course.exercises.exercise import Exercise, Mistake
from course.messages import _


def alibi_slopes(n_heads: int) -> list[float]:
    """The slope of each head: 2^(-8/n), 2^(-16/n), ..., down to 2^(-8), for n heads.

    >>> alibi_slopes(4)
    [0.25, 0.0625, 0.015625, 0.00390625]
    """
    return [2 ** (-8 * head / n_heads) for head in range(1, n_heads + 1)]


def _slopes_cases() -> list[tuple]:
    return [(4,), (8,), (1,), (2,), (16,), (12,), (3,)]


def _from_zero(n_heads):
    return [2 ** (-8 * head / n_heads) for head in range(n_heads)]


def _always_eight(n_heads):
    return [2.0**-head for head in range(1, n_heads + 1)]


def _evenly_spaced(n_heads):
    return [head / n_heads for head in range(n_heads, 0, -1)]


def _slowest_first(n_heads):
    return alibi_slopes(n_heads)[::-1]


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
        Mistake(_slowest_first, _("Your slopes are in the reverse order: the first head has the steepest one.")),
    ),
    explanation=_(
        "A geometric series covers many scales with few heads: of 8, the first multiplies a weight by e^(−1/2) for "
        "each token of distance, the last by e^(−1/256). Nothing here is learned."
    ),
)


def alibi_bias(n_queries: int, n_keys: int, slope: float) -> list[list[float]]:
    """What ALiBi adds to the scores of one head: a row for each query, a number for each key.

    The number is minus `slope` times the distance of query and key. The queries are the last of
    the keys: with 3 keys and 2 queries, the queries stand at the places 1 and 2. Keys after the
    query count by their distance too (another mask hides them where it must).

    >>> alibi_bias(2, 3, 0.5)
    [[-0.5, 0.0, -0.5], [-1.0, -0.5, 0.0]]
    """
    first = n_keys - n_queries
    return [[0.0 - slope * abs(first + query - key) for key in range(n_keys)] for query in range(n_queries)]


def _bias_cases() -> list[tuple]:
    return [
        (2, 3, 0.5),
        (3, 3, 1.0),
        (1, 4, 0.25),
        (4, 4, 0.5),
        (2, 5, 0.125),
        (3, 6, 2.0),
        (1, 1, 0.5),
        (5, 5, 0.0625),
    ]


def _queries_first(n_queries, n_keys, slope):
    return [[-slope * abs(query - key) for key in range(n_keys)] for query in range(n_queries)]


def _rewarded(n_queries, n_keys, slope):
    return [[-value for value in row] for row in alibi_bias(n_queries, n_keys, slope)]


def _one_sided(n_queries, n_keys, slope):
    first = n_keys - n_queries
    return [[-slope * (first + query - key) for key in range(n_keys)] for query in range(n_queries)]


def _without_slope(n_queries, n_keys, slope):
    return alibi_bias(n_queries, n_keys, 1.0)


ALIBI_BIAS = Exercise(
    name="positions.alibi_bias",
    title=_("What ALiBi adds to the scores"),
    solution=alibi_bias,
    cases=_bias_cases,
    compare=close,
    hints=(
        _("Query q, counted from 0, stands at the place `n_keys - n_queries + q` among the keys."),
        _("For each query and each key: `-slope * abs(place_of_query - key)`."),
    ),
    mistakes=(
        Mistake(
            _queries_first,
            _(
                "You place the queries at the **first** keys. A model that writes reads its newest tokens last: "
                "query q stands at the place `n_keys - n_queries + q`."
            ),
        ),
        Mistake(_rewarded, _("Your numbers grow with the distance. Far keys are **lowered**: put a minus before.")),
        Mistake(
            _one_sided,
            _("A key **after** its query gets a reward from you: take the absolute value of the distance, `abs(...)`."),
        ),
        Mistake(_without_slope, _("You add the bare distance. Each head multiplies it by its own `slope`.")),
    ),
    explanation=_(
        "The bias depends on the distance alone, so it exists for any number of keys: nothing has to be learned or "
        "stored for a place. In softmax, adding −slope · distance multiplies a weight by e^(−slope · distance)."
    ),
)
