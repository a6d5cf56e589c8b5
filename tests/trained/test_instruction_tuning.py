"""The experiment on instruction tuning, with few steps, few tokens and few examples."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from course import trained
from course.gpt import Decoder
from course.instruction import MINIMAL, NOT_TRAINED
from course.tasks.instructed import HELD_OUT, TRAINED, instructed_tasks
from course.tasks.pretraining import BASE, base_tokenizer
from experiments import instruction_tuning as experiment
from experiments import running
from experiments.search import Setting

pytestmark = pytest.mark.slow
FEW = 3


@pytest.fixture(scope="module")
def few_tasks():
    """All tasks with few test examples."""
    return {
        name: replace(task, test=task.test[:FEW], validation=task.validation[:FEW])
        for name, task in instructed_tasks().items()
    }


@pytest.fixture
def small(few_tasks, tmp_path, monkeypatch):
    """A recipe of this name with few steps, tokens and test examples; records go to a folder of their own."""
    base = trained.load("base_model/gpt")
    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    monkeypatch.setattr(experiment.trained, "load", lambda name: _copied(base) if "base_model" in name else None)
    monkeypatch.setattr(experiment, "base_tokenizer", base_tokenizer)
    monkeypatch.setattr(experiment, "instructed_tasks", lambda: few_tasks)
    monkeypatch.setattr(experiment, "TOKENS", 120)
    monkeypatch.setattr(experiment, "N_TESTED", 1)
    monkeypatch.setattr(experiment, "N_SEARCHED", 2)
    return lambda name, steps=2: replace(experiment.recipes()[name], steps=steps)


def _copied(model):
    fresh = Decoder(BASE)
    fresh.load_state_dict(model.state_dict())
    return fresh


@pytest.fixture(autouse=True, scope="module")
def read_once():
    """The tokenizer is beside the records, which a test puts elsewhere: it is read before."""
    base_tokenizer()


def test_a_run_leaves_what_it_read_and_each_item_of_every_test(small, tmp_path):
    running.run(experiment.NAME, "tasks-2", small("tasks-2"), 0, keep_weights=True)
    record = trained.record_of(experiment.NAME, "tasks-2")
    assert record["steps"] == 2 and record["parameters"] > 3_000_000
    assert len(record["mix"]) == 2 and set(record["mix"]) <= set(TRAINED)
    assert 240 <= record["tokens"] < 240 + 2 * BASE.context_length
    assert 0 < record["trained_tokens"] < record["tokens"]
    assert list(record["tests"]) == [*experiment.FORMS, *experiment.WORDINGS]
    for name, test in record["tests"].items():
        tasks, n = (HELD_OUT, FEW) if name in experiment.FORMS else (TRAINED, 1)
        assert test["examples"] == dict.fromkeys(tasks, n)
        kept = trained.items(experiment.NAME, "tasks-2", name)
        assert kept.errors.shape == (1, n * len(tasks)) and (kept.symbols == 1).all()
        assert kept.errors.mean() == pytest.approx(test["error_rate"], abs=1e-4)
        of_tasks = (1 - kept.errors[0]).reshape(len(tasks), n).mean(axis=1)
        assert of_tasks == pytest.approx(list(test["by_task"].values()), abs=1e-3)
        assert trained.item_scores(experiment.NAME, "tasks-2", name, "nats").shape == kept.errors.shape
    assert (tmp_path / experiment.NAME / "tasks-2.safetensors").is_file()


def test_a_step_has_as_many_tokens_whatever_the_mix(few_tasks):
    for names in (("first_letter", "letter_count"), ("next_sentence", "topic")):
        tasks = [few_tasks[name] for name in names]
        batches = experiment.MixedConversations(tasks, "own", seed=0)
        longest = 0
        for step in range(6):
            rows = batches[step]
            assert torch.equal(rows, batches[step])
            tokens, n_trained, n_conversations = batches.counts[step]
            assert experiment.TOKENS <= tokens < experiment.TOKENS + 256
            assert n_trained == int((rows[:, 1] != NOT_TRAINED).sum()) and n_conversations < n_trained
            longest = max(longest, rows.shape[2])
        assert longest <= BASE.context_length and len(batches.counts) == 6
        assert not torch.equal(batches[0], experiment.MixedConversations(tasks, "own", seed=1)[0])


def test_a_conversation_is_the_instruction_the_input_and_the_answer(few_tasks):
    batches = experiment.MixedConversations([few_tasks["spell"], few_tasks["topic"]], "own", seed=0)
    rows, tokenizer = batches[0], base_tokenizer()
    first = rows[0][:, (rows[0, 2] == 1) & (rows[0, 3] >= 0)]
    text = tokenizer.decode([*first[0].tolist()])
    known = {
        f"<|user|>{wording}\n\n{one.input}<|end_of_turn|><|assistant|>{one.answer}"
        for name in ("spell", "topic")
        for wording in few_tasks[name].wordings
        for one in few_tasks[name].training
    }
    assert text in known and MINIMAL.end == "<|end_of_turn|>"
    answer = [token for token in first[1].tolist() if token != NOT_TRAINED]
    assert tokenizer.decode(answer) == text.rpartition("<|assistant|>")[2] + MINIMAL.end


def test_the_base_model_is_tested_as_it_is(small):
    first, history = small("untuned").train(0)
    assert history.losses == [] and not first.training
    plain = small("untuned-plain")
    assert plain.form == "plain" and plain.n_tasks == 0
    record = plain.measure(first)
    assert "mix" not in record and record["form"] == "plain"


def test_the_search_reads_validation_examples_of_the_mix_alone(small, few_tasks, monkeypatch):
    recipe = small("tasks-6").with_setting(Setting(1e-3, 0.0, 120), steps=1)
    model, history = recipe.train(0)
    assert len(history.losses) == 1
    read = []
    monkeypatch.setattr(
        experiment, "training_prompt", lambda example, task, *_: read.append((task.name, example)) or example.input
    )
    assert recipe.validate(model)["validation_loss"] > 0
    assert {name for name, _example in read} == {task.name for task in recipe.tasks()}
    assert all(example in few_tasks[name].validation for name, example in read)


def test_all_tuned_models_have_the_same_grid_steps_and_sizes():
    found = experiment.recipes()
    assert list(found) == [
        "tasks-2",
        "tasks-6",
        "tasks-12",
        "tasks-18",
        "tasks-18-none",
        "tasks-18-another",
        "untuned",
        "untuned-plain",
        "tasks-18-long",
        "the-held-out",
    ]
    longer = found["tasks-18-long"]
    assert longer.steps > experiment.STEPS and longer.tasks() == found["tasks-18"].tasks()
    assert {recipe.steps for recipe in found.values() if recipe is not longer} == {experiment.STEPS}
    assert {recipe.family for recipe in found.values()} == {"decoder"} and {one.config for one in found.values()} == {
        BASE
    }


def test_scores_of_a_test_are_means_over_tasks():
    one, other = experiment.Measured(1.0, 2.0, 0.5), experiment.Measured(0.25, 4.0, -0.5)
    found = experiment.of_test({"a": [one, other], "b": [other, other]})
    assert found["by_task"] == {"a": 0.625, "b": 0.25} and found["score"] == 0.4375
    assert found["nats"] == 3.5 and found["items"]["errors"] == "0 0.75 0.75 0.75"
    assert found["items"]["margins"] == "0.5 -0.5 -0.5 -0.5" and np.isclose(found["error_rate"], 0.5625)
