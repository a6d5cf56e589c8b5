"""Instructed tasks on sentences and passages: what a text says, what kind it is, what belongs to it."""

import random
import re
from collections.abc import Mapping, Sequence

from course.data import Review, YesNoQuestion
from course.data.splits import Role, draw
from course.tasks import instructed_pools as pools
from course.tasks.instructed_examples import InstructedExample, balanced, drawn, labelled, others, with_options
from course.tasks.instructed_pools import Opening, Said
from course.tasks.labelled import CLASSES

YES_NO = ("yes", "no")
KINDS = ("speech", "review", "encyclopedia")
CENTURIES = {18: "1800s", 19: "1900s"}
TOPICS = {  # of the encyclopedia's twelve, those with a name in one word
    "People": "person",
    "Geography": "place",
    "Biology and health sciences": "biology",
    "Arts": "art",
    "Technology": "technology",
    "History": "history",
}
GAP = "___"
LONG_WORD = re.compile(r"\b[a-z]{5,}\b")
DESCRIPTION_CHARACTERS = range(8, 61)


def yes_no(truth: bool) -> str:
    return YES_NO[0] if truth else YES_NO[1]


# --- Opinions ---


def review_sentiment(role: Role, n: int, seed: int) -> list[InstructedExample]:
    def make(review: Review, label: str) -> InstructedExample:
        return labelled(review.text, label, CLASSES)

    return balanced(pools.reviews().of(role), n, seed, lambda one: CLASSES[one.positive], make)


def recommendation(role: Role, n: int, seed: int) -> list[InstructedExample]:
    def make(review: Review, label: str) -> InstructedExample:
        return labelled(review.text, label, YES_NO)

    return balanced(pools.reviews().of(role), n, seed, lambda one: yes_no(one.positive), make)


# --- Kinds of text ---


def text_kind(role: Role, n: int, seed: int) -> list[InstructedExample]:
    sources: Mapping[str, Sequence[str]] = {
        "speech": [one.sentence for one in pools.said().of(role)],
        "review": [one.text for one in pools.reviews().of(role)],
        "encyclopedia": [one.sentence for one in pools.openings().of(role)],
    }
    pool = [(text, kind) for kind, texts in sources.items() for text in texts]
    return balanced(pool, n, seed, lambda one: one[1], lambda one, label: labelled(one[0], label, KINDS))


def century(role: Role, n: int, seed: int) -> list[InstructedExample]:
    def make(one: Said, label: str) -> InstructedExample:
        return labelled(one.sentence, label, tuple(CENTURIES.values()))

    return balanced(pools.said().of(role), n, seed, lambda one: CENTURIES.get(one.year // 100), make)


# --- Topics ---


def topic(role: Role, n: int, seed: int) -> list[InstructedExample]:
    def make(one: Opening, label: str) -> InstructedExample:
        return labelled(one.sentence, label, tuple(TOPICS.values()))

    return balanced(pools.openings().of(role), n, seed, lambda one: TOPICS.get(one.article.topic), make)


def about_person(role: Role, n: int, seed: int) -> list[InstructedExample]:
    def make(one: Opening, label: str) -> InstructedExample:
        return labelled(one.sentence, label, YES_NO)

    return balanced(pools.openings().of(role), n, seed, lambda one: yes_no(one.article.topic == "People"), make)


# --- Coherence ---


def next_sentence(role: Role, n: int, seed: int) -> list[InstructedExample]:
    pool = [one for one in pools.openings().of(role) if one.following]
    other = dict(zip(pool, others(pool, len(pool), seed), strict=True))
    follows = set(draw(range(len(pool)), len(pool) // 2, seed))
    truth = {one: number in follows or other[one] == one for number, one in enumerate(pool)}

    def make(one: Opening, label: str) -> InstructedExample:
        second = (one if truth[one] else other[one]).following
        return InstructedExample(f"1: {one.sentence}\n2: {second}", label, YES_NO, (one.sentence, second))

    return balanced(pool, n, seed, lambda one: yes_no(truth[one]), make)


def missing_word(role: Role, n: int, seed: int) -> list[InstructedExample]:
    """The other option is a word of another sentence. Neither is elsewhere in the sentence, nor begins the other."""
    rng, pool = random.Random(seed), [one for one in pools.openings().of(role) if _gaps(one.sentence)]
    offered = [gap[0] for one in pool for gap in _gaps(one.sentence)]

    def make(one: Opening) -> InstructedExample:
        gap, wrong = rng.choice(_gaps(one.sentence)), rng.choice(offered)
        while wrong in one.sentence or wrong.startswith(gap[0]):
            wrong = rng.choice(offered)
        text = f"{one.sentence[: gap.start()]}{GAP}{one.sentence[gap.end() :]}"
        with_both, choices = with_options(text, gap[0], wrong, rng)
        return InstructedExample(with_both, gap[0], choices, (one.sentence,))

    return drawn(pool, n, seed, make)


def _gaps(sentence: str) -> list[re.Match[str]]:
    """The words that can be left out: long ones that are there once."""
    return [found for found in LONG_WORD.finditer(sentence) if sentence.count(found[0]) == 1]


# --- Descriptions and titles ---


def _described(role: Role) -> list[Opening]:
    return [one for one in pools.openings().of(role) if len(one.article.description) in DESCRIPTION_CHARACTERS]


def description(role: Role, n: int, seed: int) -> list[InstructedExample]:
    return drawn(_described(role), n, seed, lambda one: labelled(one.sentence, one.article.description, ()))


def title(role: Role, n: int, seed: int) -> list[InstructedExample]:
    named = [one for one in pools.openings().of(role) if one.article.title.casefold() in one.sentence.casefold()]
    return drawn(named, n, seed, lambda one: labelled(one.sentence, one.article.title, ()))


def description_choice(role: Role, n: int, seed: int) -> list[InstructedExample]:
    """The other option is the description of another article of the same set."""
    rng, pool = random.Random(seed), _described(role)

    def make(one: Opening) -> InstructedExample:
        right, wrong = one.article.description, rng.choice(pool).article.description
        while wrong.startswith(right) or right.startswith(wrong):
            wrong = rng.choice(pool).article.description
        text, choices = with_options(one.sentence, right, wrong, rng)
        return InstructedExample(text, right, choices, (one.sentence,))

    return drawn(pool, n, seed, make)


# --- Questions on a passage ---


def _question_input(passage: str, question: str) -> str:
    return f"Passage: {passage}\nQuestion: {question}?"


def question_fits(role: Role, n: int, seed: int) -> list[InstructedExample]:
    pool = pools.questions().of(role)
    other = dict(zip(pool, others(pool, len(pool), seed), strict=True))
    fits = set(draw(range(len(pool)), len(pool) // 2, seed))
    truth = {one: number in fits or other[one].passage == one.passage for number, one in enumerate(pool)}

    def make(one: YesNoQuestion, label: str) -> InstructedExample:
        question = (one if truth[one] else other[one]).question
        return InstructedExample(_question_input(one.passage, question), label, YES_NO, (one.passage,))

    return balanced(pool, n, seed, lambda one: yes_no(truth[one]), make)


def yes_no_question(role: Role, n: int, seed: int) -> list[InstructedExample]:
    def make(one: YesNoQuestion, label: str) -> InstructedExample:
        return InstructedExample(_question_input(one.passage, one.question), label, YES_NO, (one.passage,))

    return balanced(pools.questions().of(role), n, seed, lambda one: yes_no(bool(one.answer)), make)
