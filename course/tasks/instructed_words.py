"""Instructed tasks on words, phrases and dates, whose answers a rule gives: letters, order, counts, numbers."""

import random
from collections.abc import Callable, Sequence
from itertools import pairwise

from course.data.dates import DatePair
from course.data.splits import Role
from course.tasks import instructed_pools as pools
from course.tasks.instructed_examples import InstructedExample, balanced, drawn, labelled, with_options
from course.tasks.instructed_pools import Sounding

SYLLABLES = ("1", "2", "3", "4")
N_FIRST = 3  # words


def _of_words(role: Role, n: int, seed: int, answer: Callable[[str], str]) -> list[InstructedExample]:
    return drawn(pools.words().of(role), n, seed, lambda one: labelled(one.word, answer(one.word), ()))


def _of_phrases(role: Role, n: int, seed: int, answer: Callable[[str], str]) -> list[InstructedExample]:
    return drawn(pools.phrases().of(role), n, seed, lambda one: labelled(one, answer(one), ()))


# --- Letters ---


def letter_count(role: Role, n: int, seed: int) -> list[InstructedExample]:
    return _of_words(role, n, seed, lambda word: str(len(word)))


def first_letter(role: Role, n: int, seed: int) -> list[InstructedExample]:
    return _of_words(role, n, seed, lambda word: word[0])


def last_letter(role: Role, n: int, seed: int) -> list[InstructedExample]:
    return _of_words(role, n, seed, lambda word: word[-1])


def spell(role: Role, n: int, seed: int) -> list[InstructedExample]:
    return _of_words(role, n, seed, "-".join)


# --- Words of sentences and phrases ---


def _of_sentences(role: Role, n: int, seed: int, answer: Callable[[list[str]], str]) -> list[InstructedExample]:
    """Of sentences of messages whose first words and last word are of letters alone, but for its full stop."""
    pool = []
    for one in pools.said().of(role):
        words = one.sentence.removesuffix(".").split()
        if all(map(pools.LETTERS.fullmatch, (*words[:N_FIRST], words[-1]))):
            pool.append((one.sentence, answer(words)))
    return drawn(pool, n, seed, lambda one: labelled(*one, ()))


def first_words(role: Role, n: int, seed: int) -> list[InstructedExample]:
    return _of_sentences(role, n, seed, lambda words: " ".join(words[:N_FIRST]))


def last_word(role: Role, n: int, seed: int) -> list[InstructedExample]:
    return _of_sentences(role, n, seed, lambda words: words[-1])


def reverse_words(role: Role, n: int, seed: int) -> list[InstructedExample]:
    return _of_phrases(role, n, seed, lambda phrase: " ".join(reversed(phrase.split())))


def word_count(role: Role, n: int, seed: int) -> list[InstructedExample]:
    return _of_phrases(role, n, seed, lambda phrase: str(len(phrase.split())))


# --- Dates ---


def date_numbers(role: Role, n: int, seed: int) -> list[InstructedExample]:
    return drawn(pools.dates().of(role), n, seed, lambda one: labelled(one.english, one.day.isoformat(), ()))


def earlier_date(role: Role, n: int, seed: int) -> list[InstructedExample]:
    rng = random.Random(seed)
    days: Sequence[DatePair] = pools.dates().of(role)

    def make(pair: tuple[DatePair, DatePair]) -> InstructedExample:
        earlier, later = sorted(pair, key=lambda one: one.day)
        text, choices = with_options("Two dates", earlier.english, later.english, rng)
        return InstructedExample(text, earlier.english, choices, tuple(one.english for one in pair))

    return drawn(list(pairwise(days)), n, seed, make)


# --- Sound ---


def syllable_count(role: Role, n: int, seed: int) -> list[InstructedExample]:
    def label(one: Sounding) -> str | None:
        return str(one.syllables) if str(one.syllables) in SYLLABLES else None

    def make(one: Sounding, answer: str) -> InstructedExample:
        return labelled(one.word, answer, SYLLABLES)

    return balanced(pools.words().of(role), n, seed, label, make)
