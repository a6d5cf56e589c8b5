"""Errors of each example: from the records that keep them, else from the stored weights."""

import json

import numpy as np
import pytest

from course import trained
from course.tasks import date_task, evaluate
from course.tasks import run_counts as module
from course.tasks.run_counts import run_counts

TEST = "new dates"


@pytest.fixture
def records(monkeypatch):
    """Records that a test writes itself, in place of the stored ones."""

    def put(*given):
        for where in (module.trained, module.trained.records):
            monkeypatch.setattr(where, "results", lambda experiment: list(given))

    return put


def record(model, seed, items=None):
    return json.loads(json.dumps({"model": model, "seed": seed, "tests": {TEST: {"items": items} if items else {}}}))


def test_the_records_of_all_seeds_are_read(records):
    records(
        record("one", 0, {"errors": "0 2 1", "symbols": "5 6 7"}),
        record("one", 1, {"errors": "1 0 0", "symbols": "5 6 7"}),
        record("another", 0),
    )
    counts = run_counts("dates", date_task(), "one", TEST, items="dates")
    assert counts.errors.tolist() == [[0, 2, 1], [1, 0, 0]]
    assert counts.symbols.tolist() == [[5, 6, 7], [5, 6, 7]]
    assert counts.items == "dates"


@pytest.mark.slow
def test_without_them_the_stored_model_is_evaluated(records):
    records(record("transformer", 0), record("transformer", 1, {"errors": "0", "symbols": "1"}))
    task = date_task()
    counts = run_counts("dates", task, "transformer", TEST)
    outcomes = evaluate(trained.load("dates/transformer"), task, task.tests[TEST])
    assert np.array_equal(counts.errors, [[one.errors for one in outcomes]])
    assert np.array_equal(counts.symbols, [[len(one.target) for one in outcomes]])


def test_a_test_that_is_not_there_is_named():
    with pytest.raises(ValueError, match=r"no test .old dates. in this task\. There are: new dates"):
        run_counts("dates", date_task(), "transformer", "old dates")
