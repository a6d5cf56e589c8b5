"""Problems made by rule: labels and steps are right, and no formula is in two sets."""

import re
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.tasks.stepwise import KINDS, TURNS, YEAR, StepProblem, require_other_formulas, step_problems, step_sets

WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def day(text):
    for form in ("%B %d", "%d %B"):
        try:
            return datetime.strptime(f"{YEAR} {text}", f"%Y {form}")
        except ValueError:
            continue
    raise AssertionError(text)


@given(st.integers(0, 10**6))
def test_labels_are_right(seed):
    for one in step_problems(6, seed):
        numbers = [int(each) for each in re.findall(r"\d+", one.question)]
        if one.kind == "date":
            written = re.search(r"[A-Z][a-z]+ \d+|\d+ [A-Z][a-z]+", one.question)[0]
            n = next(each for each in reversed(numbers))
            assert day(one.label) == day(written) + timedelta(days=n)
        elif one.kind == "weekday":
            start = next(i for i, name in enumerate(WEEKDAYS) if name in one.question)
            assert one.label == WEEKDAYS[(start + numbers[0]) % 7]
        else:
            assert int(one.label) == numbers[0] + numbers[1] - numbers[2] > 0


@given(st.integers(0, 10**6))
def test_every_step_is_a_true_equation_and_the_last_is_the_label(seed):
    for one in step_problems(6, seed):
        equations = re.findall(r"(\d+) ([+-]) (\d+) = (\d+)", one.rationale)
        assert equations
        for left, operation, right, result in equations:
            assert int(left) + (1 if operation == "+" else -1) * int(right) == int(result)
        if one.kind == "weekday":
            assert one.rationale.rstrip(".").endswith(one.label)
        else:
            assert equations[-1][-1] in one.label.split()


def test_kinds_take_turns_and_no_formula_is_there_twice():
    problems = step_problems(300)
    assert [one.kind for one in problems[:10]] == [*TURNS, *TURNS] and set(TURNS) == set(KINDS)
    assert len({one.formula for one in problems}) == 300
    assert problems == step_problems(300) != step_problems(300, seed=1)


def test_more_problems_than_formulas_are_refused():
    with pytest.raises(ValueError, match="no more problems of the kind 'weekday'"):
        step_problems(1800)


@pytest.mark.parametrize("seed", [0, 1])
def test_sets_share_neither_a_formula_nor_a_text(seed):
    sets = step_sets(600, training=100, validation=30, test=60, seed=seed)
    assert [len(sets.training), len(sets.validation), len(sets.test)] == [100, 30, 60]
    assert set(sets.training) <= set(sets.more)
    for measure in ("formula", "question"):
        seen = {getattr(one, measure) for one in sets.more}
        validation, test = ({getattr(one, measure) for one in part} for part in (sets.validation, sets.test))
        assert not (seen & validation or seen & test or validation & test)


def test_a_formula_in_two_sets_is_refused_though_its_words_differ():
    one, other = (StepProblem(text, "5", "2 + 3 = 5.", "sum", "2 + 3 - 0") for text in ("A?", "B?"))
    third = StepProblem("C?", "6", "2 + 4 = 6.", "sum", "2 + 4 - 0")
    require_other_formulas([one, third], [])
    with pytest.raises(ValueError, match=r"'2 \+ 3 - 0' is in set 0 and in a later one"):
        require_other_formulas([one], [other])
    with pytest.raises(ValueError, match="is in set 1"):
        require_other_formulas([third], [one], [other])


def test_units_are_spelled_as_in_their_region():
    texts = " ".join(one.question for one in step_problems(600))
    assert "litres" in texts and "liters" in texts
