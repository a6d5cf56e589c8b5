"""Measures that are read from sums over the items: what resampling needs to be fast.

The accuracy needs one number of each item, F1 three, corpus BLEU ten. Whoever draws the items again has to add these
numbers up again, and not to compare the texts again: thousands of resamples are one product of matrices.
"""

import math
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from course.evaluation.calibration import place_of
from course.evaluation.classification import Class, UndefinedScoreWarning, plain_classes
from course.evaluation.correlation import matthews_of_counts, scaled
from course.messages import _

Items = Sequence[Any] | np.ndarray


@dataclass(frozen=True)
class SummedMeasure:
    """A measure of predictions against the truth that needs nothing of the items but sums: `measure(true, predicted)`.

    `of_items` gives the numbers of each item, [item, number]. `of_sums` makes the measure from their sums,
    [..., number] to [...], and NaN where it is undefined; it counts as `if_undefined` there, with a warning. Raises
    `ValueError` for no items, and for not as many predictions as items.
    """

    name: str
    of_items: Callable[[Items, Items], Float[np.ndarray, "item number"]]
    of_sums: Callable[[np.ndarray], np.ndarray]
    if_undefined: float = 0.0

    def __call__(self, true: Items, predicted: Items) -> float:
        return self.value(self.table(true, predicted).sum(axis=0))

    def value(self, sums: Float[np.ndarray, "number"]) -> float:
        """The measure of these sums, with the warning where it is undefined."""
        value = float(self.of_sums(sums))
        if not math.isnan(value):
            return value
        warnings.warn(
            _("{name} is undefined for these items, and counts as {value}.").format(
                name=self.name, value=self.if_undefined
            ),
            UndefinedScoreWarning,
            stacklevel=3,
        )
        return self.if_undefined

    def table(self, true: Items, predicted: Items) -> Float[np.ndarray, "item number"]:
        """The numbers of each item, after the checks."""
        if len(true) != len(predicted):
            raise ValueError(
                _("There are {true} items and {predicted} predictions; each item needs one.").format(
                    true=len(true), predicted=len(predicted)
                )
            )
        if not len(true):
            raise ValueError(_("There are no items to measure. Give one or more."))
        return np.asarray(self.of_items(true, predicted), dtype=np.float64)


def accuracy_measure() -> SummedMeasure:
    """The share of items whose class was predicted."""

    def of_items(true: Items, predicted: Items) -> np.ndarray:
        pairs = zip(plain_classes(true), plain_classes(predicted), strict=True)
        return np.array([(right == found, 1) for right, found in pairs], dtype=np.float64)

    return SummedMeasure(_("The accuracy"), of_items, lambda sums: sums[..., 0] / sums[..., 1])


def mean_measure(name: str, of_pair: Callable[[Any, Any], float]) -> SummedMeasure:
    """The mean over the items of what `of_pair(right, predicted)` says of each.

    Raises `ValueError`, with the item, where that is no finite number.
    """

    def number(place: int, right: Any, found: Any) -> float:
        said = of_pair(right, found)
        try:
            value = float(said)
        except (TypeError, ValueError):
            value = math.nan
        if not math.isfinite(value):
            raise ValueError(
                _("{name} of item {place} is {said!r}; it must be a finite number.").format(
                    name=name, place=place, said=said
                )
            )
        return value

    def of_items(true: Items, predicted: Items) -> np.ndarray:
        pairs = zip(true, predicted, strict=True)
        return np.array([(number(place, right, found), 1) for place, (right, found) in enumerate(pairs)])

    return SummedMeasure(name, of_items, ratio)


def f1_measure(positive: Class) -> SummedMeasure:
    """The F1 of one class, which is named. Undefined, and 0, where no item is of it and none was predicted to be."""

    def of_items(true: Items, predicted: Items) -> np.ndarray:
        is_true, is_found = (np.array([one == positive for one in plain_classes(side)]) for side in (true, predicted))
        return np.stack([2 * (is_true & is_found), 1 * is_true + is_found], axis=1).astype(np.float64)

    return SummedMeasure(_("F1"), of_items, ratio)


def matthews_measure(classes: Iterable[Class]) -> SummedMeasure:
    """Matthews' coefficient, as `matthews`. `classes` are all that occur, since a resample may lack some."""
    names = plain_classes(classes)
    place = {name: number for number, name in enumerate(names)}
    k = len(place)

    def of_items(true: Items, predicted: Items) -> np.ndarray:
        cells = [k * _place(right) + _place(found) for right, found in _pairs(true, predicted)]
        return np.eye(k * k)[cells]

    def _place(name: Class) -> int:
        if name not in place:
            raise ValueError(
                _("{name!r} is none of the classes {known}. Add it, or correct the item.").format(
                    name=name, known=", ".join(map(repr, names))
                )
            )
        return place[name]

    def of_sums(sums: np.ndarray) -> np.ndarray:
        return matthews_of_counts(sums.reshape(*sums.shape[:-1], k, k))

    return SummedMeasure(_("Matthews' coefficient"), of_items, of_sums)


def pearson_measure() -> SummedMeasure:
    """Pearson's coefficient, as `pearson`, to about ten digits; NaN where it is undefined.

    Raises `ValueError` for a number that is not finite.
    """

    def of_items(true: Items, predicted: Items) -> np.ndarray:
        sides = [_finite(side) for side in (true, predicted)]
        x, y = (side - side.mean() for side in map(scaled, sides))  # sums of squares around the mean lose fewer digits
        return np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=1)

    def of_sums(sums: np.ndarray) -> np.ndarray:
        n, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
        of_x, of_y = n * xx - x * x, n * yy - y * y
        is_constant = (of_x <= 1e-12 * n * xx) | (of_y <= 1e-12 * n * yy)
        with np.errstate(invalid="ignore", divide="ignore"):
            found = (n * xy - x * y) / np.sqrt(of_x * of_y)
        return np.where(is_constant, np.nan, np.clip(found, -1, 1))

    return SummedMeasure(_("Pearson's coefficient"), of_items, of_sums, if_undefined=math.nan)


def calibration_measure(n_bins: int = 10) -> SummedMeasure:
    """The calibration error of two classes, in bins of equal width: `measure(true, probabilities)`, lower is better.

    `true` are True and False, and `probabilities` are those of True; what is compared with the share of right
    predictions is the probability of the predicted class, as in `expected_calibration_error`. Bins of equal mass would
    move with each resample, so they need more than sums. Raises `ValueError` for a probability outside 0 to 1.
    """
    edges = np.linspace(0.0, 1.0, n_bins + 1)

    def of_items(true: Items, predicted: Items) -> np.ndarray:
        found, chances = np.asarray(true), np.asarray(predicted)
        chances = chances if chances.dtype.kind == "f" else chances.astype(np.float64)
        if found.dtype.kind not in "biuf" or not np.isin(found, (0, 1)).all():
            raise ValueError(_("What is true has to be True or False for each item, not {value!r}.").format(value=true))
        is_true = found.astype(bool)
        outside = chances[~((chances >= 0) & (chances <= 1))]
        if outside.size:
            raise ValueError(
                _(
                    "One of the probabilities is {value}; it must be from 0 to 1. Take the softmax of logits first."
                ).format(value=outside[0])
            )
        confidence, is_right = np.maximum(chances, 1 - chances), (chances > 0.5) == is_true
        in_bin = np.eye(n_bins)[place_of(confidence, edges)]
        return np.concatenate([in_bin * (is_right - confidence)[:, None], np.ones((len(chances), 1))], axis=1)

    return SummedMeasure(
        _("The calibration error"), of_items, lambda sums: np.abs(sums[..., :-1]).sum(axis=-1) / sums[..., -1]
    )


def error_rate_measure() -> SummedMeasure:
    """All errors divided by all symbols; an item's prediction is the pair of its own. The truth is not read.

    Raises `ValueError` for a count that is not finite.
    """

    def of_items(_true: Items, predicted: Items) -> np.ndarray:
        return _finite(predicted).reshape(len(predicted), 2)

    return SummedMeasure(_("The error rate"), of_items, ratio)


def exact_measure() -> SummedMeasure:
    """The share of items without an error, of the same pairs of errors and symbols as `error_rate_measure`."""

    def of_items(_true: Items, predicted: Items) -> np.ndarray:
        errors = _finite(predicted).reshape(len(predicted), 2)[:, 0]
        return np.stack([errors == 0, np.ones(len(errors))], axis=1)

    return SummedMeasure(_("The share of exact outputs"), of_items, ratio)


def _pairs(true: Items, predicted: Items) -> Iterable[tuple[Class, Class]]:
    return zip(plain_classes(true), plain_classes(predicted), strict=True)


def _finite(numbers: Items) -> np.ndarray:
    found = np.asarray(numbers, dtype=np.float64)
    if not np.isfinite(found).all():
        raise ValueError(
            _("One of the numbers is {value}; each must be finite. Leave that item out and say so.").format(
                value=found[~np.isfinite(found)][0]
            )
        )
    return found


def ratio(sums: np.ndarray) -> np.ndarray:
    """The first sum over the second; 0 / 0 is NaN, which says that nothing is there."""
    with np.errstate(invalid="ignore"):
        return np.asarray(sums[..., 0] / sums[..., 1])
