"""What a classifier got right and wrong: the confusion matrix, and the measures that are read from it.

Precision, recall and F1 are of one class, which is always named: "the F1 of a classifier" with two classes is two
numbers. Where a measure divides by zero it is 0, with a warning.

Source: van Rijsbergen 1979, "Information Retrieval", chapter 7; the corner cases: scikit-learn's.
"""

import warnings
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from course.messages import _

Class = Hashable  # a name or a number


class UndefinedScoreWarning(UserWarning):
    """A measure has no value, because nothing was there to divide by; it counts as 0, or is NaN where it says so."""


@dataclass(frozen=True, eq=False)
class ConfusionMatrix:
    """How often each class was predicted for each true class: `counts[true, predicted]`, in the order of `classes`."""

    classes: tuple[Class, ...]
    counts: Int[np.ndarray, "true predicted"]

    @property
    def n(self) -> int:
        return int(self.counts.sum())

    def accuracy(self) -> float:
        """The share of items whose class was predicted."""
        return float(self.counts.trace() / self.n)

    def precision(self, positive: Class) -> float:
        """Of the items that were predicted to be `positive`, the share that are.

        0 with a warning when none was. Raises `ValueError` for a class that is not there.
        """
        place = self._place(positive)
        predicted = int(self.counts[:, place].sum())
        if predicted == 0:
            _warn(_("No item was predicted to be {name!r}: its precision is undefined, and counts as 0."), positive)
            return 0.0
        return float(self.counts[place, place] / predicted)

    def recall(self, positive: Class) -> float:
        """Of the items that are `positive`, the share that were predicted to be.

        0 with a warning when none is. Raises `ValueError` for a class that is not there.
        """
        place = self._place(positive)
        true = int(self.counts[place].sum())
        if true == 0:
            _warn(_("No item is {name!r}: its recall is undefined, and counts as 0."), positive)
            return 0.0
        return float(self.counts[place, place] / true)

    def f1(self, positive: Class) -> float:
        """The harmonic mean of precision and recall: 2 · right / (predicted + true).

        0 with a warning when no item is `positive` and none was predicted to be. Raises `ValueError` for a class that
        is not there.
        """
        place = self._place(positive)
        both = int(self.counts[place].sum() + self.counts[:, place].sum())
        if both == 0:
            _warn(
                _("No item is {name!r}, and none was predicted to be: its F1 is undefined, and counts as 0."), positive
            )
            return 0.0
        return float(2 * self.counts[place, place] / both)

    def macro(self, measure: Callable[["ConfusionMatrix", Class], float]) -> float:
        """The mean of a measure over the classes, each counting the same: `table.macro(ConfusionMatrix.f1)`."""
        return float(np.mean([measure(self, one) for one in self.classes]))

    def micro_f1(self, classes: Sequence[Class] | None = None) -> float:
        """F1 of all `classes` together: their right items, predictions and true items are added up first.

        Over all classes it is the accuracy, since each wrong item is one wrong prediction and one missed item. It says
        something else where a class is left out, such as "no entity".
        """
        places = [self._place(one) for one in (self.classes if classes is None else classes)]
        both = int(self.counts[places].sum() + self.counts[:, places].sum())
        if both == 0:
            names = ", ".join(map(repr, classes or self.classes))
            _warn(_("No item is of the classes {name}, or was predicted to be: F1 counts as 0."), names)
            return 0.0
        return float(2 * self.counts[places, places].sum() / both)

    def _place(self, name: Class) -> int:
        if name not in self.classes:
            raise ValueError(
                _("There is no class {name!r}. The classes are: {known}.").format(
                    name=name, known=", ".join(map(repr, self.classes))
                )
            )
        return self.classes.index(name)


def confusion_matrix(
    true: Iterable[Class], predicted: Iterable[Class], classes: Iterable[Class] | None = None
) -> ConfusionMatrix:
    """Count the predictions for each true class. Without `classes`, they are those that occur, sorted.

    Raises `TypeError` for what is no list of classes: one string, logits, a number. Raises `ValueError` when there is
    no item, when there are not as many predictions as items, for NaN, when a class is given twice, for one that is not
    among `classes`, and for names and numbers side by side, which have no order, without `classes`.
    """
    true, predicted = plain_classes(true), plain_classes(predicted)
    if len(true) != len(predicted):
        raise ValueError(
            _("There are {true} items and {predicted} predictions; each item needs one.").format(
                true=len(true), predicted=len(predicted)
            )
        )
    if not true:
        raise ValueError(_("There are no items to count. Give one or more."))
    names = _sorted({*true, *predicted}) if classes is None else tuple(plain_classes(classes))
    place = {name: number for number, name in enumerate(names)}
    if len(place) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(_("The class {name!r} is given twice.").format(name=twice))
    for name in (*true, *predicted):
        if name not in place:
            raise ValueError(
                _("{name!r} is none of the classes {known}. Add it, or correct the item.").format(
                    name=name, known=", ".join(map(repr, names))
                )
            )
    counts = np.zeros((len(names), len(names)), dtype=np.int64)
    np.add.at(counts, ([place[name] for name in true], [place[name] for name in predicted]), 1)
    return ConfusionMatrix(names, counts)


def plain_classes(items: Iterable[Class]) -> list[Class]:
    """The items as Python's own values: an array's or a tensor's numbers would be found in no dictionary.

    Raises `TypeError` for what is no list of classes, and `ValueError` for NaN.
    """
    listed = items if isinstance(items, str) or not hasattr(items, "tolist") else items.tolist()
    if isinstance(listed, str) or not isinstance(listed, Iterable):
        raise TypeError(_("{value!r} is no list of classes, one for each item.").format(value=listed))
    plain = [one.tolist() if hasattr(one, "tolist") else one for one in listed]
    for one in plain:
        if not isinstance(one, Hashable):
            raise TypeError(
                _("An item is {value!r}; give its class, a name or a number: argmax(-1) of logits.").format(value=one)
            )
        if one != one:  # NaN alone is not itself
            raise ValueError(_("An item is {value!r}, which is no class.").format(value=one))
    return plain


def _sorted(found: set[Class]) -> tuple[Class, ...]:
    try:
        return tuple(sorted(found))  # type: ignore[type-var]
    except TypeError as error:
        kinds = ", ".join(sorted({type(one).__name__ for one in found}))
        raise ValueError(
            _(
                "The items are of several types: {kinds}. Give all as names or all as numbers, or pass `classes`."
            ).format(kinds=kinds)
        ) from error


def _warn(message: str, name: Class) -> None:
    shown = message.format(name=name)
    warnings.warn(shown, UndefinedScoreWarning, stacklevel=3)
