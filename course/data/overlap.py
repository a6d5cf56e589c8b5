"""Sets without a text in common: every training set of a lesson or an experiment, and what is held out from it.

All of them go through `disjoint`, which refuses a text in two sets and reports near copies.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from typing import Any, Generic, TypeVar

from course.messages import _

Item = TypeVar("Item")
Text = str | Iterable[str]  # of an item: one text, or all of its texts

CONTAINED_WORDS = 8  # from so many words on, a text inside another is a leak; shorter ones are common phrases
LOOKED_UP = 100  # texts, from which on they are looked up, not searched one by one
SHOWN = 60  # characters of a text that a message shows
SUFFIXES = ("s", "'s", "es", "s'", "'")
NOT_LETTERS = re.compile(r"[\W\d_]+")
SIGNS = re.compile(r"[\W_]+")


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
        whole = {compared: text for text in training if _is_long(compared := _as_compared(text))}

        def of_set(items: list[Item]) -> NearCopies:
            texts = [_texts(item, self._text) for item in items]
            compared = ["\n".join(map(_as_compared, of_item)) for of_item in texts]

            def original(of_item: list[str], inside: list[str]) -> str | None:
                wanted = (key for text in of_item for key in keys(text))
                found = next((known[key] for key in wanted if key in known), None)
                return found or next((whole[each] for each in inside), None)

            return NearCopies(tuple(map(original, texts, _contained(compared, list(whole)))))

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
    sets = tuple(list(items) for items in sets)  # what can be read once, such as a generator, is read once
    texts = [[_as_compared(each) for item in items for each in _texts(item, text)] for items in sets]
    _refuse_equal(texts, names)
    _refuse_contained(texts, names)
    return Sets(sets[0], sets[1:], text, near)


def without_held_out(
    train: Sequence[Item], *held_out: Sequence[Item], text: Callable[[Item], Text] = str
) -> list[Item]:
    """The training items that `disjoint` does not refuse: those that are no held-out text and have none in them."""
    wanted = {_as_compared(each) for items in held_out for item in items for each in _texts(item, text)}
    texts = [list(map(_as_compared, _texts(item, text))) for item in train]
    inside = _contained(["\n".join(of_item) for of_item in texts], list(filter(_is_long, wanted)))
    return [
        item
        for item, of_item, found in zip(train, texts, inside, strict=True)
        if not found and wanted.isdisjoint(of_item)
    ]


def refused(train: Iterable[str], held_out: Sequence[str]) -> list[bool]:
    """[text]: True where `disjoint` refuses a held-out text: it is a training text, or a part of one."""
    training = list(map(_as_compared, train))
    wanted, known = list(map(_as_compared, held_out)), set(training)
    inside = {each for found in _contained(training, list(filter(_is_long, dict.fromkeys(wanted)))) for each in found}
    return [text in known or text in inside for text in wanted]


def _contained(texts: Sequence[str], wanted: Sequence[str]) -> list[list[str]]:
    """Of each text, those of the `wanted` long texts that are a part of it. All are as `_as_compared` makes them.

    What has a text in it has the text's second to seventh word as whole words: where many are wanted, they are looked
    up by these six.
    """
    if len(wanted) < LOOKED_UP:
        return [[each for each in wanted if each in text] for text in texts]
    inner = CONTAINED_WORDS - 2
    by_words: dict[str, list[str]] = {}
    for each in wanted:
        by_words.setdefault(" ".join(each.split(" ")[1 : inner + 1]), []).append(each)
    begins = {tuple(key.split(" ", 2)[:2]) for key in by_words}
    found: list[list[str]] = []
    for text in texts:
        words = text.replace("\n", " ").split(" ")
        pairs = pairwise(words[1 : 1 - inner])
        keys = {" ".join(words[at : at + inner]) for at, pair in enumerate(pairs, start=1) if pair in begins}
        found.append([each for key in keys & by_words.keys() for each in by_words[key] if each in text])
    return found


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
    training = list(dict.fromkeys(texts[0]))
    for of_set, name in zip(texts[1:], names[1:], strict=True):
        for found in _contained(training, list(filter(_is_long, dict.fromkeys(of_set)))):
            for each in found:
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
    texts = [found] if isinstance(found, str) else list(found) if isinstance(found, Iterable) else []
    if not all(isinstance(each, str) for each in texts) or not isinstance(found, Iterable):
        raise TypeError(
            _("`text` gives {found!r} for {item!r}; it must give that item's text, or a list of its texts.").format(
                found=found, item=item
            )
        )
    return texts


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
