"""What every threshold would give: precision against recall."""

import warnings
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from course.evaluation.classification import UndefinedScoreWarning
from course.messages import _


class PrecisionRecallCurve(NamedTuple):
    """Precision and recall when everything with a score of at least `thresholds[i]` counts as positive.

    One more point than thresholds: the last has precision 1 and recall 0, where nothing is positive any more.
    """

    precision: Float[np.ndarray, "point"]
    recall: Float[np.ndarray, "point"]
    thresholds: Float[np.ndarray, "threshold"]


def precision_recall_curve(
    is_positive: Bool[np.ndarray, "item"], scores: Float[np.ndarray, "item"]
) -> PrecisionRecallCurve:
    """A point for each score that occurs, from the lowest threshold, where all is positive, to the highest.

    Items of the same score change side together. When no item is positive, recall is undefined; it is 1 at every
    threshold, with a warning, as in scikit-learn. Raises `ValueError` as `require_scores` does.

    Source: Davis and Goadrich 2006, "The Relationship Between Precision-Recall and ROC Curves", section 2.
    """
    require_scores(is_positive, scores)
    order = np.argsort(scores, kind="stable")[::-1]  # not of -scores, which unsigned numbers do not have
    ranked, right = scores[order], np.cumsum(is_positive[order])
    last_of_score = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    right, predicted = right[last_of_score], last_of_score + 1
    if right[-1] == 0:
        warnings.warn(
            _("No item is positive: recall is undefined, and counts as 1 at every threshold."),
            UndefinedScoreWarning,
            stacklevel=2,
        )
        recall = np.ones(len(right))
    else:
        recall = right / right[-1]
    return PrecisionRecallCurve(
        np.append((right / predicted)[::-1], 1.0), np.append(recall[::-1], 0.0), ranked[last_of_score][::-1].copy()
    )


def average_precision(is_positive: Bool[np.ndarray, "item"], scores: Float[np.ndarray, "item"]) -> float:
    """The precision at each threshold, weighted by the recall that it adds: the area under the curve's steps.

    0 with a warning when no item is positive. Raises `ValueError` as `require_scores` does.
    """
    precision, recall, _thresholds = precision_recall_curve(is_positive, scores)
    return float(np.sum(-np.diff(recall) * precision[:-1])) if is_positive.any() else 0.0


def require_scores(is_positive: Bool[np.ndarray, "item"], scores: Float[np.ndarray, "item"]) -> None:
    """Raises `TypeError` for what is no array.

    Raises `ValueError` when there is no item, not one score for each, a score that is not a finite number, or an item
    that is neither positive nor not, such as a label of -1.
    """
    for name, found in (("is_positive", is_positive), ("scores", scores)):
        if not isinstance(found, np.ndarray):
            raise TypeError(
                _("{name} is of type {kind}; give a NumPy array: np.array(...).").format(
                    name=name, kind=type(found).__name__
                )
            )
        if found.ndim != 1:
            raise ValueError(
                _("{name} has the shape {shape}; give one number for each item.").format(name=name, shape=found.shape)
            )
    if len(is_positive) != len(scores):
        raise ValueError(
            _("There are {items} items and {scores} scores; each item needs one.").format(
                items=len(is_positive), scores=len(scores)
            )
        )
    if not len(scores):
        raise ValueError(_("There are no items to measure. Give one or more."))
    neither = is_positive[~np.isin(is_positive, (0, 1))]  # True is 1, False is 0
    if len(neither):
        raise ValueError(
            _("One of is_positive is {value!r}; give True or False for each item: labels == 'positive'.").format(
                value=neither[0].item()
            )
        )
    if not np.isfinite(scores).all():
        raise ValueError(
            _("One of the scores is {score}; a score must be a finite number.").format(
                score=scores[~np.isfinite(scores)][0]
            )
        )
