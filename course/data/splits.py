"""Cutting data into a part to train on, one to choose by, and one to judge by."""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from course.data.pronunciations import Pronunciation
from course.messages import _


class Split(NamedTuple):
    """Three parts without a word in common, each in the order of the whole."""

    train: list[Pronunciation]
    validation: list[Pronunciation]
    test: list[Pronunciation]


def split_by_word(
    entries: Iterable[Pronunciation], *, validation: float = 0.05, test: float = 0.1, seed: int = 0
) -> Split:
    """Split a dictionary by word, so that a word with several pronunciations has all of them in one part.

    `validation` and `test` are about the shares of the words. Where a word goes depends on `seed` and its spelling
    alone: it stays there whatever else is in the dictionary. Raises `ValueError` when a share is below 0 or nothing is
    left to train on.
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


def hash_fraction(text: str, seed: int) -> float:
    """A number from 0 to 1 that looks random but is always the same for this text and seed."""
    digest = hashlib.sha256(f"{seed}:{text}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
