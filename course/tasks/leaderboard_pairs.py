"""Pairs of models on a leaderboard: whom two metrics rank the other way, and whom the items cannot tell apart."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from course.intervals import (
    Interval,
    TwoModels,
    difference_of,
    holm,
    items_needed,
    mcnemar,
    permutation_test,
    power_of,
    resample,
)
from course.messages import _
from course.tasks.leaderboard import N_RESAMPLES, Board
from course.tasks.leaderboard_entries import Column, Score, undefined_counts


class Flip(NamedTuple):
    """Two models that one score orders as `better`, `worse`, and another the other way, on the same items.

    `first` is `better` minus `worse` by the first score, `second` by the second one; positive is always better.
    `p_value` is the larger of the two permutation tests', `p_corrected` Holm's correction for all pairs that were
    looked at.
    """

    better: str
    worse: str
    first: Interval
    second: Interval
    p_value: float = 1.0
    p_corrected: float = 1.0

    @property
    def excludes_0(self) -> bool:
        """Whether both intervals do."""
        return self.first.low > 0 and self.second.high < 0


def flips(
    column: Column,
    first: str,
    second: str,
    *,
    trivial: bool = False,
    n_resamples: int = N_RESAMPLES,
    n_permutations: int = 20_000,
    seed: int = 0,
) -> list[Flip]:
    """All pairs of models that two scores order in opposite ways, the surest first; baselines only with `trivial`.

    The first of the list is the pair for which the nearer of both differences is farthest from 0, in widths of its
    interval. Among many pairs some disagree by chance: `p_corrected` counts them all, and needs many permutations, as
    none is below the number of pairs / `n_permutations`. Raises `ValueError` for a score that is not there.
    """
    scores = [column.score(first), column.score(second)]
    entries = [
        entry
        for entry in column.entries
        if (trivial or not entry.is_trivial) and all(entry.answers(score) is not None for score in scores)
    ]
    found = []
    for score in scores:
        every = [answers for entry in entries if (answers := entry.answers(score)) is not None]
        with undefined_counts():
            found.append(resample(score.measure, column.true, every, n_resamples=n_resamples, seed=seed))
    signs = [-1 if score.lowest_is_best else 1 for score in scores]
    pairs = list(itertools.permutations(range(len(entries)), 2))
    opposite = [
        (a, b)
        for a, b in pairs
        if signs[0] * (found[0].scores[a] - found[0].scores[b]) > 0
        and signs[1] * (found[1].scores[a] - found[1].scores[b]) < 0
    ]

    def flip(a: int, b: int) -> Flip:
        first, second = (
            difference_of(of_score, *((a, b) if sign > 0 else (b, a)), _unit(score), of=column.items).difference
            for of_score, sign, score in zip(found, signs, scores, strict=True)
        )
        return Flip(entries[a].name, entries[b].name, first, second)

    listed = [flip(a, b) for a, b in opposite]
    p_values = [
        max(_p_value(column, score, one, n_permutations, seed) if one.excludes_0 else 1.0 for score in scores)
        for one in listed
    ]
    n_pairs = len(pairs) // 2
    corrected = holm([*p_values, *[1.0] * (n_pairs - len(listed))])[: len(listed)] if listed else []
    listed = [
        one._replace(p_value=p, p_corrected=float(q)) for one, p, q in zip(listed, p_values, corrected, strict=True)
    ]
    return sorted(listed, key=_sureness, reverse=True)


def _p_value(column: Column, score: Score, one: Flip, n_permutations: int, seed: int) -> float:
    a, b = (column.entry(name).answers(score) for name in (one.better, one.worse))
    assert a is not None and b is not None
    with undefined_counts():
        return permutation_test(score.measure, column.true, a, b, n_permutations=n_permutations, seed=seed).p_value


def with_thresholds(column: Column, thresholds: Sequence[float]) -> Column:
    """The column with more entries: each model with probabilities, made to say "positive" above other thresholds.

    Nothing is trained, and the probabilities are the same: where to cut them is a choice, which a metric judges. What
    then says the same of every item is left out. Raises `ValueError` for a threshold outside 0 to 1.
    """
    for threshold in thresholds:
        if not 0 < threshold < 1:
            raise ValueError(_("A threshold is {value}; it must be between 0 and 1.").format(value=threshold))
    more = []
    for entry, threshold in itertools.product(column.entries, thresholds):
        if entry.probabilities is None or entry.is_trivial:
            continue
        predicted = (entry.probabilities > threshold).astype(int)
        if len(set(predicted.tolist())) > 1:
            name = _("{model}, positive above {threshold}").format(model=entry.name, threshold=f"{threshold:g}")
            more.append(replace(entry, name=name, predicted=predicted, probabilities=None, by_seed=()))
    return replace(column, entries=(*column.entries, *more))


def _sureness(one: Flip) -> float:
    widths = [max(each.high - each.low, 1e-12) for each in (one.first, one.second)]
    return min(one.first.estimate / widths[0], -one.second.estimate / widths[1])


def _unit(score: Score) -> str:
    return "points" if score.unit == "%" else score.unit


class Neighbours(NamedTuple):
    """Two models that follow each other on the board, and how many items it would take to tell them apart.

    `needed` is the number for McNemar's test at a power of 80 %, if the difference is what it seems to be here, and
    None where they are equally often right; `power` is that of a test with as many items as there are. Both take the
    observed difference for the true one, which a difference near 0 does not deserve: read the order of magnitude.
    """

    better: str
    worse: str
    only_better: int
    only_worse: int
    p_value: float
    needed: int | None
    power: float


def neighbours(board: Board) -> list[Neighbours]:
    """Each model of the board with the next one, by which items they get right."""
    names = board.names
    return [_compared(board.column, a, b) for a, b in itertools.pairwise(names)]


def _compared(column: Column, a: str, b: str) -> Neighbours:
    rights = [column.right(column.entry(name)) for name in (a, b)]
    test, n = mcnemar(*rights), len(column)
    difference = (test.only_a - test.only_b) / n
    models = TwoModels(float(rights[0].mean()), difference, (test.only_a + test.only_b) / n)
    needed = items_needed(models) if difference else None
    return Neighbours(a, b, test.only_a, test.only_b, test.p_value, needed, power_of(models, n) if difference else 0.05)


class Unranked(NamedTuple):
    """Of all pairs of a board, how many McNemar's test tells apart after Holm's correction, and which it does not."""

    n_pairs: int
    n_apart: int
    pairs: tuple[tuple[str, str], ...]


def unranked(board: Board, *, alpha: float = 0.05, names: Sequence[str] | None = None) -> Unranked:
    """The pairs of models that the items cannot rank; of all models of the board, or of those with these `names`."""
    chosen = [name for name in board.names if names is None or name in names]
    rights = {name: board.column.right(board.column.entry(name)) for name in chosen}
    pairs = list(itertools.combinations(chosen, 2))
    p_values = holm([mcnemar(rights[a], rights[b]).p_value for a, b in pairs]) if pairs else np.array([])
    open_pairs = tuple(pair for pair, p in zip(pairs, p_values, strict=True) if p > alpha)
    return Unranked(len(pairs), len(pairs) - len(open_pairs), open_pairs)
