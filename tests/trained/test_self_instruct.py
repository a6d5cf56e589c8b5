"""The experiment on Self-Instruct goes on where it stopped, and its record and labels are what they say."""

import json
from itertools import count, islice

import pytest

from course import trained
from course.data.splits import draw
from course.evaluation import rouge_l
from course.instruction import LIMIT, TOO_SIMILAR, Filters, InstructionPool
from course.tasks import self_instruct_results as results
from course.tasks.seed_tasks import seed_pool
from course.tasks.self_instruct import Continuation
from experiments import self_instruct

RECORDS = trained.results("self_instruct") if trained.has_results("self_instruct") else []


@pytest.fixture
def written(tmp_path, monkeypatch):
    """A small experiment whose model writes numbers; gives what it was asked."""
    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    asked = []

    def writer(_model, _tokenizer, *, generator=None, **_settings):
        numbers = count(100 * generator.initial_seed() if generator else 0)

        def write(prompts):
            asked.append(list(prompts))
            if generator is None:
                return [Continuation(f" {prompt.rsplit(':', 1)[0][-9:]}\nOutput: b", True) for prompt in prompts]
            lists = [f" Say a{n} b{n} c{n} d{n}\n10. Sing\n11. Say" for n in islice(numbers, len(prompts))]
            return [Continuation(one, False) for one in lists]

        return write

    monkeypatch.setattr(self_instruct, "load", lambda _name: (None, None))
    monkeypatch.setattr(self_instruct, "model_writer", writer)
    for name, number in {"N_ROUNDS": 3, "N_PROMPTS": 4, "N_INSTANCES": 12, "BATCH": 5}.items():
        monkeypatch.setattr(self_instruct, name, number)
    return asked


def without_times(record):
    return {name: value for name, value in record.items() if name != "cpu_seconds"}


def test_a_run_that_was_stopped_goes_on(written):
    self_instruct.run("plain", 0, "a command", {})
    whole, n_asked = trained.record_of("self_instruct", "plain"), len(written)
    assert len(whole["candidates"]) == 2 * self_instruct.N_ROUNDS * self_instruct.N_PROMPTS
    assert {row["rule"] for row in whole["candidates"]} == {None, "length"}
    assert len(whole["made"]) == self_instruct.N_ROUNDS * self_instruct.N_PROMPTS == 12
    assert len(whole["cpu_seconds"]) == n_asked == self_instruct.N_ROUNDS + 3
    for n_rounds, n_made in ((1, 0), (self_instruct.N_ROUNDS, 0), (self_instruct.N_ROUNDS, 5)):
        begun = {
            **whole,
            "candidates": [row for row in whole["candidates"] if row["round"] < n_rounds],
            "made": whole["made"][:n_made],
            "cpu_seconds": whole["cpu_seconds"][: n_rounds + n_made // 5],
        }
        self_instruct.run("plain", 0, "a command", json.loads(json.dumps(begun)))
        assert without_times(trained.record_of("self_instruct", "plain")) == without_times(whole)
    before = len(written)
    self_instruct.run("plain", 0, "a command", whole)
    assert len(written) == before, "nothing is missing"


def test_the_pool_of_a_later_round_has_what_the_earlier_ones_kept(written):
    self_instruct.run("plain", 0, "a command", {})
    assert not any("Say a" in prompt for prompt in written[0])
    assert all(prompt.count("Say a") == 2 for prompt in written[1])


def test_dropped_by_rule_counts_each_candidate_once():
    rows = [{"rule": rule} for rule in (None, "length", "length", TOO_SIMILAR)]
    found = results.dropped_by_rule({"candidates": rows})
    assert found == {"length": 2, "words": 0, "program": 0, "punctuation": 0, "script": 0, TOO_SIMILAR: 1}
    assert len(results.kept_of(rows)) == 1


def test_diversity_is_of_each_with_its_nearest_other():
    found = results.diversity(["a b c d", "a b c x", "p q r s"], InstructionPool([], rouge_l))
    assert found.nearest == pytest.approx((0.75 + 0.75 + 0) / 3) and found.first_words == {"a": 2, "p": 1}


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["model"])
def test_the_filters_say_of_each_candidate_what_its_record_says(record):
    pool = seed_pool()
    for row in record["candidates"]:
        verdict = Filters().check(row["instruction"], pool)
        assert (verdict.rule, verdict.nearest.instruction) == (row["rule"], row["nearest"])
        assert verdict.score == pytest.approx(row["score"], abs=1e-4)
        if verdict.kept:
            pool.add(row["instruction"])
    instructions = pool.instructions
    assert all(rouge_l(one, two) <= LIMIT for place, one in enumerate(instructions) for two in instructions[:place])
    assert [row["instruction"] for row in record["made"]] == draw(pool.machine_made, len(record["made"]))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["model"])
def test_the_labels_are_of_what_was_made(record):
    criterion, labels = results.labels(record["model"])
    made = [(row["instruction"], row["input"], row["output"]) for row in record["made"]]
    assert [label[:3] for label in labels] == made and len(made) >= 40
    assert criterion and all(label.reason for label in labels)
    for label, row in zip(labels, record["made"], strict=True):
        assert not label.usable or (label.doable and row["rule"] is None)
    doable, usable = (each(record["model"]) for each in (results.doable_share, results.usable_share))
    assert doable.estimate * len(labels) == pytest.approx(sum(label.doable for label in labels))
    assert usable.estimate * len(results.kept_of(record["made"])) == pytest.approx(sum(one.usable for one in labels))


def test_a_text_that_is_there_twice_is_its_own_nearest_and_one_alone_has_none():
    pool = InstructionPool([], rouge_l)
    assert results.diversity(["a b", "a b", "p q"], pool).nearest == pytest.approx(2 / 3)
    for some in ([], ["a b"]):
        with pytest.raises(ValueError, match=f"There are {len(some)} instructions: give two or more"):
            results.diversity(some, pool)
