"""Intervals of error rates over seeds and test items at once, from the errors of each item and seed."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from course.intervals.components import (
    Part,
    half_width,
    over_models,
    over_runs,
    paired_difference,
    require_pairs,
    runs_and_items,
)
from course.intervals.interval import LEVEL, Interval, Number, cluster_index
from course.messages import _


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
        """The counts of some items: a mask [item] of True and False, or the indices of some, each once.

        Raises `ValueError` for a mask of another length, an index that is not there or there twice, and for no item.
        """
        index = _chosen(chosen, self.n_items)
        return RunCounts(self.errors[:, index], self.symbols[:, index], self.items)

    def grouped(self, clusters: Sequence[Hashable], groups: str) -> "RunCounts":
        """Counts by cluster, `clusters[item]` each: for items that share something, so that a cluster is drawn whole.

        `groups` names the clusters: "noun pairs", for example.
        """
        index = cluster_index(clusters, self.n_items)
        summed = [np.stack([np.bincount(index, row) for row in each]) for each in (self.errors, self.symbols)]
        return RunCounts(*summed, items=groups)

    def _influence(self) -> np.ndarray:
        """[seed, item]: by how much an item moves its run's rate, to first order; each row sums to 0.

        The rate is a ratio of sums, E / N; item i moves it by (e_i - n_i E / N) / N.
        Source: Cochran 1977, "Sampling Techniques", chapter 6 (ratio estimators).
        """
        return (self.errors - self.rates[:, None] * self.symbols) / self.symbols.sum(axis=1, keepdims=True)


def rate(a: RunCounts, *, unit: str = "%", level: Number = LEVEL) -> Interval:
    """The mean over seeds of a model's error rate, with an interval that covers other seeds and other test items.

    For the method see `difference_of_rates`. With one seed it covers the items alone, and says so. No rate is below 0,
    so no interval goes there, however far apart the seeds are.
    """
    _require_counts(a)
    center = float(a.rates.mean())
    half = half_width([_part(a)], level)
    return Interval(center, max(center - half, 0.0), center + half, runs_and_items([a]), unit, level)


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

    `same_runs` says that row k of a and of b belong together: the same trained model, read in two ways (two beams, with
    and without a head), or two models of one draw of training items. Then the runs are paired, too: u_seeds² = s² / S,
    s² being the variance of the S differences.

    Source: Hillis 2007, "A comparison of denominator degrees of freedom methods for multiple observer ROC analysis"
    (components and degrees of freedom, there for readers and cases); Satterthwaite 1946, "An Approximate Distribution
    of Estimates of Variance Components".
    Raises `ValueError` for other items in b than in a, for one item, and where one model has one seed, the other more.
    An item with symbols in a alone, or in b alone, is no pair: see `difference_of_groups`.
    """
    _require_pairs(a, b)
    return paired_difference((a, _part(a)), (b, _part(b)), same_runs, unit, level)


def difference_of_groups(
    a: RunCounts, first: ArrayLike, second: ArrayLike, *, unit: str = "points", level: Number = LEVEL
) -> Interval:
    """A model's error rate on the items `first` minus that on the items `second`: long words and short ones.

    `first` and `second` are masks [item], or indices, without an item in common. The runs are paired, as each reads
    both groups; the items are not, as no item is in both. For the method see `difference_of_rates`. Raises `ValueError`
    also for an item in both groups.
    """
    _require_counts(a)
    groups = _groups(a, first, second)
    part = _gap(a, groups)
    center, half = float(part.rates.mean()), half_width([part], level, groups)
    return Interval(center, center - half, center + half, over_runs(a.n_seeds, _sizes(groups, a)), unit, level)


def difference_of_gaps(
    a: RunCounts, b: RunCounts, first: ArrayLike, second: ArrayLike, *, unit: str = "points", level: Number = LEVEL
) -> Interval:
    """How much farther apart two groups of items are for model a than for model b: a difference of differences.

    It is `difference_of_groups` of a minus that of b. Each item of a group is paired with itself in the other model;
    the groups are not paired. For the method see `difference_of_rates`. Raises `ValueError` as these two do.
    """
    _require_pairs(a, b)
    groups = _groups(a, first, second)
    parts = [_gap(a, groups), _gap(b, groups).times(-1)]
    center, half = sum(float(part.rates.mean()) for part in parts), half_width(parts, level, groups)
    what = _("{what}, paired in each group").format(what=over_models([a, b], _sizes(groups, a)))
    return Interval(center, center - half, center + half, what, unit, level)


def ratio_of_rates(a: RunCounts, b: RunCounts, *, level: Number = LEVEL) -> Interval:
    """The mean error rate of model a divided by that of b: 0.8 says a fifth fewer errors.

    It is `difference_of_rates` of the logarithms: each rate's parts are divided by its mean (delta method).
    Raises `ValueError` also where a model makes no error.
    """
    _require_pairs(a, b)
    means = [float(each.rates.mean()) for each in (a, b)]
    if 0 in means:
        raise ValueError(_("A model makes no error, and a ratio divides by errors. Use difference_of_rates()."))
    half = half_width([_part(a).times(1 / means[0]), _part(b).times(-1 / means[1])], level)
    ratio = means[0] / means[1]
    return Interval(ratio, ratio * math.exp(-half), ratio * math.exp(half), runs_and_items([a, b]), "", level)


def _part(counts: RunCounts) -> Part:
    return Part(counts.rates, counts._influence())


def _groups(a: RunCounts, first: ArrayLike, second: ArrayLike) -> list[np.ndarray]:
    """The items of two groups as indices; an error where they share one."""
    groups = [_chosen(chosen, a.n_items) for chosen in (first, second)]
    shared = np.intersect1d(groups[0], groups[1])
    if shared.size:
        raise ValueError(
            _("Item {item} is in both groups; give groups without an item in common.").format(item=shared[0])
        )
    return groups


def _gap(a: RunCounts, groups: Sequence[np.ndarray]) -> Part:
    """The rate of the first group minus that of the second."""
    influence, rates = np.zeros(a.errors.shape), np.zeros(a.n_seeds)
    for sign, group in zip((1, -1), groups, strict=True):
        part = _part(a.of_items(group)).times(sign)
        rates += part.rates
        influence[:, group] = part.influence
    return Part(rates, influence)


def _sizes(groups: Sequence[np.ndarray], a: RunCounts) -> str:
    first, second = (f"{len(group):,}" for group in groups)
    return _("{first} and {second} {items}").format(first=first, second=second, items=a.items)


def _require_counts(*models: RunCounts) -> None:
    for each in models:
        if not isinstance(each, RunCounts):
            raise TypeError(
                _("{kind} has no errors of items. Give RunCounts(errors, symbols), or trained.items(…).").format(
                    kind=type(each).__name__
                )
            )


def _chosen(chosen: ArrayLike, n_items: int) -> np.ndarray:
    """The indices of the chosen items. Zeros and ones are indices, too, so a mask of them is found by its repeats."""
    index = np.asarray(chosen)
    if index.dtype == bool and index.shape == (n_items,):
        index = np.flatnonzero(index)
    elif index.size == 0:
        index = index.astype(int)
    elif index.dtype == bool or index.ndim != 1 or index.dtype.kind not in "iu":
        raise ValueError(
            _(
                "Items are chosen by a mask of {n} True and False or by a list of indices; this is an array of {kind}, "
                "of shape {shape}."
            ).format(n=n_items, kind=index.dtype, shape=index.shape)
        )
    if not index.size:
        raise ValueError(_("No item is chosen of {n}. Choose two or more.").format(n=n_items))
    if index.min() < 0 or index.max() >= n_items:
        wrong = index[(index < 0) | (index >= n_items)][0]
        raise ValueError(_("There is no item {item}: there are {n}, counted from 0.").format(item=wrong, n=n_items))
    items, times = np.unique(index, return_counts=True)
    if times.max() > 1:
        raise ValueError(
            _("Item {item} is chosen {times} times. Give each index once, or a mask of True and False.").format(
                item=items[times.argmax()], times=times.max()
            )
        )
    return index


def _require_pairs(a: RunCounts, b: RunCounts) -> None:
    _require_counts(a, b)
    require_pairs(a, b)
    alone = np.flatnonzero(a.symbols.any(axis=0) != b.symbols.any(axis=0))
    if alone.size:
        raise ValueError(
            _(
                "Item {item} has symbols in a or in b alone, so it is no pair. Where a and b are groups of items, use "
                "difference_of_groups()."
            ).format(item=alone[0])
        )
