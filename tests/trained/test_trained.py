"""The experiments' results: weights and records agree, and a missing one gives a clear error."""

import json
import os
from collections import Counter

import pytest
import safetensors
import torch

from course import peft, trained
from course.evaluation import Spread
from course.gpt import Decoder, GPT2Config, LlamaConfig
from course.seq2seq import Seq2Seq, Seq2SeqConfig
from course.tasks import date_task, error_rate, evaluate
from course.trained.place import FOLDER
from course.transformer import CausalTransformer, Transformer, TransformerConfig
from tests.support.stored import is_method

FILES = sorted(FOLDER.glob("*/*.safetensors"))
STORED = [str(file.relative_to(FOLDER).with_suffix("")) for file in FILES if not is_method(file)]
METHODS = [file for file in FILES if is_method(file)]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    return tmp_path


def make(kind):
    sizes = TransformerConfig(9, 9, d_model=8, n_heads=2, d_ff=8, n_layers=1, context_length=8, shared_embeddings=True)
    generator = torch.Generator().manual_seed(0)
    if kind is Seq2Seq:
        return Seq2Seq(Seq2SeqConfig(9, 9, d_embedding=4, d_hidden=4, attention="general"), generator)
    if kind is GPT2Config:
        return Decoder(GPT2Config(9, 8, d_model=8, n_layers=1, n_heads=2, d_ff=8), generator)
    if kind is LlamaConfig:
        return Decoder(LlamaConfig(9, 8, d_model=8, n_layers=1, n_heads=2, n_kv_heads=1, d_ff=8), generator)
    return kind(sizes, generator)


@pytest.mark.parametrize("kind", [Seq2Seq, Transformer, CausalTransformer, GPT2Config, LlamaConfig])
def test_a_model_comes_back_as_it_was_rounded(folder, kind):
    model = make(kind).eval()
    trained.round_weights(model)
    trained.save("some/model", model, "python -m some")
    again = trained.load("some/model")
    ids = torch.tensor([[3, 4, 5]])
    inputs = (ids, ids) if kind in (Seq2Seq, Transformer) else (ids,)
    assert again.config == model.config
    assert torch.equal(again(*inputs), model(*inputs))
    assert not again.training
    with safetensors.safe_open(folder / "some/model.safetensors", "pt") as stored:
        assert stored.metadata()["command"] == "python -m some"
    assert [file.name for file in (folder / "some").iterdir()] == ["model.safetensors"]


def test_a_full_disk_leaves_the_record_and_the_weights_of_before(folder, monkeypatch):
    def full(_descriptor):
        raise OSError(28, "No space left on device")

    writes = (
        lambda steps: trained.save_record("some", "model", 0, {"steps": steps}),
        lambda steps: trained.save("some/model", make(Seq2Seq), f"python -m some {steps}"),
    )
    for write in writes:
        write(1)
    before = {file.name: file.read_bytes() for file in (folder / "some").iterdir()}
    monkeypatch.setattr(os, "fsync", full)
    for write in writes:
        with pytest.raises(OSError, match="No space left"):
            write(2)
    assert {file.name: file.read_bytes() for file in (folder / "some").iterdir()} == before


def test_rounding_moves_each_weight_a_little(folder):
    model, rounded = make(Seq2Seq), make(Seq2Seq)
    trained.round_weights(rounded)
    for before, after in zip(model.parameters(), rounded.parameters(), strict=True):
        assert torch.equal(after, before.half().float())
        torch.testing.assert_close(after, before, rtol=1e-3, atol=1e-6)


def test_records_come_by_model_and_seed(folder):
    for model, seed in (("b", 0), ("a", 1), ("a", 0)):
        trained.save_record("some", model, seed, {"steps": 3})
    assert [(one["model"], one["seed"], one["steps"]) for one in trained.results("some")] == [
        ("a", 0, 3),
        ("a", 1, 3),
        ("b", 0, 3),
    ]


def record(model, errors):
    groups = {str(n): {"examples": 1, "right": 0, "errors": e, "symbols": 10 * n} for n, e in enumerate(errors, 1)}
    return {"model": model, "tests": {"test": {"by_length": groups}}}


def test_a_curve_has_a_row_for_each_seed_and_weighs_by_symbols():
    records = [record("a", [1, 2, 3]), record("b", [0, 0, 0]), record("a", [0, 10, 5])]
    rates = trained.curve(records, "a", [range(1, 3), range(3, 9)])
    assert rates.tolist() == [[3 / 30, 3 / 30], [10 / 30, 5 / 30]]
    with pytest.raises(ValueError, match="no example"):
        trained.curve(records, "a", [range(20, 30)])
    with pytest.raises(ValueError, match="no run of 'c'"):
        trained.curve(records, "c", [range(1, 3)])


def test_groups_of_lengths_add_up_what_the_run_counted():
    run = record("a", [1, 2, 3])
    assert trained.by_length(run, [range(1, 3), range(3, 9)]) == [
        Counter(examples=2, right=0, errors=3, symbols=30),
        Counter(examples=1, right=0, errors=3, symbols=30),
    ]
    with pytest.raises(ValueError, match="no example of a length from 20 to 29"):
        trained.by_length(run, [range(1, 3), range(20, 30)])
    with pytest.raises(ValueError, match=r"range\(3, 3\) has no length in it"):
        trained.by_length(run, [range(3, 3)])


def test_a_measure_comes_by_model_over_its_seeds(folder):
    for model, seed, error in (("b", 0, 0.5), ("a", 0, 0.25), ("a", 1, 0.75)):
        found = {"parameters": 10 + len(model), "tests": {"test": {"error_rate": error, "bleu": 100 * error}}}
        trained.save_record("some", model, seed, {"steps": 30 + seed, **found})
    assert trained.by_model("some", "test", "error_rate") == {
        "a": Spread([0.25, 0.75], of="seeds", unit="%"),
        "b": Spread([0.5], of="seeds", unit="%"),
    }
    assert str(trained.by_model("some", "test", "bleu")["b"]) == "50.0"
    assert trained.by_model("some", None, "steps")["a"].values == (30, 31)
    assert trained.parameters("some") == {"a": 11, "b": 11}
    with pytest.raises(ValueError, match=r"no 'other' in this record\. There are: test"):
        trained.by_model("some", "other", "bleu")
    with pytest.raises(ValueError, match=r"no 'chrf' in this record\. There are: error_rate, bleu"):
        trained.by_model("some", "test", "chrf")
    with pytest.raises(
        ValueError, match=r"'model' is no number in these records\. Numbers are: seed, steps, parameters"
    ):
        trained.by_model("some", None, "model")


def test_a_model_that_was_measured_otherwise_is_left_out_and_a_run_is_not(folder):
    for model, seed, found in (("a", 0, {"loss": 1.0}), ("b", 0, {"f1": 0.5})):
        trained.save_record("some", model, seed, {"tests": {"test": found, f"of {model}": found}})
    assert set(trained.by_model("some", "test", "loss")) == set(trained.by_model("some", "of a", "loss")) == {"a"}
    trained.save_record("some", "a", 1, {"tests": {"test": {"f1": 0.5}}})
    with pytest.raises(ValueError, match="Some runs of 'a' have 'loss' and others have not"):
        trained.by_model("some", "test", "loss")


def test_one_run_is_found_by_model_and_seed(folder):
    for seed in (0, 1):
        trained.save_record("some", "a", seed, {"steps": seed})
    assert trained.record_of("some", "a", 1) == {"model": "a", "seed": 1, "steps": 1}
    assert trained.record_of("some", "a")["seed"] == 0
    with pytest.raises(ValueError, match=r"no run of 'b' with the seed 2 in 'some'\. There are: a-0, a-1"):
        trained.record_of("some", "b", 2)


def test_what_runs_counted_on_each_example_comes_by_seed(folder):
    for seed, errors in ((1, "0 2"), (0, "1 0")):
        found = {"items": {"errors": errors, "symbols": "5 12", "chrf": "50.25 100"}}
        trained.save_record("some", "a", seed, {"tests": {"test": found}})
    trained.save_record("some", "old", 0, {"tests": {"test": {}}})
    trained.save_record("some", "a", 2, {"tests": {"test": {"of_before": True}}})
    counts = trained.items("some", "a", "test", "words")
    assert (
        counts.items == "words"
        and counts.errors.tolist() == [[1, 0], [0, 2]]
        and counts.symbols.tolist() == [[5, 12], [5, 12]]
    )
    assert trained.item_scores("some", "a", "test", "chrf").tolist() == [[50.25, 100.0]] * 2
    for wrong, message in (
        (("b", "test"), "no run of 'b'"),
        (("a", "other"), r"no 'other' in this record\. There are: test"),
        (("old", "test"), "no 'items' in this record"),
    ):
        with pytest.raises(ValueError, match=message):
            trained.items("some", *wrong)
    with pytest.raises(ValueError, match=r"no 'bleu' in this record\. There are: errors, symbols, chrf"):
        trained.item_scores("some", "a", "test", "bleu")


def test_numbers_are_kept_on_one_line_and_lose_no_count():
    assert trained.one_line([0, 123_456, 50.2541234, 1e-7]) == "0 123456 50.2541 1e-07"
    assert trained.numbers("0 123456 50.2541 1e-07") == [0, 123_456, 50.2541, 1e-7]
    assert trained.one_line([]) == "" and trained.numbers("") == []


def test_what_is_not_there_is_named(folder):
    trained.save("some/model", make(Seq2Seq), "")
    trained.save_record("some", "model", 0, {})
    with pytest.raises(ValueError, match=r"no trained 'some/other'\. There is: some/model"):
        trained.load("some/other")
    with pytest.raises(ValueError, match=r"no results of 'other'\. There are: some"):
        trained.results("other")


@pytest.mark.parametrize("name", STORED)
def test_every_stored_model_is_small_and_has_its_record_and_command(name):
    file = FOLDER / f"{name}.safetensors"
    assert file.stat().st_size < 12e6  # three of MiniLM's blocks and its head for words
    record = json.loads(file.with_name(f"{file.stem}-0.json").read_text())
    with safetensors.safe_open(file, "pt") as stored:
        assert stored.metadata()["command"] == record["command"]
    assert sum(weight.numel() for weight in trained.load(name).parameters()) == record["parameters"]


@pytest.mark.parametrize("file", METHODS, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_every_stored_method_is_small_and_has_its_record(file):
    record = json.loads(file.with_name(f"{file.stem}-0.json").read_text())
    assert 0 < record["trained_parameters"] < 2e6 and file.stat().st_size < 4e6


def test_all_stored_weights_together_are_small():
    assert sum(file.stat().st_size for file in FOLDER.rglob("*.safetensors")) < 60e6


@pytest.mark.slow
@pytest.mark.parametrize("model", ["lstm", "lstm-dot", "transformer"])
def test_a_record_is_what_its_weights_do(model):
    task = date_task()
    (record,) = [one for one in trained.results("dates") if (one["model"], one["seed"]) == (model, 0)]
    for test, examples in task.tests.items():
        found = error_rate(evaluate(trained.load(f"dates/{model}"), task, examples))
        assert found == pytest.approx(record["tests"][test]["error_rate"], abs=2e-4)  # a near tie may turn


def test_a_whole_model_is_no_method_and_a_model_with_a_method_is_not_stored_whole(tmp_path):
    with pytest.raises(ValueError, match=r"dates/lstm.safetensors has a whole model: load it with `load\(name\)`"):
        trained.load_method("dates/lstm", torch.nn.Linear(2, 2))
    model = Decoder(GPT2Config(9, 8, 4, 1, 2, 8))
    peft.attach(model, peft.LoRA(rank=1))
    with pytest.raises(ValueError, match=r"has LoRALinear on it: store the method, `peft.save\(attached, file\)`"):
        trained.save_to(tmp_path / "one.safetensors", model, "a command")
    assert not list(tmp_path.iterdir())


def test_weights_too_large_for_half_precision_are_not_stored_as_infinite(tmp_path):
    model = Decoder(GPT2Config(9, 8, 4, 1, 2, 8))
    with torch.no_grad():
        model.norm.weight[0] = 70_000
    with pytest.raises(ValueError, match=r"norm\.weight has numbers up to 7e\+04, too large for torch\.float16"):
        trained.save_to(tmp_path / "one.safetensors", model, "a command")
    assert not list(tmp_path.iterdir())
