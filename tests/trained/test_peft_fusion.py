"""The experiment on AdapterFusion, with a tiny body in the place of MiniLM: both stages, what is kept of them."""

import pytest
import torch

from course import peft, trained
from course.fine_tuning import LabelledTexts, predict_logits
from course.peft import AdapterFusion, PfeifferAdapters, record_fusion
from course.peft.adapter_attention import fusion_layers
from course.tasks.labelled import LabelledSets
from experiments import peft_fusion, running
from experiments.search import Setting
from tests.fine_tuning.conftest import BAD, GOOD, tokenizer  # noqa: F401 (fixture)
from tests.trained.test_fine_tuning import small  # noqa: F401 (fixture)

FEW = Setting(1e-2, 0.1, 4)
SECOND = ("continued", "fused", "fused-alone")


def three_sets(texts, labels):
    parts = {
        "training": range(0, len(texts), 3),
        "validation": range(1, len(texts), 3),
        "test": range(2, len(texts), 3),
    }
    return LabelledSets(
        *(LabelledTexts([texts[i] for i in some], [labels[i] for i in some], role) for role, some in parts.items())
    )


def name_sets():
    words = [[*text.split(), "Indeed"] for text in GOOD + BAD for _ in range(3)]
    return three_sets(words, [["B-MOVIE" if word == "film" else "O" for word in text] for text in words])


def question_sets():
    pairs = [(word, text) for text in GOOD + BAD for word in ("film", "story", "long")]
    return three_sets(pairs, ["positive" if word in text else "negative" for word, text in pairs])


@pytest.fixture
def recipes(small, monkeypatch):  # noqa: F811
    any_recipe = small("full", 8)
    words = any_recipe.new_model(0).tokenizer
    monkeypatch.setattr(peft_fusion, "load", lambda _name: (small("full", 8).new_model(0).body, words))
    monkeypatch.setattr(peft_fusion, "reviews", any_recipe.data)
    monkeypatch.setattr(peft_fusion, "names", name_sets)
    monkeypatch.setattr(peft_fusion, "some_questions", question_sets)
    monkeypatch.setattr(peft_fusion, "ADAPTERS", PfeifferAdapters(4))
    monkeypatch.setattr(peft_fusion, "LIMIT", 20)
    monkeypatch.setattr(peft_fusion, "PAIR_LIMIT", 12)
    found = peft_fusion.recipes()
    for recipe in found.values():
        recipe.setting, recipe.epochs, recipe.n_labels = FEW, 2, 8
    return found


def run(name, recipe, seed=0, **options):
    running.run(peft_fusion.NAME, name, recipe, seed, **options)
    return trained.record_of(peft_fusion.NAME, name, seed)


@pytest.fixture
def sources(recipes):
    """The records of the first stage, whose adapters are stored."""
    return {name: run(name, recipes[name], keep_weights=True) for name in peft_fusion.SOURCES}


def test_without_sources_the_command_that_trains_them_is_named(recipes):
    for name in SECOND:
        with pytest.raises(
            FileNotFoundError, match=r"Train the sources first: .* reviews reviews-again names boolq --s"
        ):
            recipes[name].new_model(0)


def test_each_stage_trains_what_is_its_own_for_as_many_steps(recipes, sources):
    found = {**sources, **{name: run(name, recipes[name]) for name in SECOND}}
    assert {record["steps"] for record in found.values()} == {4}
    of_adapters = 2 * (2 * 16 * 4 + 16 + 4)
    of_attention = 2 * (3 * 16 * 16 + 2 * 16)
    counts = {name: record["trained_parameters"] for name, record in found.items()}
    assert {counts.pop(name) for name in ("fused", "fused-alone")} == {of_attention}
    assert set(counts.values()) == {of_adapters}
    assert {name: record["head_parameters"] for name, record in found.items()} == dict.fromkeys(found, 34) | {
        "names": 51
    }
    assert all("accuracy" in record["tests"]["test"] for record in found.values())
    for name, record in found.items():  # docs/experiments.md has a row for each
        counts = trained.items(peft_fusion.NAME, name, "test")
        assert counts.errors.shape == (1, 12) and counts.items == "texts"
        assert counts.rates[0] == pytest.approx(record["tests"]["test"]["error_rate"])


def test_the_second_stage_starts_from_the_adapters_and_the_head_of_the_first(recipes, sources):
    first = peft_fusion.source("reviews", *peft_fusion.load("minilm"))
    continued = recipes["continued"].new_model(1)
    texts = peft_fusion.reviews().test.texts
    assert torch.equal(predict_logits(continued, texts), predict_logits(first.model, texts))
    for name, of in (("fused", ("reviews", "names", "boolq")), ("fused-alone", ("reviews", "reviews-again"))):
        model = recipes[name].new_model(1)
        assert torch.equal(model.head.weight, first.model.head.weight)
        attached = recipes[name].attached
        assert isinstance(attached.method, AdapterFusion) and len(attached.method.adapters) == len(of)
        for number, each in enumerate(of):
            stored = peft_fusion.source(each, *peft_fusion.load("minilm")).state()
            for place, part in attached.parts.items():
                for tensor, value in part.adapters[number].state_dict().items():
                    assert torch.equal(value, stored[f"{place}.adapter.{tensor}"])
        trainable = {name for name, weight in model.named_parameters() if weight.requires_grad}
        assert all(name.startswith("head.") or ".attention." in name for name in trainable) and trainable


def test_training_leaves_the_fused_adapters_as_they_were_and_draws_by_the_seed(recipes, sources):
    recipe = recipes["fused"]
    before = recipe.new_model(0)
    adapters = [
        weight.clone() for weight in recipe.attached.parts["blocks.0.feed_forward_residual"].adapters.parameters()
    ]
    after, _history = recipe.train(0)
    part = recipe.attached.parts["blocks.0.feed_forward_residual"]
    assert all(torch.equal(*pair) for pair in zip(part.adapters.parameters(), adapters, strict=True))
    pairs = zip(fusion_layers(before), fusion_layers(after), strict=True)
    assert all(not torch.equal(one.query.weight, other.query.weight) for one, other in pairs)
    one, other = (fusion_layers(recipe.new_model(seed))[0].query.weight for seed in (0, 1))
    assert not torch.equal(one, other)


def test_the_penalty_is_a_part_of_the_loss_of_the_second_stage(recipes, sources, monkeypatch):
    _model, history = recipes["fused"].train(0)
    monkeypatch.setattr(peft_fusion, "fusion_penalty", lambda _model: torch.tensor(100.0))
    _model, penalized = recipes["fused"].train(0)
    assert penalized.losses[0] == pytest.approx(history.losses[0] + 100, abs=0.1)


def test_the_second_source_of_the_reviews_has_the_same_texts_and_another_seed(recipes, sources):
    assert recipes["reviews-again"].seed_shift == 1
    one, other = (
        peft_fusion.source(name, *peft_fusion.load("minilm")).state() for name in ("reviews", "reviews-again")
    )
    assert any(not torch.equal(one[name], other[name]) for name in one)
    task = peft_fusion.tasks()["reviews"]
    assert peft_fusion.training_texts(task, 8) == peft_fusion.training_texts(task, 8)


def test_where_the_attention_looks_is_the_mean_over_the_tokens_of_the_test(recipes, sources):
    record = run("fused", recipes["fused"])
    found = record["attention"]
    names = ["reviews", "names", "boolq"]
    assert record["sources"] == list(found["layers"]) == list(found["texts"]) == names
    of_layers = torch.tensor([trained.numbers(found["layers"][name]) for name in names])
    of_texts = torch.tensor([trained.numbers(found["texts"][name]) for name in names])
    assert of_layers.shape == (3, 2) and of_texts.shape == (3, 12)
    for each in (of_layers, of_texts):
        torch.testing.assert_close(each.sum(dim=0), torch.ones(each.shape[1]), atol=2e-4, rtol=0)
    assert len(trained.numbers(record["value_change"])) == 2
    # Each text alone, without padding, gives the same.
    recipe = recipes["fused"]
    model, _history = recipe.train(0)
    trained.round_weights(model)
    logits, _weights, _lengths = peft_fusion.logits_and_attention(model, peft_fusion.reviews().test.texts)
    assert torch.equal(logits, predict_logits(model, peft_fusion.reviews().test.texts))
    alone, lengths = [], []
    for text in peft_fusion.reviews().test.texts:
        with torch.no_grad(), record_fusion(model) as weights:
            model(model.inputs([text]))
        alone.append(torch.stack([layer[0] for layer in weights]))  # [layer, token, adapter]
        lengths.append(alone[-1].shape[1])
    expected = torch.cat(alone, dim=1).mean(dim=1).T
    torch.testing.assert_close(of_layers, expected, atol=2e-4, rtol=0)
    by_text = torch.stack([each.mean(dim=(0, 1)) for each in alone], dim=1)
    torch.testing.assert_close(of_texts, by_text, atol=2e-4, rtol=0)
    assert len(set(lengths)) > 1, "so padding was there"


def test_some_reviews_are_kept_piece_by_piece(recipes, sources):
    record = run("fused-alone", recipes["fused-alone"])
    assert len(record["shown"]) == peft_fusion.N_SHOWN
    for shown in record["shown"]:
        assert shown["pieces"][0] == "[CLS]" and shown["pieces"][-1] == "[SEP]"
        weights = torch.tensor(
            [[trained.numbers(layer) for layer in shown["weights"][name]] for name in ("reviews", "reviews-again")]
        )
        assert weights.shape == (2, 2, len(shown["pieces"]))
        torch.testing.assert_close(weights.sum(dim=0), torch.ones(weights.shape[1:]), atol=2e-3, rtol=0)


def test_only_the_sources_are_stored_and_give_their_records_again(recipes, sources, tmp_path):
    for name in SECOND:
        run(name, recipes[name])
    stored = sorted(file.stem for file in (tmp_path / peft_fusion.NAME).glob("*.safetensors"))
    assert stored == sorted(peft_fusion.SOURCES)
    for name, record in sources.items():
        attached = peft_fusion.source(name, *peft_fusion.load("minilm"))
        task = peft_fusion.tasks()[peft_fusion.SOURCES[name][0]]
        assert peft_fusion.measures(task, attached.model)["error_rate"] == record["tests"]["test"]["error_rate"]
        assert isinstance(attached.method, PfeifferAdapters) and peft.count(attached) == record["trained_parameters"]


def test_the_search_reads_no_test_text(recipes, sources, monkeypatch):
    data = peft_fusion.reviews()
    monkeypatch.setattr(peft_fusion, "reviews", lambda: data._replace(test=None))
    for name in (*SECOND, "reviews"):
        changed = recipes[name].with_setting(Setting(2e-3, 0.1, 4), epochs=0.5)
        model, history = changed.train(0)
        assert len(history.losses) == 1 and history.learning_rates[0] == 2e-3
        assert set(changed.validate(model)) == {"validation_error", "validation_loss"}


def test_sources_have_the_rate_that_was_found_for_their_adapters(tmp_path, monkeypatch):
    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    assert {peft_fusion.recipes()[name].setting[0] for name in peft_fusion.SOURCES} == {1e-3}
    for rate, error in ((5e-4, 0.3), (1e-3, 0.3), (2e-3, 0.2), (4e-3, 0.3)):
        row = {"model": "pfeiffer", "learning_rate": rate, "dropout": 0.1, "batch_size": 16, "epochs": 1.5}
        trained.add_to_search("peft_methods", row | {"validation_error": error, "validation_loss": error})
    found = peft_fusion.recipes()
    assert {found[name].setting[0] for name in peft_fusion.SOURCES} == {2e-3}
    assert {found[name].epochs for name in found} == {1.5}
    for rate, error in ((2e-4, 0.3), (4e-4, 0.2), (8e-4, 0.3)):
        row = {"model": "fused", "learning_rate": rate, "dropout": 0.1, "batch_size": 16, "epochs": 0.75}
        trained.add_to_search("peft_fusion", row | {"validation_error": error, "validation_loss": error})
    assert peft_fusion.recipes()["fused"].setting[0] == 4e-4 and peft_fusion.recipes()["fused"].epochs == 1.5
