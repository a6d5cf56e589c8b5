"""Labelled texts that know what they are for, and small training sets inside larger ones."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from jaxtyping import Int

from course.data.splits import Role
from course.fine_tuning.inputs import require_list
from course.layers.sizes import require_whole
from course.messages import _


@dataclass(frozen=True)
class LabelledTexts:
    """Texts (or pairs, or lists of words), the label of each (or of each word), and what the set is for.

    What chooses between models, `fine_tune`'s validation for example, refuses a set of another role than its own.
    Raises `ValueError` for an empty set, for another role, and when there are not as many labels as texts. Raises
    `TypeError` for a string in the place of a list.
    """

    texts: Sequence[Any]
    labels: Sequence[Any]
    role: Role

    def __post_init__(self) -> None:
        if self.role not in get_args(Role):
            raise ValueError(
                _("role is {value!r}; give one of {known}.").format(
                    value=self.role, known=", ".join(map(repr, get_args(Role)))
                )
            )
        require_list(self.texts)
        require_list(self.labels)
        if not len(self.texts):
            raise ValueError(_("The {role} set is empty.").format(role=self.role))
        if len(self.texts) != len(self.labels):
            raise ValueError(
                _("The {role} set has {texts} texts and {labels} labels; each text needs one.").format(
                    role=self.role, texts=len(self.texts), labels=len(self.labels)
                )
            )

    def __len__(self) -> int:
        return len(self.texts)

    def only(self, numbers: Sequence[int] | Int[np.ndarray, "_"]) -> "LabelledTexts":
        """The texts with these numbers, in this order, in a set of the same role.

        Raises `TypeError` for a mask: True and False would count as the numbers 1 and 0.
        """
        if any(isinstance(i, bool | np.bool_) for i in numbers):
            raise TypeError(_("This is a mask, and numbers are due: np.flatnonzero(mask)."))
        return LabelledTexts([self.texts[i] for i in numbers], [self.labels[i] for i in numbers], self.role)

    def require(self, role: Role) -> None:
        """Raises `ValueError` when the set is for something else."""
        if self.role != role:
            raise ValueError(
                _(
                    "This needs a {wanted} set, and got the {role} set. What is chosen on it is not judged by it."
                ).format(wanted=role, role=self.role)
            )


def nested_subsets(labels: Sequence[Hashable], sizes: Sequence[int], seed: int = 0) -> dict[int, list[int]]:
    """The numbers of a training subset for each size, with as many items of each class, each inside the next larger.

    So two sizes differ by what was added, not by another draw. Where a size does not divide by the number of classes,
    some have one item more. Raises `ValueError` for a size of which some class has too few items, or below one item
    for each class, or that is no whole number, and without labels.
    """
    for size in sizes:
        require_whole(size, "size")
    labels = labels if isinstance(labels, Sequence) else np.asarray(labels).tolist()
    if not labels:
        raise ValueError(_("There are no labels to draw from."))
    numbers_of: dict[Hashable, list[int]] = {}
    for number, label in enumerate(labels):
        numbers_of.setdefault(label, []).append(number)
    rng = np.random.default_rng(seed)
    names = sorted(numbers_of, key=str)
    orders = [rng.permutation(numbers_of[name]).tolist() for name in names]
    extra = rng.permutation(len(names))  # which classes are first to have one item more
    found = {}
    for size in sorted(sizes):
        share, left = divmod(size, len(names))
        wanted = [share + (place in extra[:left]) for place in range(len(names))]
        for name, order, n in zip(names, orders, wanted, strict=True):
            if share < 1 or n > len(order):
                raise ValueError(
                    _("{size} items, balanced, are {n} of the class {name!r}, which has {count}.").format(
                        size=size, n=n, name=name, count=len(order)
                    )
                )
        found[size] = sorted(i for order, n in zip(orders, wanted, strict=True) for i in order[:n])
    return found
