"""Labelled texts for fine-tuning: reviews with what they say of a movie, and reviews with the words that name it."""

import functools
import re
from collections.abc import Sequence
from typing import NamedTuple

from course.data import Review, movie_reviews, split_by_movie
from course.data.splits import Role, draw
from course.evaluation.spans import OUTSIDE
from course.fine_tuning import LabelledTexts

CLASSES = ("negative", "positive")
NAME_LABELS = (OUTSIDE, "B-MOVIE", "I-MOVIE")
N_VALIDATION, N_TEST = 1000, 2000  # reviews, drawn once, the same for every model
WORD = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")
END_OF_SENTENCE = frozenset(".!?")


class LabelledSets(NamedTuple):
    """What a model learns from, is chosen by, and is tested on."""

    training: LabelledTexts
    validation: LabelledTexts
    test: LabelledTexts


@functools.cache
def review_sets() -> LabelledSets:
    """Snippets of reviews, "positive" or "negative"; no movie is in two sets.

    All training snippets, and of the others `N_VALIDATION` and `N_TEST`. Raises `AssetError` when they cannot be
    fetched.
    """
    training, (validation, test) = split_by_movie(movie_reviews())

    def labelled(some: Sequence[Review], role: Role) -> LabelledTexts:
        return LabelledTexts([one.text for one in some], [CLASSES[one.positive] for one in some], role)

    return LabelledSets(
        labelled(training, "training"),
        labelled(draw(validation, N_VALIDATION), "validation"),
        labelled(draw(test, N_TEST), "test"),
    )


@functools.cache
def name_sets() -> LabelledSets:
    """Snippets that name their movie, as lists of words with a label for each: `NAME_LABELS`.

    Nobody labelled them: where the words of a movie's name follow each other in a snippet of it, the first one with a
    capital, they are its name, and all else is outside. So a movie of another name, or this one under half of its name,
    counts as outside. The movies of the three sets are those of `review_sets`: no name of the test set was trained on.
    Raises `AssetError` when they cannot be fetched.
    """
    training, held_out = split_by_movie(movie_reviews())

    def labelled(some: Sequence[Review], role: Role) -> LabelledTexts:
        words = [WORD.findall(one.text) for one in some]
        labels = [name_labels(of_text, one.movie) for of_text, one in zip(words, some, strict=True)]
        named = [place for place, of_text in enumerate(labels) if NAME_LABELS[1] in of_text]
        return LabelledTexts([words[place] for place in named], [labels[place] for place in named], role)

    validation, test = held_out
    return LabelledSets(labelled(training, "training"), labelled(validation, "validation"), labelled(test, "test"))


def name_labels(words: Sequence[str], movie: str) -> list[str]:
    """The label of each word of a snippet about `movie`, whose name is as in an address: "about_a_boy"."""
    wanted = movie.split("_")
    plain = [re.sub(r"\W", "", word).lower() for word in words]
    labels = [OUTSIDE] * len(words)
    for start in range(len(words) - len(wanted) + 1):
        end = start + len(wanted)
        if plain[start:end] == wanted and words[start][0].isupper() and set(labels[start:end]) == {OUTSIDE}:
            labels[start:end] = [NAME_LABELS[1]] + [NAME_LABELS[2]] * (len(wanted) - 1)
    return labels


def capitalized_runs(words: Sequence[str]) -> list[str]:
    """What a rule finds that reads nothing: each run of words with a capital is a movie.

    A single word with a capital that begins a sentence is none.
    """
    labels = [OUTSIDE] * len(words)
    start = 0
    while start < len(words):
        end = start
        while end < len(words) and words[end][0].isupper():
            end += 1
        begins = start == 0 or words[start - 1] in END_OF_SENTENCE
        if end > start + 1 or (end == start + 1 and not begins):
            labels[start:end] = [NAME_LABELS[1]] + [NAME_LABELS[2]] * (end - start - 1)
        start = max(end, start + 1)
    return labels
