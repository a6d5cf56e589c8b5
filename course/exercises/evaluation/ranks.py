"""Exercise on ranks in which equal numbers share the mean of their places: what Spearman's correlation is made of."""

import math
import random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def average_ranks(values: list[float]) -> list[float]:
    """The rank of each number, in the order of the numbers: 1 for the smallest.

    Equal numbers share the mean of the ranks that they take up together: of two that are
    smaller than all others, each has the rank 1.5. Where no numbers are equal, the ranks are
    1, 2, 3, and so on, up to the number of values. No values have no ranks: [].

    >>> average_ranks([0.2, 5.0, -1.0])
    [2.0, 3.0, 1.0]
    >>> average_ranks([3, 1, 3, 3, 2])
    [4.0, 1.0, 4.0, 4.0, 2.0]
    """
    ordered = sorted(values)
    return [ordered.index(value) + (ordered.count(value) + 1) / 2 for value in values]


def _average_ranks_cases() -> list[tuple]:
    draw = random.Random(1902)
    cases: list[tuple] = [
        ([0.2, 5.0, -1.0],),
        ([3, 1, 3, 3, 2],),
        ([4.5, 4.5, 1.0, 9.0],),
        ([1.0, 2.5, 2.5, 7.0, 7.0, 7.0, 8.0],),
        ([-3.0, 2.0, -3.0, 0.0, -7.5, 2.0],),
        ([9, 7, 5, 3, 1],),
        ([5, 5, 5, 5],),
        ([1, 0, 1, 1, 0, 1, 0],),
        ([6.5],),
        ([],),
        ([2.0, -2.0, 1.0, -1.0, 0.5],),
    ]
    for n, few in ((6, 4), (8, 5), (9, 12), (10, 6), (12, 5), (7, 3)):
        cases.append(([draw.randint(-few, few) / 2 for _value in range(n)],))
    return cases


def _smaller(values, value):
    return sum(other < value for other in values)


def _from_0(values):
    return [rank - 1 for rank in average_ranks(values)]


def _lowest(values):
    return [_smaller(values, value) + 1 for value in values]


def _highest(values):
    return [_smaller(values, value) + values.count(value) for value in values]


def _lowest_from_0(values):
    return [_smaller(values, value) for value in values]


def _by_place(values):
    order = sorted(range(len(values)), key=lambda i: values[i])
    return [order.index(i) + 1 for i in range(len(values))]


def _by_place_from_0(values):
    return [rank - 1 for rank in _by_place(values)]


def _by_place_from_the_back(values):
    order = sorted(range(len(values)), key=lambda i: (values[i], -i))
    return [order.index(i) + 1 for i in range(len(values))]


def _dense(values):
    distinct = sorted(set(values))
    return [distinct.index(value) + 1 for value in values]


def _dense_from_0(values):
    return [rank - 1 for rank in _dense(values)]


def _order(values):
    return [i + 1 for i in sorted(range(len(values)), key=lambda i: values[i])]


def _order_from_0(values):
    return sorted(range(len(values)), key=lambda i: values[i])


def _largest_first(values):
    return average_ranks([-value for value in values])


def _largest_first_lowest(values):
    return [sum(other > value for other in values) + 1 for value in values]


def _in_order(values):
    return average_ranks(sorted(values))


def _half_too_much(values):
    return [_smaller(values, value) + values.count(value) / 2 + 1 for value in values]


def _half_too_few(values):
    return [_smaller(values, value) + values.count(value) / 2 for value in values]


def _whole_mean(values):
    return [math.floor(rank) for rank in average_ranks(values)]


def _whole_mean_above(values):
    return [math.ceil(rank) for rank in average_ranks(values)]


def _of_sizes(values):
    return average_ranks([abs(value) for value in values])


def _shares(values):
    return [rank / len(values) for rank in average_ranks(values)]


def _quantiles(values):
    return [(rank - 0.5) / len(values) for rank in average_ranks(values)]


def _from_0_to_1(values):
    return [(rank - 1) / max(1, len(values) - 1) for rank in average_ranks(values)]


def _sorted_values(values):
    return sorted(values)


def _of_distinct(values):
    return [rank for i, rank in enumerate(average_ranks(values)) if values[i] not in values[:i]]


def _ranked_without_repeats(values):
    return average_ranks(list(dict.fromkeys(values)))


def _dictionary(values):
    return dict(zip(values, average_ranks(values), strict=True))


def _pairs(values):
    return list(zip(values, average_ranks(values), strict=True))


def _sum_of_ranks(values):
    return [rank * values.count(value) for value, rank in zip(values, average_ranks(values), strict=True)]


def _first_and_next(values):
    return [_smaller(values, value) + (1.5 if values.count(value) > 1 else 1.0) for value in values]


def _neighbours(values):
    """Only equal numbers that are next to each other share a rank."""
    ranks, start = [float(rank) for rank in _by_place(values)], 0
    for end in range(1, len(values) + 1):
        if end == len(values) or values[end] != values[start]:
            ranks[start:end] = [sum(ranks[start:end]) / (end - start)] * (end - start)
            start = end
    return ranks


def _ties_shared_by_place(values):
    """The mean of the positions in the list, not of the ranks."""
    return [
        sum(i + 1 for i, other in enumerate(values) if other == value) / values.count(value)
        if values.count(value) > 1
        else _smaller(values, value) + 1
        for value in values
    ]


def _counts_itself_twice(values):
    return [sum(other <= value for other in values) + 1 for value in values]


def _how_often(values):
    return [values.count(value) for value in values]


def _only_one_of_a_tie(values):
    """One less for each item of a tie after the first, as ranks that a group takes up once."""
    distinct = sorted(set(values))
    return [distinct.index(value) + (values.count(value) + 1) / 2 for value in values]


AVERAGE_RANKS = Exercise(
    name="evaluation.average_ranks",
    title=_("Ranks, with ties"),
    solution=average_ranks,
    cases=_average_ranks_cases,
    hints=(
        _(
            "If s numbers are smaller than a number, and k are equal to it, itself among them, these k take up the "
            "ranks from s + 1 to s + k. What is the mean of those?"
        ),
        _(
            "The mean of the ranks from s + 1 to s + k is s + (k + 1) / 2. In `ordered = sorted(values)`, "
            "`ordered.index(value)` is s, and `ordered.count(value)` is k."
        ),
    ),
    mistakes=(
        Mistake(_from_0, _("You count from **0**: the smallest has the rank 1.")),
        Mistake(_lowest, _("Equal numbers have the **lowest** of their ranks in yours: they share the mean.")),
        Mistake(_highest, _("Equal numbers have the **highest** of their ranks in yours: they share the mean.")),
        Mistake(_lowest_from_0, _("You return how many numbers are **smaller**: add (k + 1) / 2 for k equal ones.")),
        Mistake(_by_place, _("Equal numbers have **different** ranks in yours, by position: they share the mean.")),
        Mistake(_by_place_from_0, _("You count from 0, and equal numbers have **different** ranks: share the mean.")),
        Mistake(
            _by_place_from_the_back,
            _("Equal numbers have **different** ranks in yours, the last one the lowest: they share the mean."),
        ),
        Mistake(_dense, _("Equal numbers take up **one** rank in yours: k of them take up k, and share the mean.")),
        Mistake(_dense_from_0, _("Equal numbers take up **one** rank in yours, from 0: k take up k, from 1.")),
        Mistake(
            _order, _("You return **where** the smallest is, the next one, and so on: return the rank of each number.")
        ),
        Mistake(
            _order_from_0, _("You return the **indices** in sorted order, as `argsort` does: return ranks, from 1.")
        ),
        Mistake(_largest_first, _("The **largest** has the rank 1 in yours: the smallest has it.")),
        Mistake(
            _largest_first_lowest,
            _("The **largest** has the rank 1 in yours, and equal numbers do not share the mean of their ranks."),
        ),
        Mistake(_in_order, _("Your ranks are in **sorted** order: return them in the order of the numbers.")),
        Mistake(_half_too_much, _("Each of your ranks is **1/2** too high: k equal numbers add (k + 1) / 2.")),
        Mistake(_half_too_few, _("Each of your ranks is **1/2** too low: k equal numbers add (k + 1) / 2.")),
        Mistake(_whole_mean, _("The mean of the ranks is rounded **down** in yours: it may end with .5.")),
        Mistake(_whole_mean_above, _("The mean of the ranks is rounded **up** in yours: it may end with .5.")),
        Mistake(_of_sizes, _("You rank **absolute values**: −3 is smaller than 1.")),
        Mistake(_shares, _("You divide by the **number** of values: return the ranks themselves.")),
        Mistake(_quantiles, _("You return **quantiles** from 0 to 1: return the ranks themselves.")),
        Mistake(_from_0_to_1, _("You scale the ranks to **0 to 1**: return them as they are.")),
        Mistake(_sorted_values, _("You return the **sorted values**: return the rank of each.")),
        Mistake(_of_distinct, _("Equal numbers have **one** rank in your list: give one for each of the values.")),
        Mistake(_ranked_without_repeats, _("You rank the **distinct** numbers: give a rank for each of the values.")),
        Mistake(_dictionary, _("You return a **dictionary**: return a list with the rank of each value.")),
        Mistake(_pairs, _("You return **pairs** of value and rank: return the ranks alone.")),
        Mistake(
            _sum_of_ranks, _("Equal numbers have the **sum** of their ranks in yours: divide by how many they are.")
        ),
        Mistake(
            _first_and_next,
            _("Equal numbers share the mean of their first **two** ranks in yours: there may be more of them."),
        ),
        Mistake(
            _neighbours,
            _("Only equal numbers **next to each other** share a rank in yours: look at the whole list."),
        ),
        Mistake(
            _ties_shared_by_place,
            _("Equal numbers share the mean of their **positions** in the list: take that of their ranks."),
        ),
        Mistake(
            _counts_itself_twice,
            _("Your rank is **1 more** than how many are not larger, and ties do not share: take the mean."),
        ),
        Mistake(_how_often, _("You return **how often** each number occurs: return its rank.")),
        Mistake(
            _only_one_of_a_tie,
            _("You count the **distinct** smaller numbers: count all of them, as often as they occur."),
        ),
    ),
    corners=(
        Corner(
            lambda values: len(set(values)) == 1 < len(values),
            _("Only numbers that are **all equal** go wrong: all share the mean rank, (n + 1) / 2."),
        ),
        Corner(lambda values: not values, _("Only **no values** at all go wrong: they have no ranks, `[]`.")),
    ),
    explanation=_(
        "Spearman's correlation is Pearson's of these ranks. If ties had ranks by position, the coefficient would "
        "depend on the order in which the items are listed, which says nothing about the model. With the mean, the sum "
        "of all ranks stays n · (n + 1) / 2 however many numbers are equal."
    ),
)
