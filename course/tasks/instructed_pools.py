"""The real texts that the instructed tasks are made of, each kind in three parts without a text in common.

The parts are those of `course.data`, by movie, article, message and word, so that a text that a test has was read
neither in a training of these tasks nor in the pre-training of the base model.
"""

import functools
import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from course.data import (
    Article,
    Review,
    Speech,
    YesNoQuestion,
    encyclopedia,
    movie_reviews,
    presidential_messages,
    pronunciations,
    split_by_movie,
    split_by_passage,
    split_by_speech,
    split_by_title,
    yes_no_questions,
)
from course.data.dates import DatePair, date_splits
from course.data.overlap import Text, without_held_out
from course.data.splits import Role, split_by_word
from course.tasks.prompted import SENTENCE_END

Item = TypeVar("Item")
SENTENCE_CHARACTERS = range(30, 181)
PASSAGE_CHARACTERS = 400
PHRASE_WORDS = (3, 6)
WORD_LETTERS = range(3, 11)
LETTERS = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True)
class Parts(Generic[Item]):
    """Texts to train on, to choose by and to test on."""

    training: Sequence[Item]
    validation: Sequence[Item]
    test: Sequence[Item]

    def of(self, role: Role) -> Sequence[Item]:
        return {"training": self.training, "validation": self.validation, "test": self.test}[role]


class Opening(NamedTuple):
    """The first two sentences of an article; the second is empty where it is too short or too long."""

    sentence: str
    following: str
    article: Article


class Said(NamedTuple):
    """A sentence of a president's message, and the year."""

    sentence: str
    year: int


class Sounding(NamedTuple):
    """A word, and how many syllables it has."""

    word: str
    syllables: int


def _parts(sets: Sequence[Iterable[Item]], text: Callable[[Item], Text]) -> Parts[Item]:
    """What is in a later set is left out of the earlier ones; `require_apart` checks all that is made of them."""
    train, validation, test = (list(dict.fromkeys(items)) for items in sets)
    validation = without_held_out(validation, test, text=text)
    train = without_held_out(train, validation, test, text=text)
    return Parts(train, validation, test)


def _three(sets: Any) -> tuple[Any, Any, Any]:
    train, (validation, test) = sets
    return train, validation, test


def sentences_of(text: str) -> list[str]:
    """The sentences of a text, without line breaks: see `prompted.first_sentence`."""
    return [one for paragraph in text.splitlines() for one in SENTENCE_END.split(paragraph.strip()) if one]


@functools.cache
def reviews() -> Parts[Review]:
    """Snippets of reviews that are not long."""
    sets = _three(split_by_movie(movie_reviews()))
    return _parts([[one for one in of_set if len(one.text) in SENTENCE_CHARACTERS] for of_set in sets], _review_text)


def _review_text(one: Review) -> str:
    return one.text


@functools.cache
def openings() -> Parts[Opening]:
    """Beginnings of articles whose first sentence is neither short nor long."""

    def of_set(articles: Iterable[Article]) -> Iterable[Opening]:
        for article in articles:
            first, *rest = sentences_of(article.text) or [""]
            following = rest[0] if rest and len(rest[0]) in SENTENCE_CHARACTERS else ""
            if len(first) in SENTENCE_CHARACTERS:
                yield Opening(first, following, article)

    sets = _three(split_by_title(encyclopedia()))
    return _parts([list(of_set(articles)) for articles in sets], lambda one: list(filter(None, one[:2])))


@functools.cache
def questions() -> Parts[YesNoQuestion]:
    """Questions with an answer, on passages that are not long."""
    sets = _three(split_by_passage([one for one in yes_no_questions() if one.answer is not None]))
    return _parts([[one for one in of_set if len(one.passage) <= PASSAGE_CHARACTERS] for of_set in sets], _passage)


def _passage(one: YesNoQuestion) -> str:
    return one.passage


@functools.cache
def said() -> Parts[Said]:
    """Sentences of messages, neither short nor long."""

    def of_set(messages: Iterable[Speech]) -> Iterable[Said]:
        for message in messages:
            for sentence in sentences_of(message.text):
                if len(sentence) in SENTENCE_CHARACTERS and sentence[0].isupper():
                    yield Said(sentence, message.year)

    sets = _three(split_by_speech(presidential_messages()))
    return _parts([list(of_set(messages)) for messages in sets], lambda one: one.sentence)


@functools.cache
def phrases() -> Parts[str]:
    """A few words in a row from a sentence of a message, of letters alone; one of each sentence."""
    rng = random.Random(0)

    def of_set(sentences: Iterable[Said]) -> Iterable[str]:
        for one in sentences:
            words, n = one.sentence.split(), rng.randint(*PHRASE_WORDS)
            start = rng.randrange(max(1, len(words) - n))
            phrase = words[start : start + n]
            if len(phrase) == n and all(map(LETTERS.fullmatch, phrase)):
                yield " ".join(phrase)

    return _parts([list(of_set(said().of(role))) for role in ("training", "validation", "test")], str)


@functools.cache
def words() -> Parts[Sounding]:
    """Words of the messages that the pronouncing dictionary has, with the syllables of its first pronunciation."""
    known = {word for one in said().training for word in LETTERS.findall(one.sentence) if word.islower()}
    first = {entry.word: entry for entry in reversed(pronunciations())}
    usable = [entry for word, entry in first.items() if word in known and len(word) in WORD_LETTERS]

    def of_set(entries: Iterable[Any]) -> list[Sounding]:
        return [Sounding(one.word, sum(sound[-1].isdigit() for sound in one.sounds)) for one in entries]

    return _parts([of_set(part) for part in split_by_word(usable)], lambda one: one.word)


@functools.cache
def dates() -> Parts[DatePair]:
    """Days from 1900 to 2099, in English words."""
    drawn = date_splits(train=6000, validation=600, new_dates=1000, new_combinations=0)
    return _parts([drawn.train, drawn.validation, drawn.new_dates], lambda one: one.english)
