"""Scores of a classifier with what is true: what each threshold makes of them, as counts and as three measures."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from course.evaluation.correlation import matthews_of_counts
from course.evaluation.ranking import require_scores
from course.intervals import Interval, share
from course.messages import _

MOST_LINES = 5_000
POSITIVE, NEGATIVE = ("1", "positive", "true", "yes"), ("0", "negative", "false", "no")


class Measures(NamedTuple):
    """What a threshold gives. F1 and Matthews' coefficient are None where they are undefined."""

    counts: Int[np.ndarray, "2 2"]
    accuracy: Interval
    f1: float | None
    matthews: float | None


@dataclass(frozen=True, eq=False)
class ScoredItems:
    """Of each item, whether it is positive and the probability that a model gives to that.

    Raises `ValueError` as `require_scores` does, and for a probability outside 0 to 1.
    """

    is_positive: Bool[np.ndarray, "item"]
    probabilities: Float[np.ndarray, "item"]

    def __post_init__(self) -> None:
        require_scores(self.is_positive, self.probabilities)
        outside = self.probabilities[(self.probabilities < 0) | (self.probabilities > 1)]
        if outside.size:
            raise ValueError(_("One of the scores is {value}; it must be from 0 to 1.").format(value=outside[0]))

    def counts_at(self, thresholds: Sequence[float] | np.ndarray) -> Int[np.ndarray, "threshold 2 2"]:
        """The confusion matrices, [true, predicted]; from a threshold on, an item is predicted positive."""
        found = []
        for one in (False, True):
            scores = np.sort(self.probabilities[self.is_positive == one])
            below = np.searchsorted(scores, thresholds, side="left")
            found.append(np.stack([below, len(scores) - below], axis=-1))
        return np.stack(found, axis=-2)

    def measures_at(self, threshold: float) -> Measures:
        """The counts and measures of one threshold; the accuracy with Wilson's interval."""
        [counts] = self.counts_at([threshold])
        f1, matthews = (values[0] for values in curves_of(counts[None]))
        accuracy = share(int(np.trace(counts)), len(self.probabilities), of=_("items"))
        return Measures(counts, accuracy, *(None if math.isnan(one) else float(one) for one in (f1, matthews)))


def curves_of(counts: Int[np.ndarray, "threshold 2 2"]) -> tuple[np.ndarray, np.ndarray]:
    """F1 of the positive class and Matthews' coefficient of each confusion matrix, NaN where undefined."""
    right, both = counts[:, 1, 1], counts[:, 1].sum(axis=1) + counts[:, :, 1].sum(axis=1)
    with np.errstate(invalid="ignore"):
        f1 = np.where(both > 0, 2 * right / np.maximum(both, 1), np.nan)
    return f1, matthews_of_counts(counts)


def read_scores(text: str) -> ScoredItems:
    """The items of lines `score label`, such as `0.83 1` or `0.2 negative`; empty lines are skipped.

    Raises `ValueError` for a line that is no such pair, a score that is no number from 0 to 1, a label that is none,
    and too many lines.
    """
    scores, labels = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        parts = line.replace(",", " ").split()
        if not parts:
            continue
        if len(parts) != 2:
            raise ValueError(
                _("Line {number} is {line!r}; write `score label`, such as 0.83 1.").format(
                    number=number, line=line.strip()[:60]
                )
            )
        try:
            score = float(parts[0])
        except ValueError:
            score = math.nan
        if not 0 <= score <= 1:
            raise ValueError(
                _("Line {number} has the score {score!r}; it must be a number from 0 to 1.").format(
                    number=number, score=parts[0][:60]
                )
            )
        label = parts[1].lower()
        if label not in POSITIVE + NEGATIVE:
            raise ValueError(
                _("Line {number} has the label {label!r}; write 1 or positive, 0 or negative.").format(
                    number=number, label=parts[1][:60]
                )
            )
        scores.append(score)
        labels.append(label in POSITIVE)
    if not scores:
        raise ValueError(_("There is no score. Write `score label` on each line, such as 0.83 1."))
    if len(scores) > MOST_LINES:
        raise ValueError(
            _("There are {n} lines; the limit here is {limit}.").format(n=f"{len(scores):,}", limit=f"{MOST_LINES:,}")
        )
    return ScoredItems(np.array(labels, dtype=bool), np.array(scores, dtype=float))
