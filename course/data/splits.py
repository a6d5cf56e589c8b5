"""Training, validation and test sets that stay the same when the data grow."""

import hashlib
import random
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

from course.data.pronunciations import Pronunciation
from course.messages import _

Item = TypeVar("Item")


class Split(NamedTuple):
    """Three sets without a word in common, each in the order of the whole."""

    train: list[Pronunciation]
    validation: list[Pronunciation]
    test: list[Pronunciation]


def split_by_word(
    entries: Iterable[Pronunciation], *, validation: float = 0.05, test: float = 0.1, seed: int = 0
) -> Split:
    """Split a dictionary by word, so that all pronunciations of a word are in the same set.

    `validation` and `test` are the approximate shares of the words. A word's set depends only on `seed` and its
    spelling, not on what else is in the dictionary. Raises `ValueError` when a share is below 0 or nothing is left to
    train on.
    """
    if validation < 0 or test < 0 or validation + test >= 1:
        raise ValueError(
            _(
                "Shares of {validation} for validation and {test} for the test leave nothing to train on, "
                "or are below 0: choose two shares that add up to less than 1."
            ).format(validation=validation, test=test)
        )
    split = Split([], [], [])
    for entry in entries:
        drawn = hash_fraction(entry.word, seed)
        if drawn < test:
            split.test.append(entry)
        elif drawn < test + validation:
            split.validation.append(entry)
        else:
            split.train.append(entry)
    return split


def draw(items: Sequence[Item], n: int, seed: int = 0) -> list[Item]:
    """`n` of the items, drawn without replacement, in the order that they have. Raises `ValueError` for too few."""
    if not 0 <= n <= len(items):
        raise ValueError(_("{n} items cannot be drawn from {count}.").format(n=n, count=len(items)))
    return [items[i] for i in sorted(random.Random(seed).sample(range(len(items)), n))]


def hash_fraction(text: str, seed: int) -> float:
    """A number from 0 to 1 that looks random but is always the same for this text and seed."""
    digest = hashlib.sha256(f"{seed}:{text}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
