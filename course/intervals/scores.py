"""Intervals of scores over seeds and test items at once: numbers of either sign, one for each item and seed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from course.intervals.components import Part, paired_difference, require_pairs
from course.intervals.interval import LEVEL, Interval, Number
from course.messages import _


@dataclass(frozen=True, eq=False)
class RunScores:
    """What each run (one seed each) scored in each test item: an array [seed, item] of rewards, nats or lengths.

    Unlike the counts of `RunCounts`, scores may be below 0, and each item counts alike. `items` names the items:
    "prompts". Raises `ValueError` for another shape, no item, and a score that is not finite.
    """

    scores: np.ndarray
    items: str

    def __init__(self, scores: ArrayLike, items: str | None = None) -> None:
        scores = np.asarray(scores, dtype=np.float64)
        if scores.ndim != 2 or 0 in scores.shape:
            raise ValueError(
                _("scores has shape {shape}; give an array [seed, item] with one of each at least.").format(
                    shape=scores.shape
                )
            )
        wrong = scores[~np.isfinite(scores)]
        if wrong.size:
            raise ValueError(
                _("scores has {value} in it; a score is a finite number. Leave that item out and say so.").format(
                    value=wrong[0]
                )
            )
        object.__setattr__(self, "scores", scores)
        object.__setattr__(self, "items", items or _("items"))

    @property
    def n_seeds(self) -> int:
        return len(self.scores)

    @property
    def n_items(self) -> int:
        return self.scores.shape[1]

    @property
    def means(self) -> np.ndarray:
        """The mean score of each seed."""
        return self.scores.mean(axis=1)

    def _part(self) -> Part:
        """An item moves its run's mean by its distance from it, divided by the number of items."""
        return Part(self.means, (self.scores - self.means[:, None]) / self.n_items)


def difference_of_scores(
    a: RunScores, b: RunScores, *, same_runs: bool = False, unit: str = "", level: Number = LEVEL
) -> Interval:
    """The mean score of model a minus that of b, with an interval that covers other seeds and other test items.

    Every seed of both models is measured on the same items. For the method, and for `same_runs`, see
    `difference_of_rates`. Raises `ValueError` for other items in b than in a, for one item, and where one model has one
    seed, the other more.
    """
    for each in (a, b):
        if not isinstance(each, RunScores):
            raise TypeError(
                _("{kind} has no scores of items. Give RunScores(scores), an array [seed, item].").format(
                    kind=type(each).__name__
                )
            )
    require_pairs(a, b)
    return paired_difference((a, a._part()), (b, b._part()), same_runs, unit, level)
