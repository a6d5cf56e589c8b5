"""The records of the experiment on rationales: ways that are compared have the same problems, steps and labels."""

from collections import defaultdict

import pytest

from course import trained
from course.data.word_problems import word_problems
from course.tasks.rationales import WAYS, student_tokenizer
from course.tasks.stepwise import step_problems
from course.tasks.word_steps import only_step, plain
from experiments import rationales, running
from experiments.rationales_teacher import count_steps

RUNS = [record for record in trained.results("rationales") if "way" in record]
BY_DATA = defaultdict(list)
for run in RUNS:
    BY_DATA[run["data"], run["seed"]].append(run)


@pytest.mark.parametrize("name", BY_DATA, ids=lambda name: f"{name[0]}-{name[1]}")
def test_ways_have_the_same_problems_steps_and_label_tokens(name):
    runs = BY_DATA[name]
    assert len({run["problems"] for run in runs}) == 1
    assert len({run["steps"] for run in runs}) == 1
    assert len({run["label_tokens"] for run in runs if run["way"] != "labels-twice"}) == 1
    for run in runs:
        assert run["passes"] == run["steps"] * (1 if WAYS[run["way"]].second == "none" else 2)
        assert run["parameters"] < 1_000_000


@pytest.mark.parametrize("record", RUNS, ids=lambda record: f"{record['model']}-{record['seed']}")
def test_the_share_is_that_of_the_items(record):
    (test,) = record["tests"].values()
    errors = trained.numbers(test["items"]["errors"])
    assert len(errors) == test["problems"] == test["right"] + sum(errors)
    assert test["exact_match"] == pytest.approx(test["right"] / test["problems"])
    if "by_kind" in test:
        assert sum(kind["right"] for kind in test["by_kind"].values()) == test["right"]


@pytest.mark.parametrize("part", ["steps", "direct"])
def test_the_teacher_solved_the_same_problems_in_both_ways(part):
    found = trained.record_of("rationales_teacher", f"smollm2-{part}")["tests"]["asdiv training"]
    right = trained.numbers(found["items"]["right"])
    assert sum(right) == found["right"] and len(right) == len(found["answers"]) == found["problems"]
    other = trained.record_of("rationales_teacher", "smollm2-direct")["tests"]["asdiv training"]
    both = min(found["problems"], other["problems"])
    assert trained.numbers(found["places"])[:both] == trained.numbers(other["places"])[:both]


def test_a_run_trains_measures_and_keeps_what_a_way_learned(monkeypatch, tmp_path):
    problems = step_problems(30)
    tokenizer = student_tokenizer(problems, 300)
    sets = rationales.Sets(problems[:10], problems[10:20], problems[20:], tokenizer)
    monkeypatch.setattr(rationales, "sets_of", lambda _data: sets)
    monkeypatch.setattr(rationales, "STEPS", {"steps": 2})
    monkeypatch.setattr(trained.place, "FOLDER", tmp_path)
    for name in ("steps-labels", "steps-chain"):
        recipe = rationales.recipes()[name]
        rationales.search(name, recipe)
        running.run("rationales", name, recipe, 1)
        record = trained.record_of("rationales", name, 1)
        assert record["learning_rate"] == trained.best_row(trained.search("rationales"), name)["learning_rate"]
        assert (record["steps"], record["problems"]) == (2, 10)
        assert record["tests"]["steps"]["problems"] == 10
    rows = trained.search("rationales")
    assert sorted((row["model"], row["learning_rate"]) for row in rows) == [
        (name, rate) for name in ("steps-chain", "steps-labels") for rate in rationales.RATES
    ]
    assert not list(tmp_path.glob("*.safetensors"))


def test_what_the_notes_learn_is_what_the_teacher_wrote(monkeypatch, tmp_path):
    everything = word_problems()
    value = plain(everything[7].value)
    found = {"places": "7 9 11 12", "answers": [value, "0.5", None, "3"], "rationales": ["a", "b", "c", ""]}
    monkeypatch.setattr(trained.place, "FOLDER", tmp_path)
    trained.save_record("rationales_teacher", "smollm2-steps", 0, {"tests": {"asdiv training": found}})
    both, kept = (rationales.written_by_smollm2(kept=kept) for kept in (False, True))
    assert [(one.question, one.label, one.rationale) for one in both] == [
        (everything[7].text, value, "a"),
        (everything[9].text, "0.5", "b"),
    ]
    assert kept == both[:1]


def test_counts_of_the_rule_are_those_of_its_record():
    record = trained.record_of("rationales_teacher", "rule")
    counted = count_steps()
    assert counted == {name: record[name] for name in counted}
    assert counted["one_step"] == sum(only_step(one) is not None for one in word_problems())
