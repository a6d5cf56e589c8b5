"""Mistakes that give an answer for some shapes only, such as those of a square matrix."""

import functools
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


def where_shapes_fit(solution: Callable[..., Answer]) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Mark a mistake that stops with an error where shapes do not go together: there the right answer is its answer."""

    def with_right_answers(mistake: Callable[..., Answer]) -> Callable[..., Answer]:
        @functools.wraps(mistake)
        def wrong(*arguments: object) -> Answer:
            try:
                return mistake(*arguments)
            except RuntimeError:
                return solution(*arguments)

        return wrong

    return with_right_answers
