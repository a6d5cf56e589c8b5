"""The columns of the leaderboard besides the film reviews: topics, order of sentences, dates, words, and choices.

Their records say of each item whether it was right, or how many symbols were wrong: no class, no probability. So there
is the accuracy, and where a symbol counts the error rate.
"""

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from course import trained
from course.data import encyclopedia, split_by_title
from course.data.encyclopedia import Article
from course.data.splits import draw
from course.evaluation import majority_class
from course.messages import _
from course.tasks import harness_results
from course.tasks.dates import date_task
from course.tasks.leaderboard_entries import ACCURACY, ERROR_RATE, EXACT, Column, Entry
from course.tasks.pronunciation import pronunciation_task
from course.tasks.task import Task, source_text

N_TOPICS = 1000  # articles of lesson 08's probes, at most
BERT, RECURRENT, TRANSFORMER = "small BERT", "recurrent", "Transformer"
OBJECTIVES: Mapping[str, str] = MappingProxyType(  # of the experiment "objectives", and what they are called
    {
        "start": "small BERT, masked words",
        "masked": "+ masked words",
        "next": "+ next sentence",
        "order": "+ sentence order",
        "substituted": "+ random substitution",
        "replaced": "+ replaced tokens",
        "shuffled": "+ shuffled tokens",
        "spans": "+ span boundaries",
        "untrained": "small BERT, random weights",
    }
)
DATES: Mapping[str, str] = MappingProxyType(
    {
        "lstm": "LSTM",
        "lstm-additive": "LSTM + additive attention",
        "lstm-dot": "LSTM + dot-product attention",
        "lstm-general": "LSTM + general attention",
        "lstm-scaled_dot": "LSTM + scaled dot-product attention",
        "transformer": "Transformer",
        "transformer-rotary": "Transformer, rotary positions",
    }
)
WORDS: Mapping[str, str] = MappingProxyType(
    {"gru": "GRU", "lstm": "LSTM", "lstm-attention": "LSTM + attention", "transformer": "Transformer"}
)


def entries_of(
    experiment: str, test: str, names: Mapping[str, str], lesson: str, family: str, *, of_symbols: bool = False
) -> list[Entry]:
    """The models of an experiment by name, with what they got right or, with `of_symbols`, their errors by symbol."""
    found = []
    for model, name in names.items():
        kept = trained.items(experiment, model, test)
        errors, symbols = kept.errors[0], kept.symbols[0]
        predicted = np.stack([errors, symbols], axis=1) if of_symbols else 1 - errors.astype(int)
        rights = tuple(float(row) for row in (kept.errors == 0).mean(axis=1))
        found.append(Entry(name, family, lesson, predicted, by_seed=rights))
    return found


class TopicSets(NamedTuple):
    """The articles of lesson 08's probe of topics: drawn for the training and the test, and all of the training set."""

    training: list[Article]
    test: list[Article]
    every_training: list[Article]


@functools.cache
def topic_sets() -> TopicSets:
    """The 2,000 and 992 articles. Raises `AssetError` when they cannot be fetched."""
    train, (_validation, test) = split_by_title(encyclopedia())
    return TopicSets(draw(train, 2 * N_TOPICS), draw(test, min(N_TOPICS, len(test))), train)


@functools.cache
def topics() -> Column:
    """Which of twelve topics an article has: small BERTs after one objective each, frozen, with a linear head."""
    training, test, every = topic_sets()
    most = majority_class([article.topic for article in training])
    always = np.array([int(article.topic == most) for article in test])
    others = [
        Entry(name, family, "fine_tuning", 1 - trained.items("leaderboard", model, "test").errors[0].astype(int))
        for model, name, family in (
            ("topics-tfidf", "TF-IDF + logistic regression", "counted words"),
            ("topics-frozen", "MiniLM frozen + logistic regression", "MiniLM"),
        )
        if trained.has_results("leaderboard") and _was_run("leaderboard", model)
    ]
    models = entries_of("objectives", "topic", OBJECTIVES, "bert", BERT)
    majority = Entry(_("always {name}").format(name=most), "no model", "evaluation", always, is_trivial=True)
    return Column(
        name="topics",
        items=_("articles"),
        true=np.ones(len(test), dtype=int),
        entries=(*models, *others, majority),
        scores={"accuracy": ACCURACY},
        chance=1 / len({article.topic for article in training}),
        texts=lambda: [article.text for article in test],
        trainings=lambda: {"training": [article.text for article in every]},
    )


def _was_run(experiment: str, model: str) -> bool:
    return any(run["model"] == model for run in trained.results(experiment))


@functools.cache
def sentence_order() -> Column:
    """Whether two segments of a text were exchanged, by a coin: the same small BERTs."""
    models = entries_of("objectives", "sentence order", OBJECTIVES, "bert", BERT)
    return Column(
        name="sentence order",
        items=_("pairs"),
        true=np.ones(len(models[0].predicted), dtype=int),
        entries=tuple(models),
        scores={"accuracy": ACCURACY},
        chance=0.5,
    )


@functools.cache
def dates() -> Column:
    """Dates in combinations of forms that no training has: exact outputs, and wrong symbols."""
    return _of_task("dates", _("dates"), date_task(), "new combinations", DATES, "attention")


@functools.cache
def words() -> Column:
    """Pronunciations of unseen words: exact outputs, and wrong sounds."""
    return _of_task("pronunciation", _("words"), pronunciation_task(), "test", WORDS, "attention")


def _of_task(experiment: str, items: str, task: Task, test: str, names: Mapping[str, str], lesson: str) -> Column:
    models = entries_of(experiment, test, names, lesson, RECURRENT, of_symbols=True)
    return Column(
        name=experiment,
        items=items,
        true=np.ones(len(models[0].predicted), dtype=int),
        entries=tuple(models),
        scores={"accuracy": EXACT, "error rate": ERROR_RATE},
        texts=lambda: list(map(source_text, task.tests[test])),
        trainings=lambda: {"training": list(map(source_text, task.train))},
        near=task.near,
    )


CHOICES: Mapping[str, tuple[str, harness_results.Norm, bool]] = MappingProxyType(  # form, norm, base model or not
    {
        "SmolLM2, log-probability": ("published", "sum", False),
        "SmolLM2, log-probability per character": ("published", "character", False),
        "SmolLM2, letter": ("letters", "sum", False),
        "SmolLM2, generated": (harness_results.WRITTEN, "sum", False),
        "base model, log-probability": ("published", "sum", True),
        "base model, log-probability per character": ("published", "character", True),
    }
)


def choices(task: str, *, every_form: bool = False) -> Column:
    """Multiple choice, from the records of the experiment "harness": how often the right answer is taken.

    With `every_form` also by letter and by generation, on the first items of the drawn order, those that all forms
    have. Raises `ValueError` where the experiment was not run.
    """
    rights = {}
    for name, (form, norm, base) in CHOICES.items():
        if base and not _was_run(harness_results.EXPERIMENT, f"{task}-base"):
            continue
        if form in harness_results.forms(task, base=base):
            rights[name] = harness_results.right(task, form, norm, base=base)
    if not every_form:
        most = max(map(len, rights.values()))
        rights = {name: found for name, found in rights.items() if len(found) == most}
    n = min(map(len, rights.values()))
    entries = [
        Entry(name, name.partition(",")[0], "evaluation", found[:n].astype(int)) for name, found in rights.items()
    ]
    about = harness_results.cell(task)
    for name, best in (("longest answer", np.argmax), ("shortest answer", np.argmin)):
        taken = np.array([best(sizes) for sizes in about.characters[:n]])
        entries.append(Entry(name, "no model", "evaluation", (taken == about.right[:n]).astype(int), is_trivial=True))
    return Column(
        name=f"{task}-forms" if every_form else task,
        items=_("questions"),
        true=np.ones(n, dtype=int),
        entries=tuple(entries),
        scores={"accuracy": ACCURACY},
        chance=harness_results.chance(task),
    )
