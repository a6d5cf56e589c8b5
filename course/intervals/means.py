"""Intervals of one number a seed, one number an item, and right or wrong for each item."""

import math
from collections.abc import Hashable, Iterable, Sequence
from statistics import NormalDist, fmean, stdev
from typing import SupportsFloat

import numpy as np

from course.intervals.interval import LEVEL, Interval, Number, as_number, cluster_index, counted, require_level
from course.intervals.student_t import t_quantile
from course.messages import _

RESAMPLES = 4_000
BLOCK = 4_000_000  # numbers drawn at a time: 32 MB
FEWEST = 8  # items or clusters that a bootstrap may draw from


def over_seeds(
    values: Iterable[SupportsFloat], unit: str = "", *, of: str | None = None, level: Number = LEVEL
) -> Interval:
    """The mean over runs that differ in their seed alone, with Student's t interval: mean ± t s / √n.

    s divides by n - 1, and t has n - 1 degrees of freedom: 4.30 for three seeds at 95 %. It covers other seeds, not
    other test items. Seeds that agree to the last digit give an interval of width 0. `of` names the runs, where
    they differ in something else than their seed.

    Raises `ValueError` for fewer than two values and for one that is not finite.
    """
    numbers = _numbers(values, of or _("seeds"))
    n = len(numbers)
    if n == 1:
        raise ValueError(
            _(
                "One value has no spread, so no interval over {of} exists. Give two runs or more; where the test items "
                "were counted, share() or rate() gives their interval."
            ).format(of=of or _("seeds"))
        )
    require_level(level)
    mean = fmean(numbers)
    half = t_quantile(level, n - 1) * stdev(numbers) / math.sqrt(n)
    what = _("{number} {of}").format(number=n, of=of or _("seeds"))
    return Interval(mean, mean - half, mean + half, what, unit, level)


def share(right: SupportsFloat, n: SupportsFloat, *, of: str | None = None, level: Number = LEVEL) -> Interval:
    """The share of n independent items that have a property, `right` of them here, with Wilson's score interval.

    Unlike the interval p ± z √(p (1 - p) / n), it stays in [0, 1] and has a width at 0 and at n. It covers other items
    of the same kind, `of` ("words"), for the one model that was run.

    Source: Wilson 1927; recommended for n up to 40 by Brown, Cai and DasGupta 2001, and close to others beyond.
    Raises `ValueError` for counts that are not whole, n below 1, or `right` outside 0 to n.
    """
    for name, value in (("right", right), ("n", n)):
        if isinstance(value, bool) or not as_number(name, value).is_integer():
            raise ValueError(_("{name} is {value!r}; give a count, a whole number.").format(name=name, value=value))
    right, n = int(float(right)), int(float(n))
    if not 0 <= right <= n or n < 1:
        raise ValueError(
            _("{right} of {n} is not a share. Give n of 1 or more, and from 0 to n that are right.").format(
                right=right, n=n
            )
        )
    require_level(level)
    z = NormalDist().inv_cdf((1 + level) / 2)
    p, shrink = right / n, 1 + z * z / n
    center = (p + z * z / (2 * n)) / shrink
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / shrink
    low = 0.0 if right == 0 else center - half  # which rounding would miss
    high = 1.0 if right == n else center + half
    return Interval(p, low, high, counted(n, of), "%", level)


def exact(value: SupportsFloat, of: str, unit: str = "") -> Interval:
    """A number that was counted completely, such as a vocabulary's size: nothing was sampled, so it has no interval.

    `of` says what was counted: "all 1,201 words". The numbers of a test set that stands for other texts are not exact.
    """
    number = as_number("value", value)
    return Interval(number, number, number, of, unit, level=1.0)


def mean_over_items(
    values: Iterable[SupportsFloat],
    unit: str = "",
    *,
    of: str | None = None,
    clusters: Sequence[Hashable] | None = None,
    level: Number = LEVEL,
) -> Interval:
    """The mean of one number an item, with a bootstrap interval over the items. One model: seeds are not covered.

    The items are drawn again, with replacement, `RESAMPLES` times from a fixed seed. The ends are percentiles of these
    means, moved outward as far as Student's t with n - 1 degrees of freedom is outside the normal distribution and
    √(n / (n - 1)) asks: plain percentiles are too narrow for small n. With `clusters` (of each item, the name of what
    it shares with others: a template, a speaker), whole clusters are drawn, and n is their number.

    Source: Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13 (percentiles); Hesterberg 2015,
    "What Teachers Should Know About the Bootstrap" (their narrowness, and the expanded percentile interval).
    Raises `ValueError` for fewer than `FEWEST` values or clusters, and for a value that is not finite.
    """
    numbers = np.array(_numbers(values, of or _("items")))
    return _bootstrap(numbers, clusters, unit, _over_items(len(numbers), of, clusters), level)


def mean_difference(
    a: Iterable[SupportsFloat],
    b: Iterable[SupportsFloat],
    unit: str = "",
    *,
    of: str | None = None,
    clusters: Sequence[Hashable] | None = None,
    level: Number = LEVEL,
) -> Interval:
    """The mean of a - b over items that both models saw, `a[i]` and `b[i]` being of one item: `mean_over_items` of it.

    The differences are drawn, not a and b apart, so what makes an item hard for both models cancels. One run of each:
    other seeds are not covered.

    Source: as `mean_over_items`; Koehn 2004, "Statistical Significance Tests for Machine Translation Evaluation"
    (paired bootstrap). Raises `ValueError` also for unequal lengths.
    """
    of_a, of_b = _numbers(a, of or _("items")), _numbers(b, of or _("items"))
    if len(of_a) != len(of_b):
        raise ValueError(
            _("a has {a} items and b has {b}. Pairs need the same items in the same order.").format(
                a=len(of_a), b=len(of_b)
            )
        )
    what = _("{items}, paired").format(items=_over_items(len(of_a), of, clusters))
    return _bootstrap(np.array(of_a) - np.array(of_b), clusters, unit, what, level)


def _bootstrap(values: np.ndarray, clusters: Sequence[Hashable] | None, unit: str, of: str, level: Number) -> Interval:
    """The mean of values with the expanded percentile interval of the bootstrap over clusters, or over the values."""
    require_level(level)
    index = np.arange(len(values)) if clusters is None else cluster_index(clusters, len(values))
    sums, sizes = np.bincount(index, values), np.bincount(index)
    n = len(sums)
    if n < FEWEST:
        raise ValueError(
            _(
                "There are {n} to draw from; a bootstrap of fewer than {limit} is too narrow. Give more, "
                "or the interval over_seeds() of their means, with of='templates' or what they are."
            ).format(n=n, limit=FEWEST)
        )
    rng = np.random.default_rng(0)
    means = []
    rows = max(1, BLOCK // n)
    for start in range(0, RESAMPLES, rows):
        drawn = rng.integers(n, size=(min(rows, RESAMPLES - start), n), dtype=np.int32)
        means.append(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    beyond = NormalDist().cdf(-math.sqrt(n / (n - 1)) * t_quantile(level, n - 1))
    low, high = np.quantile(np.concatenate(means), [beyond, 1 - beyond])
    mean = float(values.mean())
    return Interval(mean, min(float(low), mean), max(float(high), mean), of, unit, level)


def _numbers(values: Iterable[SupportsFloat], of: str) -> list[float]:
    if isinstance(values, str | bytes) or hasattr(values, "keys") or not isinstance(values, Iterable):
        raise ValueError(
            _("The values are {values!r}; give a list with one number for each of the {of}.").format(
                values=values, of=of
            )
        )
    numbers = [as_number(_("one of the values"), value) for value in values]
    if not numbers:
        raise ValueError(_("There are no values: give one for each of the {of}.").format(of=of))
    for value in numbers:
        if not math.isfinite(value):
            raise ValueError(
                _(
                    "One of the {n} values is {value}, which has no mean with the others. Leave it out and say so."
                ).format(n=len(numbers), value=value)
            )
    return numbers


def _over_items(n: int, of: str | None, clusters: Sequence[Hashable] | None) -> str:
    items = counted(n, of)
    if clusters is None:
        return items
    return _("{items} in {number} clusters").format(items=items, number=f"{len(set(clusters)):,}")
