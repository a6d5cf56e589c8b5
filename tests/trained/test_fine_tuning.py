"""The experiment on fine-tuning, with a tiny body in the place of MiniLM: its runs, its records, what is kept."""

import functools
import json

import pytest
import safetensors
import torch

from course import trained
from course.fine_tuning import LabelledTexts, nested_subsets, predict_logits, trained_parameters
from course.intervals import difference_of_rates
from course.tasks.labelled import Fold, LabelledSets
from experiments import fine_tuning, running
from experiments.search import Setting
from tests.fine_tuning.conftest import BAD, GOOD, body, large_weights, tokenizer  # noqa: F401 (fixtures)

FEW = Setting(1e-3, 0.1, 4)


@pytest.fixture
def small(tmp_path, monkeypatch, tokenizer):  # noqa: F811
    """A few reviews, a body of two layers, and a folder of its own for what a run leaves."""

    def reviews():
        texts = [f"{text} {word}" for text in GOOD + BAD for word in ("indeed", "film", "story")]
        labels = ["positive"] * 18 + ["negative"] * 18
        parts = {"training": range(0, 36, 3), "validation": range(1, 36, 3), "test": range(2, 36, 3)}
        return LabelledSets(
            *(LabelledTexts([texts[i] for i in some], [labels[i] for i in some], role) for role, some in parts.items())
        )

    def load(_name):
        return large_weights(body(tokenizer)), tokenizer

    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    monkeypatch.setattr("course.trained.weights.load_pretrained", load)
    monkeypatch.setattr(fine_tuning, "load", load)
    monkeypatch.setattr(fine_tuning, "reviews", reviews)
    monkeypatch.setattr(fine_tuning, "SIZES", (4, 8))
    monkeypatch.setattr(fine_tuning, "LIMIT", 20)
    monkeypatch.setattr(fine_tuning, "N_UPPER", 1)
    monkeypatch.setattr(fine_tuning, "N_WATCHED", 6)
    fine_tuning.frozen_features.cache_clear()
    yield functools.partial(fine_tuning.EncoderRecipe, setting=FEW, epochs=2, limit=20, data=reviews)
    fine_tuning.frozen_features.cache_clear()


def run(name, recipe, seed=0, **options):
    running.run("fine_tuning", name, recipe, seed, **options)
    return trained.record_of("fine_tuning", name, seed)


def test_a_run_leaves_what_the_lesson_reads(small):
    record = run("full-8", small("full", 8))
    found = record["tests"]["test"]
    assert (record["way"], record["labels"], record["steps"], record["learning_rate"]) == ("full", 8, 4, 1e-3)
    assert found["accuracy"] + found["error_rate"] == pytest.approx(1)
    errors = trained.numbers(found["items"]["errors"])
    assert len(errors) == 12 and sum(errors) / 12 == pytest.approx(found["error_rate"])
    probabilities = trained.numbers(found["items"]["probability"])
    truth = [label == "positive" for label in fine_tuning.reviews().test.labels]
    wrong = [(p > 0.5) != yes for p, yes in zip(probabilities, truth, strict=True)]
    assert wrong == [bool(error) for error in errors]
    assert "probability" not in run("full-8", small("full", 8), seed=1)["tests"]["test"]["items"]


def test_two_ways_are_compared_on_the_same_reviews_and_seeds(small):
    for seed in (0, 1):
        run("full-4", small("full", 4), seed)
        run("tfidf-4", fine_tuning.LinearRecipe("tfidf", 4), seed)
    both = [trained.items("fine_tuning", name, "test") for name in ("full-4", "tfidf-4")]
    assert all(counts.errors.shape == (2, 12) and counts.items == "texts" for counts in both)
    assert -1 <= difference_of_rates(*both).estimate <= 1


def test_all_labels_have_probabilities_of_validation_too(small):
    record = run("upper-all", small("upper", None), keep_weights=True)
    assert len(trained.numbers(record["tests"]["validation"]["items"]["probability"])) == 12
    assert record["labels"] == 12


def test_what_is_kept_is_what_was_trained_and_gives_the_same_model(small, tmp_path):
    recipe = small("upper", None)
    record = run("upper-all", recipe, keep_weights=True)
    with safetensors.safe_open(tmp_path / "fine_tuning/upper-all.safetensors", "pt") as stored:
        names = set(stored.keys())
        assert json.loads(stored.metadata()["config"])["n_trained_blocks"] == 1
    assert all(name.startswith(("head.", "body.blocks.1.")) for name in names) and "head.weight" in names
    model = trained.load("fine_tuning/upper-all")
    assert model.config == recipe.config and set(trained_parameters(model)) == names and not model.training
    probabilities = predict_logits(model, fine_tuning.reviews().test.texts).softmax(dim=1)[:, 1]
    kept = trained.numbers(record["tests"]["test"]["items"]["probability"])
    torch.testing.assert_close(probabilities, torch.tensor(kept), atol=1e-4, rtol=0)


def test_subsets_of_a_seed_are_nested_and_the_same_for_every_way(small):
    data = fine_tuning.reviews()
    few, between, more = (set(fine_tuning.subset(data, n, 3).texts) for n in (4, 6, 8))
    assert few < between < more < set(fine_tuning.subset(data, None, 3).texts) and len(between) == 6
    of_sizes = nested_subsets(data.training.labels, fine_tuning.SIZES, 3)
    assert fine_tuning.subset(data, 4, 3).texts == data.training.only(of_sizes[4]).texts
    assert few != set(fine_tuning.subset(data, 4, 4).texts)


def test_the_strength_of_the_baselines_is_chosen_on_validation(small, monkeypatch):
    record = run("frozen-8", fine_tuning.LinearRecipe("frozen", 8))
    assert record["strength"] in fine_tuning.STRENGTHS and record["steps"] == 0
    assert record["trained_parameters"] == 17
    # With other test labels the choice stays.
    data = fine_tuning.reviews()
    flipped = {"positive": "negative", "negative": "positive"}
    test = LabelledTexts(data.test.texts, [flipped[label] for label in data.test.labels], "test")
    monkeypatch.setattr(fine_tuning, "reviews", lambda: data._replace(test=test))
    other = run("frozen-8", fine_tuning.LinearRecipe("frozen", 8))
    assert other["strength"] == record["strength"]
    assert other["tests"]["test"]["accuracy"] == pytest.approx(1 - record["tests"]["test"]["accuracy"])


def test_from_scratch_has_the_architecture_and_no_weight_of_the_pretrained(small):
    pretrained, scratch = (small(way, 4).new_model(0) for way in ("full", "scratch"))
    assert pretrained.config == scratch.config and pretrained.body.config == scratch.body.config
    for name, weight in scratch.body.named_parameters():
        if weight.ndim > 1 and not name.startswith("pooler"):
            assert not torch.allclose(weight, pretrained.body.get_parameter(name)), name


def test_overfitting_is_tested_at_both_ends(small):
    recipe = fine_tuning.OverfittingRecipe("full", 8, FEW, epochs=6, limit=20, data=fine_tuning.reviews)
    record = run("over-8", recipe)
    assert set(record["tests"]) == {"test", "last"}
    assert len(trained.by_model("fine_tuning", "test", "accuracy")["over-8"]) == 1
    losses = trained.numbers(record["validation_losses"])
    assert len(losses) == 6 and len(trained.numbers(record["losses"])) == record["steps"] == 12
    steps = trained.numbers(record["evaluated_steps"])
    assert steps == [2, 4, 6, 8, 10, 12] and record["best_step"] == steps[losses.index(min(losses))]


def test_the_search_measures_validation_alone(small, monkeypatch):
    data = fine_tuning.reviews()
    monkeypatch.setattr(fine_tuning, "reviews", lambda: data._replace(test=None))
    recipe = small("full", 8, data=fine_tuning.reviews)
    changed = recipe.with_setting(Setting(2e-3, 0.1, 8), epochs=1)
    model, history = changed.train(0)
    assert len(history.losses) == 1 and history.learning_rates[0] == 2e-3
    found = changed.validate(model)
    assert set(found) == {"validation_error", "validation_loss"} and 0 <= found["validation_error"] <= 1


def test_all_labels_have_a_search_of_their_own_for_the_rate_and_the_epochs(tmp_path, monkeypatch):
    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)

    def row(model, rate, epochs, error):
        setting = {"learning_rate": rate, "dropout": 0.1, "batch_size": 32, "epochs": epochs}
        return {"model": model, **setting, "validation_error": error, "validation_loss": error}

    def found():
        names, recipes = ("full-all", "full-1024", "scratch-all"), fine_tuning.recipes()
        return {name: (recipes[name].setting[0], recipes[name].epochs) for name in names}

    before = found()
    assert before["full-all"] == (1e-4, 1.5)
    for rate, epochs, error in ((1e-4, 1.5, 0.3), (5e-5, 1.5, 0.2), (2.5e-5, 1.5, 0.4), (2e-4, 1.5, 0.4)):
        trained.add_to_search("fine_tuning", row("full-all", rate, epochs, error))
    assert found() == before, "the search is not complete"
    trained.add_to_search("fine_tuning", row("full-all", 5e-5, 3, 0.1))
    assert found() == before | {"full-all": (5e-5, 3)}


@pytest.mark.slow
def test_records_have_the_epochs_of_their_recipe():
    recipes = fine_tuning.recipes()
    for record in trained.results("fine_tuning"):
        if "epochs" in record:
            assert recipes[record["model"]].epochs == record["epochs"], record["model"]


def test_spans_are_counted_for_each_sentence_of_each_fold(small, monkeypatch):
    words = [text.split() for text in GOOD + BAD]
    labels = [["B-PER" if word in ("film", "story") else "O" for word in text] for text in words]

    def folds():
        parts = (range(0, 12, 2), range(1, 12, 2))
        sets = [
            [LabelledTexts([words[i] for i in part], [labels[i] for i in part], role) for part in parts]
            for role in ("training", "test")
        ]
        (even, odd), (tested_even, tested_odd) = sets
        return [Fold(odd, tested_even, [0] * 6), Fold(even, tested_odd, [1] * 6)]

    def predict(_model, texts):
        return [["B-PER" if word == "film" else "O" for word in text] for text in texts]

    monkeypatch.setattr(fine_tuning, "predict_labels", predict)
    record = run("entities", fine_tuning.EntitiesRecipe(FEW, epochs=1, folds=folds))
    found, counts = record["tests"]["test"], trained.items("fine_tuning", "entities", "test")
    in_order = words[::2] + words[1::2]
    assert trained.numbers(found["items"]["right"]) == [text.count("film") for text in in_order]
    assert trained.numbers(found["items"]["true"]) == [text.count("film") + text.count("story") for text in in_order]
    assert found["f1"]["all"] == pytest.approx(0.8)  # four films found, two stories missed
    assert found["accuracy"] == pytest.approx(1 - 2 / sum(map(len, words)))
    assert counts.rates[0] == pytest.approx(found["error_rate"]) == pytest.approx(0.2)


@pytest.mark.slow
def test_the_questions_of_the_lesson_have_the_answers_of_the_records():
    accuracy = trained.by_model("fine_tuning", "test", "accuracy")
    assert accuracy["full-256"].mean < accuracy["tfidf-all"].mean < accuracy["full-1024"].mean  # enough_labels
    losses = trained.numbers(trained.record_of("fine_tuning", "over-256")["validation_losses"])
    lowest = losses.index(min(losses))
    assert 0 < lowest < len(losses) / 2 and losses[-1] > losses[0] > losses[lowest]  # overfitting
    negative, positive = map(sum, trained.record_of("fine_tuning", "upper-all")["tests"]["test"]["confusion"])
    assert 0.55 < positive / (negative + positive) < 0.65  # always_positive
