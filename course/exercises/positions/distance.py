"""Exercises on ALiBi: the slopes of the heads, and what is added to the scores."""

import math

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
    return [(4,), (8,), (1,), (2,), (16,), (12,), (3,), (6,), (5,), (20,)]


def _from_zero(n_heads):
    return [2 ** (-8 * head / n_heads) for head in range(n_heads)]


def _always_eight(n_heads):
    return [2.0**-head for head in range(1, n_heads + 1)]


def _evenly_spaced(n_heads):
    return [head / n_heads for head in range(n_heads, 0, -1)]


def _evenly_spaced_between(n_heads):
    first, last = 2 ** (-8 / n_heads), 2**-8
    return [first + (last - first) * i / max(n_heads - 1, 1) for i in range(n_heads)]


def _slowest_first(n_heads):
    return alibi_slopes(n_heads)[::-1]


def _growing(n_heads):
    return [2 ** (8 * head / n_heads) for head in range(1, n_heads + 1)]


def _negative(n_heads):
    return [-slope for slope in alibi_slopes(n_heads)]


def _without_the_last(n_heads):
    return alibi_slopes(n_heads)[:-1]


def _without_the_first(n_heads):
    return alibi_slopes(n_heads)[1:]


def _from_zero_to_the_end(n_heads):
    return [1.0, *alibi_slopes(n_heads)]


def _one_further(n_heads):
    return [2 ** (-8 * head / n_heads) for head in range(1, n_heads + 2)]


def _of_the_authors(n_heads):
    """The published code: for other counts than powers of 2, every second slope of twice as many heads is put behind."""
    power = 2 ** int(math.log2(n_heads))
    return alibi_slopes(power) + alibi_slopes(2 * power)[::2][: n_heads - power]


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


def _added_up(n_heads):
    slopes = alibi_slopes(n_heads)
    return [sum(slopes[: i + 1]) for i in range(n_heads)]


def _every_second(n_heads):
    return alibi_slopes(n_heads)[::2]


def _last_alone(n_heads):
    return [2.0**-8]


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
        Mistake(_slowest_first, _("Your slopes are in the reverse order: the first head has the steepest one.")),
        Mistake(
            _growing,
            _("Your slopes grow beyond 1. The exponents are negative, −8/n, −16/n, …: a slope is at most 1."),
        ),
        Mistake(
            _negative,
            _("Your slopes are negative: the minus belongs into the exponent. What is subtracted comes later."),
        ),
        Mistake(
            _without_the_last, _("The last slope, 2^(−8), is missing: the heads go up to n, `range(1, n_heads + 1)`.")
        ),
        Mistake(_without_the_first, _("The first slope, 2^(−8/n), is missing: the heads begin with 1.")),
        Mistake(
            _from_zero_to_the_end,
            _("There is one slope too many, the 1 at the beginning. With n heads, h goes from 1 to n."),
        ),
        Mistake(_one_further, _("There is one slope too many at the end. With n heads, h goes from 1 to n.")),
        Mistake(
            _of_the_authors,
            _(
                "This is what the authors' code does when the number of heads is no power of 2: it takes the slopes of "
                "the next smaller power and fills in from those of twice as many. The formula asked for here, the "
                "paper's, spaces the exponents evenly for **every** number of heads."
            ),
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
        Mistake(_added_up, _("You add the slopes up. Each head has its own.")),
        Mistake(_every_second, _("Every second slope is missing: the exponents go down by 8/n, and not by 16/n.")),
        Mistake(
            _last_alone, _("Only the last slope is there: each round overwrites the one before. Append to a list.")
        ),
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
        (4, 5, 0.3),
        (3, 4, 0.25),
        (1, 6, 1.0),
    ]


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


def _past_zero(n_queries, n_keys, slope):
    return _of_distance(n_queries, n_keys, lambda distance: slope * min(distance, 0))


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


def _one_more(n_queries, n_keys, slope):
    return _of_distance(n_queries, n_keys, lambda distance: -slope * (abs(distance) + 1))


def _query_one_later(n_queries, n_keys, slope):
    return _of_distance(n_queries, n_keys, lambda distance: -slope * abs(distance + 1))


def _query_one_earlier(n_queries, n_keys, slope):
    return _of_distance(n_queries, n_keys, lambda distance: -slope * abs(distance - 1))


def _squared(n_queries, n_keys, slope):
    return _of_distance(n_queries, n_keys, lambda distance: -slope * distance**2)


def _divided(n_queries, n_keys, slope):
    return alibi_bias(n_queries, n_keys, 1 / slope)


def _added(n_queries, n_keys, slope):
    return _of_distance(n_queries, n_keys, lambda distance: -slope - abs(distance))


def _power_of_slope(n_queries, n_keys, slope):
    return _of_distance(n_queries, n_keys, lambda distance: -(slope ** abs(distance)))


def _by_place(n_queries, n_keys, slope):
    return [[slope * key for key in range(n_keys)]] * n_queries


def _by_place_lowered(n_queries, n_keys, slope):
    return [[-slope * key for key in range(n_keys)]] * n_queries


def _from_the_last(n_queries, n_keys, slope):
    return [[-slope * (n_keys - 1 - key) for key in range(n_keys)]] * n_queries


def _from_the_first_query(n_queries, n_keys, slope):
    return [alibi_bias(n_queries, n_keys, slope)[0]] * n_queries


def _factors(n_queries, n_keys, slope):
    return _of_distance(n_queries, n_keys, lambda distance: math.exp(-slope * abs(distance)))


def _last_query_first(n_queries, n_keys, slope):
    return alibi_bias(n_queries, n_keys, slope)[::-1]


def _keys_from_the_right(n_queries, n_keys, slope):
    return [row[::-1] for row in alibi_bias(n_queries, n_keys, slope)]


def _all_others_alike(n_queries, n_keys, slope):
    return _of_distance(n_queries, n_keys, lambda distance: -slope * (distance != 0))


def _over_the_keys(n_queries, n_keys, slope):
    return alibi_bias(n_queries, n_keys, slope / n_keys)


def _before_the_first(n_queries, n_keys, slope):
    first = n_queries - n_keys
    return [[-slope * abs(first + query - key) for key in range(n_keys)] for query in range(n_queries)]


def _all_zero(n_queries, n_keys, slope):
    return [[0.0] * n_keys for _query in range(n_queries)]


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
        Mistake(_past_zero, _("Keys before their query get 0 from you. They count by their distance, to both sides.")),
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
                "Your rows are too short: with more keys than queries, each query also has a distance to the keys before."
            ),
        ),
        Mistake(_keys_alone, _("You give a row for each key. There are `n_queries` rows, those of the last places.")),
        Mistake(_one_more, _("Your distances are one too large: from a key to the query at the same place it is 0.")),
        Mistake(
            _query_one_later,
            _("Your queries stand one place too far to the right: the last one is at the last key, `n_keys - 1`."),
        ),
        Mistake(
            _query_one_earlier,
            _("Your queries stand one place too far to the left: the last one is at the last key, `n_keys - 1`."),
        ),
        Mistake(_squared, _("You square the distance. The bias is linear in it, as the L of ALiBi says.")),
        Mistake(_divided, _("You divide by the slope. Multiply: a steep head lowers far keys more.")),
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
            _by_place_lowered,
            _("You lower the keys by their place, the last one most. It is the distance to the query."),
        ),
        Mistake(
            _from_the_last,
            _(
                "All your rows are that of the last query. Each query counts from its own place, `n_keys - n_queries + q`."
            ),
        ),
        Mistake(
            _from_the_first_query,
            _(
                "All your rows are that of the first query. Each query counts from its own place, `n_keys - n_queries + q`."
            ),
        ),
        Mistake(
            _factors,
            _(
                "These are the factors by which softmax multiplies its weights. What is added to the scores has no `exp`."
            ),
        ),
        Mistake(_last_query_first, _("Your queries are in the reverse order: the first row belongs to the earliest.")),
        Mistake(_keys_from_the_right, _("You count the keys from the right. Column 0 is the first key.")),
        Mistake(_all_others_alike, _("All keys but the query's own get the same from you: multiply by the distance.")),
        Mistake(_over_the_keys, _("You divide by the number of keys. The bias depends on the distance alone.")),
        Mistake(
            _before_the_first,
            _("The difference is turned round: the first query stands at `n_keys - n_queries`, which is 0 or more."),
        ),
        Mistake(_all_zero, _("All your numbers are 0. Is the slope or the distance lost on the way?")),
    ),
    explanation=_(
        "The bias depends on the distance alone, so it exists for any number of keys: nothing has to be learned or "
        "stored for a place. In softmax, adding −slope · distance multiplies a weight by e^(−slope · distance)."
    ),
)
