"""The learner's own function in the rest of the lesson, as soon as it is right."""

import copy
import functools
import sys
from collections.abc import Callable, Sequence
from typing import Any

from course.exercises.answers import plain
from course.exercises.checking import judge
from course.exercises.exercise import Exercise
from course.exercises.registry import find
from course.exercises.surroundings import kept_as_they_are
from course.messages import _


def yours(name: object, function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` if it passes its check, else the course's solution, with a line that says so.

    The cells after an exercise work either way, and nothing is recorded. A check also accepts a right answer of another
    type, such as a mask of 0 and 1, or an array for a list: what the cells get is then of the solution's type. Where
    no gradient passes a function of tensors, the cells go on with the solution. Raises `ValueError` for an unknown
    exercise.

        count = yours("tokenization.count_pairs", count_pairs)
    """
    exercise = find(name)
    if not judge(exercise, function).passed:
        print(_("{name}: the course's version until yours passes its check.").format(name=exercise.function_name))
        return exercise.solution
    if not _passes_gradients(exercise, function):
        print(
            _("{name}: yours is right, but no gradient passes it; the course's version goes on.").format(
                name=exercise.function_name
            )
        )
        return exercise.solution
    cases = exercise.cases()
    wanted = [exercise.solution(*copy.deepcopy(case)) for case in cases]
    with kept_as_they_are():
        kinds = [_kind(function(*copy.deepcopy(case))) for case in cases]
    if kinds == [_kind(answer) for answer in wanted]:
        return function

    @functools.wraps(function)
    def of_the_same_type(*arguments: Any, **named: Any) -> Any:
        return _as(wanted[-1], function(*arguments, **named))

    return of_the_same_type


def _passes_gradients(exercise: Exercise, function: Callable[..., Any]) -> bool:
    """Whether a gradient passes the function in the first case, if one passes the solution there."""
    arguments = exercise.cases()[0]

    def passes(called: Callable[..., Any]) -> bool:
        return getattr(called(*map(_with_gradient, arguments)), "requires_grad", False)

    if not passes(exercise.solution):
        return True
    with kept_as_they_are():
        try:
            return passes(function)
        except Exception:  # NumPy takes no tensor that needs a gradient
            return False


def _with_gradient(argument: Any) -> Any:
    if getattr(argument, "is_floating_point", bool)():
        return argument.detach().clone().requires_grad_()
    return copy.deepcopy(argument)


def _kind(value: Any) -> Any:
    """The types of a value and, in lists and tuples, of all that is in it."""
    if isinstance(value, (list, tuple)):
        return type(value), frozenset(map(_kind, value))
    return type(value), getattr(value, "dtype", None), getattr(value, "layout", None)


def _as(wanted: Any, value: Any) -> Any:
    """A value in the types of another."""
    if hasattr(wanted, "layout"):
        dense = value.to_dense() if hasattr(value, "to_dense") else wanted.new_tensor(plain(value, sys.maxsize))
        return dense.to(wanted.dtype)
    value = plain(value, sys.maxsize)
    if isinstance(wanted, tuple) and isinstance(value, Sequence) and len(value) == len(wanted):
        return tuple(map(_as, wanted, value))
    if isinstance(wanted, list) and isinstance(value, Sequence):
        return [_as(wanted[0], item) for item in value] if wanted else list(value)
    return type(wanted)(value) if isinstance(wanted, (bool, int, float)) else value
