"""When two answers are equal: by value, whichever types the learner chose."""

import math
from functools import partial
from typing import Any, no_type_check

from course.exercises.answers import Foreign, Grid, plain

Path = tuple[Any, ...]  # the indices and keys that lead to a part of an answer


def same(expected: object, answer: object, *, relative: float = 1e-6, absolute: float = 1e-9) -> bool:
    """Whether two answers are equal by value: a list equals a tuple or an array, a `Counter` equals a dict.

    Integers must be equal, floating-point numbers may differ by one part in a million, and NaN equals NaN.
    """
    return equal_values(plain(expected), plain(answer), relative, absolute)


# For answers in float32, where two right implementations round differently.
close = partial(same, relative=1e-4, absolute=1e-5)


def kind(value: object) -> type:
    """The kind of an answer: one type for all values that `same` can find equal."""
    return _kind(plain(value))


def shape(value: object) -> tuple[int, ...] | None:
    """The shape of numbers: `()` of a single one, None of what has no shape, such as rows of several lengths."""
    return _shape(plain(value))


def first_difference(expected: object, answer: object, *, relative: float = 1e-6, absolute: float = 1e-9) -> Path:
    """The way to the first place where two answers differ; `()` when they differ as wholes, in their length say."""
    return _path(plain(expected), plain(answer), relative, absolute)


@no_type_check
def _kind(value: Any) -> type:
    for one in (list, dict, set):
        if isinstance(value, one) or (one is list and isinstance(value, tuple)):
            return one
    return float if isinstance(value, (int, float)) else type(value)


def _shape(value: Any) -> tuple[int, ...] | None:
    if isinstance(value, (Grid, Foreign)):
        return value.shape
    if isinstance(value, (int, float, complex)):
        return ()
    if not isinstance(value, (list, tuple)):
        return None
    inner = {_shape(item) for item in value} or {()}
    first = inner.pop()
    return None if inner or first is None else (len(value), *first)


@no_type_check
def equal_values(expected: Any, answer: Any, relative: float, absolute: float) -> bool:
    """As `same`, of values that are in built-in types already."""
    if _kind(expected) is not _kind(answer):
        return False
    if isinstance(expected, dict):
        return expected.keys() == answer.keys() and all(
            equal_values(expected[key], answer[key], relative, absolute) for key in expected
        )
    if isinstance(expected, (list, tuple)):
        return len(expected) == len(answer) and all(
            equal_values(one, other, relative, absolute) for one, other in zip(expected, answer, strict=True)
        )
    if isinstance(expected, float) or isinstance(answer, float):
        return _close(expected, answer, relative, absolute)
    return bool(expected == answer)


def _path(expected: Any, answer: Any, relative: float, absolute: float) -> Path:
    if isinstance(expected, dict) and isinstance(answer, dict):
        keys = [key for key in expected if key in answer]
    elif isinstance(expected, (list, tuple)) and isinstance(answer, (list, tuple)):
        keys = range(min(len(expected), len(answer)))
    else:
        return ()
    for key in keys:
        if not equal_values(expected[key], answer[key], relative, absolute):
            return (key, *_path(expected[key], answer[key], relative, absolute))
    return ()


@no_type_check
def _close(expected: float | int, answer: float | int, relative: float, absolute: float) -> bool:
    try:
        if math.isnan(expected) or math.isnan(answer):
            return math.isnan(expected) and math.isnan(answer)
        return math.isclose(expected, answer, rel_tol=relative, abs_tol=absolute)
    except OverflowError:  # a whole number that no float can hold
        return False
