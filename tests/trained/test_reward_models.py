"""The experiment on reward models of real choices: with a tiny model on a few choices, and its kept records."""

import numpy as np
import pytest
import torch

from course import trained
from course.intervals import Interval
from course.tasks import choice_results, real_choices
from course.tasks.real_choices import TITLES, ChoicePair, PairSets, choice_pairs
from course.tokenization import ByteLevelBPE
from experiments import reward_models, running
from tests.support.llama import tiny_config, tiny_model

EXPERIMENT = "reward_models"
GOOD, BAD = ("sun", "a warm day", "tea", "a home"), ("mud", "cold", "a grey wall", "rust")


def pairs(first, last):
    """Whatever the question, an answer of `GOOD` is right."""
    return [
        ChoicePair(f"q{n}", f"Question: what is number {n}\nAnswer:", GOOD[n % 4], BAD[(n // 4 + n) % 4])
        for n in range(first, last)
    ]


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Two data sets of a few pairs, a tiny model, and a folder of its own for what a run leaves."""
    tokenizer = ByteLevelBPE.train("Question: Answer: what is number " + " ".join(GOOD + BAD), n_merges=30)
    model = tiny_model(tiny_config(vocab_size=tokenizer.vocab_size, context_length=90))
    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    monkeypatch.setattr(reward_models, "load", lambda _name: (model, tokenizer))
    monkeypatch.setattr(reward_models, "load_tokenizer", lambda _name: tokenizer)
    monkeypatch.setattr(reward_models, "CHOICES", ("one", "two"))
    monkeypatch.setattr(
        reward_models, "choice_pairs", lambda _name: PairSets(pairs(0, 32), pairs(32, 48), pairs(48, 80))
    )
    monkeypatch.setattr(choice_results, "TITLES", {"one": "One", "two": "Two"})
    reward_models.readings.cache_clear()
    yield tmp_path
    reward_models.readings.cache_clear()


def run(name):
    running.run(EXPERIMENT, name, reward_models.recipes()[name], 0)
    return trained.record_of(EXPERIMENT, name)


def test_a_run_leaves_what_the_lesson_reads(small):
    run("length")
    record = run("smollm2")
    found = record["tests"]["two"]
    assert found["pairs"] == 32 and found["accuracy"] + found["error_rate"] == pytest.approx(1)
    counts = trained.items(EXPERIMENT, "smollm2", "two")
    assert counts.errors.shape == (1, 32) and counts.items == "pairs"
    chosen, rejected = (trained.item_scores(EXPERIMENT, "smollm2", "two", side)[0] for side in ("chosen", "rejected"))
    assert (counts.errors[0] == (chosen < rejected)).all()
    assert found["strength"] in reward_models.STRENGTHS and found["training_pairs"] == 32
    assert record["parameters"] == 2 * 32
    assert choice_results.accuracy("smollm2", "two").estimate == pytest.approx(found["accuracy"])


def test_words_of_the_answer_are_enough_where_the_question_says_nothing(small):
    found = run("tfidf")["tests"]["one"]
    assert found["accuracy"] > 0.9 and found["strength"] in reward_models.TFIDF_STRENGTHS


def test_the_longer_answer_wins_and_equal_lengths_count_half(small):
    found = run("length")["tests"]["one"]
    errors = trained.numbers(found["items"]["errors"])
    test = pairs(48, 80)
    assert errors == [0.5 - 0.5 * np.sign(len(one.chosen) - len(one.rejected)) for one in test]
    assert 0.5 in errors and found["accuracy"] == pytest.approx(1 - np.mean(errors))
    assert trained.numbers(found["items"]["group"]) == list(range(32))


def test_the_likelihood_is_what_the_model_reads(small):
    found = run("likelihood")
    assert found["parameters"] == 0 and "strength" not in found["tests"]["one"]
    read = reward_models.read("smollm2", "one", pairs(48, 80), "log_probability")
    kept = trained.item_scores(EXPERIMENT, "likelihood", "one", "chosen")[0]
    np.testing.assert_allclose(kept, read.chosen, atol=1e-4)


def test_controls_train_on_fewer_pairs_or_on_features_without_length(small):
    balanced, fewer, without = (
        run(f"smollm2-{name}")["tests"]["one"] for name in ("balanced", "fewer", "without-length")
    )
    assert balanced["training_pairs"] == fewer["training_pairs"] < without["training_pairs"] == 32
    assert balanced["longer_is_right"] == 0.5 != without["longer_is_right"]
    recipe = reward_models.HeadRecipe("smollm2", "without-length")
    model, _history = recipe.train(0)
    recipe._prepare("one", pairs(0, 32))
    with torch.no_grad():
        rewards = reward_models.Both(*map(model["one"], recipe.x("one", pairs(0, 32))))
    extra = torch.tensor([float(one.extra_length) for one in pairs(0, 32)])
    margin = rewards.chosen - rewards.rejected
    assert abs(torch.dot(margin, extra)) < 1e-3 * margin.norm() * extra.norm()


def test_the_strength_is_chosen_on_validation_and_not_on_the_test(small, monkeypatch):
    before = run("smollm2")["tests"]["one"]
    swapped = [one._replace(chosen=one.rejected, rejected=one.chosen) for one in pairs(48, 80)]
    monkeypatch.setattr(reward_models, "choice_pairs", lambda _name: PairSets(pairs(0, 32), pairs(32, 48), swapped))
    reward_models.readings.cache_clear()
    after = run("smollm2")["tests"]["one"]
    assert after["strength"] == before["strength"]
    assert after["accuracy"] == pytest.approx(before["error_rate"])


def test_the_strength_has_the_least_loss_on_validation(small, monkeypatch):
    tried = (1e-5, 1e-3, 1.0)
    found = {}
    for strengths in (*((each,) for each in tried), tried):
        monkeypatch.setattr(reward_models, "STRENGTHS", strengths)
        found[strengths] = run("smollm2")["tests"]["one"]
    best = min((found[each,]["validation_loss"], each) for each in tried)
    assert (found[tried]["validation_loss"], found[tried]["strength"]) == best
    assert len({found[each,]["validation_loss"] for each in tried}) == 3


def test_a_reward_that_is_the_length_has_all_of_the_bias(small):
    run("length")
    bias = choice_results.length_bias("length", "one")
    assert (bias.longer.estimate, bias.shorter.estimate, bias.gap.estimate) == (1, 0, 1)
    assert bias.correlation.estimate > 0.8
    correlation, gap = choice_results.bias_change("length", "length", "one")
    assert (correlation.low, correlation.high, gap.low, gap.high) == (0, 0, 0, 0)
    assert choice_results.accuracy_difference("length", "length", "one").estimate == 0


def test_the_order_of_two_answers_does_not_change_the_correlation(small, monkeypatch):
    run("length")
    run("likelihood")
    before = choice_results.length_bias("likelihood", "one").correlation.estimate
    turned = [
        one._replace(chosen=one.rejected, rejected=one.chosen) if n % 3 else one for n, one in enumerate(pairs(48, 80))
    ]
    monkeypatch.setattr(reward_models, "choice_pairs", lambda _name: PairSets(pairs(0, 32), pairs(32, 48), turned))
    reward_models.readings.cache_clear()
    run("length")
    run("likelihood")
    assert choice_results.length_bias("likelihood", "one").correlation.estimate == pytest.approx(before, abs=1e-4)


def test_pairs_of_one_question_are_drawn_together():
    rng = np.random.default_rng(0)
    margin, tokens = rng.normal(size=(2, 60))
    right = (margin > 0).astype(float)
    single = choice_results.RankedPairs(right, margin, tokens, tokens, np.arange(60))
    thrice = choice_results.RankedPairs(*(np.repeat(each, 3) for each in single))
    for measure in (choice_results._correlation, choice_results._gap):
        one, three = (choice_results._over_groups(measure(each), each.group) for each in (single, thrice))
        assert one.estimate == pytest.approx(three.estimate)
        assert (one.low, one.high) == pytest.approx((three.low, three.high))
        assert "180 pairs in 60 groups" in three.of


# --- What is kept ---


def test_the_records_are_of_the_pairs_that_the_course_makes():
    for name in TITLES:
        test = choice_pairs(name).test
        chosen = trained.item_scores(EXPERIMENT, "length", name, "chosen")[0]
        assert chosen.tolist() == [len(one.chosen) for one in test]
        groups = trained.item_scores(EXPERIMENT, "length", name, "group")[0]
        n_groups = len({one.about for one in test})
        assert len(set(groups)) == n_groups
        found = choice_results.accuracy("length", name)
        assert found.estimate == pytest.approx(real_choices.longer_is_right(test).mean())
        assert found.of == f"{len(test)} pairs in {n_groups} clusters"


def test_every_model_has_a_record_of_every_data_set():
    table = choice_results.accuracies(choice_results.COMPARED | choice_results.CONTROLS)
    assert list(table) == list(TITLES.values())
    for row in table.values():
        assert all(isinstance(each, Interval) and each.unit == "%" for each in row.values()) and len(row) == 8


def test_a_row_for_each_control():
    rows = choice_results.controls("commonsenseqa")
    assert [row["trained"] for row in rows] == list(choice_results.CONTROLS.values())
    for row, model in zip(rows, choice_results.CONTROLS, strict=True):
        assert row["pairs ranked right"] == choice_results.accuracy(model, "commonsenseqa")
        longer, shorter, gap = (
            row[name].estimate for name in ("the right one is longer", "the right one is shorter", "gap")
        )
        assert longer - shorter == pytest.approx(gap)


@pytest.mark.parametrize("name", [name for name in TITLES if name != "summary-pairs"])
def test_without_length_in_the_features_rewards_go_less_by_length(name):
    correlation, gap = choice_results.bias_change("smollm2-without-length", "smollm2", name)
    assert correlation.high < 0 and gap.high < 0
