"""Which probability is enough to say yes? Chosen on validation, and on nothing else."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from course.data.splits import Role
from course.evaluation.ranking import require_scores
from course.messages import _


@dataclass(frozen=True, eq=False)
class Scored:
    """The scores of a labelled set, and what that set is for: `role` is "training", "validation" or "test".

    Raises `ValueError` as `require_scores` does.
    """

    is_positive: Bool[np.ndarray, "item"]
    scores: Float[np.ndarray, "item"]
    role: Role

    def __post_init__(self) -> None:
        require_scores(self.is_positive, self.scores)


class Threshold(NamedTuple):
    """A score from which on an item counts as positive, and what that gave on the set that it was chosen on."""

    value: float
    measure: str
    validation: float


def choose_threshold(validation: Scored, measure: Literal["accuracy", "f1"] = "f1") -> Threshold:
    """The threshold with the best `measure` of the positive class on a validation set.

    Those that are tried lie halfway between two scores that occur, below all and above all; of several that are
    equally good it is the one in their middle. Raises `ValueError` for a test set, on which a chosen threshold could
    not be judged any more, for a training set, whose scores are better than those of new texts, and for another
    measure.
    """
    if validation.role != "validation":
        raise ValueError(
            _(
                "These are scores of the {role} set. A threshold is chosen on validation: on the test set it would be "
                "judged by what it was chosen for, and on training texts scores are too good."
            ).format(role=validation.role)
        )
    if measure not in ("accuracy", "f1"):
        raise ValueError(_("measure is {value!r}; give 'accuracy' or 'f1'.").format(value=measure))
    scores = validation.scores
    distinct, place = np.unique(scores if scores.dtype.kind == "f" else scores.astype(float), return_inverse=True)
    positives = np.bincount(place, weights=validation.is_positive)
    items = np.bincount(place)
    right = np.append(np.cumsum(positives[::-1])[::-1], 0)  # positive items at or above each score, then above all
    predicted = np.append(np.cumsum(items[::-1])[::-1], 0)
    n, n_positive = len(validation.scores), right[0]
    if measure == "accuracy":
        found = (n - n_positive - predicted + 2 * right) / n
    else:
        found = 2 * right / np.maximum(predicted + n_positive, 1)
    best = np.flatnonzero(found == found.max())
    chosen = int(best[len(best) // 2])
    step = 1e-6 + abs(distinct[-1] - distinct[0])
    largest = np.nextafter(distinct[-1], distinct.dtype.type(np.inf))  # where the step is too small to be seen
    around = np.concatenate(([distinct[0] - step], distinct, [max(distinct[-1] + step, largest)]))
    below, above = around[chosen], around[chosen + 1]
    middle = below + (above - below) / 2
    value = middle if middle > below else above  # of neighbors there is none between them
    return Threshold(float(value), measure, float(found[chosen]))
