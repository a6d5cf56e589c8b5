"""Tests of whether two models that answered the same items differ: McNemar's, and the permutation test of any measure.

The items are the pairs. Two intervals that overlap say less: most of what makes each of them wide, the difficulty of
the items, is the same for both models and cancels in the difference.
"""

import math
import warnings
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool
from numpy.typing import ArrayLike

from course.evaluation.classification import UndefinedScoreWarning
from course.evaluation.summed import Items, SummedMeasure
from course.intervals.means import BLOCK
from course.intervals.resampling import RESAMPLES, Measure, Values, require_as_many, summed_values, watched
from course.layers.sizes import require_whole
from course.messages import _

MOST_DIGIT_BY_DIGIT, MOST_THROWS = 10_000, 10**11


class McNemar(NamedTuple):
    """How many items one model alone got right, and how probable it is that equal models differ as much or more.

    `statistic` is the smaller count of the exact test, and χ² of the other.
    """

    only_a: int
    only_b: int
    statistic: float
    p_value: float


class PermutationTest(NamedTuple):
    """The difference of two scores, and how probable it is that exchanged predictions differ as much or more.

    `is_exact` says that all exchanges were tried. `n_undefined` counts those after which the measure of a model had no
    value; where it gave NaN, the exchange counts as one that differs as much, which makes the p-value too large
    rather than too small.
    """

    difference: float
    p_value: float
    n_permutations: int
    is_exact: bool
    n_undefined: int


def mcnemar(right_a: ArrayLike, right_b: ArrayLike, *, exact: bool = True) -> McNemar:
    """Whether two models are right equally often, from which of the same items each got right, True or False for each.

    Items that both got right or both wrong say nothing about a difference. Of the others, equal models each win half:
    the exact test is the binomial one, two-sided. Without `exact` it is χ² with the continuity correction,
    (|only_a - only_b| - 1)² / (only_a + only_b), to be used from about 25 such items on. Where the models never differ,
    p is 1; χ² is then undefined, 0 with a warning. Where they win equally often, χ² is 0 (statsmodels gives 1 / n).

    Raises `ValueError` for unequal lengths, no items and for anything but True and False, 1 and 0.

    Source: McNemar 1947, "Note on the sampling error of the difference between correlated proportions or percentages";
    Edwards 1948 (the correction); Dietterich 1998, "Approximate Statistical Tests for Comparing Supervised
    Classification Learning Algorithms" (for models that are trained once).
    """
    a, b = _right("right_a", right_a), _right("right_b", right_b)
    if len(a) != len(b):
        raise ValueError(
            _("a has {a} items and b has {b}. Pairs need the same items in the same order.").format(a=len(a), b=len(b))
        )
    return mcnemar_of_counts(int((a & ~b).sum()), int((b & ~a).sum()), exact=exact)


def mcnemar_of_counts(only_a: int, only_b: int, *, exact: bool = True) -> McNemar:
    """`mcnemar` from the counts of the items that one model alone got right.

    Raises `ValueError` for what is no count, and as `exact_p` for too many items.
    """
    for name, value in (("only_a", only_a), ("only_b", only_b)):
        require_whole(value, name, least=0)
    n = only_a + only_b
    if exact:
        return McNemar(only_a, only_b, float(min(only_a, only_b)), exact_p(min(only_a, only_b), n))
    if not n:
        warnings.warn(
            _("The models agree on every item: χ² is undefined, and counts as 0."), UndefinedScoreWarning, stacklevel=2
        )
    statistic = max(abs(only_a - only_b) - 1, 0) ** 2 / n if n else 0.0
    return McNemar(only_a, only_b, statistic, math.erfc(math.sqrt(statistic / 2)))


def exact_p(fewer: int, n: int) -> float:
    """Twice the probability of at most `fewer` heads in n throws of a fair coin, at most 1.

    Up to `MOST_DIGIT_BY_DIGIT` throws it is exact to the last digit, and beyond to about nine digits. Raises
    `ValueError` for more than `MOST_THROWS`.
    """
    if 2 * fewer >= n:
        return 1.0
    if n > MOST_THROWS:
        raise ValueError(
            _(
                "The exact test is of at most {most:,} items on which the models differ, and there are {n:,}. Give "
                "exact=False for χ²."
            ).format(most=MOST_THROWS, n=n)
        )
    if n > MOST_DIGIT_BY_DIGIT:
        return min(1.0, 2 * _probability_of_many(fewer, n) * _sum_of_ratios(fewer, n))
    term = total = 1
    for k in range(fewer):
        term = term * (n - k) // (k + 1)  # the binomial coefficient of n and k + 1
        total += term
    return min(1.0, 2 * total / 2**n)


def _probability_of_many(heads: int, n: int) -> float:
    """That of this number of heads, without the large logarithms that cancel in that of a binomial coefficient."""
    if heads == 0:
        return 0.5**n
    off = (n - 2 * heads) / n  # how far the heads are from half of the throws, as a share of that half
    distance = n / 2 * (math.log1p(-off * off) + 2 * off * math.atanh(off))
    rest = _stirling_rest(n) - _stirling_rest(heads) - _stirling_rest(n - heads)
    return math.sqrt(n / (2 * math.pi * heads * (n - heads))) * math.exp(rest - distance)


def _stirling_rest(n: int) -> float:
    """ln n! less Stirling's formula for it."""
    if n < 16:
        return math.lgamma(n + 1) - (n + 0.5) * math.log(n) + n - math.log(2 * math.pi) / 2
    return (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * n * n)) / (n * n)) / (n * n)) / n


def _sum_of_ratios(fewer: int, n: int) -> float:
    """The probabilities of `fewer` heads and of each number below, divided by that of `fewer`."""
    total = term = 1.0
    for heads in range(fewer, 0, -1):
        term *= heads / (n - heads + 1)
        total += term
        if term < 1e-17 * total:
            break
    return total


def permutation_test(
    measure: Measure,
    true: Items,
    a: Items,
    b: Items,
    *,
    n_permutations: int = RESAMPLES,
    seed: int = 0,
) -> PermutationTest:
    """Whether two models differ by any measure: if they do not, nobody can tell which prediction came from which.

    Each item's two predictions are exchanged or not, and the test is how often the scores then differ by as much as
    they do, in either direction. Where the models give different predictions for so few items that all exchanges are
    no more than `n_permutations`, all are tried; else that many are drawn, and the observed one is counted with them,
    so that p is never 0. Of accuracy, it is McNemar's exact test. Raises `ValueError` for unequal lengths, no items,
    and where a score is NaN on all items.

    Source: Noreen 1989, "Computer-Intensive Methods for Testing Hypotheses" (approximate randomization); Riezler and
    Maxwell 2005, "On Some Pitfalls in Automatic Evaluation and Significance Testing for MT"; Phipson and Smyth 2010,
    "Permutation P-values Should Never Be Zero".
    """
    require_whole(n_permutations, "n_permutations")
    require_as_many(true, [a, b])
    score_a, score_b = (float(measure(true, each)) for each in (a, b))
    difference = score_a - score_b
    if math.isnan(difference):
        raise ValueError(
            _("The measure is NaN on all items, so there is no difference to test: {a} and {b}.").format(
                a=score_a, b=score_b
            )
        )
    differing = np.flatnonzero([_differ(of_a, of_b) for of_a, of_b in zip(a, b, strict=True)])
    is_exact = 2 ** len(differing) <= n_permutations
    n_draws = 2 ** len(differing) if is_exact else n_permutations
    of_exchanges = _of_sums(measure, true, a, b, differing) if isinstance(measure, SummedMeasure) else None
    of_exchanges = of_exchanges or _of_calls(measure, true, a, b, differing)
    enough = abs(difference) - 1e-12 * max(abs(score_a), abs(score_b))  # of which rounding is less
    at_least, n_undefined = 0, 0
    for exchanged in _exchanges(len(differing), n_draws, is_exact, seed):
        found, undefined = of_exchanges(exchanged)
        at_least += int((np.isnan(found) | (np.abs(found) >= enough)).sum())
        n_undefined += int(undefined.sum())
    p_value = at_least / n_draws if is_exact else (at_least + 1) / (n_draws + 1)
    return PermutationTest(difference, p_value, n_draws, is_exact, n_undefined)


def _exchanges(n: int, n_draws: int, is_exact: bool, seed: int) -> Iterator[Bool[np.ndarray, "draw item"]]:
    rng = np.random.default_rng(seed)
    rows = max(1, BLOCK // max(n, 1))
    for start in range(0, n_draws, rows):
        size = min(rows, n_draws - start)
        if is_exact:
            yield (np.arange(start, start + size)[:, None] >> np.arange(n) & 1).astype(bool)
        else:
            yield rng.integers(2, size=(size, n), dtype=np.int8).astype(bool)


def _of_sums(
    measure: SummedMeasure, true: Items, a: Items, b: Items, places: np.ndarray
) -> Callable[[np.ndarray], Values]:
    both = measure.table(_joined(true, true), _joined(a, b))  # a mean that is taken off has to be that of both
    of_a, of_b = both[: len(true)], both[len(true) :]
    change = (of_b - of_a)[places]

    def of_exchanges(exchanged: np.ndarray) -> Values:
        moved = exchanged.astype(np.float64) @ change
        (first, no_first), (second, no_second) = (
            summed_values(measure, sums) for sums in (of_a.sum(axis=0) + moved, of_b.sum(axis=0) - moved)
        )
        return first - second, no_first | no_second

    return of_exchanges


def _joined(one: Items, other: Items) -> Items:
    arrays = isinstance(one, np.ndarray) and isinstance(other, np.ndarray)
    return np.concatenate([one, other]) if arrays else [*one, *other]


def _of_calls(measure: Measure, true: Items, a: Items, b: Items, places: np.ndarray) -> Callable[[np.ndarray], Values]:
    def of_exchanges(exchanged: np.ndarray) -> Values:
        differences, undefined = np.empty(len(exchanged)), np.empty(len(exchanged), dtype=bool)
        with watched(measure) as watch:
            for number, row in enumerate(exchanged):
                first, second = (each.copy() if isinstance(each, np.ndarray) else list(each) for each in (a, b))
                for place in places[row].tolist():
                    first[place], second[place] = b[place], a[place]
                (of_first, no_first), (of_second, no_second) = watch(true, first), watch(true, second)
                differences[number], undefined[number] = of_first - of_second, no_first or no_second
        return differences, undefined

    return of_exchanges


def _differ(a: object, b: object) -> bool:
    return bool(np.any(np.asarray(a != b)))


def _right(name: str, right: ArrayLike) -> Bool[np.ndarray, "item"]:
    found = np.asarray(right)
    if found.ndim != 1 or not found.size:
        raise ValueError(
            _("{name} has the shape {shape}; give True or False for each of one or more items.").format(
                name=name, shape=found.shape
            )
        )
    neither = found[~np.isin(found, (0, 1))]
    if neither.size:
        raise ValueError(
            _("{name} has {value!r} in it; give True or False for each item.").format(
                name=name, value=neither[0].item()
            )
        )
    return found.astype(bool)
