"""Labelled texts for fine-tuning: reviews that are positive or negative, or name their movie; news with its names."""

import functools
import re
from collections.abc import Sequence
from typing import NamedTuple

from course.data import Review, TaggedSentence, movie_reviews, split_by_movie, tagged_sentences
from course.data.overlap import disjoint, without_held_out
from course.data.splits import Role, draw
from course.evaluation.spans import OUTSIDE, named_spans
from course.fine_tuning import LabelledTexts

CLASSES = ("negative", "positive")
NAME_LABELS = (OUTSIDE, "B-MOVIE", "I-MOVIE")
ENTITY_LABELS = (OUTSIDE, *(f"{prefix}-{kind}" for kind in ("PER", "LOC", "ORG", "MISC") for prefix in "BI"))
N_VALIDATION, N_TEST = 1000, 2000  # reviews, drawn once, the same for every model
WORD = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")
END_OF_SENTENCE = frozenset(".!?")


class LabelledSets(NamedTuple):
    """What a model learns from, is chosen by, and is tested on."""

    training: LabelledTexts
    validation: LabelledTexts
    test: LabelledTexts


class Fold(NamedTuple):
    """A part of a cross-validation: what a model learns from, what it is tested on, the report of each test item."""

    training: LabelledTexts
    test: LabelledTexts
    reports: list[int]


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


@functools.cache
def entity_folds(n_folds: int = 5) -> list[Fold]:
    """Sentences of news with the names that people marked, as words and `ENTITY_LABELS`, for cross-validation.

    Each report is in the test set of one fold, and in the training set of all others; a sentence that is in a test set,
    too, is left out of the training set. Raises `AssetError` when they cannot be fetched.
    """
    sentences = tagged_sentences()
    order = draw(range(sentences[-1].document + 1), sentences[-1].document + 1)
    fold_of = {document: place % n_folds for place, document in enumerate(order)}

    def text(sentence: TaggedSentence) -> str:
        return " ".join(sentence.words)

    def labelled(some: Sequence[TaggedSentence], role: Role) -> LabelledTexts:
        return LabelledTexts([list(one.words) for one in some], [list(one.labels) for one in some], role)

    found = []
    for fold in range(n_folds):
        test = [one for one in sentences if fold_of[one.document] == fold]
        others = [one for one in sentences if fold_of[one.document] != fold]
        train, (tested,) = disjoint(
            without_held_out(others, test, text=text), test, text=text, names=("training", "test")
        )
        reports = [one.document for one in tested]
        found.append(Fold(labelled(train, "training"), labelled(tested, "test"), reports))
    return found


def remembered_names(training: LabelledTexts, texts: Sequence[Sequence[str]]) -> list[list[str]]:
    """What a list of the training set's names finds: the label of each word of each text.

    A name of the training set counts where its words follow each other, the longest first, with the type that it has
    there; one that has two types there is left out.

    Source: the baseline of Tjong Kim Sang and De Meulder 2003.
    """
    types: dict[tuple[str, ...], set[str]] = {}
    for words, labels in zip(training.texts, training.labels, strict=True):
        for span in named_spans(labels):
            types.setdefault(tuple(words[span.start : span.end]), set()).add(span.type)
    known = {name: kinds.pop() for name, kinds in types.items() if len(kinds) == 1}
    longest = max(map(len, known), default=0)
    found = []
    for words in texts:
        labels, start = [OUTSIDE] * len(words), 0
        while start < len(words):
            ends = range(min(len(words), start + longest), start, -1)
            end = next((end for end in ends if tuple(words[start:end]) in known), None)
            if end is not None:
                kind = known[tuple(words[start:end])]
                labels[start:end] = [f"B-{kind}"] + [f"I-{kind}"] * (end - start - 1)
            start = end or start + 1
        found.append(labels)
    return found


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
