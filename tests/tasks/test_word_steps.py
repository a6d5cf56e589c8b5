"""One step from two numbers to an answer: found where it is the only one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.data.word_problems import WordProblem
from course.tasks.word_steps import OPERATIONS, Step, calculations, only_step, reasoned, steps_to


def problem(numbers, answer):
    return WordProblem(" and ".join(f"{n} nuts" for n in numbers) + ". How many?", answer)


@pytest.mark.parametrize(
    ("numbers", "answer", "step"),
    [
        ((303, 28), "8484 eggs", "303 * 28 = 8484"),
        ((23, 14), "9 pounds", "23 - 14 = 9"),
        ((14, 23), "9", "23 - 14 = 9"),
        ((3, 36), "12", "36 / 3 = 12"),
        ((28, 3), "31", "28 + 3 = 31"),
        ((2, 5), "2.5", "5 / 2 = 2.5"),
    ],
)
def test_the_only_step_in_the_order_of_the_text(numbers, answer, step):
    assert str(only_step(problem(numbers, answer))) == step
    assert reasoned(problem(numbers, answer)).rationale == step


@pytest.mark.parametrize(
    ("numbers", "answer"),
    [
        ((2, 2), "4"),  # 2 + 2, 2 * 2
        ((4, 2), "2"),  # 4 - 2, 4 / 2
        ((3, 5), "9"),
        ((3, 5), "Yes"),
        ((3, 5, 100), "8"),  # three numbers
        ((3,), "3"),
        ((0, 5), "7"),  # nothing is divided by 0
    ],
)
def test_no_step_where_there_are_none_or_several(numbers, answer):
    assert only_step(problem(numbers, answer)) is None
    assert reasoned(problem(numbers, answer)).rationale == ""


@given(st.lists(st.integers(1, 50), min_size=2, max_size=3), st.integers(0, 60))
def test_steps_are_all_of_brute_force(numbers, answer):
    expected = set()
    for i, left in enumerate(numbers):
        for j, right in enumerate(numbers):
            for name, operation in OPERATIONS.items():
                if i != j and abs(operation(left, right) - answer) < 1e-9:
                    a, b = (min(left, right), max(left, right)) if name in "+*" else (left, right)
                    expected.add(Step(a, name, b))
    found = steps_to(numbers, answer)
    assert len(found) == len(set(found)) and set(found) == expected


def test_a_label_is_the_number_alone_where_there_is_one():
    assert reasoned(problem((23, 14), "9 pounds")).label == "9"
    assert reasoned(problem((23, 14), "6:7")).label == "6:7"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("He used 2 oranges per glass. 6 * 2 = 12.", "6 * 2 = 12."),
        ("25 cents - 15 cents = 10 cents.", ""),
        ("1.5 + 2 - 3 = 0.5 pounds, and 4 / 2 = 3.", "1.5 + 2 - 3 = 0.5. 4 / 2 = 3."),
        ("", ""),
    ],
)
def test_calculations_have_no_words_of_the_text(text, kept):
    assert calculations(text) == kept
