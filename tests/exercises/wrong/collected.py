"""Wrong solutions as learners write them: one module per lesson, named by its slug."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class WrongWay:
    """A wrong function for the exercise `name`; what its learner is told must contain `says`."""

    name: str
    function: Callable
    says: str


WRONG_WAYS: list[WrongWay] = []


def wrong_way(name, says):
    """Mark a function as a wrong way to do the exercise, and give the words of the message that should name it."""

    def register(function):
        WRONG_WAYS.append(WrongWay(name, function, says))
        return function

    return register
