"""The leaderboard: every model of the course on a column of test items, with all that an order of scores leaves out.

`board("reviews", "accuracy")` has a row for each model, the best first: its score with an interval, what it is behind
the best, on the same items, whether that is more than chance after all comparisons are counted, and the ranks that
other items would have given it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np

from course.intervals import (
    Interval,
    RankRange,
    Ranks,
    difference_of,
    holm,
    mcnemar,
    permutation_test,
    rank_distribution,
    resample,
    score_of,
    share,
)
from course.intervals.resampling import Resamples
from course.messages import _
from course.tasks.leaderboard_entries import Column, Entry, Score, undefined_counts
from course.tasks.leaderboard_others import choices, dates, sentence_order, topics, words
from course.tasks.leaderboard_reviews import reviews, some_reviews

N_RESAMPLES = 2_000
N_PERMUTATIONS = 10_000
CHOICE_TASKS = ("piqa", "openbookqa", "commonsenseqa", "siqa")
COLUMNS: Mapping[str, Callable[[], Column]] = MappingProxyType(
    {
        "reviews": reviews,
        "reviews-500": some_reviews,
        "topics": topics,
        "sentence order": sentence_order,
        "dates": dates,
        "pronunciation": words,
        **{task: partial(choices, task) for task in CHOICE_TASKS},
        **{f"{task}-forms": partial(choices, task, every_form=True) for task in CHOICE_TASKS},
    }
)


@dataclass(frozen=True, eq=False)
class Row:
    """A model on the board. The last three compare it with the best, and are None for the best itself.

    `behind` is its score minus that of the best, on the same items; `p_value` tests whether the two differ, McNemar's
    exact test of accuracy and a permutation test of anything else, and `p_corrected` is Holm's correction for all rows.
    The best is the best of these items, which flatters it: the corrections do not cover that it was chosen so.
    """

    entry: Entry
    score: Interval
    ranks: RankRange
    behind: Interval | None
    p_value: float | None
    p_corrected: float | None


@dataclass(frozen=True, eq=False)
class Board:
    """The rows, the best first; `resamples` and `ranks` have the models in this order.

    `left_out` are the models of the column whose answers do not have what the score needs.
    """

    column: Column
    score: Score
    rows: tuple[Row, ...]
    ranks: Ranks
    resamples: Resamples
    left_out: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(row.entry.name for row in self.rows)

    def table(self) -> list[dict[str, object]]:
        """The rows as a lesson shows them."""
        return [
            {
                _("model"): row.entry.name,
                _("lesson"): row.entry.lesson,
                _("score"): row.score,
                _("behind the best"): row.behind if row.behind is not None else "",
                _("p, corrected"): "" if row.p_corrected is None else f"{row.p_corrected:.2g}",
                _("ranks"): f"{row.ranks.best}–{row.ranks.worst}",
            }
            for row in self.rows
        ]


def column_of(name: str) -> Column:
    """The column of this name. Raises `ValueError` for another one."""
    if not isinstance(name, str) or name not in COLUMNS:
        raise ValueError(
            _("There is no column {name!r}. There are: {known}.").format(name=name, known=", ".join(map(repr, COLUMNS)))
        )
    return COLUMNS[name]()


def board(
    column: Column | str = "reviews-500",
    score: str = "accuracy",
    *,
    n_resamples: int = N_RESAMPLES,
    n_permutations: int = N_PERMUTATIONS,
    seed: int = 0,
) -> Board:
    """The models of a column by a score. All are measured on the same items, and on the same resamples of them.

    Intervals cover other items for these trained models, not other seeds; of the accuracy they are Wilson's. Raises
    `ValueError` for a column or a score that is not there, and for a score that no model of the column has.
    """
    column = column if isinstance(column, Column) else column_of(column)
    how = column.score(score)
    pairs = [(entry, answers) for entry in column.entries if (answers := entry.answers(how)) is not None]
    if not pairs:
        raise ValueError(
            _("No model of the column {column!r} has what {score!r} needs.").format(column=column.name, score=score)
        )
    every = [answers for _entry, answers in pairs]
    with undefined_counts():
        found = resample(how.measure, column.true, every, n_resamples=n_resamples, seed=seed)
    order = np.argsort(found.scores if how.lowest_is_best else -found.scores, kind="stable")
    pairs = [pairs[number] for number in order]
    found = Resamples(found.scores[order], found.resampled[order], found.undefined[order], found.n_items, found.seed)
    names = tuple(entry.name for entry, _answers in pairs)
    ranks = rank_distribution(found, names, lowest_is_best=how.lowest_is_best)
    p_values = [_p_value(column, how, pairs[0], pair, n_permutations, seed) for pair in pairs[1:]]
    corrected = holm(p_values).tolist() if p_values else []
    difference_unit = "points" if how.unit == "%" else how.unit
    rows = [
        Row(
            entry,
            _score(column, how, entry, found, number),
            ranks.range_of(entry.name),
            difference_of(found, number, 0, difference_unit, of=column.items).difference if number else None,
            p_values[number - 1] if number else None,
            corrected[number - 1] if number else None,
        )
        for number, (entry, _answers) in enumerate(pairs)
    ]
    left_out = tuple(entry.name for entry in column.entries if entry.name not in names)
    return Board(column, how, tuple(rows), ranks, found, left_out)


def _score(column: Column, how: Score, entry: Entry, found: Resamples, number: int) -> Interval:
    if how.counts_right:
        return share(int(column.right(entry).sum()), len(column), of=column.items)
    return score_of(found, number, how.unit, of=column.items)


def _p_value(
    column: Column,
    how: Score,
    a: tuple[Entry, np.ndarray],
    b: tuple[Entry, np.ndarray],
    n_permutations: int,
    seed: int,
) -> float:
    if how.counts_right:
        return mcnemar(column.right(a[0]), column.right(b[0])).p_value
    with undefined_counts():
        return permutation_test(how.measure, column.true, a[1], b[1], n_permutations=n_permutations, seed=seed).p_value
