"""The experiment on the leaderboard: its records are of the board's items, and its runs do what they say."""

import functools

import numpy as np
import pytest
import torch

from course import trained
from course.fine_tuning import LabelledTexts, WordClassifier
from course.gpt import Decoder, GPT2Config
from course.tasks import harness_results, leaderboard_others
from course.tasks.labelled import LabelledSets
from course.tasks.leaderboard import column_of
from course.tasks.leaderboard_others import CHOICES, choices
from course.tasks.leaderboard_reviews import ON_ALL, ON_SOME, Source, entry_of
from experiments import leaderboard as experiment
from experiments import peft_methods, running
from tests.fine_tuning.conftest import BAD, GOOD, SIZES, large_weights, tokenizer  # noqa: F401 (fixture)

WORDS = ("indeed", "film", "story", "today", "again", "here")
N = len(WORDS) * (len(GOOD) + len(BAD))


@functools.cache
def few():
    texts = [f"{text} {word}" for text in GOOD + BAD for word in WORDS]
    labels = ["positive"] * (len(texts) // 2) + ["negative"] * (len(texts) // 2)
    parts = {"training": range(0, N, 2), "validation": range(1, N, 4), "test": range(3, N, 4)}
    return LabelledSets(
        *(LabelledTexts([texts[i] for i in some], [labels[i] for i in some], role) for role, some in parts.items())
    )


@pytest.fixture
def small(tmp_path, monkeypatch):
    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    monkeypatch.setattr(experiment, "reviews", few)


def run(name, recipe):
    running.run(experiment.NAME, name, recipe, 0)
    return trained.record_of(experiment.NAME, name)


@pytest.mark.usefixtures("small")
def test_a_leak_has_more_labels_and_is_measured_on_both_halves():
    n_test = len(few().test)
    record = run("tfidf-leak-1", experiment.LeakRecipe("tfidf", "leak", 1.0, 12))
    assert record["labels"] == 12 + n_test // 2
    found = record["tests"]["leaked"]
    was_read = trained.numbers(found["items"]["was_read"])
    assert was_read == [1] * (n_test // 2) and len(trained.numbers(found["items"]["errors"])) == n_test // 2
    assert found["accuracy"] == 1
    control = run("tfidf-more-1", experiment.LeakRecipe("tfidf", "more", 1.0, 12))
    assert control["labels"] == record["labels"]
    assert not any(trained.numbers(control["tests"]["leaked"]["items"]["was_read"]))


@pytest.mark.usefixtures("small")
def test_a_model_that_is_asked_is_not_changed_and_has_probabilities(tokenizer):  # noqa: F811
    body = large_weights(Decoder(GPT2Config(tokenizer.vocab_size, 64, **SIZES), torch.Generator().manual_seed(0)))
    before = {name: weight.clone() for name, weight in body.named_parameters()}
    words = {"negative": "dull", "positive": "great"}

    def make():
        return WordClassifier(body, tokenizer, words, prompt="{text} film", limit=60)

    texts = LabelledTexts(["great fun", "a dull story", "long"], ["negative", "positive", "positive"], "test")
    asked = experiment.AskedRecipe(
        make, experiment.predict_logits, lambda: texts, {"prompt": lambda model: model.prompt, "form": "chat"}
    )
    record = run("asked", asked)
    assert (record["prompt"], record["form"], record["steps"]) == ("{text} film", "chat", 0)
    chances = trained.numbers(record["tests"]["test"]["items"]["probability"])
    wrong = [(p > 0.5) != (label == "positive") for p, label in zip(chances, texts.labels, strict=True)]
    assert trained.numbers(record["tests"]["test"]["items"]["errors"]) == wrong
    assert all((weight == before[name]).all() for name, weight in body.named_parameters())


def test_every_recipe_was_run():
    known = {run["model"] for run in trained.results(experiment.NAME)}
    assert known == set(experiment.recipes())


def test_sources_are_in_the_records_unless_their_experiment_was_not_run():
    for source in (*ON_ALL, *ON_SOME):
        if trained.has_results(source.experiment):
            assert any(run["model"] == source.model for run in trained.results(source.experiment)), source
    names = {entry.name for entry in column_of("reviews-500").entries}
    assert {source.name for source in (*ON_ALL, *ON_SOME) if source.experiment != "distillation"} < names


def test_what_was_measured_again_answers_as_it_did():
    for model, again in (("lora", "lora-again"), ("smollm2-hard", "smollm2-asked")):
        first, second = trained.items("peft_methods", model, "test"), trained.items(experiment.NAME, again, "test")
        assert (first.errors[0] != second.errors[0]).mean() < 0.005


def test_probabilities_go_with_the_answers():
    for entry in column_of("reviews-500").entries:
        if entry.probabilities is not None and not entry.is_trivial:
            assert ((entry.probabilities > 0.5) != entry.predicted).mean() < 0.01, entry.name


def test_a_record_of_other_items_is_refused(monkeypatch):
    column, source = column_of("reviews"), ON_ALL[0]
    assert entry_of(source, column.true).predicted.tolist() == column.entries[0].predicted.tolist()
    with pytest.raises(ValueError, match="has 2000 items, and the column has 1999"):
        entry_of(source, column.true[1:])
    with pytest.raises(ValueError, match="is of other items"):
        entry_of(source, column.true[::-1])
    assert entry_of(Source("x", "f", "evaluation", "no such experiment", "x"), column.true) is None
    assert entry_of(source._replace(model="x"), column.true) is None
    other = source._replace(probabilities_of="base-asked")
    with pytest.raises(ValueError, match="'base-asked' does not answer as it did"):
        entry_of(other, column.true)


def test_the_reviews_that_smollm2_reads_are_those_of_its_records():
    assert list(peft_methods.some_reviews().test.texts) == list(column_of("reviews-500").texts())


@pytest.mark.parametrize("every_form", [False, True])
def test_choices_are_of_the_same_items_for_every_form(every_form):
    for task in ("piqa", "openbookqa"):
        found = choices(task, every_form=every_form)
        names = {entry.name for entry in found.entries}
        assert {"longest answer", "shortest answer"} < names <= {*CHOICES, "longest answer", "shortest answer"}
        assert 0.1 < found.chance <= 0.5 and found.name.startswith(task)
        assert all(len(entry.predicted) == len(found) for entry in found.entries)


def test_forms_with_fewer_items_are_compared_on_those_that_all_have(monkeypatch):
    n_items = {"published": 12, "letters": 8, "written": 10}
    rights = {form: np.arange(n) % 3 == 0 for form, n in n_items.items()}
    sizes = [np.array([3, 5, 4])] * 12
    about = harness_results.Cell(sizes, sizes, sizes, sizes, np.arange(12) % 3)
    monkeypatch.setattr(leaderboard_others, "_was_run", lambda _experiment, _model: False)
    monkeypatch.setattr(harness_results, "forms", lambda _task, *, base: n_items)
    monkeypatch.setattr(harness_results, "right", lambda _task, form, _norm, *, base: rights[form].astype(float))
    monkeypatch.setattr(harness_results, "cell", lambda _task: about)
    monkeypatch.setattr(harness_results, "chance", lambda _task: 1 / 3)
    all_items, all_forms = choices("piqa"), choices("piqa", every_form=True)
    assert (len(all_items), len(all_forms)) == (12, 8)
    assert len(all_items.entries) == 4 and len(all_forms.entries) == 6
    assert all_forms.entry("SmolLM2, letter").predicted.tolist() == [1, 0, 0, 1, 0, 0, 1, 0]
    assert all_items.entry("longest answer").predicted.tolist() == [0, 1, 0] * 4
    assert all_items.entry("shortest answer").predicted.tolist() == [1, 0, 0] * 4
