"""Exercise on McNemar's exact test: whether two models differ, by the items on which only one of them is right."""

import math
import random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def mcnemar(first_right: list[bool], second_right: list[bool]) -> float:
    """The exact two-sided p-value of McNemar's test for two models on the same items.

    first_right[i], second_right[i]: whether the first and the second model got item i right.
    Only the items count that one model alone got right; there are n of them. If the models do
    not differ, each is won like the throw of a fair coin. Let k be the number of items that the
    model with fewer of them won. The p-value is twice the probability of at most k heads in n
    throws, and 1.0 where that is more, or where n is 0. The probability of exactly j heads is
    comb(n, j) / 2**n.

    >>> mcnemar([True] * 6 + [False, True], [False] * 6 + [True, True])
    0.125
    >>> mcnemar([True, False, True], [False, True, True])
    1.0
    """
    import math

    won = [a for a, b in zip(first_right, second_right, strict=True) if a != b]
    n, k = len(won), min(sum(won), len(won) - sum(won))
    return min(1.0, 2 * sum(math.comb(n, j) for j in range(k + 1)) / 2**n)


def _models(first: int, second: int, both: int, neither: int, draw: random.Random) -> tuple[list[bool], list[bool]]:
    """Answers with these numbers of items that are right, in any order."""
    pairs = [(True, False)] * first + [(False, True)] * second + [(True, True)] * both + [(False, False)] * neither
    draw.shuffle(pairs)
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _mcnemar_cases() -> list[tuple]:
    draw = random.Random(1906)
    counts = [(2, 7, 4, 1), (8, 1, 3, 5), (5, 2, 6, 3), (0, 4, 5, 2), (6, 0, 3, 1), (1, 5, 2, 8), (9, 4, 1, 2)]
    counts += [(3, 8, 10, 4), (10, 3, 4, 9), (1, 3, 7, 2), (2, 5, 0, 0), (7, 3, 2, 6), (4, 9, 3, 3), (1, 0, 4, 2)]
    counts += [(0, 1, 2, 3), (3, 3, 4, 2), (2, 2, 6, 1), (4, 4, 1, 5), (0, 0, 4, 3), (0, 0, 5, 0), (3, 4, 2, 2)]
    first: list[tuple] = [
        ([True] * 6 + [False, True], [False] * 6 + [True, True]),
        ([True, False, True], [False, True, True]),
    ]
    return first + [_models(*each, draw) for each in counts] + [([], [])]


def _wins(first_right, second_right):
    pairs = [(bool(a), bool(b)) for a, b in zip(first_right, second_right, strict=True)]
    return pairs.count((True, False)), pairs.count((False, True))


def _tail(k, n):
    return sum(math.comb(n, j) for j in range(k + 1)) / 2**n


def _one_sided(first_right, second_right):
    first, second = _wins(first_right, second_right)
    return _tail(min(first, second), first + second)


def _one_sided_for_the_first(first_right, second_right):
    first, second = _wins(first_right, second_right)
    return _tail(second, first + second)


def _one_sided_for_the_second(first_right, second_right):
    first, second = _wins(first_right, second_right)
    return _tail(first, first + second)


def _not_limited(first_right, second_right):
    first, second = _wins(first_right, second_right)
    return 2 * _tail(min(first, second), first + second)


def _twice_of_the_first(first_right, second_right):
    first, second = _wins(first_right, second_right)
    return min(1.0, 2 * _tail(first, first + second))


def _twice_of_the_second(first_right, second_right):
    first, second = _wins(first_right, second_right)
    return min(1.0, 2 * _tail(second, first + second))


def _without_k(first_right, second_right):
    first, second = _wins(first_right, second_right)
    return min(1.0, 2 * _tail(min(first, second) - 1, first + second))


def _exactly_k(first_right, second_right):
    first, second = _wins(first_right, second_right)
    return math.comb(first + second, first) / 2 ** (first + second)


def _twice_exactly_k(first_right, second_right):
    return min(1.0, 2 * _exactly_k(first_right, second_right))


def _mid_p(first_right, second_right):
    first, second = _wins(first_right, second_right)
    return 2 * _tail(min(first, second), first + second) - _exactly_k(first_right, second_right)


def _chi_square(first_right, second_right):
    first, second = _wins(first_right, second_right)
    return (first - second) ** 2 / (first + second) if first + second else 0.0


def _corrected_chi_square(first_right, second_right):
    first, second = _wins(first_right, second_right)
    return max(abs(first - second) - 1, 0) ** 2 / (first + second) if first + second else 0.0


def _p_of_chi_square(first_right, second_right):
    return math.erfc(math.sqrt(_chi_square(first_right, second_right) / 2))


def _p_of_corrected_chi_square(first_right, second_right):
    return math.erfc(math.sqrt(_corrected_chi_square(first_right, second_right) / 2))


def _unpaired(first_right, second_right):
    n = len(first_right)
    a, b = sum(first_right), sum(second_right)
    share = (a + b) / (2 * n) if n else 0.0
    error = math.sqrt(share * (1 - share) * 2 / n) if n else 0.0
    return math.erfc(abs(a - b) / n / error / math.sqrt(2)) if error else 1.0


def _all_items(first_right, second_right):
    first, second = _wins(first_right, second_right)
    return min(1.0, 2 * _tail(min(first, second), len(first_right)))


def _throws_of_all_items(first_right, second_right):
    first, second = _wins(first_right, second_right)
    tail = sum(math.comb(first + second, j) for j in range(min(first, second) + 1))
    return min(1.0, 2 * tail / 2 ** len(first_right))


def _of_all_that_are_right(first_right, second_right):
    a, b = sum(first_right), sum(second_right)
    return min(1.0, 2 * _tail(min(a, b), a + b))


def _of_all_that_are_wrong(first_right, second_right):
    return _of_all_that_are_right([not x for x in first_right], [not x for x in second_right])


def _of_agreement(first_right, second_right):
    return mcnemar(first_right, [not x for x in second_right])


def _of_equal_and_different(first_right, second_right):
    same = sum(a == b for a, b in zip(first_right, second_right, strict=True))
    n = len(first_right)
    return min(1.0, 2 * _tail(min(same, n - same), n))


def _larger_as_k(first_right, second_right):
    first, second = _wins(first_right, second_right)
    return _tail(max(first, second), first + second)


def _confidence(first_right, second_right):
    return 1 - mcnemar(first_right, second_right)


def _zero_without_differences(first_right, second_right):
    return mcnemar(first_right, second_right) if any(_wins(first_right, second_right)) else 0.0


def _differences(first_right, second_right):
    return sum(_wins(first_right, second_right))


def _difference_of_accuracies(first_right, second_right):
    return (sum(first_right) - sum(second_right)) / max(1, len(first_right))


def _share_of_wins(first_right, second_right):
    first, second = _wins(first_right, second_right)
    return first / (first + second) if first + second else 0.5


def _both_counts(first_right, second_right):
    return _wins(first_right, second_right)


def _is_significant(first_right, second_right):
    return mcnemar(first_right, second_right) < 0.05


def _powers_alone(first_right, second_right):
    first, second = _wins(first_right, second_right)
    return min(1.0, 2 * (min(first, second) + 1) / 2 ** (first + second))


def _not_divided(first_right, second_right):
    first, second = _wins(first_right, second_right)
    return 2 * sum(math.comb(first + second, j) for j in range(min(first, second) + 1))


def _from_one_head(first_right, second_right):
    first, second = _wins(first_right, second_right)
    n = first + second
    return 1.0 if not n else min(1.0, 2 * sum(math.comb(n, j) for j in range(1, min(first, second) + 1)) / 2**n)


def _one_head_more(first_right, second_right):
    first, second = _wins(first_right, second_right)
    return min(1.0, 2 * _tail(min(first, second) + 1, first + second))


def _without_the_first_item(first_right, second_right):
    return mcnemar(first_right[1:], second_right[1:])


def _without_the_last_item(first_right, second_right):
    return mcnemar(first_right[:-1], second_right[:-1])


def _right_of_the_first(first_right, second_right):
    return _won_out_of(sum(first_right), first_right, second_right)


def _right_of_the_second(first_right, second_right):
    return _won_out_of(sum(second_right), first_right, second_right)


def _won_out_of(k, first_right, second_right):
    """With k of all that a model got right, and n of those that one alone did."""
    n = sum(_wins(first_right, second_right))
    return min(1.0, 2 * _tail(min(k, n), n))


def _no_heads(first_right, second_right):
    return min(1.0, 2 / 2 ** sum(_wins(first_right, second_right)))


def _square_of_n(first_right, second_right):
    n = sum(_wins(first_right, second_right))
    return min(1.0, 2 * _tail(min(_wins(first_right, second_right)), n) * 2**n / max(1, n**2))


MCNEMAR = Exercise(
    name="evaluation.mcnemar",
    title=_("Do two models differ on these items?"),
    solution=mcnemar,
    cases=_mcnemar_cases,
    hints=(
        _(
            "Count the items that the first model alone got right, and those of the second. The rest say nothing about "
            "which one is better, however many they are."
        ),
        _(
            "`sum(math.comb(n, j) for j in range(k + 1)) / 2**n` is the probability of at most k heads. Twice that is "
            "above 1 where both won equally often: `min(1.0, …)`."
        ),
    ),
    mistakes=(
        Mistake(
            _one_sided, _("You return the **one-sided** p-value: a difference in either direction counts, twice it.")
        ),
        Mistake(
            _one_sided_for_the_first,
            _("You test whether the **first** model is better alone: take twice the smaller tail."),
        ),
        Mistake(
            _one_sided_for_the_second,
            _("You test whether the **second** model is better alone: take twice the smaller tail."),
        ),
        Mistake(_not_limited, _("Your p-value can be **above 1**: `min(1.0, …)`.")),
        Mistake(
            _twice_of_the_first, _("k is the number of the **first** model's items in yours: take the fewer ones.")
        ),
        Mistake(
            _twice_of_the_second, _("k is the number of the **second** model's items in yours: take the fewer ones.")
        ),
        Mistake(_without_k, _("You leave out **k** heads: at most k are 0 to k, `range(k + 1)`.")),
        Mistake(
            _exactly_k, _("You take the probability of **exactly** k heads: add up those of 0 to k, and double it.")
        ),
        Mistake(_twice_exactly_k, _("You double the probability of **exactly** k heads: add up those of 0 to k.")),
        Mistake(_mid_p, _("You count **half** of the probability of k heads, the mid-p-value: count all of it.")),
        Mistake(_chi_square, _("You return the **statistic** χ²: the exact p-value is wanted.")),
        Mistake(_corrected_chi_square, _("You return the **statistic** χ², corrected: the exact p-value is wanted.")),
        Mistake(
            _p_of_chi_square, _("Your p-value is that of **χ²**, which needs many items: count the coin's throws.")
        ),
        Mistake(
            _p_of_corrected_chi_square,
            _("Your p-value is that of the corrected **χ²**, which needs many items: count the coin's throws."),
        ),
        Mistake(
            _unpaired,
            _("You compare two accuracies as of **different items**: both models saw the same, so pair them."),
        ),
        Mistake(_all_items, _("n is the number of **all items** in yours: only those count that one alone got right.")),
        Mistake(
            _throws_of_all_items,
            _("You divide by 2 to the power of **all items**: n are those that one model alone got right."),
        ),
        Mistake(
            _of_all_that_are_right,
            _("You compare how many each got **right**: those that both got right do not count."),
        ),
        Mistake(
            _of_all_that_are_wrong,
            _("You compare how many each got **wrong**: those that both got wrong do not count."),
        ),
        Mistake(_of_agreement, _("You count the items that **both** got right or wrong: those do not count.")),
        Mistake(_of_equal_and_different, _("You compare agreement with **difference**: compare who won the items.")),
        Mistake(_larger_as_k, _("Your k is the **larger** number, and you do not double: take the smaller one.")),
        Mistake(_confidence, _("You return **1 minus** the p-value.")),
        Mistake(_zero_without_differences, _("Models that **never differ** have a p-value of 0 in yours: it is 1.0.")),
        Mistake(_differences, _("You return **how many** items one model alone got right: return the p-value.")),
        Mistake(_difference_of_accuracies, _("You return the **difference** of the accuracies: return the p-value.")),
        Mistake(_share_of_wins, _("You return the **share** of the items that the first won: return the p-value.")),
        Mistake(_both_counts, _("You return both **counts**: return the p-value.")),
        Mistake(_is_significant, _("You return whether p is **below 0.05**: return p.")),
        Mistake(_powers_alone, _("You count each number of heads **once**: there are comb(n, j) ways to j heads.")),
        Mistake(_not_divided, _("You do not **divide**: there are `2**n` sequences of n throws.")),
        Mistake(_from_one_head, _("You leave out **0** heads: at most k are 0 to k.")),
        Mistake(_without_the_first_item, _("You leave out the **first** item: all of them count.")),
        Mistake(_without_the_last_item, _("You leave out the **last** item: all of them count.")),
        Mistake(_right_of_the_first, _("Your k counts all that the **first** got right: count what it alone did.")),
        Mistake(_right_of_the_second, _("Your k counts all that the **second** got right: count what it alone did.")),
        Mistake(_no_heads, _("You take the probability of **0** heads alone: add up those of 0 to k.")),
        Mistake(_square_of_n, _("You divide by **n²**: there are `2**n` sequences of n throws.")),
        Mistake(_one_head_more, _("You add up to **k + 1** heads: at most k are 0 to k, `range(k + 1)`.")),
    ),
    corners=(
        Corner(
            lambda first_right, second_right: not any(_wins(first_right, second_right)),
            _("Only models that **never differ**, or no items, go wrong: their p-value is 1.0."),
        ),
        Corner(
            lambda first_right, second_right: (
                0 < _wins(first_right, second_right)[0] == _wins(first_right, second_right)[1]
            ),
            _("Only models that win **equally often** go wrong: their p-value is 1.0, `min(1.0, …)`."),
        ),
    ),
    explanation=_(
        "Items that both models get right, or both get wrong, do not say which one is better. What makes an item hard "
        "for both cancels, so a paired test can find a difference that two overlapping intervals hide. A p-value of 1 "
        "does not say that the models are equal: with few items on which they differ, little was measured."
    ),
)
