"""What is training and what is test: sets that stay the same when the data grow, and that have no text in common.

Every set of a lesson or an experiment goes through `disjoint`, and every sample of a set through `draw`.
"""

import hashlib
import random
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Generic, NamedTuple, TypeVar

from course.data.pronunciations import Pronunciation
from course.messages import _

Item = TypeVar("Item")
Text = str | Iterable[str]  # of an item: one text, or all of its texts

CONTAINED_WORDS = 8  # from so many words on, a text inside another is a leak; shorter ones are common phrases
SHOWN = 60  # characters of a text that a message shows
SUFFIXES = ("s", "'s", "es", "s'", "'")
NOT_LETTERS = re.compile(r"[\W\d_]+")
SIGNS = re.compile(r"[\W_]+")


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


def hash_fraction(text: str, seed: int) -> float:
    """A number from 0 to 1 that looks random but is always the same for this text and seed."""
    digest = hashlib.sha256(f"{seed}:{text}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def draw(items: Sequence[Item], n: int, seed: int = 0) -> list[Item]:
    """`n` of the items, drawn without replacement, in the order that they have.

    The front of a set is no sample of it: sets are sorted, by spelling, by date, by source. Raises `ValueError` for
    fewer than 0 and for more than there are.
    """
    if not 0 <= n <= len(items):
        raise ValueError(
            _("{n} items cannot be drawn from {count}: ask for 0 to {count}.").format(n=n, count=len(items))
        )
    return [items[i] for i in sorted(random.Random(seed).sample(range(len(items)), n))]


@dataclass(frozen=True)
class NearCopies:
    """Which items of a set are nearly a training text: for each item, that text, or None."""

    originals: tuple[str | None, ...]

    @property
    def mask(self) -> list[bool]:
        """[item]: True where it is a near copy."""
        return [original is not None for original in self.originals]

    @property
    def count(self) -> int:
        return sum(self.mask)

    def __len__(self) -> int:
        return len(self.originals)

    def __repr__(self) -> str:
        return _("{count} of {total} are near copies of training texts").format(
            count=f"{self.count:,}", total=f"{len(self):,}"
        )


class Sets(Generic[Item]):
    """A training set and sets held out from it, without a text in common: `train, (validation, test) = disjoint(...)`.

    `near_copies` has one `NearCopies` for each held-out set; it is computed when it is first read.
    """

    def __init__(
        self, train: list[Item], held_out: tuple[list[Item], ...], text: Callable[[Item], Text], near: str
    ) -> None:
        self.train, self.held_out = train, held_out
        self._text, self._near = text, near

    def __iter__(self) -> Iterator[Any]:
        return iter((self.train, self.held_out))

    @cached_property
    def near_copies(self) -> tuple[NearCopies, ...]:
        keys = NEAR[self._near]
        training = dict.fromkeys(text for item in self.train for text in _texts(item, self._text))
        known = {key: text for text in training for key in keys(text)[:1]}
        whole = [(_as_compared(text), text) for text in training]
        whole = [(compared, text) for compared, text in whole if _is_long(compared)]

        def of_set(items: list[Item]) -> NearCopies:
            texts = [_texts(item, self._text) for item in items]
            compared = ["\n".join(map(_as_compared, of_item)) for of_item in texts]
            together = "\n".join(compared)
            inside = [each for each in whole if each[0] in together]

            def original(of_item: list[str], written: str) -> str | None:
                wanted = (key for text in of_item for key in keys(text))
                found = next((known[key] for key in wanted if key in known), None)
                return found or next((text for each, text in inside if each in written), None)

            return NearCopies(tuple(map(original, texts, compared)))

        return tuple(map(of_set, self.held_out))


def disjoint(
    train: Sequence[Item],
    *held_out: Sequence[Item],
    text: Callable[[Item], Text] = str,
    near: str = "sentences",
    names: Sequence[str] | None = None,
) -> Sets[Item]:
    """These sets, once it is sure that no text is in two of them: the one way to say what is training and what is test.

    `text` gives an item's text, or texts (both sides of a translation). Two texts are the same when they differ in
    white space alone. A held-out text of `CONTAINED_WORDS` words or more must not be a part of a training text, either.
    `near` says what is reported, not refused: of "words", a training word with or without s, 's or es (y and ies); of
    "sentences", the same letters, whatever the capitals, digits and signs; of "numbers", the same letters and digits;
    of all, a text that a training text of `CONTAINED_WORDS` words is a part of.

    Raises `ValueError` for a shared text, naming it and the two sets (`names`, which are "training", "held out 1" …
    unless given), for a set that is one string, and for another `near`.
    """
    if near not in NEAR:
        raise ValueError(_("near is {near!r}; give one of {known}.").format(near=near, known=", ".join(NEAR)))
    sets = (train, *held_out)
    names = names or (_("training"), *(_("held out {number}").format(number=i) for i in range(1, len(sets))))
    if len(names) != len(sets):
        raise ValueError(
            _("There are {names} names for {sets} sets: name each, training first.").format(
                names=len(names), sets=len(sets)
            )
        )
    if any(isinstance(items, str) for items in sets):
        raise ValueError(_("A set is a list of texts, and one of these is a text itself: put it into a list."))
    texts = [[_as_compared(each) for item in items for each in _texts(item, text)] for items in sets]
    _refuse_equal(texts, names)
    _refuse_contained(texts, names)
    return Sets(list(train), tuple(list(items) for items in held_out), text, near)


def _refuse_equal(texts: list[list[str]], names: Sequence[str]) -> None:
    place: dict[str, int] = {}
    for number, of_set in enumerate(texts):
        for each in of_set:
            if place.setdefault(each, number) != number:
                raise ValueError(
                    _(
                        "{text!r} is in two sets, {first} and {second}: what a model has read does not test it. "
                        "Leave it out of one, or split by this text."
                    ).format(text=_shown(each), first=names[place[each]], second=names[number])
                )


def _refuse_contained(texts: list[list[str]], names: Sequence[str]) -> None:
    training = "\n".join(dict.fromkeys(texts[0]))  # no text has a line end, so none is found across two
    for of_set, name in zip(texts[1:], names[1:], strict=True):
        for each in filter(_is_long, dict.fromkeys(of_set)):
            if each in training:
                raise ValueError(
                    _(
                        "{text!r} of the set {name} stands inside a text of the set {training}: what a model has read "
                        "does not test it. Take a text that was not trained on."
                    ).format(text=_shown(each), name=name, training=names[0])
                )


def _is_long(text: str) -> bool:
    return text.count(" ") + 1 >= CONTAINED_WORDS


def _texts(item: Item, text: Callable[[Item], Text]) -> list[str]:
    found = text(item)
    return [found] if isinstance(found, str) else list(found)


def _as_compared(text: str) -> str:
    """The text with one space for any white space, and one way to write each letter (Unicode's form NFC)."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def _word_keys(word: str) -> list[str]:
    """The word itself, and the words that it is the plural, the possessive or the stem of."""
    word = word.strip().casefold()
    stems = [word[: -len(suffix)] for suffix in SUFFIXES if word.endswith(suffix) and len(word) > len(suffix) + 1]
    if word.endswith("ies"):
        stems.append(word[:-3] + "y")
    longer = [word + suffix for suffix in SUFFIXES] + ([word[:-1] + "ies"] if word.endswith("y") else [])
    return [word, *stems, *longer]


def _sentence_keys(text: str, left_out: re.Pattern[str] = NOT_LETTERS) -> list[str]:
    """Its letters alone, in small letters; nothing where there are none."""
    letters = left_out.sub("", unicodedata.normalize("NFC", text).casefold())
    return [letters] if letters else []


# A near copy: the first key of a training text is among the keys of the held-out text.
NEAR: Mapping[str, Callable[[str], list[str]]] = {
    "words": _word_keys,
    "sentences": _sentence_keys,
    "numbers": partial(_sentence_keys, left_out=SIGNS),
}
