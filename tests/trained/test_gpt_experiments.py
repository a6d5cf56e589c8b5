"""The experiments of lesson 07, with tiny models and texts: their runs, and records that the lesson can read."""

from dataclasses import replace

import pytest
import torch

from course import trained
from course.fine_tuning import LabelledTexts
from course.gpt import Decoder, LlamaConfig
from course.gpt.ablation import CHANGES, ChangedConfig
from course.intervals import difference_of_rates
from course.layers.parameters import count_parameters
from course.tasks.corpus import SPECIAL_TOKENS, Documents
from course.tasks.labelled import LabelledSets
from course.tasks.pretraining import learn_tokenizer
from experiments import decoder_reviews, fine_tuning, gpt_layers, quality_filter, repetition, running
from experiments.search import Setting

TEXTS = [f"The cat number {number} sleeps on mat {number * number}, and ends." for number in range(60)]


@pytest.fixture(scope="module")
def tokenizer():
    return learn_tokenizer(" ".join(TEXTS), 300)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    return tmp_path


@pytest.fixture
def layers(folder, monkeypatch, tokenizer):
    """Two models of the experiment on layers, on other texts."""
    documents = {"encyclopedia": Documents(TEXTS[:40], TEXTS[40:50], TEXTS[50:], left_out=0, near_copies=0)}
    monkeypatch.setattr(gpt_layers, "corpus", lambda *_sources: documents)
    monkeypatch.setattr(gpt_layers, "HELD_OUT", {"validation": 4, "test": 6})
    monkeypatch.setattr("course.tasks.pretraining.base_tokenizer", lambda: tokenizer)
    for cached in (gpt_layers.documents, gpt_layers.held_out):
        cached.cache_clear()
    plain = ChangedConfig(tokenizer.vocab_size, 16, d_model=8, n_layers=2, n_heads=2, d_ff=16)
    changed = replace(plain, changes=CHANGES, n_kv_heads=1)
    setting = Setting(1e-2, 0.0, 4)
    yield {
        name: gpt_layers.LayersRecipe(config, setting, steps=3)
        for name, config in {"gpt2": plain, "modern": changed}.items()
    }
    for cached in (gpt_layers.documents, gpt_layers.held_out):
        cached.cache_clear()


def test_runs_on_layers_leave_bits_of_each_document(layers):
    for name, recipe in layers.items():
        for seed in (0, 1):
            running.run("gpt_layers", name, recipe, seed)
    counts = {name: trained.items("gpt_layers", name, "held-out text", "documents") for name in layers}
    assert counts["gpt2"].errors.shape == (2, 6)
    record = trained.record_of("gpt_layers", "modern")
    found = record["tests"]["held-out text"]
    assert counts["modern"].rates[0] == pytest.approx(found["bits_per_byte"], rel=1e-4)
    assert record["tokens"] == 3 * 4 * 16 and record["parameters"] > 0
    assert "documents" in difference_of_rates(counts["modern"], counts["gpt2"], unit="bits per byte").of
    assert layers["gpt2"].validate(layers["gpt2"].train(0)[0])["validation_loss"] > 0


@pytest.mark.slow
def test_all_models_on_layers_have_the_same_number_of_weights():
    configs = gpt_layers.configs()
    sizes = {name: count_parameters(Decoder(config)) for name, config in configs.items()}
    assert max(sizes.values()) - min(sizes.values()) < 0.001 * sizes["gpt2"]
    assert configs["modern-alternating"].windows == (None, 16) and configs["gpt2"].windows == (None,)


def test_every_filter_is_counted_beside_the_raw_corpus(folder, monkeypatch, tokenizer):
    words = ["one two three four five six seven eight nine ten eleven twelve".replace("o", str(n)) for n in range(60)]
    texts = [f"The cat number {number} sleeps, {word}." for number, word in enumerate(words)]
    documents = {"encyclopedia": Documents(texts[:40], texts[40:50], texts[50:], left_out=0, near_copies=0)}
    monkeypatch.setattr(quality_filter, "corpus", lambda *_sources: documents)
    monkeypatch.setattr("course.tasks.pretraining.base_tokenizer", lambda: tokenizer)
    config = LlamaConfig(tokenizer.vocab_size, 16, d_model=8, n_layers=1, n_heads=2, n_kv_heads=1, d_ff=12)
    monkeypatch.setattr(quality_filter.FilterRecipe, "config", config)
    cached = (quality_filter.texts, quality_filter.kept, quality_filter.held_out)
    for each in cached:
        each.cache_clear()
    for name in ("raw", "words-distinct"):
        recipe = quality_filter.FilterRecipe(name, Setting(1e-2, 0.0, 4), steps=20)
        running.run("quality_filter", name, recipe, 0)
    raw, filtered = (trained.record_of("quality_filter", name) for name in ("raw", "words-distinct"))
    assert list(raw["filters"]) == list(quality_filter.FILTERS) and "filters" not in filtered
    assert raw["filters"]["words-distinct"]["removed"] == filtered["removed"]
    copies = filtered["removed"]["duplicate"]
    assert copies[0] == copies[1] > 0 and raw["documents"] == 20 > filtered["documents"]
    assert raw["tokens"] == filtered["tokens"] == 20 * 4 * 16
    assert raw["tokens_in_corpus"] > filtered["tokens_in_corpus"] > 0
    trained.save_record("quality_filter", "raw", 0, {**raw, "filters": {}, "duplicates": {}})
    quality_filter.count_again()
    assert trained.record_of("quality_filter", "raw") == raw
    assert sum(n for _gone, n in raw["duplicates"].values()) == copies[1]
    for each in cached:
        each.cache_clear()


def test_both_ways_to_a_classifier_are_tested_on_the_same_reviews(folder, monkeypatch, tokenizer):
    config = LlamaConfig(tokenizer.vocab_size, 128, d_model=8, n_layers=1, n_heads=2, n_kv_heads=1, d_ff=12)
    trained.save("base_model/gpt", Decoder(config, torch.Generator().manual_seed(5)), "x")
    monkeypatch.setattr(decoder_reviews, "BASE", config)
    monkeypatch.setattr(decoder_reviews, "base_tokenizer", lambda: tokenizer)
    labels = ["positive", "negative"] * 30
    parts = {"training": slice(0, 20), "validation": slice(20, 30), "test": slice(30, 40)}
    few = LabelledSets(*(LabelledTexts(TEXTS[part], labels[part], role) for role, part in parts.items()))
    monkeypatch.setattr(decoder_reviews, "reviews", lambda: few)
    monkeypatch.setattr(fine_tuning, "SIZES", (4, 8))
    for way in ("pretrained", "scratch"):
        recipe = decoder_reviews.ReviewsRecipe(way, 8, Setting(1e-3, 0.1, 4), epochs=1)
        for seed in (0, 1):
            running.run("decoder_reviews", f"{way}-8", recipe, seed)
    found = [trained.items("decoder_reviews", f"{way}-8", "test", "reviews") for way in ("pretrained", "scratch")]
    assert found[0].errors.shape == found[1].errors.shape == (2, 10)
    losses = [run["training_loss"] for run in trained.results("decoder_reviews")]
    assert len(losses) == 4 and all(0 < loss < 2 for loss in losses)
    first = decoder_reviews.ReviewsRecipe("pretrained", 8, Setting(1e-3, 0.1, 4), epochs=1)
    body, other = first.new_model(3).body, trained.load("base_model/gpt")
    assert torch.equal(body.embedding.tokens.weight, other.embedding.tokens.weight)


def test_control_tokens_are_not_drawn_and_all_texts_have_one_length(monkeypatch, tokenizer):
    config = LlamaConfig(tokenizer.vocab_size, 64, d_model=8, n_layers=1, n_heads=2, n_kv_heads=1, d_ff=12)
    model = Decoder(config, torch.Generator().manual_seed(1)).eval()
    special = [tokenizer.special.ids[token] for token in SPECIAL_TOKENS]
    with torch.no_grad():
        model.output.weight[special] = 100 * model.output.weight[special].abs()  # they would win without the ban
    monkeypatch.setattr(repetition, "load", lambda _name: (model, tokenizer))
    monkeypatch.setattr(repetition, "passages", lambda: [list(range(10, 50)), list(range(20, 60))])
    monkeypatch.setattr(repetition, "N_NEW", 20)
    for way in repetition.WAYS:
        found = repetition.measure(way)
        assert len(trained.numbers(found["repeated"])) == len(trained.numbers(found["human"])) == 2
    drawn = []
    monkeypatch.setattr(repetition, "repeated_ngrams", lambda tokens, n: float(drawn.append(tokens) or 0))
    repetition.measure("temperature-1")
    assert all(len(text) == 20 and not set(text) & set(special) for text in drawn[:2])
    with torch.no_grad():
        assert torch.isfinite(model(torch.tensor([[10, 11]]))).all()  # the ban ends with the block
