"""What a threshold makes of a classifier's scores: the counts, the measures, and the texts that change sides."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from course.evaluation import PrecisionRecallCurve, precision_recall_curve
from course.evaluation.ranking import require_scores
from course.messages import _


@dataclass(frozen=True, eq=False)
class ScoredTexts:
    """Texts, whether each is of the positive class, and the probability that a model gives to that.

    `names` are those of the negative and the positive class. Raises `ValueError` where there are not as many of each,
    for a probability outside 0 to 1, and where no text is positive or none is negative.
    """

    texts: Sequence[str]
    is_positive: Bool[np.ndarray, "text"]
    probabilities: Float[np.ndarray, "text"]
    names: tuple[str, str]

    def __post_init__(self) -> None:
        require_scores(self.is_positive, self.probabilities)
        if len(self.texts) != len(self.probabilities):
            raise ValueError(
                _("There are {texts} texts and {scores} probabilities; each text needs one.").format(
                    texts=len(self.texts), scores=len(self.probabilities)
                )
            )
        if self.probabilities.min() < 0 or self.probabilities.max() > 1:
            raise ValueError(_("A probability is outside 0 to 1: take the softmax of logits first."))
        if self.is_positive.all() or not self.is_positive.any():
            raise ValueError(_("All texts are of one class: a threshold has nothing to tell apart."))

    def written(self, place: int) -> str:
        """The probability of a text with three decimals, cut and not rounded: 0.5996 is no 0.600, a threshold away."""
        return f"{math.floor(1000 * self.probabilities[place] + 1e-9) / 1000:.3f}"

    @property
    def curve(self) -> PrecisionRecallCurve:
        return precision_recall_curve(self.is_positive, self.probabilities)

    def predicted(self, threshold: int | float) -> Bool[np.ndarray, "text"]:
        """Which texts are predicted positive: those with at least this probability."""
        return self.probabilities >= threshold

    def counts_at(self, threshold: int | float) -> "Counts":
        predicted = self.predicted(threshold)
        pairs = [(truth, said) for truth in (False, True) for said in (False, True)]
        counts = [int(((self.is_positive == truth) & (predicted == said)).sum()) for truth, said in pairs]
        return Counts(*counts)

    def changed(self, before: int | float, now: int | float) -> list[int]:
        """The numbers of the texts that are on the other side now, the one nearest to the threshold first."""
        places = np.flatnonzero(self.predicted(before) != self.predicted(now))
        return sorted(places.tolist(), key=lambda place: abs(self.probabilities[place] - now))


@dataclass(frozen=True)
class Counts:
    """The four counts of a confusion matrix. Precision is None where nothing is predicted positive."""

    right_negative: int
    false_positive: int
    missed: int
    right_positive: int

    @property
    def accuracy(self) -> float:
        right = self.right_negative + self.right_positive
        return right / (right + self.false_positive + self.missed)

    @property
    def precision(self) -> float | None:
        predicted = self.right_positive + self.false_positive
        return self.right_positive / predicted if predicted else None

    @property
    def recall(self) -> float:
        return self.right_positive / (self.right_positive + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.right_positive / (2 * self.right_positive + self.false_positive + self.missed)
