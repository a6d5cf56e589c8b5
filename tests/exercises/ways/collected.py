"""Right solutions of the exercises other than the course's own: one module per lesson, named by its slug."""

from collections.abc import Callable

OTHER_WAYS: dict[str, list[Callable]] = {}


def other_way(name):
    """Mark a function as one of the right ways to do the exercise, other than the solution's."""

    def register(function):
        OTHER_WAYS.setdefault(name, []).append(function)
        return function

    return register
