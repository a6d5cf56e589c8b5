"""The lesson goes on with the learner's function once it is right, and with the course's before."""

import math
import re

import numpy as np
import pytest
import torch

from course.exercises import progress, yours
from course.exercises.registry import exercises_of, find
from course.syllabus.lessons import LESSONS

NAME = "tokenization.count_pairs"
WRITTEN = [lesson for lesson in LESSONS if lesson.source.exists()]
PARTS_OF_ANOTHER = {"transformer.split_heads"}  # what it does, `multi_head` does too


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


def tril(n_queries, n_keys):
    return torch.ones(n_queries, n_keys).tril(n_keys - n_queries)


def test_a_mask_of_numbers_is_one_of_true_and_false_in_the_lesson():
    assert yours("transformer.causal_mask", tril)(1, 2) == [[True, True]]
    past = torch.tensor(yours("transformer.causal_mask", tril)(2, 2))
    assert past.dtype is torch.bool and (~past).tolist() == [[False, True], [False, False]]


def normalized(x, gain, bias, eps):
    x, gain, bias = (torch.tensor(each, dtype=torch.float64) for each in (x, gain, bias))
    return torch.nn.functional.layer_norm(x, x.shape, gain, bias, eps)


def slopes(n_heads):
    return np.exp2(-8 * np.arange(1, n_heads + 1) / n_heads)


def moved(outputs, outputs_of_shuffled, order):
    return np.allclose(np.array(outputs)[order], outputs_of_shuffled, rtol=0, atol=1e-4) + 0


@pytest.mark.parametrize(
    ("name", "function", "arguments", "answer"),
    [
        ("transformer.layer_norm", normalized, ([1.0, 3.0], [1.0, 10.0], [0.0, 0.5], 0.0), [-1.0, 10.5]),
        ("positions.alibi_slopes", slopes, (2,), [1 / 16, 1 / 256]),
        ("positions.is_equivariant", moved, ([[1.0], [2.0]], [[2.0], [1.0]], [1, 0]), True),
    ],
)
def test_an_answer_of_another_type_is_of_the_solutions_type_in_the_lesson(name, function, arguments, answer):
    given = yours(name, function)(*arguments)
    assert given == pytest.approx(answer)
    assert type(given) is type(answer) and (not isinstance(given, list) or {*map(type, given)} == {float})


def test_a_long_answer_is_whole_in_the_lesson():
    """The texts of a lesson are longer than the cases of an exercise."""

    def one_after_the_other(text):
        yield from find("tokenization.split_words").solution(text)

    text = "again and " * 15_000
    given = yours("tokenization.split_words", one_after_the_other)(text)
    assert type(given) is list and given == find("tokenization.split_words").solution(text)


def attend_in_numpy(query, key, value, mask):
    query, key, value = (each.numpy() for each in (query, key, value))
    scores = np.where(mask.numpy(), query @ key.swapaxes(-2, -1) / math.sqrt(query.shape[-1]), -np.inf)
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True) @ value


def attend_without_gradient(query, key, value, mask):
    with torch.no_grad():
        return torch.nn.functional.scaled_dot_product_attention(query, key, value, mask)


@pytest.mark.parametrize("function", [attend_in_numpy, attend_without_gradient])
def test_where_no_gradient_passes_the_lesson_goes_on_with_the_courses(capsys, function):
    assert yours("transformer.attention", function) is find("transformer.attention").solution
    assert "no gradient passes it" in capsys.readouterr().out


def test_a_function_that_passes_gradients_is_kept():
    def attend(query, key, value, mask):
        return torch.nn.functional.scaled_dot_product_attention(query, key, value, mask)

    assert yours("transformer.attention", attend) is attend


def in_double_precision(joined, head, n_heads):
    keep = (torch.arange(joined.shape[-1]) * n_heads // joined.shape[-1] != head).double()
    return joined * keep


def test_a_tensor_in_double_precision_fits_the_model_again():
    given = yours("looking_inside.remove_head", in_double_precision)(torch.ones(1, 1, 4), 0, 2)
    assert given.dtype is torch.float32 and given.tolist() == [[[0.0, 0.0, 1.0, 1.0]]]


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
        ("seq2seq.greedy", ({"<s>": {"K": 0.9, "</s>": 0.1}, "K": {"</s>": 1.0}}, 9), lambda output: map(str, output)),
        ("tokenization.split_words", ("a bc",), np.array),
        ("seq2seq.pad_batch", ([[5, 6], [7]], 0), lambda both: map(torch.tensor, both)),
        ("seq2seq.pad_batch", ([[5, 6], [7]], 0), lambda both: list(map(np.array, both))),
        ("tokenization.pair_score", (6, 6, 20, 400), torch.tensor),
        ("tokenization.viterbi_step", ("a", 1, [0.0], {"a": -1.0}), lambda both: tuple(map(np.array, both))),
    ],
)
def test_iterators_arrays_and_tensors_become_what_the_cells_need(name, arguments, change):
    wanted = find(name).solution(*arguments)
    found = yours(name, of_solution(name, change))(*arguments)
    assert type(found) is type(wanted)
    assert repr(found) == repr(wanted) or found == pytest.approx(wanted)


@pytest.mark.parametrize(
    "change", [torch.Tensor.numpy, torch.Tensor.tolist, torch.Tensor.double, list, torch.Tensor.to_sparse]
)
def test_the_cells_get_tensors_for_tensors(change):
    arguments = torch.ones(2, 3), torch.ones(2, 3), torch.ones(3, 3), torch.ones(3, 3), torch.zeros(3)
    found = yours("seq2seq.rnn_step", of_solution("seq2seq.rnn_step", change))(*arguments)
    assert found.dtype == torch.float32
    assert torch.allclose(found, find("seq2seq.rnn_step").solution(*arguments))


@pytest.mark.parametrize("lesson", WRITTEN, ids=lambda lesson: lesson.name)
def test_each_lesson_goes_on_with_each_of_its_functions(lesson):
    used = re.findall(r"\byours\(\"([\w.]+)\", \w+\)", lesson.source.read_text(encoding="utf-8"))
    assert set(used) == {exercise.name for exercise in exercises_of(lesson)} - PARTS_OF_ANOTHER
