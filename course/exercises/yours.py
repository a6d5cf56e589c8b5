"""The learner's own function in the rest of the lesson, as soon as it is right."""

from collections.abc import Callable

from course.exercises.checking import judge
from course.exercises.registry import find
from course.messages import _


def yours(name: object, function: Callable[..., object]) -> Callable[..., object]:
    """`function` if it passes its check, else the course's solution, with a line that says so.

    The cells after an exercise work either way, and nothing is recorded. Raises `ValueError` for an unknown exercise.

        count = yours("tokenization.count_pairs", count_pairs)
    """
    exercise = find(name)
    if judge(exercise, function).passed:
        return function
    print(_("{name}: the course's version until yours passes its check.").format(name=exercise.function_name))
    return exercise.solution
