"""The base model's script, with a small model and texts: a kill loses little, the record makes the card."""

import json
from dataclasses import replace

import pytest
import torch

from course import trained
from course.gpt import LlamaConfig
from course.tasks import pretraining
from course.tasks.corpus import SPECIAL_TOKENS, Documents
from course.workshop.model_card import card
from experiments import base_model, running

CONFIG = LlamaConfig(280, context_length=64, d_model=8, n_layers=1, n_heads=2, n_kv_heads=1, d_ff=12)


def texts(n, word):
    return [f"The {word} {number} sleeps on mat {number * number}, and ends." for number in range(n)]


@pytest.fixture
def small(tmp_path, monkeypatch):
    """The script with other texts, sizes and folders."""
    documents = {
        name: Documents(texts(40, name), texts(9, f"{name}s"), texts(9, f"old {name}"), left_out=1, near_copies=0)
        for name in ("messages", "reviews")
    }
    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(base_model, "documents", lambda: documents)
    monkeypatch.setattr(base_model, "STEPS", 6)
    monkeypatch.setattr(base_model, "CHECKPOINT_EVERY", 1)
    monkeypatch.setattr(base_model, "EVALUATE_EVERY", 2)
    monkeypatch.setattr(base_model, "PROMPTS", ("The",))
    monkeypatch.setattr(base_model.BaseRecipe, "config", CONFIG)
    learn = pretraining.learn_tokenizer
    monkeypatch.setattr(pretraining, "learn_tokenizer", lambda text: learn(text, CONFIG.vocab_size))
    for cached in (pretraining.base_tokenizer, base_model.ids):
        cached.cache_clear()
    base_model.learn_tokenizer()
    yield replace(base_model.recipes()["gpt"], steps=6)
    for cached in (pretraining.base_tokenizer, base_model.ids):
        cached.cache_clear()


def test_the_tokenizer_is_kept_with_its_command_and_special_tokens(small):
    file = trained.place.FOLDER / "base_model" / "tokenizer.json"
    assert json.loads(file.read_text(encoding="utf-8"))["command"] == "python -m experiments.base_model tokenizer"
    tokenizer = pretraining.base_tokenizer()
    assert tuple(tokenizer.special.ids) == SPECIAL_TOKENS
    assert tokenizer.encode("<|user|>") != [tokenizer.special.ids["<|user|>"]]


@pytest.mark.slow
def test_a_killed_run_goes_on_and_its_record_makes_the_card(small, monkeypatch):
    real, calls = pretraining.continuations, []

    def killed(*arguments, **options):
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*arguments, **options)

    monkeypatch.setattr(pretraining, "continuations", killed)
    with pytest.raises(KeyboardInterrupt):
        small.train(0)
    monkeypatch.setattr(pretraining, "continuations", real)
    running.run("base_model", "gpt", small, 0, keep_weights=True)
    record = trained.record_of("base_model", "gpt")
    assert [one["step"] for one in record["evaluations"]] == [2, 4, 6]
    assert len(record["samples"]) == 3 and record["samples"][-1][0].startswith("The")
    assert record["steps"] == 6 and record["parameters"] == trained.parameters("base_model")["gpt"]
    assert record["sources"]["messages"]["train"]["documents"] == 40
    bits = record["bits_per_byte"]["reviews"]
    assert len(trained.numbers(bits["items"]["bits"])) == 9
    total = sum(trained.numbers(bits["items"]["bits"])) / sum(trained.numbers(bits["items"]["bytes"]))
    assert total == pytest.approx(bits["all"], rel=1e-4)
    assert "| reviews |" in card(record)
    stored = trained.load("base_model/gpt")
    assert isinstance(stored.output.weight, torch.Tensor) and stored.config == CONFIG


@pytest.mark.slow
def test_another_seed_is_another_run(small):
    losses = [small.train(seed)[1].losses for seed in (0, 1)]
    assert losses[0] != losses[1]


def test_a_search_leaves_no_checkpoint(small):
    changed = small.with_setting(small.setting, steps=2)
    model, _history = changed.train(0)
    assert not changed.checkpoint.exists() and changed.validate(model)["validation_loss"] > 0


def test_the_sizes_of_the_base_model():
    model = pretraining.Decoder(pretraining.BASE)
    assert 3e6 < sum(weight.numel() for weight in model.parameters()) < 4e6
    assert base_model.GRID.budget["steps"] < base_model.STEPS
    recipe = base_model.recipes()["gpt"]
    searched = recipe.with_setting(recipe.setting, **base_model.GRID.budget)
    assert (searched.plan.warmup_steps, recipe.plan.warmup_steps) == (20, 600)
