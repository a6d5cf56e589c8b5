"""Pairs for a reward model from real choices: of each question, the right answer and a wrong one.

Nothing is generated here: people wrote the answers, or marked them as right or wrong. Where the right answer is often
the longer one, a reward model may learn length in the place of content: `longer_is_right` says in how many pairs it is,
and `balanced` takes that from the pairs to train on.
"""

import functools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from course.data import Choice, answer_choices, split_by_question
from course.data.splits import draw

N_TRAINING, N_VALIDATION, N_TEST = 700, 150, 350  # questions at most, drawn
ALL_WRONG = ("openbookqa",)  # few questions: each makes a pair with every wrong answer
TITLES = {
    "piqa": "PIQA",
    "siqa": "SocialIQA",
    "openbookqa": "OpenBookQA",
    "commonsenseqa": "CommonsenseQA",
    "summary-pairs": "Summary pairs",
}


class ChoicePair(NamedTuple):
    """Two answers to one prompt, the chosen one right and the rejected one wrong.

    Pairs with the same `about` are not independent: a test draws, and an interval counts, whole groups of them.
    """

    about: str
    prompt: str
    chosen: str
    rejected: str

    @property
    def extra_length(self) -> int:
        """By how many characters the right answer is longer than the wrong one."""
        return len(self.chosen) - len(self.rejected)


class PairSets(NamedTuple):
    """What a reward model learns from, is chosen by, and is tested on; no question is in two of them."""

    training: list[ChoicePair]
    validation: list[ChoicePair]
    test: list[ChoicePair]


@functools.cache
def choice_pairs(name: str) -> PairSets:
    """The pairs of a data set of `course.data.CHOICES`, of drawn questions.

    Of several wrong answers one is drawn; "openbookqa" has few questions, so there all of them make pairs. Raises
    `AssetError` when the data set cannot be fetched, `ValueError` for another name.
    """
    training, (validation, test) = split_by_question(answer_choices(name))

    def pairs(some: Sequence[Choice], most: int) -> list[ChoicePair]:
        drawn = draw(some, min(most, len(some)))
        return [pair for number, choice in enumerate(drawn) for pair in _pairs_of(choice, number)]

    return PairSets(pairs(training, N_TRAINING), pairs(validation, N_VALIDATION), pairs(test, N_TEST))


def _pairs_of(choice: Choice, seed: int) -> list[ChoicePair]:
    wrong = choice.wrong if choice.data_set in ALL_WRONG else draw(choice.wrong, 1, seed)
    prompt = prompt_of(choice)
    return [ChoicePair(choice.about.casefold(), prompt, choice.right, each) for each in wrong]


def prompt_of(choice: Choice) -> str:
    """What a language model reads before an answer: an answer follows it after a space."""
    if not choice.question:
        return f"Text: {choice.context}\nSummary:"
    return f"Question: {' '.join(filter(None, (choice.context, choice.question)))}\nAnswer:"


def longer_is_right(pairs: Sequence[ChoicePair]) -> np.ndarray:
    """[pair]: whether "the longer answer is right" is true of a pair: 1, 0, or 0.5 where both are as long."""
    return np.array([0.5 + 0.5 * np.sign(pair.extra_length) for pair in pairs])


def balanced(pairs: Sequence[ChoicePair]) -> list[ChoicePair]:
    """As many of the pairs as leave the right answer longer in half of them, drawn; pairs of equal lengths are kept."""
    signs = [int(np.sign(pair.extra_length)) for pair in pairs]
    n = min(signs.count(1), signs.count(-1))
    kept = {
        place
        for sign, most in ((1, n), (-1, n), (0, signs.count(0)))
        for place in draw([place for place, each in enumerate(signs) if each == sign], most)
    }
    return [pair for place, pair in enumerate(pairs) if place in kept]
