"""The lesson goes on with the learner's function once it is right, and with the course's before."""

import pytest

from course.exercises import progress, yours
from course.exercises.registry import find

NAME = "tokenization.count_pairs"


def attempt(words): ...


def one_that_is_wrong(words):
    return {}


def test_a_right_function_is_kept_and_nothing_is_said(capsys):
    def count_pairs(words):
        return find(NAME).solution(words)

    assert yours(NAME, count_pairs) is count_pairs
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("function", [attempt, one_that_is_wrong, None, 3])
def test_before_that_it_is_the_courses_and_says_so(capsys, function):
    assert yours(NAME, function) is find(NAME).solution
    assert capsys.readouterr().out == "count_pairs: the course's version until yours passes its check.\n"


def test_nothing_is_recorded():
    before = progress.load()
    yours(NAME, one_that_is_wrong)
    yours(NAME, find(NAME).solution)
    assert progress.load() == before


def test_an_unknown_name_is_an_error():
    with pytest.raises(ValueError, match="no exercise"):
        yours("tokenization.count", attempt)
