"""Drawing and splitting: samples, and sets that stay the same when the data grow.

Every sample of a set of a lesson or an experiment goes through `draw`. Whether sets have a text in common:
`course.data.overlap`.
"""

import hashlib
import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, NamedTuple, TypeVar

from course.data.pronunciations import Pronunciation
from course.messages import _

Item = TypeVar("Item")
Role = Literal["training", "validation", "test"]  # what a set is for


class Split(NamedTuple):
    """Three sets without a group in common, each in the order of the whole."""

    train: list[Any]
    validation: list[Any]
    test: list[Any]


def split(
    items: Iterable[Item], group: Callable[[Item], str], *, validation: float, test: float, seed: int = 0
) -> Split:
    """Split so that all items of a group (a movie, an article, a word) are in the same set.

    `validation` and `test` are the approximate shares of the groups. A group's set depends only on `seed` and its name,
    not on what else there is. Raises `ValueError` when a share is below 0 or nothing is left to train on.
    """
    if not (validation >= 0 and test >= 0 and validation + test < 1):  # so that NaN is refused, too
        raise ValueError(
            _(
                "Shares of {validation} for validation and {test} for the test leave nothing to train on, "
                "or are below 0: choose two shares that add up to less than 1."
            ).format(validation=validation, test=test)
        )
    found = Split([], [], [])
    for item in items:
        drawn = hash_fraction(group(item), seed)
        if drawn < test:
            found.test.append(item)
        elif drawn < test + validation:
            found.validation.append(item)
        else:
            found.train.append(item)
    return found


def split_by_word(
    entries: Iterable[Pronunciation], *, validation: float = 0.05, test: float = 0.1, seed: int = 0
) -> Split:
    """Split a dictionary by word, so that all pronunciations of a word are in the same set. See `split`."""
    return split(entries, lambda entry: entry.word, validation=validation, test=test, seed=seed)


def hash_fraction(text: str, seed: int) -> float:
    """A number from 0 to 1 that looks random but is always the same for this text and seed."""
    digest = hashlib.sha256(f"{seed}:{text}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def draw(items: Sequence[Item], n: int, seed: int = 0) -> list[Item]:
    """`n` of the items, drawn without replacement, in the order that they have.

    The front of a set is no sample of it: sets are sorted, by spelling, by date, by source. Raises `ValueError` for
    fewer than 0 and for more than there are, `TypeError` for items without an order and for an `n` that is not whole.
    """
    if not isinstance(items, Sequence) and not hasattr(items, "__array__"):  # a set has another order in each run
        raise TypeError(
            _("{kind} has no order to draw from. Give a list, as in draw(sorted(items), n).").format(
                kind=type(items).__name__
            )
        )
    if isinstance(n, bool) or not hasattr(n, "__index__"):
        raise TypeError(_("n is {n!r}; give a count, a whole number.").format(n=n))
    if not 0 <= n <= len(items):
        raise ValueError(
            _("{n} items cannot be drawn from {count}: ask for 0 to {count}.").format(n=n, count=len(items))
        )
    return [items[i] for i in sorted(random.Random(seed).sample(range(len(items)), n))]
