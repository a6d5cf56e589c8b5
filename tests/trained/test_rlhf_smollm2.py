"""The experiment on RLHF with SmolLM2: with a tiny model and few prompts, and that its kept record holds together."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from course import trained
from course.data.splits import draw
from course.intervals import mean_difference
from course.rlhf import Responses, as_responses
from course.tasks.review_continuations import Beginning, Beginnings
from course.tokenization import ByteLevelBPE
from experiments import rlhf_smollm2, running
from tests.support.llama import tiny_config, tiny_model
from tests.support.other_device import OTHER, here, other_device, there

EXPERIMENT = "rlhf_smollm2"
WORDS = ("a warm film about", "the plot is so", "not a good film", "one of those films")
N_TEST = 8
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")


def brightness(texts):
    """A gold that counts letters: nobody has to load the classifier."""
    return torch.tensor([float(text.count("a") + text.count("e")) for text in texts])


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A tiny model with a vocabulary of its own, few prompts, another gold, and a folder for the record."""
    text = " ".join([rlhf_smollm2.REQUEST, *WORDS, "user assistant system"])
    tokenizer = ByteLevelBPE.train(text, n_merges=20, special_tokens=SPECIAL)
    beginnings = Beginnings(
        *(tuple(Beginning(f"{words} {n}", "and so on") for words in WORDS for n in some) for some in ("12", "34", "56"))
    )
    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    monkeypatch.setattr(
        rlhf_smollm2,
        "load",
        lambda _name: (tiny_model(tiny_config(vocab_size=tokenizer.vocab_size, context_length=96)), tokenizer),
    )
    monkeypatch.setattr(rlhf_smollm2, "load_tokenizer", lambda _name: tokenizer)
    monkeypatch.setattr(rlhf_smollm2, "beginnings", lambda: beginnings)
    monkeypatch.setattr(rlhf_smollm2, "gold_scores", brightness)
    monkeypatch.setattr(rlhf_smollm2, "N_TEST", N_TEST)
    monkeypatch.setattr(rlhf_smollm2, "ROWS", 3)
    clear()
    yield tokenizer
    clear()


def clear():
    rlhf_smollm2.tokenizer.cache_clear()
    rlhf_smollm2.opening.cache_clear()


def quick(**changes):
    settings = replace(rlhf_smollm2.SETTINGS, n_responses=8, **changes)
    return replace(rlhf_smollm2.recipes()["grpo"], settings=settings, steps=2)


def test_a_run_leaves_its_curve_and_each_item_of_both_tests(small):
    running.run(EXPERIMENT, "grpo", quick(learning_rate=0.1), 0)
    record = trained.record_of(EXPERIMENT, "grpo")
    curve = {name: trained.numbers(line) for name, line in record["curve"].items()}
    assert curve["number"] == [1, 2] and record["steps"] == 2
    assert curve["kl"][0] == pytest.approx(0, abs=1e-4) and curve["first_ratio"] == pytest.approx([1, 1], abs=1e-4)
    assert list(record["texts"]) == ["1", "2"] and len(record["texts"]["1"]) == 2, "a text of each group"
    for test in record["tests"].values():
        for measure, line in test["items"].items():
            assert len(trained.numbers(line)) == N_TEST
            assert np.mean(trained.numbers(line)) == pytest.approx(test[measure], abs=1e-3)
    assert set(trained.numbers(record["tests"]["reference"]["items"]["kl"])) == {0.0}
    assert record["gained"]["gold"]["estimate"] != 0, "the test needs a difference"
    both = (record["tests"][name]["gold"] for name in ("trained", "reference"))
    assert record["gained"]["gold"]["estimate"] == pytest.approx(np.subtract(*both), abs=1e-3)


def test_the_reference_shares_the_frozen_weights_and_has_no_lora(small):
    recipe = quick(learning_rate=0.1)
    policy, _history = recipe.train(0)
    own = {id(weight) for weight in recipe.attached.parameters().values()}
    shared = {id(weight) for weight in policy.parameters()} - own
    assert {id(weight) for weight in recipe.reference.parameters()} == shared
    assert len(own) == 2 * 2 * len(policy.blocks), "A and B, of queries and values"
    ids = torch.tensor([[5, 6, 7]])
    fresh, _attached, _reference = rlhf_smollm2.new_policy(0)
    with torch.no_grad():
        torch.testing.assert_close(recipe.reference(ids), fresh(ids))
        assert (policy(ids) - fresh(ids)).abs().max() > 1e-3, "it has learned"


def test_a_prompt_is_the_request_and_the_beginning_of_the_answer(small):
    text = small.decode(rlhf_smollm2.prompt_ids(WORDS[0]))
    asked = f"<|im_start|>user\n{rlhf_smollm2.REQUEST}<|im_end|>\n<|im_start|>assistant\n"
    assert text == asked + WORDS[0], "without a system message"


def test_a_review_is_the_first_words_and_the_response_without_special_tokens(small):
    end, begin = small.special.ids["<|im_end|>"], small.special.ids["<|im_start|>"]
    answers = [[*small.encode(" love\n\n it"), end], [begin, *small.encode(" me"), end]]
    prompts = [rlhf_smollm2.prompt_ids(words) for words in WORDS[:2]]
    responses = as_responses(prompts, answers, pad_id=small.special.ids["<|endoftext|>"])
    assert rlhf_smollm2.review_texts(responses) == [f"{WORDS[0]} love it", f"{WORDS[1]} me"]
    assert rlhf_smollm2.reward(responses).tolist() == brightness(rlhf_smollm2.review_texts(responses)).tolist()


def test_the_reward_is_where_the_responses_are(small):
    responses = as_responses([rlhf_smollm2.prompt_ids(WORDS[0])], [small.encode(" tea")], pad_id=0)
    with other_device():
        moved = rlhf_smollm2.reward(Responses(*there(tuple(responses))))
    assert moved.device == OTHER and torch.equal(here(moved), rlhf_smollm2.reward(responses))


@pytest.mark.slow
@pytest.mark.parametrize("record", trained.results(EXPERIMENT), ids=lambda record: f"seed {record['seed']}")
def test_the_kept_records_hold_together(record):
    tests = record["tests"]
    gold = {name: trained.numbers(test["items"]["gold"]) for name, test in tests.items()}
    assert {len(values) for values in gold.values()} == {rlhf_smollm2.N_TEST}
    assert record["steps"] == rlhf_smollm2.ITERATIONS == len(trained.numbers(record["curve"]["score"]))
    assert record["trained_parameters"] == 460_800
    interval = mean_difference(gold["trained"], gold["reference"])
    found = record["gained"]["gold"]
    assert (found["estimate"], found["low"], found["high"]) == pytest.approx(
        (interval.estimate, interval.low, interval.high), abs=1e-3
    )


@pytest.mark.slow
def test_no_test_prompt_is_in_the_training_set():
    beginnings = rlhf_smollm2.beginnings()
    training = {one.words for one in beginnings.training}
    assert not training & {one.words for one in draw(beginnings.test, rlhf_smollm2.N_TEST, seed=1)}
