"""Continuing a movie review from its first words: the prompts, and the continuations.

A review here is the first sentence of a snippet. Its first words are the prompt, in the chat template of lesson 13; the
rest of the sentence is the answer. No movie and no prompt is in two of the three sets.
"""

import functools
import re
from collections.abc import Sequence
from typing import NamedTuple

from course.data import Review, movie_reviews, split_by_movie
from course.data.overlap import without_held_out
from course.instruction import (
    MINIMAL,
    EncodedConversation,
    Message,
    encode_conversation,
    encode_prompt,
    end_id,
    padding_id,
)
from course.rlhf import Responses
from course.tasks.pretraining import base_tokenizer

INSTRUCTION = "Continue this movie review."
N_WORDS = 4  # of a prompt
LEAST_WORDS = 3  # of the rest of a sentence
MAX_LENGTH = 24  # tokens of a response, its end token included
SENTENCE = re.compile(r".+?[.!?]+['\"”’)]*(?=\s|$)")


class Beginning(NamedTuple):
    """The first words of a review, and the rest of its first sentence."""

    words: str
    rest: str


class Beginnings(NamedTuple):
    """No movie is in two of these sets, and no prompt: one that several reviews begin with is in one set, once."""

    training: tuple[Beginning, ...]
    validation: tuple[Beginning, ...]
    test: tuple[Beginning, ...]


@functools.cache
def beginnings() -> Beginnings:
    """All reviews whose first sentence has `N_WORDS` words and `LEAST_WORDS` more. Raises `AssetError` as the data do.

    The sets are those of `course.tasks.labelled`: what the gold classifier learned from is the training set.
    """
    training, (validation, test) = split_by_movie(movie_reviews())
    sets = [_beginnings(some) for some in (training, validation, test)]
    return Beginnings(
        tuple(without_held_out(sets[0], sets[1], sets[2], text=_words)),
        tuple(without_held_out(sets[1], sets[2], text=_words)),
        tuple(sets[2]),
    )


def _words(one: Beginning) -> str:
    return one.words


def _beginnings(reviews: Sequence[Review]) -> list[Beginning]:
    found: dict[str, Beginning] = {}
    for review in reviews:
        text = " ".join(review.text.split())
        sentence = SENTENCE.match(text)
        words = (sentence[0] if sentence else text).split(" ")
        if len(words) >= N_WORDS + LEAST_WORDS:
            one = Beginning(" ".join(words[:N_WORDS]), " ".join(words[N_WORDS:]))
            found.setdefault(one.words, one)
    return list(found.values())


def prompt(words: str) -> str:
    """What the user asks for."""
    return f"{INSTRUCTION}\n\n{words}"


def prompt_ids(words: str) -> tuple[int, ...]:
    """The ids after which the policy continues a review that begins with these words."""
    return tuple(encode_prompt(base_tokenizer(), MINIMAL, [Message("user", prompt(words))]))


def conversations(some: Sequence[Beginning]) -> list[EncodedConversation]:
    """Prompts with the rest of the sentence as the answer: those whose answer has at most `MAX_LENGTH` tokens."""
    encoded = [
        encode_conversation(
            base_tokenizer(), MINIMAL, [Message("user", prompt(one.words)), Message("assistant", one.rest)]
        )
        for one in some
    ]
    return [one for one in encoded if sum(one.is_trained) <= MAX_LENGTH]


def response_end() -> int:
    """The token that ends a response."""
    return end_id(base_tokenizer(), MINIMAL)


def response_padding() -> int:
    """The token that fills up rows."""
    return padding_id(base_tokenizer(), MINIMAL)


def response_texts(responses: Responses) -> list[str]:
    """What each response says, without its end token."""
    end = response_end()
    return [base_tokenizer().decode([token for token in row if token != end]) for row in responses.lists()]


def first_words(responses: Responses) -> list[str]:
    """The words that each prompt begins a review with, as `prompt_ids` encoded them."""
    prompts = responses.ids[:, : responses.n_prompt]
    found = []
    for row, padding in zip(prompts.tolist(), responses.padding.tolist(), strict=True):
        question = base_tokenizer().decode(row[padding:]).partition(f"{INSTRUCTION}\n\n")[2]
        found.append(question.rpartition(MINIMAL.end)[0])
    return found


def review_texts(responses: Responses) -> list[str]:
    """The reviews: the first words, and what each response makes of them."""
    pairs = zip(first_words(responses), response_texts(responses), strict=True)
    return [f"{words} {rest.strip()}" for words, rest in pairs]
