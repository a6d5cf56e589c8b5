"""A call becomes a text or a reason in one sentence."""

import math
import time
from pathlib import Path

import pytest

from course.tools import Call
from course.tools.execution import Layer, Toolbox, run_call, run_text
from tests.tools.calling import TOOLBOX, held, run
from tests.tools.hostile_tools import tool


@pytest.fixture(autouse=True)
def _nothing_is_left():
    before = held()
    yield
    assert held() == before, "processes, threads or open files are left"


def test_a_value_arrives_as_it_was_sent():
    value = {"a": [1, -2.5, None, True, ("é", "한\n\t😀")], "": {}, 3: 10**17}
    assert run("echo", value=value).value == repr(value)
    assert run("echo", value='"quotes" and \\ and {braces}').value == '"quotes" and \\ and {braces}'


def test_a_long_answer_is_cut_with_a_sentence():
    call = Call("repeat", {"text": "ab", "times": 1_000_000})
    result = run_call(call, TOOLBOX, output_characters=11)
    assert (result.value, result.refusal) == ("abababababa", None)
    assert result.note == "The answer was cut: these are the first 11 of its 2000000 characters."
    assert str(result) == f"abababababa\n{result.note}"
    whole = run_call(Call("repeat", {"text": "한", "times": 2000}), TOOLBOX)
    assert (whole.value, whole.note) == ("한" * 2000, "")


def test_an_error_is_one_sentence_without_a_traceback():
    failed = run("fail", name="ValueError", message="one\n  two")
    assert (failed.refusal.layer, str(failed)) == (Layer.FUNCTION, "fail has no answer: one two")
    assert str(run("fail", name="KeyError", message="x")) == "fail has no answer: KeyError: 'x'"
    assert str(run("fail", name="ValueError", message="")) == "fail has no answer: ValueError"
    assert run("fail", name="MemoryError", message="x").refusal.layer is Layer.LIMITS
    assert len(str(run("fail", name="ValueError", message="long " * 700))) < 400


def test_a_child_has_an_empty_folder_and_few_variables(monkeypatch):
    monkeypatch.setenv("SOME_TOKEN", "secret")
    variables = run("surroundings", name="variables").value
    assert "SOME_TOKEN" not in variables and "HOME" not in variables and "OMP_NUM_THREADS" in variables
    assert run("surroundings", name="files").value == "[]"
    folder = run("surroundings", name="folder").value
    assert folder != str(Path.cwd()) and not Path(folder).exists()


@pytest.mark.parametrize(
    ("name", "limit"), [("seconds", 0.0), ("seconds", math.nan), ("memory_mb", -1), ("output_characters", 0)]
)
def test_limits_are_above_zero(name, limit):
    with pytest.raises(ValueError, match=f"{name} is {limit}; give a limit above 0"):
        run_call(Call("echo", {"value": 1}), TOOLBOX, **{name: limit})


def test_tools_that_are_not_isolated_run_here():
    numbers = {"one": 1}

    def number(name):
        return numbers[name]

    toolbox = Toolbox([tool(number, isolated=False, name="string")])
    assert [str(result) for result in run_text('[number("one"), number("two")]', toolbox)] == [
        "1",
        "number has no answer: KeyError: 'two'",
    ]
    assert run_call(Call("number", {"name": 1}), toolbox).refusal.layer is Layer.ARGUMENTS
    numbers["long"] = "x" * 10
    assert run_call(Call("number", {"name": "long"}), toolbox, output_characters=3).value == "xxx"


@pytest.mark.timed
def test_a_call_takes_less_than_half_a_second(record_property):
    times = []
    for _number in range(5):
        started = time.perf_counter()
        run("weekday", day="2026-01-01")
        times.append(time.perf_counter() - started)
    record_property("timed", f"a call in a child process: {min(times):.3f} s of 0.5 s")
    assert min(times) < 0.5
