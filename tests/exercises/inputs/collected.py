"""Arguments to try the exercises on, apart from their own cases: one module per lesson, named by its slug.

They decide whether a changed solution is wrong at all, so they hold what a contract allows and cases leave out:
nothing, one item, repeats, ties, numbers close together, large and negative ones.
"""

from collections.abc import Callable, Iterator
from random import Random

INPUTS: dict[str, Callable[[Random], Iterator[tuple]]] = {}


def inputs(name):
    """Mark a generator of argument tuples, several hundred of them, for the exercise `name`."""

    def register(function):
        INPUTS[name] = function
        return function

    return register
