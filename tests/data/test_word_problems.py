"""ASDiv as word problems, and the numbers of a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.data.word_problems import UNITS, WordProblem, numbers_in, split_problems, word_problems

ONES = [word for word, number in UNITS.items() if 0 < number < 10]
TENS = [word for word, number in UNITS.items() if number >= 20]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("She has 3 eggs and 1,250 nuts, 2.5 kg each.", [3, 1250, 2.5]),
        ("Fourteen dumplings. He ate seven.", [14, 7]),
        ("ninety DS games, eighty-seven gone", [90, 87]),
        ("eight hundred ten cans with four in each", [810, 4]),
        ("three hundred and five, two thousand forty", [305, 2040]),
        ("one hundred twenty thousand three", [120_003]),
        ("five twenty", [5, 20]),
        ("twenty fifteen, seventy zero", [20, 15, 70, 0]),
        ("two cats ate 3 of 40 fish in six days", [2, 3, 40, 6]),
        ("two and three", [2, 3]),
        ("at 5:30 a 3rd of 1/2 A4", []),
        ("someone often weighs nothing", []),
        ("$20 and $5.", [20, 5]),
        ("", []),
    ],
)
def test_numbers_of_a_text_in_its_order(text, numbers):
    assert numbers_in(text) == numbers


@given(st.sampled_from(TENS), st.sampled_from(ONES), st.sampled_from([" ", "-"]))
def test_tens_and_ones_are_one_number(tens, ones, between):
    assert numbers_in(f"It has {tens}{between}{ones} seats") == [UNITS[tens] + UNITS[ones]]
    assert numbers_in(f"It has {ones}, {tens} seats") == [UNITS[ones], UNITS[tens]]


@given(st.integers(0, 10**9))
def test_digits_are_read_with_and_without_commas(number):
    assert numbers_in(f"He has {number} coins.") == numbers_in(f"He has {number:,} coins.") == [number]


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("9 pounds", 9),
        ("8484 eggs", 8484),
        ("2.5", 2.5),
        ("1,200 m", 1200),
        ("-3 degrees", -3),
        ("6:7", None),
        ("3:30 p.m.", None),
        ("Yes", None),
        ("6th", None),
        ("3 cups; 4 spoons", None),
        ("3 cups and 4 spoons", None),
        ("1/2 cup", None),
    ],
)
def test_an_answer_that_is_one_number_has_a_value(answer, value):
    assert WordProblem("How many?", answer).value == value


def test_asdiv_has_2305_problems_with_answers():
    problems = word_problems()
    assert len(problems) == 2305
    assert all(one.text and one.answer for one in problems)
    assert problems[0].text.endswith("?")


def test_problems_that_differ_in_numbers_alone_are_in_one_set():
    problems = [WordProblem(f"Ann has {n} nuts. She eats {n - 1}. How many are left?", "1") for n in range(2, 12)]
    problems += [WordProblem(f"{name} walks five miles each day of a week. How far?", "35") for name in "ABCDEFGHIJKL"]
    train, (validation, test) = split_problems(problems)
    for of_set in (train, validation, test):
        assert sum("nuts" in one.text for one in of_set) in (0, 10)


def test_asdiv_splits_into_sets_without_a_text_in_common():
    problems = word_problems()
    train, (validation, test) = split_problems(problems)
    texts = [{one.text for one in of_set} for of_set in (train, validation, test)]
    assert not (texts[0] & texts[1] or texts[0] & texts[2] or texts[1] & texts[2])
    assert 0.55 < len(train) / len(problems) < 0.65 and 0.25 < len(test) / len(problems) < 0.35
