"""What the lesson on tools reads from records: outcomes, differences, agreement with APIBench, and pairs."""

from itertools import pairwise

import numpy as np
import pytest

from course import trained
from course.data.api_calls import KINDS, api_call_tasks
from course.intervals import difference_of_rates, rate, share
from course.tasks.tool_agreement import Agreement, agreement, disagreements
from course.tasks.tool_calls import call_sets
from course.tasks.tool_pair_results import pairs_by_rule, pairs_kept
from course.tasks.tool_pairs import PAIR_RULES
from course.tasks.tool_results import (
    EXPERIMENT,
    answered,
    broken_rules,
    counts,
    outcome_difference,
    outcome_share,
    recall,
)
from course.tools import Outcome

LETTERS = {"r": Outcome.RIGHT, "w": Outcome.WRONG_CALL, "h": Outcome.HALLUCINATED, "u": Outcome.UNPARSABLE}
N = 8


def cell(outcomes, apibench):
    """Such as "rrwwhhuu": the outcome of each request; and "11000000": APIBench's verdict."""
    return {
        "outcomes": {
            outcome.value: trained.one_line(float(LETTERS[one] is outcome) for one in outcomes) for outcome in Outcome
        },
        "apibench": " ".join(apibench),
        "reads_right_document": " ".join("10" * (N // 2)),
        "rules": ["" if one == "r" else f"rule {one}" for one in outcomes],
        "answers": [f"answer {number}" for number in range(N)],
    }


def save(model, seed, first="0", **cells):
    ids = [f"{first}-{number}" for number in range(N)]
    trained.save_record(EXPERIMENT, model, seed, {"ids": ids, "cells": cells})


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr("course.trained.place.FOLDER", tmp_path)
    save("zero-shot", 0, oracle=cell("uuuuuuuu", "00000000"), none=cell("huuuuuuu", "00000000"))
    save("tuned", 0, oracle=cell("rrrrwhhu", "11101000"), none=cell("hhhhhhhu", "00000000"))
    save("tuned", 1, oracle=cell("rrrwwwhu", "11100100"), none=cell("hhhhhhuu", "00000000"))
    save("other", 1, oracle=cell("rwwwwwhu", "10000000"))
    return tmp_path


# --- Outcomes ---


def test_answers_have_a_row_for_each_seed_and_one_outcome_each(folder):
    found = answered("tuned", "oracle")
    assert found.seeds == (0, 1) and found.ids == tuple(f"0-{number}" for number in range(N))
    assert sum(found.counted[outcome] for outcome in Outcome).tolist() == [[1] * N] * 2
    assert found.counted[Outcome.RIGHT][1].tolist() == [1, 1, 1, 0, 0, 0, 0, 0]
    assert found.counted["apibench"][1].tolist() == [1, 1, 1, 0, 0, 1, 0, 0]
    assert found.reads_right.tolist() == [True, False] * (N // 2)
    assert found.answers[1][3] == "answer 3" and found.rules[0][:5] == [""] * 4 + ["rule w"]


def test_what_was_not_run_is_refused_with_what_was(folder):
    with pytest.raises(ValueError, match=r"'other' was not run in 'none'.*other, oracle; tuned, none; tuned, oracle"):
        answered("other", "none")
    with pytest.raises(ValueError, match="'new' was not run"):
        counts("new", "oracle")


def test_runs_of_other_requests_are_refused(folder):
    save("tuned", 2, first="1", oracle=cell("rrrrrrrr", "11111111"))
    with pytest.raises(ValueError, match="tuned-2 read other requests than tuned-0"):
        answered("tuned", "oracle")
    with pytest.raises(ValueError, match="tuned, none and later, none did not read the same requests"):
        save("later", 0, first="1", none=cell("rrrrrrrr", "11111111"))
        outcome_difference(("tuned", "none"), ("later", "none"))


def test_a_share_is_over_seeds_and_requests(folder):
    assert outcome_share("tuned", "oracle") == rate(counts("tuned", "oracle"))
    assert outcome_share("tuned", "oracle").estimate == pytest.approx(3.5 / N)
    assert outcome_share("tuned", "oracle", "apibench").estimate == pytest.approx(4 / N)
    assert outcome_share("other", "oracle", Outcome.WRONG_CALL) == share(5, N, of="requests")


def test_an_outcome_that_never_occurs_has_an_interval_all_the_same(folder):
    assert outcome_share("tuned", "none") == share(0, N, of="requests")
    assert outcome_share("tuned", "none").high > 0.2
    assert outcome_share("zero-shot", "oracle", Outcome.UNPARSABLE) == share(N, N, of="requests")


def test_settings_of_a_model_are_paired_by_run(folder):
    found = outcome_difference(("tuned", "oracle"), ("tuned", "none"), Outcome.UNPARSABLE)
    of_settings = (counts("tuned", setting, Outcome.UNPARSABLE) for setting in ("oracle", "none"))
    assert found == difference_of_rates(*of_settings, same_runs=True)
    assert found.estimate == pytest.approx(-0.5 / N)


def test_models_are_compared_over_the_seeds_that_both_have(folder):
    found = outcome_difference(("tuned", "oracle"), ("other", "oracle"))
    assert found.estimate == pytest.approx(2 / N) and "one seed" in found.of
    save("last", 3, oracle=cell("rrrrrrrr", "11111111"))
    with pytest.raises(ValueError, match=r"tuned has the seeds \(0, 1\), last has \(3,\): none is common"):
        outcome_difference(("tuned", "oracle"), ("last", "oracle"))


@pytest.mark.parametrize("turned", [False, True])
def test_the_model_as_it_is_is_compared_with_every_seed(folder, turned):
    a, b = ("tuned", "oracle"), ("zero-shot", "oracle")
    found = outcome_difference(b, a) if turned else outcome_difference(a, b)
    assert found.estimate == pytest.approx((-1 if turned else 1) * 3.5 / N)
    assert found.of.startswith("2 seeds")
    of_zero = outcome_difference(("zero-shot", "none"), b, Outcome.HALLUCINATED)
    assert of_zero.estimate == pytest.approx(1 / N) and "one seed" in of_zero.of


def test_a_difference_over_some_requests(folder):
    chosen = answered("tuned", "oracle").reads_right
    found = outcome_difference(("tuned", "oracle"), ("zero-shot", "oracle"), chosen=chosen)
    assert found.estimate == pytest.approx(2 / 4) and "4 requests" in found.of


def test_broken_rules_are_counted_over_seeds(folder):
    assert broken_rules("tuned", "oracle") == {"rule w": 4, "rule h": 3, "rule u": 2}


# --- APIBench, retrieval, pairs ---


def test_both_verdicts_are_counted_and_their_disagreements_listed(folder):
    found = agreement("tuned", "oracle")
    assert found == Agreement(both=6, ours_alone=1, apibench_alone=2, neither=7) and found.disagreements == 3
    listed = disagreements("tuned", "oracle")
    assert [(one.seed, one.id, one.outcome, one.apibench) for one in listed] == [
        (0, "0-3", Outcome.RIGHT, False),
        (0, "0-4", Outcome.WRONG_CALL, True),
        (1, "0-5", Outcome.WRONG_CALL, True),
    ]
    assert [one.rule for one in listed] == ["", "rule w", "rule w"] and listed[1].answer == "answer 4"


def test_recall_counts_the_ranks_up_to_k(folder):
    cells = {"bm25": {"test": {"ranks": "1 3 0 4 2"}, "validation": {"ranks": "0 9"}}}
    trained.save_record(EXPERIMENT, "retrievers", 0, {"cells": cells})
    assert recall("bm25") == share(3, 5, of="requests")
    assert recall("bm25", k=1) == share(1, 5, of="requests")
    assert recall("bm25", "validation", 10) == share(1, 2, of="requests")


def test_pairs_go_through_the_rules_in_their_order(folder):
    rules = [None, PAIR_RULES[-1], PAIR_RULES[0], None, PAIR_RULES[0], PAIR_RULES[3], None, None]
    made = [{"function": f"f{number}", "rule": rule} for number, rule in enumerate(rules)]
    trained.save_record(EXPERIMENT, "self-instruct", 0, {"made": made})
    rows = [list(row.values()) for row in pairs_by_rule()]
    assert [row[0] for row in rows] == list(PAIR_RULES)
    assert rows[0][1:] == [8, 2, 6] and rows[3][1:] == [6, 1, 5] and rows[-1][1:] == [5, 1, 4]
    assert all(before[3] == after[1] for before, after in pairwise(rows))
    assert pairs_kept().estimate == pytest.approx(0.5)


# --- The kept records ---


def kept_runs():
    return [run for run in trained.results(EXPERIMENT) if "ids" in run]


def test_all_models_of_the_lesson_read_the_same_requests():
    assert len({tuple(run["ids"]) for run in kept_runs()}) == 1


def test_no_two_requests_are_for_the_same_function_nor_for_one_of_a_training():
    function = {task.id: task.answers[0].name for kind in KINDS for task in api_call_tasks(kind)}
    tested = [function[each] for each in kept_runs()[0]["ids"]]
    assert len(set(tested)) == len(tested)
    others = {name for task in (*call_sets().training, *call_sets().validation) for name in task.names}
    assert not others & set(tested)


def test_a_constrained_model_hallucinates_nothing():
    for run in kept_runs():
        for setting in run["cells"]:
            if setting.endswith(" constrained"):
                assert not np.any(answered(run["model"], setting).counted[Outcome.HALLUCINATED])


@pytest.mark.parametrize(("method", "which"), [("x", "test"), ("dense", "training")])
def test_a_search_that_was_not_measured_is_named(method, which):
    with pytest.raises(ValueError, match="There are: bm25, test; bm25, validation; dense, test"):
        recall(method, which)
