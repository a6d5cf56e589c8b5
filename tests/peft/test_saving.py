"""A stored method answers as it did, with its head, and a file that does not fit changes nothing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pytest
import safetensors
import safetensors.torch
import torch
from torch import nn

from course.fine_tuning import TokenClassifier
from course.peft import DoRA, LoRA, Method, Part, PrefixTuning, PromptTuning, attach, load, merge, save, saving
from course.peft.settings import as_json, from_json
from tests.support.adapted import (
    CLASSES,
    MODELS,
    TEXTS,
    TOKENIZER,
    assert_same_numbers,
    attach_disturbed,
    copied,
    disturb_own,
    ids_for,
    tiny_bert,
    tiny_classifier,
    tiny_decoder,
)

METHODS = pytest.mark.parametrize("method", [LoRA, DoRA])


class Counted(Part):
    def __init__(self, base: nn.Module) -> None:
        super().__init__(base)
        self.shift = nn.Parameter(base.weight.new_zeros(base.out_features))
        self.shared = self.shift
        self.register_buffer("steps", torch.tensor(0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.base(x) + self.shift


@dataclass(frozen=True)
class Several(Method):
    """A method of another file, made of others."""

    others: tuple[Method, ...] = ()
    share: float = 0.1
    name: str | None = None

    def parts(self, body: nn.Module, generator: torch.Generator | None = None) -> Mapping[str, Part]:
        torch.rand(3)  # draws from the numbers of all
        return {"blocks.0.attention.query": Counted(body.get_submodule("blocks.0.attention.query"))}


def trained_classifier(method: Method):
    """A classifier whose method and head are no longer as they were drawn, and what it says."""
    model = tiny_classifier()
    attached = attach_disturbed(model, method)
    with torch.no_grad():
        model.head.weight.normal_()
        model.head.bias.normal_()
    return model, attached, model(model.inputs(TEXTS)).detach()


def changed(file, change=None, **metadata):
    """The file with other metadata, or tensors that `change` has changed."""
    with safetensors.safe_open(file, framework="pt") as stored:
        found = stored.metadata()
    tensors = safetensors.torch.load_file(file)
    if change is not None:
        change(tensors)
    safetensors.torch.save_file(tensors, file, {**found, **metadata})


def assert_refused(file, model, message):
    """With this message, and nothing is as it was not before."""
    modules, before, random = list(model.named_modules()), copied(model), torch.get_rng_state()
    with pytest.raises(ValueError, match=message):
        load(file, model)
    assert list(model.named_modules()) == modules
    assert_same_numbers(copied(model), before)
    assert torch.equal(torch.get_rng_state(), random)


@METHODS
def test_a_loaded_classifier_answers_as_the_stored_one_its_head_included(tmp_path, method):
    model, attached, expected = trained_classifier(method(rank=2, alpha=3, targets=["value", "up"]))
    file = tmp_path / "new folder" / "reviews.safetensors"
    save(attached, file)
    other = tiny_classifier()
    assert not torch.allclose(other(other.inputs(TEXTS)), expected)
    random = torch.get_rng_state()
    loaded = load(file, other)
    assert torch.equal(torch.get_rng_state(), random)
    assert torch.equal(other(other.inputs(TEXTS)), expected)
    assert loaded.method == attached.method and hash(loaded.method) == hash(attached.method)
    assert_same_numbers(loaded.state(), attached.state())
    assert_same_numbers(other.head.state_dict(), model.head.state_dict())
    assert {name: each.requires_grad for name, each in loaded.parameters().items()} == dict.fromkeys(
        attached.parameters(), True
    )
    loaded.off()
    attached.off()
    assert_same_numbers(copied(other.body), copied(model.body))


@METHODS
@pytest.mark.parametrize("name", MODELS)
def test_a_method_on_a_model_without_a_head(tmp_path, name, method):
    model = MODELS[name]()
    attached = attach_disturbed(model, method(rank=2, rank_stabilized=True))
    file = tmp_path / "one.safetensors"
    save(attached, file)
    ids = ids_for(model)
    other = MODELS[name]()
    load(file, other)
    assert torch.equal(other(ids), model(ids))
    with torch.no_grad():
        assert torch.equal(other(ids), model(ids))


def test_the_file_holds_what_is_the_methods_and_the_heads(tmp_path):
    _model, attached, _expected = trained_classifier(LoRA(rank=2))
    file = tmp_path / "one.safetensors"
    save(attached, file)
    names = {f"part.{name}" for name in attached.parameters()} | {"head.weight", "head.bias", "base"}
    assert safetensors.torch.load_file(file).keys() == names


@pytest.mark.parametrize("state", ["off", "merged", "beside another", "in half precision"])
def test_what_is_stored_does_not_depend_on_what_is_on(tmp_path, state):
    model, attached, expected = trained_classifier(LoRA(rank=2))
    file, other_file = tmp_path / "one.safetensors", tmp_path / "other.safetensors"
    save(attached, file)
    other = tiny_classifier()
    if state == "off":
        attached.off()
    if state == "merged":
        merge(attached)
    if state == "beside another":
        attach_disturbed(model, LoRA(rank=2, targets=["down"]))
        attach(other, LoRA(rank=1, targets=["up"]))
    if state == "in half precision":
        other.bfloat16()
    save(attached, other_file)
    one, two = (safetensors.torch.load_file(each) for each in (file, other_file))
    one.pop("base"), two.pop("base")
    assert_same_numbers(one, two)
    load(other_file, other)
    close = {"rtol": 0.1, "atol": 0.1} if state == "in half precision" else {"rtol": 1e-5, "atol": 1e-5}
    torch.testing.assert_close(other(other.inputs(TEXTS)).float(), expected, **close)


def test_a_method_of_another_file_is_known_by_its_name(tmp_path):
    model = tiny_classifier()
    method = Several((LoRA(rank=2, targets=["query"]), Several((DoRA(alpha=2.5),))), name="both")
    attached = attach_disturbed(model, method)
    (part,) = attached.parts.values()
    part.steps += 7
    file = tmp_path / "one.safetensors"
    save(attached, file)
    other = tiny_classifier()
    random = torch.get_rng_state()
    loaded = load(file, other)
    assert torch.equal(torch.get_rng_state(), random)
    assert loaded.method == method
    (its,) = loaded.parts.values()
    assert its.steps == 7 and its.shared is its.shift
    assert torch.equal(other(other.inputs(TEXTS)), model(model.inputs(TEXTS)))


@pytest.mark.parametrize(
    "method", [LoRA(), LoRA(3, 0.5, ("up",), 0.25, True), DoRA(rank=1), Several((LoRA(), DoRA()), 1e-30, "Größe")]
)
def test_settings_come_back_as_they_were(method):
    assert from_json(as_json(method)) == method


def test_a_setting_that_cannot_be_stored_is_refused_before_there_is_a_file(tmp_path):
    model = tiny_bert()
    attached = attach(model, Several((), name=None))
    object.__setattr__(attached.method, "name", torch.ones(1))
    with pytest.raises(TypeError, match="cannot be stored"):
        save(attached, tmp_path / "folder" / "one.safetensors")
    assert not list(tmp_path.iterdir())


def base(**changes):
    return tiny_bert(**{"vocab_size": TOKENIZER.vocab_size, **changes})


def token_classifier():
    return TokenClassifier(base(), TOKENIZER, CLASSES)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: tiny_classifier(base(seed=1)), "another base: its frozen weights"),
        (lambda: tiny_classifier(base(n_layers=3)), "another base"),
        (lambda: tiny_classifier(base(d_model=24, n_heads=2)), "another base"),
        (lambda: tiny_classifier(base(), ("good", "bad")), r"its classes is \['bad', 'good'\], .*\['good', 'bad'\]"),
        (lambda: tiny_classifier(base(), ("bad", "good", "new")), "another model: its classes"),
        (lambda: tiny_classifier(base(), pooling="first"), "its pooling is 'mean', this model's 'first'"),
        (token_classifier, "its kind is 'SentenceClassifier', this model's 'TokenClassifier'"),
        (base, "its kind is 'SentenceClassifier', this model's 'Bert'"),
        (lambda: tiny_decoder("llama"), "this model's 'Decoder'"),
    ],
)
def test_a_file_of_another_model_changes_nothing(tmp_path, make, message):
    _model, attached, _expected = trained_classifier(LoRA(rank=2))
    file = tmp_path / "one.safetensors"
    save(attached, file)
    assert_refused(file, make(), message)


def test_a_file_without_a_head_is_not_for_a_classifier_but_for_its_body(tmp_path):
    attached = attach_disturbed(base(), LoRA(rank=2))
    file = tmp_path / "one.safetensors"
    save(attached, file)
    model = tiny_classifier()
    assert_refused(file, model, "its kind is 'Bert', this model's 'SentenceClassifier'")
    load(file, model.body)
    assert any(isinstance(module, Part) for module in model.modules())


def test_where_another_method_is_nothing_changes(tmp_path):
    _model, attached, _expected = trained_classifier(LoRA(rank=2))
    file = tmp_path / "one.safetensors"
    save(attached, file)
    model = tiny_classifier()
    first = attach_disturbed(model, LoRA(rank=2))
    assert_refused(file, model, "already has a LoRALinear")
    first.off()
    load(file, model)


def without(name):
    return {"change": lambda tensors: tensors.pop(name)}


def cut(name):
    return {"change": lambda tensors: tensors.update({name: tensors[name][:1].clone()})}


QUERY = "part.blocks.0.attention.query"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": json.dumps({"method": "LoRa"})}, "there is no method 'LoRa'; there is: .*DoRA.*LoRA"),
        ({"method": json.dumps({"rank": 2})}, "there is no method None"),
        ({"method": json.dumps([1])}, "damaged"),
        ({"method": "{"}, "damaged"),
        ({"method": json.dumps({"method": "LoRA", "depth": 3})}, "damaged.*depth"),
        ({"method": json.dumps({"method": "LoRA", "rank": 0})}, "damaged.*rank is 0"),
        (
            {"method": json.dumps({"method": "LoRA", "rank": 3})},
            rf"its {QUERY}\.down has the shape \(2, 16\), .*\(3, 16\)",
        ),
        ({"method": json.dumps({"method": "LoRA", "rank": 2, "targets": ["gate"]})}, "has no layer 'gate'"),
        ({"method": json.dumps({"method": "LoRA", "rank": 2, "targets": ["query"]})}, "this model's None"),
        ({"model": "{"}, "damaged"),
        ({"model": "[]"}, "damaged"),
        ({"method": "[" * 100_000}, "damaged"),
        ({"change": lambda tensors: tensors.update(base=tensors["base"] * torch.nan)}, "another base"),
        (without("base"), "damaged.*a part of it is missing"),
        (without("head.bias"), "its head.bias has the shape None"),
        (without(f"{QUERY}.up"), rf"its {QUERY}\.up has the shape None, this model's \(16, 2\)"),
        (cut(f"{QUERY}.up"), rf"its {QUERY}\.up has the shape \(1, 2\)"),
        (cut("head.weight"), r"its head\.weight has the shape \(1, 16\)"),
    ],
)
def test_a_file_that_was_changed_changes_nothing(tmp_path, changes, message):
    _model, attached, _expected = trained_classifier(LoRA(rank=2))
    file = tmp_path / "one.safetensors"
    save(attached, file)
    changed(file, **changes)
    assert_refused(file, tiny_classifier(), message)


@pytest.mark.parametrize("damage", ["half", "empty", "text", "other safetensors", "no metadata"])
def test_a_damaged_file_changes_nothing(tmp_path, damage):
    _model, attached, _expected = trained_classifier(LoRA(rank=2))
    file = tmp_path / "one.safetensors"
    save(attached, file)
    whole = file.read_bytes()
    if damage in ("half", "empty", "text"):
        file.write_bytes({"half": whole[: len(whole) // 2], "empty": b"", "text": b"no tensors at all"}[damage])
    else:
        safetensors.torch.save_file({"a": torch.ones(2)}, file, {"b": "c"} if damage == "other safetensors" else None)
    assert_refused(file, tiny_classifier(), r"one\.safetensors is damaged, or no method")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none.safetensors", tiny_classifier())


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    _model, attached, _expected = trained_classifier(LoRA(rank=2))
    file = tmp_path / "one.safetensors"
    save(attached, file)
    whole = file.read_bytes()
    disturb_own(attached, seed=3)

    def fail(tensors, fresh, metadata):
        fresh.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(saving, "save_tensors", fail)
    with pytest.raises(OSError, match="No space"):
        save(attached, file)
    assert file.read_bytes() == whole
    assert [each.name for each in tmp_path.iterdir()] == ["one.safetensors"]


def test_half_precision_is_for_numbers_of_floating_point_and_those_that_fit(tmp_path):
    file = tmp_path / "one.safetensors"
    model = tiny_classifier()
    attached = attach_disturbed(model, Several())
    (part,) = attached.parts.values()
    part.steps += 4097  # no number of half precision
    save(attached, file, torch.float16)
    whole = file.read_bytes()
    (its,) = load(file, tiny_classifier()).parts.values()
    assert its.steps == 4097
    for dtype in (torch.int8, torch.bool):
        with pytest.raises(TypeError, match=f"dtype is {dtype}; give a floating-point type"):
            save(attached, file, dtype)
    with torch.no_grad():
        part.shift[0] = 70_000
    with pytest.raises(ValueError, match=r"query\.shift has numbers up to 7e\+04, too large for torch\.float16"):
        save(attached, file, torch.float16)
    assert file.read_bytes() == whole
    save(attached, str(file), torch.bfloat16)
    (its,) = load(str(file), tiny_classifier()).parts.values()
    assert its.shift[0] == torch.tensor(70_000.0).bfloat16()


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    "make",
    [
        lambda: LoRA(rank=np.int64(2), alpha=np.float32(3), rank_stabilized=np.bool_(True)),
        lambda: PromptTuning(3, np.array([1, 2])),
        lambda: PrefixTuning(2, start=torch.tensor([1, 2])),
        lambda: PrefixTuning(2, start=[np.int64(1), 2]),
    ],
)
def test_numbers_of_numpy_and_of_tensors_are_stored_as_numbers(make, tmp_path):
    method = make()
    save(attach(tiny_classifier(), method), tmp_path / "one")
    assert load(tmp_path / "one", tiny_classifier()).method == method
    assert from_json(as_json(method)) == method and hash(method)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(IsADirectoryError):
        load(tmp_path, tiny_classifier())
