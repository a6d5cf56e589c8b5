"""What intervals over seeds and items share: the components of variance, and which two sets of runs are pairs."""

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np

from course.intervals.interval import Interval, Number, counted, require_level
from course.intervals.student_t import t_quantile
from course.messages import _


@runtime_checkable
class Runs(Protocol):
    """Runs, one seed each, that were measured on the same items; `items` names these."""

    @property
    def items(self) -> str: ...

    @property
    def n_seeds(self) -> int: ...

    @property
    def n_items(self) -> int: ...


class Part(NamedTuple):
    """What one set of runs adds to an estimate: its value in each run, [seed], and the items' influence on it."""

    rates: np.ndarray
    influence: np.ndarray  # [seed, item]

    def times(self, weight: Number) -> "Part":
        return Part(weight * self.rates, weight * self.influence)


def paired_difference(
    a: tuple[Runs, Part], b: tuple[Runs, Part], same_runs: bool, unit: str, level: Number
) -> Interval:
    """The mean over seeds of a minus that of b, as `difference_of_rates` explains it."""
    (runs_a, of_a), (runs_b, of_b) = a, b
    center = float(of_a.rates.mean() - of_b.rates.mean())
    parts = [of_a, of_b.times(-1)]
    if same_runs:
        if runs_a.n_seeds != runs_b.n_seeds:
            raise ValueError(
                _("a has {a} runs and b has {b}; the same runs are as many.").format(a=runs_a.n_seeds, b=runs_b.n_seeds)
            )
        parts = [Part(of_a.rates - of_b.rates, of_a.influence - of_b.influence)]
    half = half_width(parts, level)
    what = runs_and_items([runs_a, runs_b])
    if same_runs and runs_a.n_seeds > 1:
        what = _("{what} in both").format(what=what)
    return Interval(center, center - half, center + half, what, unit, level)


def half_width(parts: list[Part], level: Number, groups: Sequence[np.ndarray] | None = None) -> float:
    """t times the standard error of the sum of the parts' means over seeds.

    The runs of one part are independent of those of another; their items are the same. `groups` are the items, as
    indices, that were drawn apart from each other: all together unless given.
    """
    require_level(level)
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


def require_pairs(a: Runs, b: Runs) -> None:
    """Raises `ValueError` for other items in b than in a, and where one has one seed, the other more."""
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


def runs_and_items(models: Sequence[Runs]) -> str:
    """What an interval of these models' rates covers: "3 seeds × 83 words, paired"."""
    text = over_models(models, counted(models[0].n_items, models[0].items))
    return _("{what}, paired").format(what=text) if len(models) > 1 else text


def over_models(models: Sequence[Runs], items: str) -> str:
    seeds = [each.n_seeds for each in models]
    if len(set(seeds)) == 1:
        return over_runs(seeds[0], items)
    return _("{a} and {b} seeds × {items}").format(a=seeds[0], b=seeds[1], items=items)


def over_runs(n_seeds: int, items: str) -> str:
    if n_seeds == 1:
        return _("{items} only, one seed").format(items=items)
    return _("{seeds} seeds × {items}").format(seeds=n_seeds, items=items)
