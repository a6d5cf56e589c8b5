"""When two answers are the same: by value, however the learner chose to hold them."""

import math
from collections.abc import Mapping, Set

RELATIVE_TOLERANCE = 1e-6
ABSOLUTE_TOLERANCE = 1e-9


def same(expected: object, answer: object) -> bool:
    """Whether two answers are equal, however they are held: a list equals a tuple or an array, a `Counter` a dict.

    Whole numbers are exact, floating-point numbers may differ by one in a million, and NaN equals NaN.
    """
    expected, answer = plain(expected), plain(answer)
    if kind(expected) != kind(answer):
        return False
    if isinstance(expected, dict):
        return expected.keys() == answer.keys() and all(same(expected[key], answer[key]) for key in expected)
    if isinstance(expected, list):
        return len(expected) == len(answer) and all(map(same, expected, answer))
    if isinstance(expected, float) or isinstance(answer, float):
        return _close(expected, answer)
    return expected == answer


def kind(value: object) -> type:
    """What sort of thing an answer is: one type for all that `same` may find equal."""
    value = plain(value)
    return float if isinstance(value, int | float) else type(value)


def plain(value: object) -> object:
    """The value in Python's own types: tensors and arrays as lists, numbers of one element as numbers."""
    if hasattr(value, "tolist"):  # torch.Tensor, numpy.ndarray and numpy's numbers
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, Set):
        return set(value)
    return value


def _close(expected: float | int, answer: float | int) -> bool:
    if math.isnan(expected) or math.isnan(answer):
        return math.isnan(expected) and math.isnan(answer)
    return math.isclose(expected, answer, rel_tol=RELATIVE_TOLERANCE, abs_tol=ABSOLUTE_TOLERANCE)
