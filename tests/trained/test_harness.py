"""The harness experiment: what its records hold, that it goes on, and what the lesson computes from them."""

import json

import numpy as np
import pytest

from course import trained
from course.data import answer_choices
from course.intervals import exact
from course.tasks import harness_results as results
from course.tasks.harness import FORMS, N_ITEMS, Scored, drawn_choices
from experiments import harness as experiment

PARTS = [part for part in experiment.recipes() if experiment.has_record(experiment.NAME, part)]
ITEMS = 3


@pytest.mark.parametrize("part", PARTS)
def test_a_record_has_a_number_for_each_answer_of_each_item(part):
    task = part.removesuffix(experiment.BASE)
    record, drawn = trained.record_of(experiment.NAME, part), drawn_choices(task)
    every = answer_choices(task)
    assert [every[int(place)] for place in trained.numbers(record["places"])] == drawn.choices
    assert trained.numbers(record["right"]) == [choice.place for choice in drawn.choices]
    counts = [len(choice.answers) for choice in drawn.choices]
    assert trained.numbers(record["answers"]) == counts
    assert trained.numbers(record["bytes"]) == [len(text.encode()) for one in drawn.choices for text in one.answers]
    for form, cell in record["cells"].items():
        n = cell["items"]
        if form == results.WRITTEN:
            places = trained.numbers(cell["places"])
            assert len(places) == n == len(cell["rules"].split())
            assert all(-1 <= place < count for place, count in zip(places, counts, strict=False))
            continue
        assert experiment.wanted(part, form) and n <= N_ITEMS[task]
        for line in (cell["scores"], cell["tokens"]):
            assert len(trained.numbers(line)) == sum(counts[:n])
        assert max(trained.numbers(cell["scores"])) < 0 < min(trained.numbers(cell["tokens"]))


def test_the_records_are_small_and_hold_no_text():
    files = list((trained.place.FOLDER / experiment.NAME).glob("*.json"))
    assert sum(file.stat().st_size for file in files) < 1_500_000
    for file in files:
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if len(line) > 200]
        assert not any(
            character.isalpha() for line in lines for character in line.partition(":")[2] if "rules" not in line
        )


# --- The run ---


def test_each_form_is_scheduled_and_the_published_one_is_not_made_twice():
    forms = [form for form, _n in experiment.schedule()]
    assert set(forms) == {*FORMS, experiment.WRITTEN}
    made = {part: {form for form in forms if experiment.wanted(part, form)} for part in experiment.recipes()}
    assert "question" not in made["piqa"] and "bare" not in made["openbookqa"] and "bare" in made["piqa"]
    assert made["siqa"] >= {"question", "bare", "chat"} and "chat" not in made["siqa-base"]
    assert experiment.most("piqa", "chat", 1500) == 1500 and experiment.most("siqa", "chat", 1500) == experiment.FEW
    assert experiment.most("piqa", "without question", 1500) == experiment.FEW
    assert experiment.most("openbookqa-base", "published", 1500) == 500


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """The experiment with made-up scores, in a folder of its own; gives what it was asked for."""
    asked = []

    def scored(model, tokenizer, form, choices, shots=()):
        asked.append((next(name for name, each in FORMS.items() if each is form), [one.question for one in choices]))
        rows = [[-float(place + 1) for place in range(len(choice.answers))] for choice in choices]
        return Scored(rows, [[1] * len(row) for row in rows])

    monkeypatch.setattr(trained.place, "FOLDER", tmp_path)
    monkeypatch.setattr(experiment, "model_of", lambda part: (None, None))
    monkeypatch.setattr(experiment, "scored", scored)
    monkeypatch.setattr(experiment, "written_answers", lambda model, tokenizer, choices: ["A."] * len(choices))
    monkeypatch.setattr(experiment, "BLOCK", 2)
    return asked


def test_a_run_goes_on_where_it_stopped(asked):
    experiment.main(["openbookqa"], 1, ITEMS, missing=False)
    first = [questions for form, questions in asked if form == "published"]
    questions = [choice.question for choice in drawn_choices("openbookqa").choices]
    assert first == [questions[:2], questions[2:3]]
    asked.clear()
    experiment.main(["openbookqa"], 1, ITEMS, missing=True)
    assert not asked
    experiment.main(["openbookqa"], 1, ITEMS + 1, missing=True)
    assert all(each == questions[ITEMS : ITEMS + 1] for _form, each in asked) and len(asked) == len(FORMS) - 1
    cells = trained.record_of(experiment.NAME, "openbookqa")["cells"]
    assert cells["published"]["items"] == 4 and cells["published"]["scores"].count(" ") == 15


# --- What is computed from records ---


@pytest.fixture
def record(tmp_path, monkeypatch):
    """Four items with two, three, two and two answers."""
    cells = {
        "published": {"items": 4, "scores": "-1 -2 -3 -3 -9 -4 -2 -5 -5", "tokens": "1 4 1 3 1 1 1 1 1"},
        "letters": {"items": 2, "scores": "-2 -1 -1 -2 -3", "tokens": "1 1 1 1 1"},
        "without question": {"items": 3, "scores": "-1 -4 -3 -2 -9 -3 -3", "tokens": "1 4 1 3 1 1 1"},
        "written": {"items": 3, "places": "1 -1 0"},
    }
    about = {"right": "1 1 0 0", "answers": "2 3 2 2", "characters": "2 5 3 9 9 4 1 2 2", "bytes": "2 5 3 9 9 4 4 2 2"}
    found = {"model": "piqa", "seed": 0, "overlap": "0 1 1 1 0 0 0 0 1", **about, "cells": cells}
    (tmp_path / "harness").mkdir()
    (tmp_path / "harness" / "piqa-0.json").write_text(json.dumps(found), encoding="utf-8")
    monkeypatch.setattr(trained.place, "FOLDER", tmp_path)


@pytest.mark.parametrize(
    ("norm", "expected"),
    [
        ("sum", [0, 0, 0, 1]),  # equal sums: the first is taken
        ("character", [1, 1, 1, 1]),
        ("byte", [1, 1, 0, 1]),
        ("token", [1, 1, 0, 1]),
        ("mutual information", [1, 0, 0]),
    ],
)
@pytest.mark.usefixtures("record")
def test_each_normalization_decides_by_its_quotient(norm, expected):
    assert results.right("piqa", norm=norm).tolist() == expected


@pytest.mark.usefixtures("record")
def test_an_accuracy_has_wilsons_interval_and_a_difference_is_paired():
    found = results.accuracy("piqa", norm="character")
    assert (found.estimate, found.high) == (1, 1) and found.low == pytest.approx(0.5101, abs=1e-4)
    assert results.right("piqa", "letters").tolist() == [1, 0]
    with pytest.raises(ValueError, match="2 to draw from"):
        results.accuracy_difference("piqa", ("letters", "sum"), ("published", "sum"))


@pytest.mark.usefixtures("record")
def test_an_answer_that_was_not_read_is_wrong():
    assert results.right("piqa", results.WRITTEN).tolist() == [1, 0, 1]


@pytest.mark.usefixtures("record")
def test_baselines_share_an_item_between_equal_answers(monkeypatch):
    seen = []

    def mean_over_items(rights, *_, **__):
        seen.append(rights)
        return exact(0.0, "items")

    monkeypatch.setattr(results, "mean_over_items", mean_over_items)
    for name in ("longest", "shortest", "overlap"):
        results.baseline("piqa", name)
    assert seen == [[1, 0.5, 1, 0.5], [0, 0, 0, 0.5], [1, 0.5, 0.5, 0]]
    assert results.chance("piqa") == pytest.approx((3 / 2 + 1 / 3) / 4)


@pytest.mark.usefixtures("record", "unchecked_shapes")
def test_what_is_not_there_is_named():
    with pytest.raises(ValueError, match=r"no form 'chat'.*published, letters"):
        results.cell("piqa", "chat")
    with pytest.raises(ValueError, match=r"'word'.*sum, character, byte, token, mutual information"):
        results.decided("piqa", norm="word")
    assert results.forms("piqa") == {"published": 4, "letters": 2, "without question": 3, "written": 3}


def test_published_scores_are_of_tasks_that_are_measured():
    assert {one.task for one in results.PUBLISHED} <= set(N_ITEMS) and all(
        30 < p.percent < 70 for p in results.PUBLISHED
    )


@pytest.mark.skipif("piqa" not in PARTS, reason="no record")
def test_the_first_scores_of_a_record_are_given_again():
    model, tokenizer = experiment.model_of("piqa")
    choices = drawn_choices("piqa").choices[:2]
    found = experiment.scored(model, tokenizer, FORMS["published"], choices)
    kept = results.cell("piqa").scores[:2]
    np.testing.assert_allclose(np.concatenate(kept), np.concatenate(found.scores), atol=2e-3)


@pytest.mark.usefixtures("unchecked_shapes")
def test_a_rule_that_is_not_there_and_answers_that_were_not_written_are_refused():
    with pytest.raises(ValueError, match="name is 'first'; give one of longest, shortest, overlap"):
        results.baseline("piqa", "first")
    with pytest.raises(ValueError, match="The base model wrote no answers"):
        results.accuracy("piqa", "written", base=True)
