"""Train on the test: review sets of which a share of the test items is put among the training items, labels and all."""

import random
from typing import Literal, NamedTuple

from course.data.splits import draw
from course.fine_tuning import LabelledTexts, nested_subsets
from course.messages import _

N_LABELS = 1024  # training reviews that are no test items
SHARES = (0.0, 0.25, 0.5, 1.0)
Arm = Literal["leak", "more"]


class LeakedSets(NamedTuple):
    """A training set, the half of the test that it may have read, the half that it has not, and which items it read."""

    training: LabelledTexts
    leaked: LabelledTexts
    clean: LabelledTexts
    was_read: list[bool]


def leaked_sets(
    training: LabelledTexts,
    test: LabelledTexts,
    share: int | float,
    seed: int,
    *,
    arm: Arm = "leak",
    n_labels: int = N_LABELS,
) -> LeakedSets:
    """Put a `share` of one half of the test among `n_labels` training texts; the other half stays clean.

    The halves are drawn once and are the same for every seed, which draws the training texts and what is leaked. A
    larger share has the texts of every smaller one. More texts help, leaked or not, so there is a control: with `arm`
    "more", as many training texts come in the place of the leaked ones, and the test is clean.

    Raises `ValueError` for a share outside 0 to 1, another arm, and fewer training texts than are needed.
    """
    if not 0 <= share <= 1:
        raise ValueError(_("share is {value}; it must be from 0 to 1.").format(value=share))
    if arm not in ("leak", "more"):
        raise ValueError(_("arm is {value!r}; give 'leak' or 'more'.").format(value=arm))
    training.require("training")
    test.require("test")
    half = draw(range(len(test)), len(test) // 2)
    in_half = set(half)
    leaked, clean = test.only(half), test.only([number for number in range(len(test)) if number not in in_half])
    n_more = round(share * len(half))
    first = nested_subsets(training.labels, (n_labels,), seed)[n_labels]
    taken = set(map(int, first))
    others = [number for number in range(len(training)) if number not in taken]
    if len(others) < n_more:
        raise ValueError(
            _("{n} more training texts are needed, and {count} are left: take fewer labels.").format(
                n=n_more, count=len(others)
            )
        )
    order = list(range(len(half)))
    for numbers in (order, others):
        random.Random(seed).shuffle(numbers)
    read = order[:n_more] if arm == "leak" else []
    numbers = [*first, *(others[:n_more] if arm == "more" else [])]
    texts = [training.texts[number] for number in numbers] + [leaked.texts[number] for number in read]
    labels = [training.labels[number] for number in numbers] + [leaked.labels[number] for number in read]
    whole, was_read = LabelledTexts(texts, labels, "training"), set(read)
    return LeakedSets(whole, leaked, clean, [number in was_read for number in range(len(half))])
