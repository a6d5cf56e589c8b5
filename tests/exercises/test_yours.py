"""The lesson goes on with the learner's function once it is right, and with the course's before."""

import inspect
import re

import numpy as np
import pytest
import torch

from course.exercises import progress, yours
from course.exercises.registry import exercises_of, find
from course.syllabus.lessons import LESSONS

NAME = "tokenization.count_pairs"
WRITTEN = [lesson for lesson in LESSONS if lesson.source.exists()]


def attempt(words): ...


def one_that_is_wrong(words):
    return {}


def test_a_right_function_is_kept_and_nothing_is_said(capsys):
    def count_pairs(words):
        return find(NAME).solution(words)

    kept = yours(NAME, count_pairs)
    assert inspect.unwrap(kept) is count_pairs
    assert kept({("h", "u"): 3}) == {("h", "u"): 3}
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


def of_solution(name, change):
    """The solution with its answers changed into values of another type."""
    solution = find(name).solution
    return lambda *arguments: change(solution(*arguments))


@pytest.mark.parametrize(
    ("name", "arguments", "change"),
    [
        ("start_here.softmax", ([1.0, 2.0], 1.0), iter),
        ("start_here.softmax", ([1.0, 2.0], 1.0), lambda shares: torch.tensor(shares).to_sparse()),
        ("start_here.softmax", ([1.0, 2.0], 1.0), np.array),
        ("seq2seq.greedy", ({"<s>": {"K": 0.9, "</s>": 0.1}, "K": {"</s>": 1.0}}, 9), lambda output: map(str, output)),
        ("tokenization.split_words", ("a bc",), np.array),
        ("seq2seq.pad_batch", ([[5, 6], [7]], 0), lambda both: map(torch.tensor, both)),
        ("seq2seq.pad_batch", ([[5, 6], [7]], 0), lambda both: list(map(np.array, both))),
        ("tokenization.pair_score", (6, 6, 20, 400), torch.tensor),
        ("tokenization.viterbi_step", ("a", 1, [0.0], {"a": -1.0}), lambda both: tuple(map(np.array, both))),
    ],
)
def test_answers_of_another_type_become_what_the_cells_after_it_need(name, arguments, change):
    wanted = find(name).solution(*arguments)
    found = yours(name, of_solution(name, change))(*arguments)
    assert type(found) is type(wanted)
    assert repr(found) == repr(wanted) or found == pytest.approx(wanted)


@pytest.mark.parametrize(
    "change",
    [
        torch.Tensor.numpy,
        torch.Tensor.tolist,
        torch.Tensor.double,
        list,
        torch.Tensor.to_sparse,
        lambda t: map(list, t),
    ],
)
def test_tensors_come_as_tensors_in_the_precision_that_was_given(change):
    x, hidden, weight, bias = torch.ones(2, 3), torch.ones(2, 3), torch.ones(3, 3), torch.zeros(3)
    for dtype in (torch.float32, torch.float64):
        arguments = [tensor.to(dtype) for tensor in (x, hidden, weight, weight, bias)]
        found = yours("seq2seq.rnn_step", of_solution("seq2seq.rnn_step", change))(*arguments)
        assert found.dtype == dtype
        assert torch.allclose(found, find("seq2seq.rnn_step").solution(*arguments))


def test_a_tuple_of_tensors_comes_as_one():
    gates, cell = torch.ones(2, 4), torch.ones(2, 1)
    found = yours("seq2seq.lstm_step", of_solution("seq2seq.lstm_step", torch.stack))(gates, cell)
    wanted = find("seq2seq.lstm_step").solution(gates, cell)
    assert type(found) is tuple
    assert all(map(torch.equal, found, wanted))


@pytest.mark.parametrize("lesson", WRITTEN, ids=lambda lesson: lesson.name)
def test_each_lesson_goes_on_with_each_of_its_functions(lesson):
    used = re.findall(r"""\byours\("([\w.]+)", \w+\)""", lesson.source.read_text(encoding="utf-8"))
    assert sorted(used) == sorted(exercise.name for exercise in exercises_of(lesson))
