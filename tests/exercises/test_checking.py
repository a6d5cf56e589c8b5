"""What `check` tells a learner about code that raises, never ends, changes its input, or is not a function."""

import dataclasses
import json
import signal
import sys
import threading
import time

import pytest

from course.exercises import Mistake, check, checking, diagnosis, hint, progress, solution
from course.exercises.checking import judge
from course.exercises.display import Verdict
from course.exercises.registry import find
from course.syllabus import lessons

EXERCISE = find("tokenization.count_pairs")
FIRST_INPUT = "count_pairs({('h', 'u', 'g'): 10, ('h', 'u', 'm'): 5})"


def cell(source, name="count_pairs"):
    """The function that a cell with this source defines."""
    namespace = {}
    exec(compile(source, "<cell>", "exec"), namespace)
    return namespace[name]


@pytest.mark.timed
def test_a_machine_that_is_busy_with_other_things_does_not_lose_the_name_of_a_mistake(monkeypatch):
    def delayed(trial):
        time.sleep(3.2)
        return diagnosis.diagnose(trial)

    monkeypatch.setattr(checking, "DIAGNOSIS_LIMIT", 3.0)
    monkeypatch.setattr(checking, "diagnose", delayed)
    once_each = judge(
        EXERCISE, cell("def count_pairs(words):\n    return {p: 1 for w in words for p in zip(w, w[1:])}")
    )
    assert once_each.source, once_each.message


@pytest.fixture
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.json"))


@pytest.mark.parametrize(
    "body",
    [
        "...",
        "pass",
        "return None",
        "return",
        "return ...",
        "raise NotImplementedError",
        '"""Docstring."""',
        '"""D."""\n    ...',
    ],
)
def test_every_kind_of_untouched_stub_is_not_attempted(body):
    result = judge(EXERCISE, cell(f"def count_pairs(words):\n    {body}"))
    assert result.verdict is Verdict.NOT_ATTEMPTED
    assert not result.passed
    assert "not attempted" in repr(result)


def test_a_forgotten_return_is_no_untouched_stub():
    result = judge(EXERCISE, cell("def count_pairs(words):\n    counts = {}"))
    assert result.verdict is Verdict.FAILED
    assert "`None`" in result.message
    assert "`return`" in result.message
    assert FIRST_INPUT in repr(result)


def test_an_exception_is_one_sentence_with_the_line_and_the_input():
    source = "def helper(word):\n    return word['x']\n\ndef count_pairs(words):\n    return [helper(w) for w in words]"
    result = judge(EXERCISE, cell(source))
    assert "`TypeError: tuple indices must be integers or slices, not str`" in result.message
    assert "in line 2 of your cell" in result.message
    assert FIRST_INPUT in repr(result)
    assert "Traceback" not in repr(result)
    assert len(repr(result).splitlines()) <= 4


def test_the_exception_line_is_shown_as_code():
    """As in Jupyter, where the cells' sources are known: here it is this file's."""

    def count_pairs(words):
        return words["a line of my own"]

    line = count_pairs.__code__.co_firstlineno + 1
    message = judge(EXERCISE, count_pairs).message
    assert f'in line {line} of your cell: `return words["a line of my own"]`' in message


def test_an_exception_deep_inside_a_library_points_to_the_learners_line():
    source = "import fractions\ndef count_pairs(words):\n    return fractions.Fraction('one')"
    assert "in line 3 of your cell" in judge(EXERCISE, cell(source)).message


def test_endless_recursion_is_reported():
    result = judge(EXERCISE, cell("def count_pairs(words):\n    return count_pairs(words)"))
    assert "RecursionError" in result.message


def test_not_implemented_with_a_reason_is_an_error_like_any_other():
    result = judge(EXERCISE, cell("def count_pairs(words):\n    raise NotImplementedError('half done')"))
    assert result.verdict is Verdict.FAILED
    assert "half done" in result.message


@pytest.mark.timed
@pytest.mark.skipif(sys.platform == "win32", reason="the time limit needs a Unix timer")
@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "try:\n        while True: time.sleep(1)\n    except Exception: return {}",
        "while True: len([])",
    ],
)
def test_an_endless_loop_is_stopped(body):
    began = time.monotonic()
    result = judge(EXERCISE, cell(f"import time\ndef count_pairs(words):\n    {body}"), seconds=0.2)
    assert "still running after 0.2 s" in result.message
    assert time.monotonic() - began < 2


@pytest.mark.skipif(sys.platform == "win32", reason="the time limit needs a Unix timer")
def test_the_timer_is_put_back_after_a_check():
    before = signal.getsignal(signal.SIGALRM)
    assert judge(EXERCISE, EXERCISE.solution).passed
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before


def test_an_endless_iterator_is_wrong_and_stopped():
    result = judge(EXERCISE, cell("def count_pairs(words):\n    yield from iter(int, 1)"))
    assert result.verdict is Verdict.FAILED
    assert len(repr(result)) < 2_000


def test_the_check_works_in_a_thread():
    results = []
    thread = threading.Thread(target=lambda: results.append(judge(EXERCISE, EXERCISE.solution)))
    thread.start()
    thread.join()
    assert results[0].passed


def test_a_changed_input_is_told_and_does_not_spoil_the_next_case():
    def clears(words):
        answer = EXERCISE.solution(words)
        words.clear()
        return answer

    assert "changes its input" in judge(EXERCISE, clears).message
    assert judge(EXERCISE, EXERCISE.solution).passed


def test_of_two_mistakes_that_explain_it_the_closer_one_is_named():
    def up_to_six(number):
        return min(number, 6)

    exercise = dataclasses.replace(
        EXERCISE,
        solution=lambda number: number + 1,
        cases=lambda: [(number,) for number in range(10)],
        mistakes=(Mistake(up_to_six, "nearly"), Mistake(lambda number: number, "exactly")),
    )
    assert judge(exercise, lambda number: number).message == "exactly"
    assert judge(exercise, up_to_six).message == "nearly"


def test_what_went_wrong_first_is_told_first():
    wrong_then_stops = cell("def count_pairs(words):\n    return {'x': 1 / len(words)}")
    result = judge(EXERCISE, wrong_then_stops)
    assert "ZeroDivisionError" not in result.message
    stops_at_the_end = cell("def count_pairs(words):\n    1 / len(words)\n    return solution(words)")
    stops_at_the_end.__globals__["solution"] = EXERCISE.solution
    result = judge(EXERCISE, stops_at_the_end)
    assert "ZeroDivisionError" in result.message
    assert "count_pairs({})" in repr(result)


@pytest.mark.parametrize("function", [lambda: {}, lambda words, more: {}, lambda *, words: {}])
def test_wrong_parameters_are_told(function):
    message = judge(EXERCISE, function).message
    assert "must take 1 argument, `(words)`" in message


def test_a_parameter_that_must_be_named_is_shown_as_one():
    def named(*, words: dict, more: int = 3) -> dict:
        return {}

    assert judge(EXERCISE, named).message.endswith("it is written to take `(*, words, more=3)`.")


def test_other_names_and_further_optional_parameters_are_fine():
    assert judge(EXERCISE, lambda corpus, start=None: EXERCISE.solution(corpus)).passed
    assert judge(EXERCISE, lambda *arguments: EXERCISE.solution(*arguments)).passed


def test_a_value_of_another_type_is_told():
    message = judge(EXERCISE, lambda words: object()).message
    assert message == "Your function returns a value of type `object`, and the answer is of type `dict`."


def test_a_value_instead_of_the_function_is_told():
    result = check("tokenization.count_pairs", EXERCISE.solution({("a", "b"): 1}))
    assert result.verdict is Verdict.FAILED
    assert "`count_pairs`" in result.message
    assert "dict" in result.message


def test_an_unknown_name_lists_the_near_ones():
    with pytest.raises(
        ValueError, match=r"no exercise 'tokenization.count_pair'. Did you mean 'tokenization.count_pairs'"
    ):
        check("tokenization.count_pair", EXERCISE.solution)
    with pytest.raises(ValueError, match=r"Did you mean 'tokenization.count_pairs'\?"):
        check("count_pairs", EXERCISE.solution)
    with pytest.raises(ValueError, match=r"Did you mean 'transformer.softmax_entropy', .*'transformer.warmup_rate'\?"):
        check("06", EXERCISE.solution)


@pytest.mark.parametrize("name", ["", None, 3, "nothing like it", EXERCISE.solution, ["a"], "x" * 10_000, "\ud83d"])
def test_a_name_like_none_is_told_where_names_are_and_no_list_of_all(name):
    with pytest.raises(ValueError, match="no exercise") as error:
        check(name, EXERCISE.solution)
    assert 'check("start_here.softmax", softmax)' in str(error.value)
    assert "viterbi_step" not in str(error.value)
    assert len(str(error.value)) < 700


@pytest.mark.parametrize(
    "former", ["02.apply_merge", "02.count_pairs", "03.greedy", "04.attend", "05.apply_rotary", "06.split_heads"]
)
def test_a_former_name_in_a_saved_notebook_still_works(own_progress, former):
    exercise = find(former)
    result = check(former, exercise.solution)
    assert result.passed and result.exercise is exercise
    assert exercise.function_name == former[3:] and not exercise.name[0].isdigit()
    assert hint(former).prose == exercise.hints[0] and solution(former).code == exercise.solution_source
    assert json.loads(progress.progress_file().read_text()) == {exercise.name: True}


@pytest.mark.parametrize("name", ["02.count_pair", "tokenization.count_pair"])
def test_of_a_former_name_that_is_nearly_right_the_name_of_today_is_offered(name):
    with pytest.raises(ValueError, match=rf"no exercise '{name}'. Did you mean 'tokenization.count_pairs'"):
        check(name, EXERCISE.solution)


@pytest.mark.parametrize("name", ["01.count_pairs", "07.split_heads", "count_pairs", "2.count_pairs", ""])
def test_a_number_that_no_exercise_had_is_no_name(name):
    with pytest.raises(ValueError, match="no exercise"):
        find(name)


def test_former_names_stay_when_a_lesson_moves(monkeypatch):
    monkeypatch.setattr(lessons, "LESSONS", lessons.LESSONS[::-1])
    assert lessons.lesson("06").slug != "transformer"
    assert find("06.split_heads").name == "transformer.split_heads"


def test_progress_is_kept_when_tried_and_when_passed(own_progress):
    check("tokenization.count_pairs", cell("def count_pairs(words):\n    ..."))
    assert progress.load() == {}
    check("tokenization.count_pairs", lambda words: {})
    assert progress.load() == {"tokenization.count_pairs": False}
    check("tokenization.count_pairs", EXERCISE.solution)
    assert progress.load() == {"tokenization.count_pairs": True}


def test_results_are_the_same_on_every_run():
    for function in (EXERCISE.solution, EXERCISE.mistakes[0].wrong, lambda words: {}):
        first, second = judge(EXERCISE, function), judge(EXERCISE, function)
        assert repr(first) == repr(second)
        assert first._repr_html_() == second._repr_html_()
        assert " at 0x" not in repr(first)
