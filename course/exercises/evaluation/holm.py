"""Exercise on Holm's correction of many tests: of twenty comparisons of equal models, one has p below 0.05."""

import itertools
import random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def holm(p_values: list[float]) -> list[float]:
    """Holm's adjusted p-values of many tests, in the order in which the p-values are given.

    Of m p-values, the smallest is multiplied by m, the next one by m - 1, and so on, up to
    the largest, which is multiplied by 1. A product that is below that of a smaller p-value is
    raised to the largest of those. What is above 1 becomes 1.0. Equal p-values have equal
    adjusted ones. No p-values have none: [].

    >>> holm([0.25, 0.0625, 0.5])
    [0.5, 0.1875, 0.5]
    >>> holm([0.25, 0.125, 0.1875])
    [0.375, 0.375, 0.375]
    """
    adjusted, largest = [0.0] * len(p_values), 0.0
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    for rank, place in enumerate(order):
        largest = max(largest, (len(p_values) - rank) * p_values[place])
        adjusted[place] = min(1.0, largest)
    return adjusted


def _holm_cases() -> list[tuple]:
    draw = random.Random(1908)
    cases: list[tuple] = [
        ([0.25, 0.0625, 0.5],),
        ([0.25, 0.125, 0.1875],),
        ([0.03, 0.01, 0.02, 0.04],),
        ([0.04, 0.001, 0.3, 0.02, 0.019],),
        ([0.6, 0.01, 0.7, 0.02],),
        ([0.02, 0.02, 0.5, 0.001],),
        ([0.9, 0.8, 0.7],),
        ([0.2],),
        ([],),
        ([0.001, 0.01, 0.02, 0.2, 0.9],),
        ([0.1, 0.03, 0.03, 0.03],),
        ([0.0, 1.0, 0.015, 0.4],),
    ]
    for n, largest in ((4, 0.1), (5, 0.06), (6, 0.3), (7, 0.1), (8, 0.05), (5, 1.0), (6, 0.08)):
        cases.append(([round(draw.random() * largest, 3) for _test in range(n)],))
    return cases


def _order(p_values):
    return sorted(range(len(p_values)), key=lambda i: p_values[i])


def _adjusted(p_values, factors, *, raised=True, limited=True):
    """P-values times factors by their rank, the smallest first."""
    order = _order(p_values)
    values = [p_values[place] * factor for place, factor in zip(order, factors, strict=True)]
    if raised:
        values = list(itertools.accumulate(values, max))
    found = [0.0] * len(values)
    for place, value in zip(order, values, strict=True):
        found[place] = min(1.0, value) if limited else value
    return found


def _down(p_values):
    return range(len(p_values), 0, -1)


def _bonferroni(p_values):
    return [min(1.0, p * len(p_values)) for p in p_values]


def _bonferroni_not_limited(p_values):
    return [p * len(p_values) for p in p_values]


def _not_raised(p_values):
    return _adjusted(p_values, _down(p_values), raised=False)


def _not_limited(p_values):
    return _adjusted(p_values, _down(p_values), limited=False)


def _neither(p_values):
    return _adjusted(p_values, _down(p_values), raised=False, limited=False)


def _in_sorted_order(p_values):
    return sorted(holm(p_values))


def _sorted_not_raised(p_values):
    return [min(1.0, p * factor) for p, factor in zip(sorted(p_values), _down(p_values), strict=True)]


def _hochberg(p_values):
    order = _order(p_values)
    values = [p_values[place] * factor for place, factor in zip(order, _down(p_values), strict=True)]
    values = list(itertools.accumulate(values[::-1], min))[::-1]
    found = [0.0] * len(values)
    for place, value in zip(order, values, strict=True):
        found[place] = min(1.0, value)
    return found


def _benjamini_hochberg(p_values):
    order, m = _order(p_values), len(p_values)
    values = [p_values[place] * m / (rank + 1) for rank, place in enumerate(order)]
    values = list(itertools.accumulate(values[::-1], min))[::-1]
    found = [0.0] * m
    for place, value in zip(order, values, strict=True):
        found[place] = min(1.0, value)
    return found


def _shares_of_m(p_values):
    return _adjusted(p_values, [len(p_values) / (rank + 1) for rank in range(len(p_values))], raised=False)


def _factors_up(p_values):
    return _adjusted(p_values, range(1, len(p_values) + 1))


def _one_less(p_values):
    return _adjusted(p_values, range(len(p_values) - 1, -1, -1))


def _one_more(p_values):
    return _adjusted(p_values, range(len(p_values) + 1, 1, -1))


def _unsorted(p_values):
    return [
        min(1.0, each)
        for each in itertools.accumulate((p * f for p, f in zip(p_values, _down(p_values), strict=True)), max)
    ]


def _unsorted_not_raised(p_values):
    return [min(1.0, p * factor) for p, factor in zip(p_values, _down(p_values), strict=True)]


def _largest_first(p_values):
    order = _order(p_values)[::-1]
    found, largest = [0.0] * len(p_values), 0.0
    for factor, place in zip(_down(p_values), order, strict=True):
        largest = max(largest, factor * p_values[place])
        found[place] = min(1.0, largest)
    return found


def _raised_in_given_order(p_values):
    return list(itertools.accumulate(_not_raised(p_values), max))


def _sidak(p_values):
    return [1 - (1 - p) ** len(p_values) for p in p_values]


def _holm_sidak(p_values):
    order, largest = _order(p_values), 0.0
    found = [0.0] * len(p_values)
    for rank, place in enumerate(order):
        largest = max(largest, 1 - (1 - p_values[place]) ** (len(p_values) - rank))
        found[place] = largest
    return found


def _divided(p_values):
    return _adjusted(p_values, [1 / factor for factor in _down(p_values)])


def _rejected(p_values):
    return [adjusted <= 0.05 for adjusted in holm(p_values)]


def _factors(p_values):
    order = _order(p_values)
    return [len(p_values) - order.index(i) for i in range(len(p_values))]


def _as_they_are(p_values):
    return list(p_values)


def _smallest_alone(p_values):
    return [min(1.0, p * len(p_values)) if p == min(p_values) else p for p in p_values]


def _added_up(p_values):
    order, total = _order(p_values), 0.0
    found = [0.0] * len(p_values)
    for rank, place in enumerate(order):
        total += (len(p_values) - rank) * p_values[place]
        found[place] = min(1.0, total)
    return found


def _lowered(p_values):
    order, smallest = _order(p_values), 1.0
    found = [0.0] * len(p_values)
    for rank, place in enumerate(order):
        smallest = min(smallest, (len(p_values) - rank) * p_values[place])
        found[place] = smallest
    return found


def _raised_by_one_before(p_values):
    """Compared with the product before alone, not with the largest so far."""
    order = _order(p_values)
    values = [p_values[place] * factor for place, factor in zip(order, _down(p_values), strict=True)]
    found = [0.0] * len(values)
    for rank, place in enumerate(order):
        found[place] = min(1.0, max(values[max(0, rank - 1)], values[rank]))
    return found


def _order_as_places(p_values):
    """The adjusted p-values, put at the ranks of the ranks: the order is used the wrong way round."""
    values = sorted(holm(p_values))
    return [values[place] for place in _order(p_values)]


def _smallest_of_all(p_values):
    return min(holm(p_values), default=1.0)


def _dictionary(p_values):
    return dict(zip(p_values, holm(p_values), strict=True))


def _ties_with_one_factor(p_values):
    """Equal p-values have one factor, the smallest of theirs."""
    return [min(1.0, p * sum(other >= p for other in set(p_values))) for p in p_values]


def _times_how_many_are_larger(p_values):
    return [min(1.0, p * sum(other > p for other in p_values)) for p in p_values]


HOLM = Exercise(
    name="evaluation.holm",
    title=_("Many tests"),
    solution=holm,
    cases=_holm_cases,
    hints=(
        _(
            "Go through the p-values from the smallest to the largest, but write each result at the place of its "
            "p-value. Keep the largest product so far."
        ),
        _(
            "`sorted(range(m), key=lambda i: p_values[i])` has the places, that of the smallest p-value first. At rank "
            "0, 1, 2, … the factor is m - rank; `largest = max(largest, factor * p)`, and at most 1 is stored."
        ),
    ),
    mistakes=(
        Mistake(
            _bonferroni, _("You multiply **all** by m, which is Bonferroni's correction: m is for the smallest alone.")
        ),
        Mistake(
            _bonferroni_not_limited, _("You multiply **all** by m, and may exceed 1: m is for the smallest alone.")
        ),
        Mistake(
            _not_raised,
            _("A larger p-value can have a **smaller** adjusted one in yours: keep the largest so far."),
        ),
        Mistake(_not_limited, _("Your adjusted p-values can be **above 1**: `min(1.0, …)`.")),
        Mistake(_neither, _("You only multiply: keep the **largest** so far, and limit it to 1.")),
        Mistake(_in_sorted_order, _("Your answer is **sorted**: return the adjusted p-values in the given order.")),
        Mistake(_sorted_not_raised, _("Your answer is **sorted**, and the largest so far is not kept.")),
        Mistake(
            _hochberg,
            _("You take the **smallest** product from above, as Hochberg does: keep the largest from below."),
        ),
        Mistake(
            _benjamini_hochberg,
            _("You return **Benjamini and Hochberg's** p-values, which promise less: the factors are m, m − 1, …, 1."),
        ),
        Mistake(_shares_of_m, _("Your factors are m / 1, m / 2, and so on: Holm's are **m, m − 1, …, 1**.")),
        Mistake(_factors_up, _("Your factors go **up** from 1: the smallest p-value has the factor m.")),
        Mistake(_one_less, _("Your factors are **one too small**: they go from m down to 1.")),
        Mistake(_one_more, _("Your factors are **one too large**: they go from m down to 1.")),
        Mistake(_unsorted, _("You multiply in the **given** order: the smallest p-value comes first.")),
        Mistake(
            _unsorted_not_raised,
            _("You multiply in the **given** order, and do not keep the largest: the smallest p-value comes first."),
        ),
        Mistake(_largest_first, _("You begin with the **largest** p-value: begin with the smallest.")),
        Mistake(_raised_in_given_order, _("You keep the largest so far in the **given** order: go by size.")),
        Mistake(_sidak, _("You return **Šidák's** p-values, 1 − (1 − p) to the power of m: multiply.")),
        Mistake(_holm_sidak, _("You take 1 − (1 − p) to a **power**, which is Holm and Šidák's way: multiply.")),
        Mistake(_divided, _("You **divide** by the factors: that is for α, and p-values are multiplied.")),
        Mistake(_rejected, _("You return which tests are **significant**: return adjusted p-values.")),
        Mistake(_factors, _("You return the **factors**: multiply the p-values by them.")),
        Mistake(_as_they_are, _("You return the p-values **as they were**.")),
        Mistake(_smallest_alone, _("You change the **smallest** p-value alone: the next has the factor m − 1.")),
        Mistake(_added_up, _("You **add up** the products: keep the largest so far.")),
        Mistake(_lowered, _("You keep the **smallest** product so far: keep the largest.")),
        Mistake(
            _raised_by_one_before,
            _("You compare with the product **right before** alone: keep the largest of all before."),
        ),
        Mistake(
            _order_as_places,
            _("You put the results back the **wrong way round**: that of `order[rank]` belongs at `order[rank]`."),
        ),
        Mistake(_smallest_of_all, _("You return the **smallest** alone: return one for each test.")),
        Mistake(_dictionary, _("You return a **dictionary**: return a list with one for each test.")),
        Mistake(
            _ties_with_one_factor,
            _("You count the **distinct** p-values: equal ones are as many tests as they are."),
        ),
        Mistake(
            _times_how_many_are_larger,
            _("Your factor is how many p-values are **larger**: the p-value itself counts, too."),
        ),
    ),
    corners=(
        Corner(lambda p_values: not p_values, _("Only **no p-values** at all go wrong: they have none, `[]`.")),
        Corner(
            lambda p_values: len(set(p_values)) < len(p_values),
            _("Only **equal** p-values go wrong: they have equal adjusted ones, the larger product."),
        ),
    ),
    explanation=_(
        "With adjusted p-values below α as discoveries, the probability of any false one among all tests is at most α, "
        "however the tests depend on each other. Bonferroni's factor m for all promises the same and finds less: once "
        "the smallest p-value is a discovery, at most m − 1 of the hypotheses can be true."
    ),
)
