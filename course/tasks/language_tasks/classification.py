"""Is a snippet of a movie review positive or negative? Lesson 10's classifier, measured by accuracy."""

import functools
from collections import Counter
from typing import cast

import torch

from course import trained
from course.data.splits import draw
from course.fine_tuning import LinearClassifier, SentenceClassifier, TfidfFeatures, predict_logits
from course.messages import _
from course.tasks.labelled import CLASSES, review_sets
from course.tasks.language_tasks.measures import MEASURES
from course.tasks.language_tasks.task import Answer, Item, LanguageTask, System, Text, one_fold

N_TEST = 200
WORDINGS = (
    "Review: {text}\nSentiment:",
    "{text}\n\nThe opinion of this review is",
    "Is this movie review positive or negative?\n\n{text}\n\nAnswer:",
)


@functools.cache
def classification() -> LanguageTask:
    """The task, on reviews drawn from the test set of lesson 10. Raises `AssetError` without them."""
    test = review_sets().test
    places = draw(range(len(test)), N_TEST)
    items = tuple(Item(Text(test.texts[place]), test.labels[place], str(place)) for place in places)
    systems = {"trivial": _most_frequent, "simple": _tfidf, "model": _minilm}
    return LanguageTask(
        "classification",
        _("Text classification"),
        items,
        MEASURES["classification"],
        systems,
        one_fold(items),
        WORDINGS,
        choices=tuple(f" {label}" for label in CLASSES),
    )


def _most_frequent(_held_out: frozenset[str]) -> System:
    labels = Counter(review_sets().training.labels)
    label, count = labels.most_common(1)[0]
    return lambda texts: [Answer(label, count / labels.total()) for _text in texts]


@functools.cache
def _fitted() -> tuple[TfidfFeatures, LinearClassifier]:
    training = review_sets().training
    features = TfidfFeatures(training.texts)
    model = LinearClassifier(len(features), CLASSES)
    model.fit(features(training.texts), torch.tensor([CLASSES.index(label) for label in training.labels]))
    return features, model


def _tfidf(_held_out: frozenset[str]) -> System:
    features, model = _fitted()
    return lambda texts: _chosen(model(features([text.text for text in texts])))


def _minilm(_held_out: frozenset[str]) -> System:
    model = cast(SentenceClassifier, trained.load("fine_tuning/upper-all"))
    return lambda texts: _chosen(predict_logits(model, [text.text for text in texts]))


def _chosen(logits: torch.Tensor) -> list[Answer]:
    chances = logits.detach().softmax(dim=-1)
    return [Answer(CLASSES[int(row.argmax())], float(row.max())) for row in chances]
