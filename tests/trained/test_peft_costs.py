"""The experiment on what methods cost, with tiny models: what is measured of each, and that it is measured alike."""

import pytest
import torch

from course import peft, trained
from course.fine_tuning import SentenceClassifier
from course.peft import AdaLoRA, BitFit, HoulsbyAdapters, LLaMAAdapter, LoRA, PrefixTuning, PromptTuning
from course.peft.method import Part
from experiments import peft_costs, running
from experiments.peft_costs import Base, Training
from tests.fine_tuning.conftest import tokenizer  # noqa: F401 (fixture)
from tests.support.llama import tiny_config, tiny_model
from tests.trained.test_fine_tuning import small  # noqa: F401 (fixture)

BUDGET = {"n_labels": 8, "epochs": 2, "batch_size": 4}
METHODS = {
    "head": None,
    "full": None,
    "bitfit": BitFit(),
    "lora": LoRA(2),
    "adalora": AdaLoRA(4, 3, 2),
    "prompt": PromptTuning(2),
    "prefix": PrefixTuning(2),
    "llama-adapter": LLaMAAdapter(2),
    "houlsby": HoulsbyAdapters(4),
}
MINILM = Base("minilm", METHODS, BUDGET, timed_steps=2)
SMOLLM2 = Base("smollm2", {name: METHODS[name] for name in ("full", "lora", "adalora", "prompt")}, BUDGET, 2)


@pytest.fixture(autouse=True)
def tiny(small, monkeypatch):  # noqa: F811
    any_recipe = small("full", 8)
    words = any_recipe.new_model(0).tokenizer

    def load(name):
        if name == "minilm":
            return any_recipe.new_model(0).body, words
        return tiny_model(tiny_config(vocab_size=words.vocab_size)), words

    monkeypatch.setattr(peft_costs, "load", load)
    monkeypatch.setattr(peft_costs, "reviews", any_recipe.data)
    monkeypatch.setattr(peft_costs, "LIMIT", 18)
    monkeypatch.setattr(peft_costs, "RANK", 2)
    monkeypatch.setattr(peft_costs, "PROMPTS", ("film {text}",))
    monkeypatch.setattr(peft_costs, "WORDS", {"negative": "dull", "positive": "great"})
    monkeypatch.setattr(peft_costs, "N_ADAPTERS", (1, 3))
    monkeypatch.setattr(peft_costs, "N_SWITCHES", 4)
    monkeypatch.setattr(peft_costs, "N_LOADS", 2)
    monkeypatch.setattr(peft_costs, "in_fresh_process", lambda function, *arguments: function(*arguments))


@pytest.mark.parametrize("base", [MINILM, SMOLLM2], ids=lambda base: base.name)
def test_a_record_has_every_method_and_what_adapters_save(base, monkeypatch):
    monkeypatch.setattr(peft_costs, "MEMORY", 4 * 2 * 20_000)
    running.run(peft_costs.NAME, base.name, peft_costs.CostRecipe(base), 0)
    record = trained.record_of(peft_costs.NAME, base.name)
    assert list(record["methods"]) == list(base.methods)
    for name, found in record["methods"].items():
        assert len(trained.numbers(found["step_seconds"])) == base.timed_steps
        assert found["seconds_per_step"] > 0 and found["times_full"] > 0
        assert 0 < found["process_bytes"] <= found["ready_bytes"] + 4e6 and found["peak_bytes"] > 0
        assert found["head_parameters"] == (34 if base.name == "minilm" else 0), name
    assert record["methods"]["full"]["times_full"] == 1
    sizes = {name: found["trained_parameters"] for name, found in record["methods"].items()}
    assert max(sizes, key=sizes.get) == "full" and sizes["lora"] == sum(
        each.numel() for each in peft.attach(peft_costs.pretrained(base)[0], METHODS["lora"]).parameters().values()
    )
    files = {name: found["file_bytes"] for name, found in record["methods"].items()}
    assert files["full"] > 2 * sizes["full"]
    serving = record["serving"]
    assert {"1", "3"} <= set(serving["adapters_bytes"]) and "1" in serving["copies_bytes"]
    assert set(serving["seconds"]) == {
        "switch",
        "first_prediction",
        "next_prediction",
        "load_adapter",
        "load_full",
    }


def test_methods_take_turns_on_one_frozen_body_and_full_has_its_own(monkeypatch):
    bodies, seen = {}, []
    init, step = Training.__init__, Training.step

    def watched_init(self, base, name, model):
        init(self, base, name, model)
        self.name, bodies[name] = (
            name,
            (model.body, {key: value.clone() for key, value in model.body.state_dict().items()}),
        )

    def watched_step(self, batch):
        parts = [module for module in self.model.body.modules() if isinstance(module, Part)]
        assert self.model.training and bool(parts) == (self.attached is not None)
        assert all(any(part is own for own in self.attached.parts.values()) or part.own() == {} for part in parts)
        seen.append((self.name, batch))
        step(self, batch)

    monkeypatch.setattr(Training, "__init__", watched_init)
    monkeypatch.setattr(Training, "step", watched_step)
    peft_costs.step_seconds(MINILM, 1)
    names, read = zip(*seen, strict=True)
    assert list(names) == list(METHODS) * 2
    assert all(batch is read[0] for batch in read[: len(METHODS)]) and read[0] is not read[-1]
    shared = {id(body) for name, (body, _before) in bodies.items() if name != "full"}
    assert len(shared) == 1 and id(bodies["full"][0]) not in shared
    body, before = bodies["head"]
    assert all(torch.equal(value, before[key]) for key, value in body.state_dict().items())
    full, before = bodies["full"]
    assert not torch.equal(full.embedding.tokens.weight, before["embedding.tokens.weight"])


@pytest.mark.parametrize("name", METHODS)
def test_a_step_is_that_of_fine_tuning(name):
    """Two steps change what is trained, and the file has it."""
    training = Training(MINILM, name, peft_costs.classifier(MINILM, *peft_costs.loaded(MINILM)))
    before = {key: weight.clone() for key, weight in training.trained.items()}
    with training.on():
        for batch in peft_costs.batches(MINILM, training.model, 2):
            training.step(batch)
    changed = {key for key, weight in training.trained.items() if not torch.equal(weight, before[key])}
    assert changed and any(key.startswith("head.") for key in changed)
    assert name == "head" or any(not key.startswith("head.") for key in changed)


def test_a_stored_method_is_loaded_again(tmp_path):
    training = Training(MINILM, "lora", peft_costs.classifier(MINILM, *peft_costs.loaded(MINILM)))
    training.save(tmp_path / "lora.safetensors")
    model = peft_costs.classifier(MINILM, *peft_costs.loaded(MINILM))
    assert isinstance(model, SentenceClassifier)
    assert peft.load(tmp_path / "lora.safetensors", model).method == METHODS["lora"]


def test_adapters_of_one_base_differ_and_leave_it_as_it_was():
    body, _tokenizer = peft_costs.loaded(MINILM)
    before = {name: weight.clone() for name, weight in body.state_dict().items()}
    one, other = (peft_costs.new_adapter(body, seed) for seed in (0, 1))
    assert not one.is_on and not other.is_on
    assert all(torch.equal(weight, before[name]) for name, weight in body.state_dict().items())
    pairs = zip(one.state().values(), other.state().values(), strict=True)
    assert all(not torch.equal(*pair) for pair in pairs) and all(weight.any() for weight in one.state().values())


@pytest.mark.parametrize("measure", [peft_costs.adapters_bytes, peft_costs.copies_bytes])
def test_what_a_first_load_imports_is_no_part_of_a_model(measure, monkeypatch):
    loads, measured = [], []
    load = peft_costs.load
    monkeypatch.setattr(peft_costs, "load", lambda name: loads.append(name) or load(name))
    monkeypatch.setattr(peft_costs, "resident_bytes", lambda: measured.append(len(loads)) or 1000 * len(loads))
    assert measure(MINILM, 2) == 1000 and measured == [1, 2]


def test_weights_in_any_order_of_memory_are_stored(monkeypatch):
    load = peft_costs.load

    def strided(name):
        body, words = load(name)
        weight = body.embedding.tokens.weight
        weight.data = weight.data.T.contiguous().T
        return body, words

    monkeypatch.setattr(peft_costs, "load", strided)
    assert peft_costs.switch_seconds(MINILM, 1).keys() >= {"switch", "load_full"}


def test_full_copies_are_as_many_as_fit(monkeypatch):
    monkeypatch.setattr(peft_costs, "N_ADAPTERS", (1, 8, 64))
    monkeypatch.setattr(peft_costs, "MEMORY", 4000)
    assert peft_costs.copies_that_fit(100) == [1, 8, 10]
    assert peft_costs.copies_that_fit(1) == [1, 8, 64]
    assert peft_costs.copies_that_fit(2000) == [1]


def test_what_is_measured_are_the_methods_and_budgets_of_the_experiment():
    bases = {name: recipe.base for name, recipe in peft_costs.recipes().items()}
    assert set(bases) == {"minilm", "smollm2"}
    assert {"head", "full", "bitfit", "lora", "pfeiffer"} < set(bases["minilm"].methods)
    assert set(bases["smollm2"].methods) == {"full", "lora", "adalora", "prompt", "prefix", "llama-adapter"}
    assert [base.budget["batch_size"] for base in bases.values()] == [16, 4]
