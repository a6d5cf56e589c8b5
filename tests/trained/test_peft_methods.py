"""The experiment on parameter-efficient methods, with a tiny body in the place of MiniLM: its runs, what is kept."""

import pytest
import torch

from course import peft, trained
from course.fine_tuning import WordClassifier, predict_logits
from course.peft import AdaLoRA, LoRA, PromptTuning
from experiments import peft_methods, running
from experiments.search import Setting
from tests.fine_tuning.conftest import tokenizer  # noqa: F401 (fixture)
from tests.support.llama import tiny_config, tiny_model
from tests.trained.test_fine_tuning import small  # noqa: F401 (fixture)

FEW = Setting(1e-2, 0.1, 4)
METHODS = {"head": None, "full": None, "lora": LoRA(2), "adalora": AdaLoRA(4, 3, 2), "prompt": PromptTuning(2)}


@pytest.fixture
def recipes(small, monkeypatch):  # noqa: F811
    data = small("full", 8).data
    monkeypatch.setattr(peft_methods, "load", lambda _name: (small("full", 8).new_model(0).body, data_tokenizer(small)))
    monkeypatch.setattr(peft_methods, "reviews", data)
    monkeypatch.setattr(peft_methods, "LIMIT", 20)
    return {name: peft_methods.MethodRecipe(name, method, FEW, 2, 8) for name, method in METHODS.items()}


def data_tokenizer(small):  # noqa: F811
    return small("full", 8).new_model(0).tokenizer


def run(name, recipe, seed=0, **options):
    running.run(peft_methods.NAME, name, recipe, seed, **options)
    return trained.record_of(peft_methods.NAME, name, seed)


def test_each_way_trains_what_is_its_own_for_as_many_steps(recipes):
    found = {name: run(name, recipe) for name, recipe in recipes.items()}
    assert {record["steps"] for record in found.values()} == {4}
    assert {record["head_parameters"] for record in found.values()} == {34}
    counts = {name: record["trained_parameters"] for name, record in found.items()}
    assert counts["head"] == 0 and counts["prompt"] == 2 * 16 and counts["lora"] == 2 * 2 * 2 * 2 * 16
    assert counts["full"] > counts["adalora"] > counts["lora"]
    assert trained.numbers(found["adalora"]["allocated_after"]) == [0, 1, 2, 3, 4]
    ranks = torch.tensor([trained.numbers(each) for each in found["adalora"]["ranks"].values()])
    assert ranks[:, -1].sum() == 2 * 4 < ranks[:, 0].sum()


def test_a_stored_method_gives_the_record_again(recipes, tmp_path):
    record = run("lora", recipes["lora"], keep_weights=True)
    model = recipes["lora"].frozen_model(torch.Generator())
    peft.load(tmp_path / peft_methods.NAME / "lora.safetensors", model)
    test = peft_methods.reviews().test
    wrong = predict_logits(model, test.texts).argmax(dim=1) != torch.tensor(
        [label == "positive" for label in test.labels]
    )
    assert wrong.int().tolist() == trained.numbers(record["tests"]["test"]["items"]["errors"])
    run("full", recipes["full"], keep_weights=True)
    assert not (tmp_path / peft_methods.NAME / "full.safetensors").exists()


def test_a_language_model_is_asked_with_the_prompt_that_is_best_on_validation(recipes, monkeypatch):
    words = peft_methods.load("minilm")[1]
    body = tiny_model(tiny_config(vocab_size=words.vocab_size))
    monkeypatch.setattr(peft_methods, "load", lambda _name: (body, words))
    monkeypatch.setattr(peft_methods, "LIMIT", 40)
    monkeypatch.setattr(peft_methods, "N_VALIDATION", 8)
    monkeypatch.setattr(peft_methods, "N_TEST", 8)
    monkeypatch.setattr(peft_methods, "PROMPTS", ("film {text}", "{text} story"))
    for cached in (peft_methods.some_reviews, peft_methods.best_prompt):
        cached.cache_clear()
    try:
        record = run("smollm2-hard", peft_methods.AskedRecipe("hard", None, FEW, 1, 8))
        assert record["trained_parameters"] == 0
        assert (record["steps"], record["prompt"]) == (0, peft_methods.best_prompt())
        scores = {}
        for prompt in peft_methods.PROMPTS:
            model = WordClassifier(body, words, peft_methods.WORDS, prompt=prompt, limit=40)
            found = peft_methods.validation_of(model, peft_methods.some_reviews().validation)
            scores[prompt] = (found["validation_error"], found["validation_loss"])
        assert record["prompt"] == min(scores, key=scores.__getitem__)
        trained_too = run("smollm2-lora", peft_methods.AskedRecipe("lora", LoRA(2), FEW, 1, 8))
        assert trained_too["steps"] == 2 and trained_too["head_parameters"] == 0
    finally:
        for cached in (peft_methods.some_reviews, peft_methods.best_prompt):
            cached.cache_clear()
