"""The experiment on calling functions: with a tiny model, few requests and few steps, and its kept records."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from course import peft, trained
from course.data.api_calls import Answer, CallTask
from course.data.splits import draw
from course.instruction import NOT_TRAINED, SMOLLM2
from course.peft import LoRA
from course.tasks import tool_answers
from course.tasks.tool_calls import CallSets, catalog_of, right_call
from course.tokenization import ByteLevelBPE
from course.tools import Function, Outcome, Parameter
from experiments import tools as experiment
from experiments.running import has_record
from tests.support.llama import tiny_config, tiny_model
from tests.support.torch_layers import disturb

WORDS = [
    "add",
    "book",
    "cancel",
    "draw",
    "erase",
    "find",
    "get",
    "hold",
    "invite",
    "join",
    "keep",
    "list",
    "move",
    "name",
    "open",
    "print",
]


def made(word):
    function = Function(f"{word}_it", f"To {word} a thing.", (Parameter("n", "integer", "", True),))
    return CallTask(word, f"Please {word} 3 things.", (function,), (Answer(function.name, {"n": (3,)}),))


SETS = CallSets(*([made(word) for word in words] for words in (WORDS[:8], WORDS[8:10], WORDS[10:])))


def small_model():
    marks = ["<|im_start|>", "<|im_end|>", "<|endoftext|>"]
    text = f"{tool_answers.INSTRUCTION} {tool_answers.DOCUMENTED} Request: Please things. user system assistant\n"
    tokenizer = ByteLevelBPE.train(text * 4, n_merges=90, special_tokens=marks)
    return tiny_model(tiny_config(vocab_size=tokenizer.vocab_size, context_length=600)), tokenizer


@pytest.fixture(scope="module")
def stored():
    model, tokenizer = small_model()
    return disturb(model).state_dict(), tokenizer


@pytest.fixture
def few(tmp_path, monkeypatch, stored):
    def load(_name):
        model, tokenizer = small_model()[0], stored[1]
        model.load_state_dict(stored[0])
        return model.eval(), tokenizer

    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    monkeypatch.setattr(experiment, "load", load)
    monkeypatch.setattr(experiment, "call_sets", lambda: SETS)
    monkeypatch.setattr(experiment, "whole_catalog", lambda: CATALOG)
    monkeypatch.setattr(experiment, "training_catalog", lambda: catalog_of(SETS.training))
    monkeypatch.setattr(experiment, "best_method", lambda: "bm25")
    shorter = {name: replace(arm, steps=2) for name, arm in experiment.ARMS.items()}
    monkeypatch.setattr(experiment, "ARMS", shorter)
    monkeypatch.setattr(experiment, "LOOKED_AT", 0)
    monkeypatch.setattr(experiment, "LEARNING_RATE", 0.05)
    monkeypatch.setattr(experiment, "call_answers", short_answers)
    experiment.grammar.cache_clear()
    yield tmp_path / experiment.NAME
    experiment.grammar.cache_clear()


CATALOG = catalog_of(*SETS)
CELLS = ("oracle", "bad", "retrieved constrained")


def short_answers(*arguments, **options):
    return tool_answers.call_answers(*arguments, max_answer=24, **options)


def run(name, cells=CELLS, *, missing=False, seed=0):
    experiment.main([name], [seed], 4, cells, torch.get_num_threads(), missing=missing)
    return trained.record_of(experiment.NAME, name, seed)


# --- Retrieval ---


def test_ranks_count_from_one_and_zero_is_not_found(few, monkeypatch):
    functions = list(CATALOG)
    monkeypatch.setattr(experiment, "rankings", lambda questions, *_: [functions[-3:]] * len(questions))
    found = experiment.ranks([made(WORDS[0]), made(functions[-3].name.removesuffix("_it"))], "bm25")
    assert found == [0, 1]
    assert experiment.recall([0, 1, 3, 4], 3) == 0.5


def test_the_search_with_more_right_validation_requests_is_chosen():
    by_method = {"bm25": [1, 0], "dense": [2, 3]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiment, "call_sets", lambda: SETS)
        patch.setattr(experiment, "ranks", lambda tasks, method: by_method[method][: len(tasks)])
        experiment.best_method.cache_clear()
        assert experiment.best_method() == "dense"
        by_method["bm25"] = [3, 1]
        experiment.best_method.cache_clear()
        assert experiment.best_method() == "bm25"
    experiment.best_method.cache_clear()


def test_retrievers_have_a_rank_for_each_request(few, monkeypatch):
    monkeypatch.setattr(experiment, "METHODS", ("bm25",))
    record = run(experiment.RETRIEVERS)
    ranks = trained.numbers(record["cells"]["bm25"]["test"]["ranks"])
    assert len(ranks) == 4 and record["functions"] == len(CATALOG) == len(WORDS)
    assert ranks == [1, 1, 1, 1]  # the verb is in its own function alone


def test_pairs_are_written_for_training_functions(few, monkeypatch):
    monkeypatch.setattr(experiment, "N_FUNCTIONS", 2)
    monkeypatch.setattr(experiment, "SAMPLING", experiment.SAMPLING | {"max_new_tokens": 8, "n_samples": 2})
    record = run(experiment.PAIRS)
    names = [one["function"] for one in record["made"]]
    assert len(names) == 4 and names[::2] == names[1::2] and names[0] != names[2]
    assert set(names) <= {name for one in SETS.training for name in one.names}
    assert record["kept"] == sum(one["rule"] is None for one in record["made"])


# --- Training ---


def batches(kind, seed=0):
    return experiment.CallBatches(small_model()[1], experiment.Arm(kind), seed)


def test_every_request_is_read_once_in_an_epoch(few, stored):
    tokenizer = stored[1]
    made_batches = experiment.CallBatches(tokenizer, experiment.Arm("none"), 0)
    answers = []
    for step in range(2):
        for row in made_batches[step]:
            counted = row[1][row[1] != NOT_TRAINED].tolist()
            answers.append(tokenizer.decode(counted))
    assert sorted(answers) == sorted(f"{right_call(one)}{SMOLLM2.end}" for one in SETS.training)
    assert torch.equal(made_batches[1], made_batches[1])
    assert not torch.equal(made_batches[0], experiment.CallBatches(tokenizer, experiment.Arm("none"), 1)[0])


def test_without_documents_nothing_is_read_and_the_oracle_is_the_right_one(few):
    rng = np.random.default_rng(0)
    for number, task in enumerate(SETS.training):
        assert batches("none").documents(number, rng) == []
        assert batches("oracle").documents(number, rng) == list(task.functions)


def test_wrong_documents_are_searched_for_among_training_functions(few, monkeypatch):
    searched = []

    def few_rankings(questions, catalog, *_):
        searched.append(set(catalog.names))
        return [list(catalog)[: experiment.K + 1]] * len(questions)

    monkeypatch.setattr(experiment, "rankings", few_rankings)
    batches("retrieved")
    assert searched == [{name for task in SETS.training for name in task.names}]


def test_retrieved_documents_are_of_training_tasks_and_in_one_of_five_none_is_right(few):
    made_batches, rng = batches("retrieved"), np.random.default_rng(0)
    own = {name for task in SETS.training for name in task.names}
    places, n = [], 600
    for turn in range(n):
        number = turn % len(SETS.training)
        names = [function.name for function in made_batches.documents(number, rng)]
        assert len(set(names)) == experiment.K and set(names) <= own
        right = SETS.training[number].answers[0].name
        places.append(names.index(right) if right in names else None)
    assert places.count(None) / n == pytest.approx(experiment.NONE_RIGHT, abs=0.06)
    assert all(places.count(place) / n == pytest.approx(0.8 / 3, abs=0.07) for place in range(3))


# --- Records ---


def test_a_run_has_an_outcome_for_each_answer_and_keeps_the_weights_of_one_model(few):
    record = run(experiment.STORED)
    assert list(record["cells"]) == list(CELLS) and len(record["ids"]) == 4
    for cell in record["cells"].values():
        lines = [trained.numbers(cell["outcomes"][outcome.value]) for outcome in Outcome]
        assert np.array(lines).sum(axis=0).tolist() == [1] * 4 and len(cell["answers"]) == 4
        assert [bool(rule) for rule in cell["rules"]] == [not right for right in lines[0]]
    assert trained.numbers(record["cells"]["oracle"]["reads_right_document"]) == [1] * 4
    assert trained.numbers(record["cells"]["bad"]["reads_right_document"]) == [0] * 4
    assert len(trained.numbers(record["losses"])) == record["steps"] == 2
    model, _tokenizer = experiment.load("smollm2")
    attached = peft.load(few / f"{experiment.STORED}.safetensors", model)
    assert attached.method == LoRA(experiment.RANK) and record["trained_parameters"] == peft.count(attached)
    assert any(weight.abs().sum() > 0 for name, weight in attached.state().items() if name.endswith("up"))


def test_no_request_that_the_prompt_was_worded_with_is_measured(few, monkeypatch):
    everything = {task.id for task in SETS.test}
    monkeypatch.setattr(experiment, "LOOKED_AT", 2)
    looked_at = {task.id for task in draw(SETS.test, 2)}
    assert {task.id for task in experiment.tested_tasks(len(everything) - 2)} == everything - looked_at
    with pytest.raises(ValueError):
        experiment.tested_tasks(len(everything) - 1)


def test_a_constrained_answer_names_a_function_of_the_catalog(few):
    answers = run("zero-shot", ("none constrained",))["cells"]["none constrained"]["answers"]
    assert all(any(answer.startswith(name[: len(answer)]) for name in CATALOG.names) for answer in answers)


def test_a_model_that_is_not_kept_leaves_no_weights_once_it_is_measured(few):
    run("tuned-none", ("none",))
    assert (few / "tuned-none-0.safetensors").is_file()
    run("tuned-none", experiment.CELLS, missing=True)
    run(experiment.STORED, experiment.CELLS)
    assert (few / f"{experiment.STORED}.safetensors").is_file()
    assert [file.name for file in few.glob("tuned-none*")] == ["tuned-none-0.json"]


def test_what_a_record_has_is_not_made_again(few, monkeypatch):
    first = run("tuned-none", ("none",))
    monkeypatch.setattr(experiment, "tuned", lambda *_: pytest.fail("trained again"))
    names = []
    made_cell = experiment.cell
    monkeypatch.setattr(experiment, "cell", lambda *given: names.append(given[-1]) or made_cell(*given))
    second = run("tuned-none", ("none", "oracle"), missing=True)
    assert names == ["oracle"]
    assert second["cells"]["none"] == first["cells"]["none"] and second["losses"] == first["losses"]
    assert list(second["cells"]) == ["none", "oracle"]


def test_other_requests_are_answered_again_without_a_training(few, monkeypatch):
    first = run("tuned-none", ("none",))
    monkeypatch.setattr(experiment, "tuned", lambda *_: pytest.fail("trained again"))
    experiment.main(["tuned-none"], [0], 3, ("none",), torch.get_num_threads(), missing=True)
    second = trained.record_of(experiment.NAME, "tuned-none")
    assert second["tests_drawn"] == len(second["ids"]) == 3 and "--tests 3 " in second["command"]
    assert len(second["cells"]["none"]["answers"]) == 3 and second["losses"] == first["losses"]


def test_the_model_as_it_is_has_no_method_and_no_losses(few):
    record = run("zero-shot", ("none",))
    assert "losses" not in record and not list(few.glob("*.safetensors"))


@pytest.mark.parametrize("name", experiment.ARMS)
def test_a_kept_record_has_a_verdict_for_each_answer(name):
    if not has_record(experiment.NAME, name):
        pytest.skip(f"{name} has not been run")
    record = trained.record_of(experiment.NAME, name)
    n = record["tests_drawn"]
    for cell in record["cells"].values():
        assert len(cell["answers"]) == len(cell["rules"]) == len(record["ids"]) == n
        lines = [trained.numbers(line) for line in cell["outcomes"].values()]
        assert np.array(lines).sum(axis=0).tolist() == [1] * n
        for outcome, line in zip(cell["shares"].values(), lines, strict=True):
            assert outcome == pytest.approx(sum(line) / n, abs=1e-6)
