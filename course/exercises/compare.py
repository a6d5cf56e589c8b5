"""When two answers are equal: by value, whichever types the learner chose."""

import math
from collections.abc import Mapping, Set
from functools import partial
from typing import Any


def same(expected: object, answer: object, *, relative: float = 1e-6, absolute: float = 1e-9) -> bool:
    """Whether two answers are equal by value: a list equals a tuple or an array, a `Counter` equals a dict.

    Integers must be equal, floating-point numbers may differ by one part in a million, and NaN equals NaN.
    """
    equal = partial(same, relative=relative, absolute=absolute)
    expected, answer = plain(expected), plain(answer)
    if kind(expected) != kind(answer):
        return False
    if isinstance(expected, dict):
        return expected.keys() == answer.keys() and all(equal(expected[key], answer[key]) for key in expected)
    if isinstance(expected, list):
        return len(expected) == len(answer) and all(map(equal, expected, answer))
    if isinstance(expected, float) or isinstance(answer, float):
        return _close(expected, answer, relative, absolute)
    return expected == answer


# For answers in float32, where two right implementations round differently.
close = partial(same, relative=1e-4, absolute=1e-5)


def kind(value: object) -> type:
    """The kind of an answer: one type for all values that `same` can find equal."""
    value = plain(value)
    return float if isinstance(value, int | float) else type(value)


def plain(value: object) -> Any:
    """The value in built-in types: tensors and arrays become lists, those without dimensions become numbers."""
    if hasattr(value, "tolist"):  # torch.Tensor, numpy.ndarray and numpy's numbers
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, Set):
        return set(value)
    return value


def _close(expected: float | int, answer: float | int, relative: float, absolute: float) -> bool:
    if math.isnan(expected) or math.isnan(answer):
        return math.isnan(expected) and math.isnan(answer)
    return math.isclose(expected, answer, rel_tol=relative, abs_tol=absolute)
