"""The experiments: one command line, and a run that leaves a record, its command and the weights of seed 0."""

import importlib
import json
import re
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest
import safetensors
import torch

from course import trained
from course.bert.heads import MaskedLMConfig
from course.seq2seq import Seq2SeqConfig
from course.syllabus.lessons import ROOT
from course.tasks import Example, Task, Vocabulary
from course.trained.place import FOLDER
from experiments import running
from tests.support.recipes import recipes_of
from tests.support.stored import is_method

NAMES = sorted(path.name for path in FOLDER.iterdir() if any(path.glob("*-0.json")))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def recipe():
    words = [a + b for a in "abcde" for b in "abcde"][:24]
    examples = [Example(tuple(word), (tuple(word.upper()[::-1]),)) for word in words]
    letters = (Vocabulary("abcde"), Vocabulary("ABCDE"))
    task = Task("backwards", *letters, examples[8:], [], {"new": examples[:8]}, max_length=2)
    config = Seq2SeqConfig(len(task.source), len(task.target), d_embedding=8, d_hidden=8)
    return running.TaskRecipe(
        task,
        config,
        {"epochs": 2, "batch_size": 4, "learning_rate": 2e-3},
        measure_more=lambda found: {"n": len(found)},
    )


@pytest.fixture
def threads():
    """Sets the number of PyTorch's threads for one test, whatever `OMP_NUM_THREADS` says."""
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def command_line(monkeypatch, *arguments):
    """The runs that a command line asks for, as (model, seed)."""
    runs = []
    monkeypatch.setattr(sys, "argv", ["some", *arguments])
    monkeypatch.setattr(running, "run", lambda experiment, name, recipe, seed, **_options: runs.append((name, seed)))
    monkeypatch.setattr(torch, "set_num_threads", lambda threads: runs.append(threads))
    running.main("some", lambda: dict.fromkeys(("one", "other")), seeds=(0, 5))
    return runs


def test_the_command_line_names_models_and_seeds(monkeypatch):
    assert command_line(monkeypatch) == [2, ("one", 0), ("other", 0), ("one", 5), ("other", 5)]
    assert command_line(monkeypatch, "other", "--seeds", "7", "8") == [2, ("other", 7), ("other", 8)]
    assert command_line(monkeypatch, "one", "--seeds", "1", "--threads", "4") == [4, ("one", 1)]


def test_some_models_run_on_request_alone(monkeypatch):
    ran = []
    monkeypatch.setattr(running, "run", lambda _experiment, name, _recipe, seed, **_options: ran.append((name, seed)))
    monkeypatch.setattr(torch, "set_num_threads", lambda threads: None)
    for arguments in ([], ["rare"]):
        monkeypatch.setattr(sys, "argv", ["some", *arguments, "--seeds", "0"])
        running.main("some", lambda: dict.fromkeys(("usual", "rare")), on_request=("rare",))
    assert ran == [("usual", 0), ("rare", 0)]


def test_a_command_that_was_stopped_goes_on_with_what_is_missing(folder, monkeypatch):
    ran = []
    monkeypatch.setattr(running, "run", lambda _experiment, name, _recipe, seed, **_options: ran.append((name, seed)))
    monkeypatch.setattr(torch, "set_num_threads", lambda threads: None)
    trained.save_record("some", "one", 0, {})
    trained.save_record("some", "other", 1, {})
    monkeypatch.setattr(sys, "argv", ["some", "--missing"])
    running.main("some", lambda: dict.fromkeys(("one", "other")), seeds=(0, 1))
    assert ran == [("other", 0), ("one", 1)]


def test_the_weights_of_some_models_are_kept(monkeypatch):
    kept = []
    monkeypatch.setattr(
        running,
        "run",
        lambda _experiment, name, _recipe, seed, *, keep_weights: kept.append((name, seed)) if keep_weights else None,
    )
    monkeypatch.setattr(torch, "set_num_threads", lambda threads: None)
    monkeypatch.setattr(sys, "argv", ["some"])
    running.main("some", lambda: dict.fromkeys(("one", "other")), seeds=(0, 1), keep_weights=("other",))
    assert kept == [("other", 0)]


def test_an_unknown_model_is_named_before_anything_is_trained(monkeypatch, capsys):
    with pytest.raises(SystemExit) as caught:
        command_line(monkeypatch, "one", "two")
    assert caught.value.code == 2
    assert (
        "python -m experiments.some: error: there is no model 'two'; there are: one, other" in capsys.readouterr().err
    )


def test_a_run_leaves_its_record_and_the_weights_of_seed_0(folder, recipe, threads, capsys):
    threads(1)
    for seed in (0, 1):
        running.run("some", "lstm", recipe, seed, keep_weights=seed == 0)
    assert sorted(path.name for path in (folder / "some").iterdir()) == [
        "lstm-0.json",
        "lstm-1.json",
        "lstm.safetensors",
    ]
    record, _other = trained.results("some")
    assert record["command"] == "python -m experiments.some lstm --seeds 0 --threads 1"
    assert (record["model"], record["seed"], record["epochs"], record["steps"]) == ("lstm", 0, 2, 8)
    assert record["tests"]["new"]["n"] == sum(g["examples"] for g in record["tests"]["new"]["by_length"].values()) == 8
    assert (record["learning_rate"], record["dropout"], record["batch_size"]) == (2e-3, 0.0, 4)
    assert record["cpu_seconds"] > 0
    counts = trained.items("some", "lstm", "new")
    assert counts.errors.shape == counts.symbols.shape == (2, 8) and (counts.symbols[0] == 2).all()
    assert counts.errors[0].sum() / counts.symbols[0].sum() == record["tests"]["new"]["error_rate"]
    assert record["parameters"] == sum(weight.numel() for weight in trained.load("some/lstm").parameters())
    with safetensors.safe_open(folder / "some/lstm.safetensors", "pt") as stored:
        assert stored.metadata()["command"] == record["command"]
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith(f"{record['command']}: ")
    assert f"tests new error_rate {record['tests']['new']['error_rate']:.4g}" in printed[0]


def test_stored_weights_are_measured_again_without_a_training(folder, recipe, monkeypatch):
    running.run("some", "lstm", recipe, 0, keep_weights=True)
    before = trained.record_of("some", "lstm")
    changed = {**before, "tests": {}}
    trained.save_record("some", "lstm", changed.pop("seed"), changed)
    monkeypatch.setattr(running.TaskRecipe, "train", lambda *_: pytest.fail("trained"))
    running.measure_again("some", "lstm", recipe)
    assert trained.record_of("some", "lstm") == before


class OneWeight:
    """A recipe of no time: a model whose only weight is a third."""

    def train(self, seed):
        model = torch.nn.Linear(1, 1)
        torch.nn.init.constant_(model.weight, 1 / 3)
        return model, SimpleNamespace(losses=[0.0], seconds=0.0)

    def measure(self, model):
        return {"weight": model.weight.item()}


def test_a_record_says_on_how_many_threads_it_was_made_where_it_is_not_the_usual_number(folder, threads):
    for seed, number in enumerate((1, running.THREADS, 3)):
        threads(number)
        running.run("some", "third", OneWeight(), seed)
    commands = [record["command"] for record in trained.results("some")]
    assert [command.partition(" --threads ")[2] for command in commands] == ["1", "", "3"]


def test_what_is_measured_are_the_weights_that_are_kept(folder):
    running.run("some", "third", OneWeight(), 1)
    (record,) = trained.results("some")
    assert record["weight"] == torch.tensor(1 / 3).half().item() != 1 / 3


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_record_is_of_an_experiment_that_has_its_model(name):
    assert (ROOT / "experiments" / f"{name}.py").is_file()
    experiment = importlib.import_module(f"experiments.{name}")
    recipes = recipes_of(name)
    for file in sorted((FOLDER / name).glob("*-0.json")):
        record = json.loads(file.read_text(encoding="utf-8"))
        command = f"python -m experiments.{name} {record['model']} --seeds 0"
        assert re.sub(r" --tests \d+", "", record["command"]) in (command, f"{command} --threads 1")
        assert record["model"] in recipes
    assert [line for line in experiment.__doc__.splitlines() if line.startswith(f"python -m experiments.{name} [")]


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if name != "positions"])
def test_recipes_have_the_sizes_of_the_kept_models(name):
    recipes = recipes_of(name)
    for file in (FOLDER / name).glob("*.safetensors"):
        if is_method(file):
            continue
        stored, config = trained.load(f"{name}/{file.stem}").config, recipes[file.stem].config
        if isinstance(stored, MaskedLMConfig):
            stored = stored.body
        if "learning_rate" not in trained.record_of(name, file.stem) and hasattr(config, "dropout"):
            stored = replace(stored, dropout=config.dropout)
        assert stored == config
