"""The film reviews of the leaderboard: every model of the course that says whether a critic liked the film."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from course import trained
from course.data.splits import draw
from course.evaluation import confusion_matrix, guessing_accuracy, majority_class
from course.messages import _
from course.tasks.labelled import CLASSES, review_sets
from course.tasks.leaderboard_entries import Column, Entry, scores_of_two_classes, with_items

N_FOR_SMOLLM2 = 500  # of the 2,000 reviews: those that lesson 11 drew
MINILM, COUNTED, BASE, SMOLLM2, STUDENT, TRIVIAL = (
    "MiniLM",
    "counted words",
    "base model",
    "SmolLM2",
    "student",
    "no model",
)


class Source(NamedTuple):
    """Where a model's answers are: the experiment and the model in its records, and who it is on the board."""

    name: str
    family: str
    lesson: str
    experiment: str
    model: str
    probabilities_of: str | None = None  # a run of the experiment "leaderboard" with the same answers
    test: str = "test"  # what the records call these reviews


# What read all reviews. Names of methods are names; the number is that of the labelled reviews that were learned from.
ON_ALL: Sequence[Source] = (
    Source("MiniLM fine-tuned, 8,470", MINILM, "fine_tuning", "fine_tuning", "full-all"),
    Source("MiniLM, upper blocks, 8,470", MINILM, "fine_tuning", "fine_tuning", "upper-all"),
    Source("MiniLM frozen + logistic regression, 8,470", MINILM, "fine_tuning", "fine_tuning", "frozen-all"),
    Source("MiniLM from random weights, 8,470", MINILM, "fine_tuning", "fine_tuning", "scratch-all"),
    Source("TF-IDF + logistic regression, 8,470", COUNTED, "fine_tuning", "fine_tuning", "tfidf-all"),
    Source("MiniLM fine-tuned, 1,024", MINILM, "fine_tuning", "fine_tuning", "full-1024"),
    Source("MiniLM frozen + logistic regression, 1,024", MINILM, "fine_tuning", "fine_tuning", "frozen-1024"),
    Source("MiniLM from random weights, 1,024", MINILM, "fine_tuning", "fine_tuning", "scratch-1024"),
    Source("TF-IDF + logistic regression, 1,024", COUNTED, "fine_tuning", "fine_tuning", "tfidf-1024"),
    Source("MiniLM + LoRA, 1,024", MINILM, "peft", "peft_methods", "lora", "lora-again"),
    Source("MiniLM + DoRA, 1,024", MINILM, "peft", "peft_methods", "dora"),
    Source("MiniLM + AdaLoRA, 1,024", MINILM, "peft", "peft_methods", "adalora"),
    Source("MiniLM + BitFit, 1,024", MINILM, "peft", "peft_methods", "bitfit"),
    Source("MiniLM + prompt tuning, 1,024", MINILM, "peft", "peft_methods", "prompt"),
    Source("MiniLM + prefix tuning, 1,024", MINILM, "peft", "peft_methods", "prefix"),
    Source("MiniLM + Houlsby adapters, 1,024", MINILM, "peft", "peft_methods", "houlsby"),
    Source("MiniLM + Pfeiffer adapters, 1,024", MINILM, "peft", "peft_methods", "pfeiffer"),
    Source("MiniLM + AdapterFusion, 1,024", MINILM, "peft", "peft_fusion", "fused"),
    Source("MiniLM fine-tuned, 64", MINILM, "fine_tuning", "fine_tuning", "full-64"),
    Source("MiniLM fine-tuned, 16", MINILM, "fine_tuning", "fine_tuning", "full-16"),
    Source("MiniLM frozen + logistic regression, 16", MINILM, "fine_tuning", "fine_tuning", "frozen-16"),
    Source("TF-IDF + logistic regression, 16", COUNTED, "fine_tuning", "fine_tuning", "tfidf-16"),
    Source("base model fine-tuned, 1,024", BASE, "fine_tuning", "decoder_reviews", "pretrained-1024"),
    Source("base model from random weights, 1,024", BASE, "fine_tuning", "decoder_reviews", "scratch-1024"),
    Source(
        "distilled student, labels alone", STUDENT, "compression", "distillation", "reviews-labels", None, "reviews"
    ),
    Source(
        "distilled student, soft targets", STUDENT, "compression", "distillation", "reviews-soft-4", None, "reviews"
    ),
    Source("base model, asked", BASE, "prompting", "leaderboard", "base-asked"),
    Source("base model instruction-tuned, asked", BASE, "instruction", "leaderboard", "instructed-asked"),
)
# What read `N_FOR_SMOLLM2` of them.
ON_SOME: Sequence[Source] = (
    Source("SmolLM2 + LoRA, 128", SMOLLM2, "peft", "peft_methods", "smollm2-lora"),
    Source("SmolLM2 + AdaLoRA, 128", SMOLLM2, "peft", "peft_methods", "smollm2-adalora"),
    Source("SmolLM2 + prompt tuning, 128", SMOLLM2, "peft", "peft_methods", "smollm2-prompt"),
    Source("SmolLM2 + prefix tuning, 128", SMOLLM2, "peft", "peft_methods", "smollm2-prefix"),
    Source("SmolLM2, best prompt", SMOLLM2, "peft", "peft_methods", "smollm2-hard", "smollm2-asked"),
    Source("SmolLM2, lesson 12's prompt", SMOLLM2, "prompting", "leaderboard", "smollm2-shots-0"),
    Source("SmolLM2, 4 shots", SMOLLM2, "prompting", "leaderboard", "smollm2-shots-4"),
)


@functools.cache
def reviews() -> Column:
    """The 2,000 test reviews of lesson 10, and every model that read them all."""
    _training, _validation, test = review_sets()
    true = _numbers(test.labels)
    entries = tuple(entry for source in ON_ALL if (entry := entry_of(source, true)) is not None)
    return Column(
        name="reviews",
        items=_("reviews"),
        true=true,
        entries=(*entries, *trivial(true)),
        scores=scores_of_two_classes(),
        chance=guessing_accuracy(true.tolist(), {0: 0.5, 1: 0.5}),
        texts=lambda: review_sets().test.texts,
        trainings=lambda: {"training": review_sets().training.texts, "validation": review_sets().validation.texts},
    )


@functools.cache
def some_reviews() -> Column:
    """The 500 of them that SmolLM2 read, too: all models of the course on one board."""
    every = reviews()
    numbers = draw(range(len(every)), N_FOR_SMOLLM2)
    true = every.true[numbers]
    entries = [entry for source in ON_SOME if (entry := entry_of(source, true)) is not None]
    return replace(with_items(every, numbers, entries), name="reviews-500")


def entry_of(source: Source, true: np.ndarray) -> Entry | None:
    """The entry of a source, with the answers of seed 0; None where its experiment was not run yet.

    Of two classes, a wrong answer is the other one. Raises `ValueError` for a record of other items.
    """
    if not trained.has_results(source.experiment):
        return None
    runs = [run for run in trained.results(source.experiment) if run["model"] == source.model]
    if not runs:
        return None
    test = runs[0]["tests"][source.test]
    errors = np.array(trained.numbers(test["items"]["errors"]), dtype=int)
    if len(errors) != len(true):
        raise ValueError(
            _("The record {model!r} of {experiment!r} has {there} items, and the column has {here}.").format(
                model=source.model, experiment=source.experiment, there=len(errors), here=len(true)
            )
        )
    predicted = np.where(errors == 1, 1 - true, true)
    counts = confusion_matrix(true, predicted, (0, 1)).counts.tolist()
    if test.get("confusion", counts) != counts:
        raise ValueError(
            _(
                "The record {model!r} of {experiment!r} is of other items: it counts {there}, and here are {here}."
            ).format(model=source.model, experiment=source.experiment, there=test["confusion"], here=counts)
        )
    return Entry(
        source.name,
        source.family,
        source.lesson,
        predicted,
        _probabilities(source, test["items"], errors),
        runs[0].get("labels"),
        tuple(run["tests"][source.test]["accuracy"] for run in runs),
    )


def _probabilities(source: Source, items: Mapping[str, str], errors: np.ndarray) -> np.ndarray | None:
    if source.probabilities_of is not None and trained.has_results("leaderboard"):
        again = [run for run in trained.results("leaderboard") if run["model"] == source.probabilities_of]
        items = again[0]["tests"]["test"]["items"] if again else items
        if again and np.mean(np.array(trained.numbers(items["errors"])) != errors) > 0.01:
            raise ValueError(
                _("{model!r} does not answer as it did: measure it again.").format(model=source.probabilities_of)
            )
    return np.array(trained.numbers(items["probability"])) if "probability" in items else None


def trivial(true: np.ndarray) -> tuple[Entry, Entry]:
    """Two that read nothing: the class that is more frequent in training, and a coin, thrown once."""
    most = CLASSES.index(str(majority_class(review_sets().training.labels)))
    share = float(np.mean(_numbers(review_sets().training.labels)))
    coin = np.random.default_rng(0).integers(2, size=len(true))
    always = Entry(
        _("always {name}").format(name=CLASSES[most]),
        TRIVIAL,
        "evaluation",
        np.full(len(true), most),
        np.full(len(true), share),
        is_trivial=True,
    )
    return always, Entry(_("a coin, thrown once"), TRIVIAL, "evaluation", coin, None, is_trivial=True)


def _numbers(labels: Sequence[str]) -> np.ndarray:
    return np.array([CLASSES.index(label) for label in labels])
