"""A leaderboard and how far it depends on its items: scores, their intervals, and the ranks in each resample."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from course.intervals import Interval, difference_of, holm, mcnemar, rank_distribution, resample, score_of, share
from course.intervals.ranks import Ranks
from course.intervals.resampling import Resamples
from course.messages import _
from course.tasks.leaderboard_entries import Column, Entry, Score, undefined_counts

N_RESAMPLES = 500
MOST_DRAWN = 700_000  # items of all resamples together, so that a change is answered at once
FEWEST_RESAMPLES = 200


class PairTest(NamedTuple):
    """Two models on the same items: which items one alone got right, McNemar's test, and the difference of scores.

    `p_corrected` is Holm's correction for the `n_pairs` of the board, any of which may be looked at.
    """

    only_first: list[int]
    only_second: list[int]
    p_value: float
    p_corrected: float
    n_pairs: int
    difference: Interval


@dataclass(frozen=True, eq=False)
class RankedModels:
    """The models of a column by one score, the best first, on all items and on each resample of them."""

    column: Column
    how: Score
    entries: tuple[Entry, ...]
    found: Resamples
    ranks: Ranks

    @classmethod
    def of(cls, column: Column, score: str, *, seed: int = 0) -> "RankedModels":
        """Raises `ValueError` for a score that the column has not, and for one that fewer than two models have."""
        how = column.score(score)
        pairs = [(entry, answers) for entry in column.entries if (answers := entry.answers(how)) is not None]
        if len(pairs) < 2:
            raise ValueError(
                _("Of the column {column!r}, fewer than two models have what {score!r} needs.").format(
                    column=column.name, score=score
                )
            )
        n = int(np.clip(MOST_DRAWN // len(column), FEWEST_RESAMPLES, N_RESAMPLES))
        with undefined_counts():
            found = resample(how.measure, column.true, [one for _entry, one in pairs], n_resamples=n, seed=seed)
        order = np.argsort(found.scores if how.lowest_is_best else -found.scores, kind="stable")
        found = Resamples(found.scores[order], found.resampled[order], found.undefined[order], found.n_items, seed)
        entries = tuple(pairs[place][0] for place in order)
        names = [entry.name for entry in entries]
        return cls(column, how, entries, found, rank_distribution(found, names, lowest_is_best=how.lowest_is_best))

    @property
    def names(self) -> tuple[str, ...]:
        return self.ranks.names

    @cached_property
    def intervals(self) -> tuple[Interval, ...]:
        """Of a share of right items Wilson's, of any other score the percentiles of its resamples."""
        items = self.column.items
        if self.how.counts_right:
            counts = [int(self.column.right(entry).sum()) for entry in self.entries]
            return tuple(share(count, len(self.column), of=items) for count in counts)
        return tuple(score_of(self.found, place, self.how.unit, of=items) for place in range(len(self.entries)))

    @cached_property
    def drawn_ranks(self) -> Int[np.ndarray, "model resample"]:
        """The rank of each model in each resample, 1 for the best; equal models share the better rank."""
        values = self.found.resampled * (-1 if self.how.lowest_is_best else 1)
        return 1 + np.stack([(values > own).sum(axis=0) for own in values])

    def scores_of(self, draw: int) -> Float[np.ndarray, "model"]:
        """The scores on all items for 0, else those of the resample with this number."""
        return self.found.resampled[:, draw - 1] if draw else self.found.scores

    def ranks_of(self, draw: int) -> Int[np.ndarray, "model"]:
        """The ranks that go with `scores_of`."""
        if draw:
            return self.drawn_ranks[:, draw - 1]
        values = self.found.scores * (-1 if self.how.lowest_is_best else 1)
        return 1 + (values[None, :] > values[:, None]).sum(axis=1)

    @cached_property
    def _p_values(self) -> dict[tuple[int, int], tuple[float, float]]:
        right = [self.column.right(entry) for entry in self.entries]
        pairs = list(itertools.combinations(range(len(right)), 2))
        p_values = [mcnemar(right[a], right[b]).p_value for a, b in pairs]
        return dict(zip(pairs, zip(p_values, holm(p_values).tolist(), strict=True), strict=True))

    def pair(self, first: str, second: str) -> PairTest:
        """Compare two models on the same items. Raises `ValueError` for one model twice."""
        if first == second:
            raise ValueError(_("{name!r} is compared with itself. Choose two models.").format(name=first))
        a, b = self.names.index(first), self.names.index(second)
        of_a, of_b = self.column.right(self.entries[a]), self.column.right(self.entries[b])
        p_value, p_corrected = self._p_values[min(a, b), max(a, b)]
        unit = "points" if self.how.unit == "%" else self.how.unit
        return PairTest(
            np.flatnonzero(of_a & ~of_b).tolist(),
            np.flatnonzero(of_b & ~of_a).tolist(),
            p_value,
            p_corrected,
            len(self._p_values),
            difference_of(self.found, a, b, unit, of=self.column.items).difference,
        )


def choices(names: Sequence[str]) -> str:
    """Names for the end of a sentence that says what there is."""
    return ", ".join(map(repr, names))
