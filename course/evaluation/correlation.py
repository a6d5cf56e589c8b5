"""How far predictions go along with the truth: Matthews' coefficient of classes, Pearson's and Spearman's of numbers.

All three are 1 where the predictions follow the truth exactly, and about 0 where they have nothing to do with it.
"""

import math
import warnings
from collections.abc import Iterable

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from course.evaluation.classification import Class, UndefinedScoreWarning, confusion_matrix
from course.messages import _


def matthews(true: Iterable[Class], predicted: Iterable[Class]) -> float:
    """The correlation of predicted and true classes, of which there may be any number.

    A model that always predicts the same class gets 0, however many items are of it: where the predictions or the
    items are all of one class, the coefficient is undefined and counts as 0, as in scikit-learn, with a warning.
    Raises `TypeError` and `ValueError` as `confusion_matrix` does.

    Source: Matthews 1975, "Comparison of the predicted and observed secondary structure of T4 phage lysozyme" (two
    classes); Gorodkin 2004, "Comparing two K-category assignments by a K-category correlation coefficient".
    """
    counts = confusion_matrix(true, predicted).counts
    found = matthews_of_counts(counts)
    if np.isnan(found):
        _warn(_("All items, or all predictions, are of one class: Matthews' coefficient is undefined, counted as 0."))
        return 0.0
    return float(found)


def matthews_of_counts(counts: np.ndarray) -> np.ndarray:
    """The coefficient of confusion matrices, [..., true, predicted]; NaN where it is undefined."""
    counts = counts.astype(np.float64)
    of_true, of_predicted = counts.sum(axis=-1), counts.sum(axis=-2)
    right, n = np.trace(counts, axis1=-2, axis2=-1), counts.sum(axis=(-2, -1))
    common = right * n - (of_true * of_predicted).sum(axis=-1)
    spread = (n**2 - (of_true**2).sum(axis=-1)) * (n**2 - (of_predicted**2).sum(axis=-1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(spread > 0, common / np.sqrt(spread), np.nan)


def pearson(true: ArrayLike, predicted: ArrayLike) -> float:
    """The linear correlation of predicted and true numbers; their scale and offset do not matter.

    NaN with a warning where the predictions or the true numbers are all the same, as in SciPy: no number would be fair
    to a model that says the same of everything. Raises `ValueError` for fewer than two items, for not as many
    predictions as items and for a number that is not finite.

    Source: Pearson 1896, "Mathematical Contributions to the Theory of Evolution. III".
    """
    return _correlation(*_numbers(true, predicted), _("Pearson's coefficient"))


def spearman(true: ArrayLike, predicted: ArrayLike) -> float:
    """The correlation of the ranks of predicted and true numbers: only their order matters.

    Equal numbers share the mean of their ranks. NaN and errors as `pearson`.

    Source: Spearman 1904, "The Proof and Measurement of Association between Two Things".
    """
    of_true, of_predicted = _numbers(true, predicted)
    return _correlation(average_ranks(of_true), average_ranks(of_predicted), _("Spearman's coefficient"))


def average_ranks(numbers: Float[np.ndarray, "item"]) -> Float[np.ndarray, "item"]:
    """The rank of each number, 1 for the smallest; equal numbers share the mean of the ranks that they take up."""
    _distinct, place, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[place]


def _correlation(true: np.ndarray, predicted: np.ndarray, name: str) -> float:
    if (true == true[0]).all() or (predicted == predicted[0]).all():
        _warn(
            _("All items, or all predictions, have the same number: {name} is undefined, and is NaN.").format(name=name)
        )
        return math.nan
    parts = []
    for numbers in (true, predicted):
        away = scaled(numbers)
        away -= away.mean()
        parts.append(away / np.linalg.norm(away))
    return float(np.clip(parts[0] @ parts[1], -1, 1))


def scaled(numbers: Float[np.ndarray, "item"]) -> Float[np.ndarray, "item"]:
    """Divided by a power of two, so that the largest is about 1, and squares neither overflow nor vanish."""
    return np.ldexp(numbers, -np.frexp(np.abs(numbers).max())[1])


def _numbers(true: ArrayLike, predicted: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    found = np.asarray(true, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    for name, numbers in zip(("true", "predicted"), found, strict=True):
        if numbers.ndim != 1:
            raise ValueError(
                _("{name} has the shape {shape}; give one number for each item.").format(name=name, shape=numbers.shape)
            )
        if not np.isfinite(numbers).all():
            raise ValueError(
                _(
                    "One of {name} is {value}; a correlation needs finite numbers. Leave that item out and say so."
                ).format(name=name, value=numbers[~np.isfinite(numbers)][0])
            )
    if len(found[0]) != len(found[1]):
        raise ValueError(
            _("There are {true} items and {predicted} predictions; each item needs one.").format(
                true=len(found[0]), predicted=len(found[1])
            )
        )
    if len(found[0]) < 2:
        raise ValueError(_("There are {n} items; a correlation needs two or more.").format(n=len(found[0])))
    return found


def _warn(message: str) -> None:
    warnings.warn(message, UndefinedScoreWarning, stacklevel=4)
