"""The experiment on answers with passages: with a tiny model on a few facts, and its kept records."""

import pytest
import torch

from course import trained
from course.rag import Document
from course.tasks.unknown_facts import facts_after
from experiments import grounded_answers as experiment

PARTS = tuple(experiment.PARTS)


class Encoder:
    """Vectors by the letters of a text."""

    def encode(self, texts):
        rows = [[text.lower().count(letter) + 0.1 for letter in "abcdefghijklmnopqrstuvwxyz"] for text in texts]
        return torch.nn.functional.normalize(torch.tensor(rows), dim=-1)


@pytest.fixture
def few(tmp_path, monkeypatch):
    asked = []

    def answers(_model, _tokenizer, readings):
        asked.append(readings)
        return [one.said or "nothing" for one in readings]

    others = (Document("boolq-0", "Nile", "The Nile is long."), Document("boolq-1", "Rome", "Rome is old."))
    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    monkeypatch.setattr(experiment, "load", lambda _name: (None, None))
    monkeypatch.setattr(experiment, "grounded_answers", answers)
    monkeypatch.setattr(experiment, "sentence_encoder", Encoder)
    monkeypatch.setattr(experiment, "boolq_passages", lambda: others)
    monkeypatch.setattr(experiment, "passage_vectors", lambda: Encoder().encode([one.text for one in others]))
    return asked


def run(name):
    experiment.main([name], 4, torch.get_num_threads(), missing=False)
    return trained.record_of(experiment.NAME, name)


def test_an_answer_that_repeats_the_passage_is_right_with_the_right_one_alone(few):
    record = run("conditions")
    n = 4 + len(facts_after())
    lines = {condition: trained.numbers(cell["right"]) for condition, cell in record["cells"].items()}
    assert lines == {"closed": [0] * n, "oracle": [1] * n, "swapped": [0] * n, "wrong": [0] * n}
    said = {condition: trained.numbers(cell["said"]) for condition, cell in record["cells"].items()}
    assert said == {"closed": [0] * n, "oracle": [1] * n, "swapped": [1] * n, "wrong": [1] * n}
    assert record["right_answers"][-1] == facts_after()[-1].answer and len(record["questions"]) == n


def test_what_was_found_is_read(few):
    record = run("retrieved")
    assert record["passages"] == 96 + 18 + 2
    assert {len(one.passages) for readings in few for one in readings} == {1, 3}
    bm25 = trained.numbers(record["ranks"]["bm25"])
    best = few[list(record["cells"]).index("dense-1")]
    for read, fact, rank in zip(best, experiment.tests(4), trained.numbers(record["ranks"]["dense"]), strict=True):
        assert (read.passages[0].document == fact.passage) == (rank == 1)
    assert bm25[:4] == [1] * 4  # the name of an invented thing is in its own passage alone


def test_each_place_has_the_same_questions(few):
    record = run("places")
    assert list(record["cells"]) == ["1 of 3", "2 of 3", "3 of 3", "1 of 5", "3 of 5", "5 of 5"]
    for name, readings in zip(record["cells"], few, strict=True):
        place, n = map(int, name.split(" of "))
        assert [one.question for one in readings] == record["questions"]
        assert all(len(one.passages) == n and one.right in one.passages[place - 1].text for one in readings)


@pytest.mark.parametrize("part", PARTS)
def test_a_kept_record_has_a_verdict_for_each_answer(part):
    record = trained.record_of(experiment.NAME, part)
    n = len(record["questions"])
    for cell in record["cells"].values():
        assert len(cell["answers"]) == n
        for name in ("exact", "f1", "right", "said", "supported", "grounded", "cites", "cites_unknown"):
            line = trained.numbers(cell[name])
            assert len(line) == n and all(0 <= value <= 1 for value in line)
