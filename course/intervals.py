"""How sure a number is: an estimate with its interval, and what the interval covers: seeds, test items, both, neither.

| what was measured | function | method |
| --- | --- | --- |
| one number a seed | `over_seeds` | Student's t, n - 1 degrees of freedom |
| right or wrong for each of n items | `share` | Wilson's score interval |
| one number an item | `mean_over_items` | bootstrap, expanded percentile |
| the same for two models that saw the same items | `mean_difference` | the same, of the paired differences |
| errors and symbols of each item and seed | `rate`, `difference_of_rates` and its like | components of variance |
| everything that the sentence is about | `exact` | counted, no interval |

An interval covers what it says in `of` and nothing else: not other data, other sizes, other settings.
"""

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from statistics import NormalDist, fmean, stdev
from typing import NamedTuple, SupportsFloat

import numpy as np
from numpy.typing import ArrayLike

from course.evaluation import three_digits
from course.messages import _

Number = int | float
LEVEL = 0.95
RESAMPLES = 4_000
BLOCK = 4_000_000  # numbers drawn at a time: 32 MB
FEWEST = 8  # items or clusters that a bootstrap may draw from
EXPANDED_FROM = 1_000  # degrees of freedom from which a series gives Student's t to nine digits
SHARES = {"%": _("%"), "points": _("points")}  # units of shares from 0 to 1, which are printed as hundredths


@dataclass(frozen=True)
class Interval:
    """An estimate with the ends of its interval, at confidence `level`; `of` says what the interval covers.

    With the unit "%", or "points" for a difference of two shares, the numbers are shares and are printed as hundredths.
    Where everything was counted, both ends are the estimate and `level` is 1.

    >>> Interval(0.069, 0.035, 0.104, of="3 seeds × 83 words, paired", unit="points")
    6.9 points [3.5, 10.4] (95 %, 3 seeds × 83 words, paired)

    Raises `ValueError` for a number that is not finite, an estimate outside its interval and a level outside (0, 1].
    """

    estimate: Number
    low: Number
    high: Number
    of: str
    unit: str = ""
    level: Number = LEVEL

    def __post_init__(self) -> None:
        for name in ("estimate", "low", "high", "level"):
            value = float(getattr(self, name))
            if not math.isfinite(value):
                raise ValueError(
                    _(
                        "{name} is {value}, and an interval needs a finite number. Leave that run out and say so."
                    ).format(name=name, value=value)
                )
            object.__setattr__(self, name, value)
        if not self.low <= self.estimate <= self.high:
            raise ValueError(
                _("The estimate {estimate} is not between {low} and {high}. Give low ≤ estimate ≤ high.").format(
                    estimate=self.estimate, low=self.low, high=self.high
                )
            )
        if not 0 < self.level <= 1:
            raise ValueError(
                _("The level is {level}; give one above 0 and at most 1, such as 0.95.").format(level=self.level)
            )
        if not self.of.strip():
            raise ValueError(_("Say what the interval covers: of='3 seeds', for example."))

    @property
    def is_exact(self) -> bool:
        """True where everything was counted."""
        return self.level == 1 and self.low == self.high

    def rounded(self, digits: int = 6) -> "Interval":
        """The same to this many significant digits: what a notebook stores, since other processors round otherwise."""

        def short(value: Number) -> float:
            return float(f"{value:.{digits - 1}e}")

        return replace(self, estimate=short(self.estimate), low=short(self.low), high=short(self.high))

    def number(self, value: Number) -> str:
        """A number in this interval's unit, with as many decimals as the interval shows; without the unit's name."""
        times = 100 if self.unit in SHARES else 1
        value = times * value
        text = f"{value:z{self._format}}"
        return ("0" if not value and "e" in text else text).replace("-", "−")

    @property
    def _format(self) -> str:
        """Two digits of the width, and three of the largest number; more where an end would be rounded to 0."""
        times = 100 if self.unit in SHARES else 1
        numbers = [times * value for value in (self.estimate, self.low, self.high)]
        size, width = max(map(abs, numbers)), numbers[2] - numbers[1]
        if self.is_exact and self.unit not in SHARES and numbers[0] == int(numbers[0]) and size < 1e15:
            return ",.0f"
        if size and not 1e-4 <= size < 1e15:
            return three_digits(size)
        digits_before = math.floor(math.log10(size)) + 1 if size else 0
        least = 1 if self.unit in SHARES else min(max(3 - digits_before, 0), 3)
        decimals = max(least, 1 - math.floor(math.log10(width)) if width else 0)
        hidden = (d for d in range(decimals, decimals + 4) if all(round(n, d) for n in numbers if n))
        return f",.{min(next(hidden, decimals), 9)}f"

    @property
    def unit_text(self) -> str:
        return SHARES.get(self.unit, self.unit)

    def with_unit(self, number: str) -> str:
        """A number's text with the unit after it."""
        return f"{number} {self.unit_text}" if self.unit else number

    def __str__(self) -> str:
        estimate = self.with_unit(self.number(self.estimate))
        return estimate if self.is_exact else f"{estimate} [{self.number(self.low)}, {self.number(self.high)}]"

    @property
    def covers(self) -> str:
        """The level and what the interval covers, in words."""
        if self.is_exact:
            return _("counted, {of}").format(of=self.of)
        return _("{level} %, {of}").format(level=f"{100 * self.level:.6g}", of=self.of)

    def __repr__(self) -> str:
        return f"{self} ({self.covers})"


@dataclass(frozen=True, eq=False)
class RunCounts:
    """What each run (one seed each) got wrong in each test item: the numbers that error rates are made of.

    `errors` and `symbols` are arrays [seed, item]: phoneme edits and phonemes of each word, for example; a run's rate
    is the sum of its errors by the sum of its symbols. `symbols` may be [item] where it is the same for all seeds.
    `items` names the items: "words", "sentences".

    Raises `ValueError` for other shapes, no item, a number that is negative or not finite, and a run without symbols.
    """

    errors: np.ndarray
    symbols: np.ndarray
    items: str

    def __init__(self, errors: ArrayLike, symbols: ArrayLike, items: str | None = None) -> None:
        errors, symbols = (np.asarray(each, dtype=np.float64) for each in (errors, symbols))
        if errors.ndim != 2 or 0 in errors.shape:
            raise ValueError(
                _("errors has shape {shape}; give an array [seed, item] with one of each at least.").format(
                    shape=errors.shape
                )
            )
        if symbols.shape not in (errors.shape, errors.shape[1:]):
            raise ValueError(
                _("symbols has shape {symbols} beside errors of shape {errors}; give one number for each item.").format(
                    symbols=symbols.shape, errors=errors.shape
                )
            )
        symbols = np.broadcast_to(symbols, errors.shape)
        for name, counts in (("errors", errors), ("symbols", symbols)):
            wrong = counts[~np.isfinite(counts) | (counts < 0)]
            if wrong.size:
                raise ValueError(
                    _("{name} has {value} in it; a count is a finite number, 0 or more.").format(
                        name=name, value=wrong[0]
                    )
                )
        if not symbols.sum(axis=1).all():
            raise ValueError(_("A run has 0 symbols in all, and a rate divides by them. Give items with symbols."))
        object.__setattr__(self, "errors", errors)
        object.__setattr__(self, "symbols", symbols)
        object.__setattr__(self, "items", items or _("items"))

    @property
    def n_seeds(self) -> int:
        return len(self.errors)

    @property
    def n_items(self) -> int:
        return self.errors.shape[1]

    @property
    def rates(self) -> np.ndarray:
        """The error rate of each seed."""
        return self.errors.sum(axis=1) / self.symbols.sum(axis=1)

    def of_items(self, chosen: ArrayLike) -> "RunCounts":
        """The counts of some items: a mask [item], or indices."""
        chosen = np.asarray(chosen)
        return RunCounts(self.errors[:, chosen], self.symbols[:, chosen], self.items)

    def grouped(self, clusters: Sequence[Hashable], groups: str) -> "RunCounts":
        """Counts by cluster, `clusters[item]` each: for items that share something, so that a cluster is drawn whole.

        `groups` names the clusters: "noun pairs", for example.
        """
        index = _cluster_index(clusters, self.n_items)
        summed = [np.stack([np.bincount(index, row) for row in each]) for each in (self.errors, self.symbols)]
        return RunCounts(*summed, items=groups)

    def _influence(self) -> np.ndarray:
        """[seed, item]: by how much an item moves its run's rate, to first order; each row sums to 0.

        The rate is a ratio of sums, E / N; item i moves it by (e_i - n_i E / N) / N.
        Source: Cochran 1977, "Sampling Techniques", chapter 6 (ratio estimators).
        """
        return (self.errors - self.rates[:, None] * self.symbols) / self.symbols.sum(axis=1, keepdims=True)


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
    _require_level(level)
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
        if isinstance(value, bool) or not float(value).is_integer():
            raise ValueError(_("{name} is {value!r}; give a count, a whole number.").format(name=name, value=value))
    right, n = int(float(right)), int(float(n))
    if not 0 <= right <= n or n < 1:
        raise ValueError(
            _("{right} of {n} is not a share. Give n of 1 or more, and from 0 to n that are right.").format(
                right=right, n=n
            )
        )
    _require_level(level)
    z = NormalDist().inv_cdf((1 + level) / 2)
    p, shrink = right / n, 1 + z * z / n
    center = (p + z * z / (2 * n)) / shrink
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / shrink
    low = 0.0 if right == 0 else center - half  # which rounding would miss
    high = 1.0 if right == n else center + half
    return Interval(p, low, high, _counted(n, of), "%", level)


def exact(value: SupportsFloat, of: str, unit: str = "") -> Interval:
    """A number that was counted completely, such as a vocabulary's size: nothing was sampled, so it has no interval.

    `of` says what was counted: "all 1,201 words". The numbers of a test set that stands for other texts are not exact.
    """
    number = float(value)
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


def rate(a: RunCounts, *, unit: str = "%", level: Number = LEVEL) -> Interval:
    """The mean over seeds of a model's error rate, with an interval that covers other seeds and other test items.

    For the method see `difference_of_rates`. With one seed it covers the items alone, and says so.
    """
    center = float(a.rates.mean())
    half = _half_width([_part(a)], level)
    return Interval(center, center - half, center + half, _runs_and_items([a]), unit, level)


def difference_of_rates(
    a: RunCounts, b: RunCounts, *, same_runs: bool = False, unit: str = "points", level: Number = LEVEL
) -> Interval:
    """The mean error rate of model a minus that of b, with an interval that covers other seeds and other test items.

    Every seed of both models reads the same items, as several readers of X-rays read the same cases, so the variance
    has two parts. The seeds are independent: u_seeds² = s_a² / S_a + s_b² / S_b, from the seeds' rates with S - 1. The
    items are paired: with c_i the influence of item i on the difference of the mean rates, and w its part that differs
    from seed to seed (which u_seeds² has already), u_items² = max(n / (n - 1) Σ c_i² - w, 0). The interval is

        difference ± t √(u_seeds² + u_items²),

    where t has the degrees of freedom of Welch and Satterthwaite, the items' part counted as known:
    (u_seeds² + u_items²)² / (s_a⁴ / (S_a² (S_a - 1)) + s_b⁴ / (S_b² (S_b - 1))). A bootstrap of three seeds would be
    too narrow: it divides by S, not S - 1, and has no t. With one seed of each, the items alone, said in `of`.

    `same_runs` says that row k of a and of b is the same trained model, read in two ways (two beams, with and without a
    head). Then the runs are paired, too: u_seeds² = s² / S, s² being the variance of the S differences.

    Source: Hillis 2007, "A comparison of denominator degrees of freedom methods for multiple observer ROC analysis"
    (components and degrees of freedom, there for readers and cases); Satterthwaite 1946, "An Approximate Distribution
    of Estimates of Variance Components".
    Raises `ValueError` for other items in b than in a, for one item, and where one model has one seed, the other more.
    """
    _require_pairs(a, b)
    center = float(a.rates.mean() - b.rates.mean())
    of_a, of_b = _part(a), _part(b)
    parts = [of_a, of_b.times(-1)]
    if same_runs:
        if a.n_seeds != b.n_seeds:
            raise ValueError(
                _("a has {a} runs and b has {b}; the same runs are as many.").format(a=a.n_seeds, b=b.n_seeds)
            )
        parts = [_Part(of_a.rates - of_b.rates, of_a.influence - of_b.influence)]
    half = _half_width(parts, level)
    what = _runs_and_items([a, b])
    if same_runs and a.n_seeds > 1:
        what = _("{what} in both").format(what=what)
    return Interval(center, center - half, center + half, what, unit, level)


def difference_of_groups(
    a: RunCounts, first: ArrayLike, second: ArrayLike, *, unit: str = "points", level: Number = LEVEL
) -> Interval:
    """A model's error rate on the items `first` minus that on the items `second`: long words and short ones.

    `first` and `second` are masks [item], or indices, without an item in common. The runs are paired, as each reads
    both groups; the items are not, as no item is in both. For the method see `difference_of_rates`. Raises `ValueError`
    also for an item in both groups.
    """
    groups = [np.arange(a.n_items)[np.asarray(chosen)] for chosen in (first, second)]
    shared = np.intersect1d(groups[0], groups[1])
    if shared.size:
        raise ValueError(
            _("Item {item} is in both groups; give groups without an item in common.").format(item=shared[0])
        )
    of_groups = [a.of_items(group) for group in groups]
    influence = np.zeros(a.errors.shape)
    for sign, group, counts in zip((1, -1), groups, of_groups, strict=True):
        influence[:, group] = sign * counts._influence()
    rates = of_groups[0].rates - of_groups[1].rates
    center, half = float(rates.mean()), _half_width([_Part(rates, influence)], level, groups)
    items = _("{first} and {second} {items}").format(
        first=f"{len(groups[0]):,}", second=f"{len(groups[1]):,}", items=a.items
    )
    return Interval(center, center - half, center + half, _over_runs(a.n_seeds, items), unit, level)


def ratio_of_rates(a: RunCounts, b: RunCounts, *, level: Number = LEVEL) -> Interval:
    """The mean error rate of model a divided by that of b: 0.8 says a fifth fewer errors.

    It is `difference_of_rates` of the logarithms: each rate's parts are divided by its mean (delta method).
    Raises `ValueError` also where a model makes no error.
    """
    _require_pairs(a, b)
    means = [float(each.rates.mean()) for each in (a, b)]
    if 0 in means:
        raise ValueError(_("A model makes no error, and a ratio divides by errors. Use difference_of_rates()."))
    half = _half_width([_part(a).times(1 / means[0]), _part(b).times(-1 / means[1])], level)
    ratio = means[0] / means[1]
    return Interval(ratio, ratio * math.exp(-half), ratio * math.exp(half), _runs_and_items([a, b]), "", level)


class _Part(NamedTuple):
    """What one set of runs adds to an estimate: its value in each run, [seed], and the items' influence on it."""

    rates: np.ndarray
    influence: np.ndarray  # [seed, item]

    def times(self, weight: Number) -> "_Part":
        return _Part(weight * self.rates, weight * self.influence)


def _part(counts: RunCounts) -> _Part:
    return _Part(counts.rates, counts._influence())


def _half_width(parts: list[_Part], level: Number, groups: Sequence[np.ndarray] | None = None) -> float:
    """t times the standard error of the sum of the parts' means over seeds.

    The runs of one part are independent of those of another; their items are the same. `groups` are the items, as
    indices, that were drawn apart from each other: all together unless given.
    """
    _require_level(level)
    n_items = parts[0].influence.shape[1]
    of_item, of_both, of_seeds, unsure = np.zeros(n_items), np.zeros(n_items), 0.0, 0.0
    for rates, influence in parts:
        n_seeds = len(rates)
        of_item += influence.mean(axis=0)
        if n_seeds > 1:
            variance = rates.var(ddof=1) / n_seeds
            of_seeds += variance
            unsure += variance**2 / (n_seeds - 1)
            of_both += influence.var(axis=0, ddof=1) / n_seeds
    items = 0.0
    for group in groups or [np.arange(n_items)]:
        n = len(group)
        if n < 2:
            raise ValueError(_("One item has no spread, so no interval over items exists. Give two items or more."))
        items += n / (n - 1) * float((of_item[group] ** 2 - of_both[group]).sum())
    total = of_seeds + max(items, 0.0)
    freedom = total**2 / unsure if unsure else math.inf
    return float(t_quantile(level, freedom) * math.sqrt(total))


def _bootstrap(values: np.ndarray, clusters: Sequence[Hashable] | None, unit: str, of: str, level: Number) -> Interval:
    """The mean of values with the expanded percentile interval of the bootstrap over clusters, or over the values."""
    _require_level(level)
    index = np.arange(len(values)) if clusters is None else _cluster_index(clusters, len(values))
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


def _require_pairs(a: RunCounts, b: RunCounts) -> None:
    if a.n_items != b.n_items:
        raise ValueError(
            _("a has {a} items and b has {b}. Pairs need the same items in the same order.").format(
                a=a.n_items, b=b.n_items
            )
        )
    if (a.n_seeds == 1) != (b.n_seeds == 1):
        raise ValueError(
            _(
                "a has {a} seeds and b has {b}: the spread of one seed is unknown. Give two or more of both, "
                "or one of each."
            ).format(a=a.n_seeds, b=b.n_seeds)
        )


def _require_level(level: Number) -> None:
    if not 0 < level < 1:
        raise ValueError(_("The level is {level}; give one between 0 and 1, such as 0.95.").format(level=level))


def _numbers(values: Iterable[SupportsFloat], of: str) -> list[float]:
    numbers = [float(value) for value in values]
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


def _cluster_index(clusters: Sequence[Hashable], n: int) -> np.ndarray:
    """[item]: the number of each item's cluster, in the order of their first appearance."""
    if len(clusters) != n:
        raise ValueError(
            _("There are {clusters} clusters for {n} items. Name the cluster of each item.").format(
                clusters=len(clusters), n=n
            )
        )
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(each, len(numbers)) for each in clusters])


def _counted(n: int, of: str | None) -> str:
    return _("{number} {of}").format(number=f"{n:,}", of=of or _("items"))


def _over_items(n: int, of: str | None, clusters: Sequence[Hashable] | None) -> str:
    items = _counted(n, of)
    if clusters is None:
        return items
    return _("{items} in {number} clusters").format(items=items, number=f"{len(set(clusters)):,}")


def _runs_and_items(models: list[RunCounts]) -> str:
    """What an interval of these models' rates covers: "3 seeds × 83 words, paired"."""
    seeds = [each.n_seeds for each in models]
    items = _counted(models[0].n_items, models[0].items)
    if len(set(seeds)) == 1:
        text = _over_runs(seeds[0], items)
    else:
        text = _("{a} and {b} seeds × {items}").format(a=seeds[0], b=seeds[1], items=items)
    return _("{what}, paired").format(what=text) if len(models) > 1 else text


def _over_runs(n_seeds: int, items: str) -> str:
    if n_seeds == 1:
        return _("{items} only, one seed").format(items=items)
    return _("{seeds} seeds × {items}").format(seeds=n_seeds, items=items)


@cache
def t_quantile(level: Number, freedom: Number) -> float:
    """The t for which Student's distribution with this many degrees of freedom has `level` of itself in (-t, t).

    Degrees of freedom need not be whole, and may be infinite: the normal distribution.

    Source: Abramowitz and Stegun 1964, "Handbook of Mathematical Functions", 26.7.5 (many degrees of freedom).
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    if freedom > EXPANDED_FROM:
        return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    log_peak = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2) - math.log(freedom * math.pi) / 2
    t, step = z, math.inf
    while step > 1e-12 * t:  # Newton's steps from below never pass the root, as the density falls
        density = math.exp(log_peak - (freedom + 1) / 2 * math.log1p(t * t / freedom))
        step = (level - _within_t(t, freedom)) / (2 * density)
        t += step
    return t


def _within_t(t: Number, freedom: Number) -> float:
    """The share of Student's distribution in (-t, t): I_x(1/2, ν/2) at x = t² / (ν + t²)."""
    x, rest = t * t / (freedom + t * t), freedom / (freedom + t * t)
    if x < 3 / (freedom + 5):  # where the fraction of I_x(a, b) converges fast: x < (a + 1) / (a + b + 2)
        return _incomplete_beta(0.5, freedom / 2, x, rest)
    return 1 - _incomplete_beta(freedom / 2, 0.5, rest, x)


def _incomplete_beta(a: Number, b: Number, x: Number, rest: Number) -> float:
    """The regularized incomplete beta function I_x(a, b), `rest` being 1 - x, by its continued fraction.

    Source: NIST Digital Library of Mathematical Functions, 8.17.22 and 8.17.23.
    """
    if x == 0:
        return 0.0
    fraction = 1.0
    for m in range(100 + math.isqrt(int(max(a, b))), 0, -1):  # from the inside out
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        fraction = 1 + even / (1 + odd / fraction)
    fraction = 1 - (a + b) * x / ((a + 1) * fraction)
    log_beta = math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    return math.exp(a * math.log(x) + b * math.log(rest) - log_beta) / (a * fraction)
