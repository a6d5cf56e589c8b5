"""Exercise on ALiBi: what is added to the scores."""

import math

from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def alibi_bias(n_queries: int, n_keys: int, slope: float) -> list[list[float]]:
    """What ALiBi adds to the scores of one head: a row for each query, a number for each key.

    The number is minus `slope` times the distance of query and key. The queries are the last of
    the keys: with 3 keys and 2 queries, the queries are at the places 1 and 2. Keys after the
    query count by their distance too (another mask hides them where it must).

    >>> alibi_bias(2, 3, 0.5)
    [[-0.5, 0.0, -0.5], [-1.0, -0.5, 0.0]]
    """
    first = n_keys - n_queries
    return [[0.0 - slope * abs(first + query - key) for key in range(n_keys)] for query in range(n_queries)]


def _bias_cases() -> list[tuple]:
    with_more_keys = [(2, 3, 0.5), (1, 4, 0.25), (2, 5, 0.125), (3, 6, 2.0), (4, 5, 0.3)]
    sizes_and_slopes = [(3, 1.0), (1, 0.5), (4, 0.5), (5, 0.0625), (2, 0.25), (6, 1.5), (3, 0.1), (4, 3.0)]
    return [*with_more_keys, *((n, n, slope) for n, slope in sizes_and_slopes)]


def _of_distance(n_queries, n_keys, bias):
    """A table of `bias(distance)`, where the distance is positive for keys before the query."""
    first = n_keys - n_queries
    return [[bias(first + query - key) for key in range(n_keys)] for query in range(n_queries)]


def _queries_first(n_queries, n_keys, slope):
    return [[-slope * abs(query - key) for key in range(n_keys)] for query in range(n_queries)]


def _rewarded(n_queries, n_keys, slope):
    return _of_distance(n_queries, n_keys, lambda distance: slope * abs(distance))


def _one_sided(n_queries, n_keys, slope):
    return _of_distance(n_queries, n_keys, lambda distance: -slope * distance)


def _past_rewarded(n_queries, n_keys, slope):
    return _of_distance(n_queries, n_keys, lambda distance: slope * distance)


def _without_slope(n_queries, n_keys, slope):
    return alibi_bias(n_queries, n_keys, 1.0)


def _future_zero(n_queries, n_keys, slope):
    return _of_distance(n_queries, n_keys, lambda distance: -slope * max(distance, 0))


def _future_hidden(n_queries, n_keys, slope):
    return _of_distance(n_queries, n_keys, lambda distance: -slope * distance if distance >= 0 else -math.inf)


def _future_very_low(n_queries, n_keys, slope):
    return _of_distance(n_queries, n_keys, lambda distance: -slope * distance if distance >= 0 else -1e9)


def _keys_by_queries(n_queries, n_keys, slope):
    return [list(column) for column in zip(*alibi_bias(n_queries, n_keys, slope), strict=True)]


def _queries_alone(n_queries, n_keys, slope):
    return alibi_bias(n_queries, n_queries, slope)


def _keys_alone(n_queries, n_keys, slope):
    return alibi_bias(n_keys, n_keys, slope)


def _query_one_later(n_queries, n_keys, slope):
    return _of_distance(n_queries, n_keys, lambda distance: -slope * abs(distance + 1))


def _query_one_earlier(n_queries, n_keys, slope):
    return _of_distance(n_queries, n_keys, lambda distance: -slope * abs(distance - 1))


def _squared(n_queries, n_keys, slope):
    return _of_distance(n_queries, n_keys, lambda distance: -slope * distance**2)


def _added(n_queries, n_keys, slope):
    return _of_distance(n_queries, n_keys, lambda distance: -slope - abs(distance))


def _power_of_slope(n_queries, n_keys, slope):
    return _of_distance(n_queries, n_keys, lambda distance: -(slope ** abs(distance)))


def _by_place(n_queries, n_keys, slope):
    return [[slope * key for key in range(n_keys)]] * n_queries


def _from_the_last(n_queries, n_keys, slope):
    return [[-slope * (n_keys - 1 - key) for key in range(n_keys)]] * n_queries


def _from_the_first_query(n_queries, n_keys, slope):
    return [alibi_bias(n_queries, n_keys, slope)[0]] * n_queries


def _all_others_alike(n_queries, n_keys, slope):
    return _of_distance(n_queries, n_keys, lambda distance: -slope * (distance != 0))


def _before_the_first(n_queries, n_keys, slope):
    first = n_queries - n_keys
    return [[-slope * abs(first + query - key) for key in range(n_keys)] for query in range(n_queries)]


ALIBI_BIAS = Exercise(
    name="positions.alibi_bias",
    title=_("What ALiBi adds to the scores"),
    solution=alibi_bias,
    cases=_bias_cases,
    compare=close,
    hints=(
        _("Query q, counted from 0, is at position `n_keys - n_queries + q` among the keys."),
        _("For each query and each key: `-slope * abs(place_of_query - key)`."),
    ),
    mistakes=(
        Mistake(
            _queries_first,
            _(
                "You place the queries at the **first** keys. A model that generates reads its newest tokens last: "
                "query q is at position `n_keys - n_queries + q`."
            ),
        ),
        Mistake(_rewarded, _("Your numbers grow with the distance. Far keys are **lowered**: put a minus before.")),
        Mistake(
            _one_sided,
            _("A key **after** its query gets a reward from you: take the absolute value of the distance, `abs(...)`."),
        ),
        Mistake(
            _past_rewarded,
            _(
                "A key **before** its query gets a reward from you. Take the absolute value of the distance, "
                "then put the minus before it."
            ),
        ),
        Mistake(_without_slope, _("You add the bare distance. Each head multiplies it by its own `slope`.")),
        Mistake(
            _future_zero,
            _(
                "Keys after their query get 0 from you. Here they count by their distance like all others; "
                "hiding them, where it must be, is the work of another mask."
            ),
        ),
        Mistake(
            _future_hidden,
            _(
                "You hide the keys after their query with −∞. That is the causal mask, and another part of the model "
                "adds it; ALiBi alone counts distance to both sides."
            ),
        ),
        Mistake(
            _future_very_low,
            _(
                "You hide the keys after their query with a very low number. That is the causal mask, which is added "
                "elsewhere; ALiBi alone counts distance to both sides."
            ),
        ),
        Mistake(
            _keys_by_queries,
            _("Rows and columns are exchanged: there is a row for each **query**, and in it a number for each key."),
        ),
        Mistake(
            _queries_alone,
            _(
                "Your rows are too short: with more keys than queries, each query also has a distance to the keys "
                "before."
            ),
        ),
        Mistake(
            _keys_alone, _("You give a row for each key. There are `n_queries` rows, those of the last positions.")
        ),
        Mistake(
            _query_one_later,
            _("Your queries are one position too far to the right: the last one is at the last key, `n_keys - 1`."),
        ),
        Mistake(
            _query_one_earlier,
            _("Your queries are one position too far to the left: the last one is at the last key, `n_keys - 1`."),
        ),
        Mistake(_squared, _("You square the distance. The bias is linear in it, as the L of ALiBi says.")),
        Mistake(_added, _("You subtract the slope and the distance. They are multiplied.")),
        Mistake(_power_of_slope, _("You raise the slope to the power of the distance. They are multiplied.")),
        Mistake(
            _by_place,
            _(
                "You count from the first key, as some programs do: within a row only differences matter to softmax, "
                "and for a model that looks back they are the same. Here the distance to the **query** is asked for, "
                "which is 0 at its own place and also counts to the right."
            ),
        ),
        Mistake(
            _from_the_last,
            _(
                "All your rows are that of the last query. Each query counts from its own position, `n_keys - "
                "n_queries + q`."
            ),
        ),
        Mistake(
            _from_the_first_query,
            _(
                "All your rows are that of the first query. Each query counts from its own position, `n_keys - "
                "n_queries + q`."
            ),
        ),
        Mistake(_all_others_alike, _("All keys but the query's own get the same from you: multiply by the distance.")),
        Mistake(
            _before_the_first,
            _("The difference is turned round: the first query is at `n_keys - n_queries`, which is 0 or more."),
        ),
    ),
    explanation=_(
        "The bias depends on the distance alone, so it exists for any number of keys: nothing has to be learned or "
        "stored for a position. In softmax, adding −slope · distance multiplies a weight by e^(−slope · distance)."
    ),
    corners=(
        Corner(
            lambda n_queries, n_keys, slope: n_keys > n_queries,
            _("With as many keys as queries you are right. With more, the queries are the **last** of the keys."),
        ),
    ),
)
