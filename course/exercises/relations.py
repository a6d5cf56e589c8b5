"""How a wrong answer can relate to the right one, whatever the exercise: its sign, its order, a step too few, …"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from course.exercises.compare import close as equal
from course.messages import _

Pair = tuple[Any, Any]  # the right answer and the learner's, in built-in types


@dataclass(frozen=True)
class Relation:
    """`holds(right, answer)` says whether an answer relates to the right one in this way; it may raise instead."""

    holds: Callable[[Any, Any], bool]
    message: str


def relations(pairs: Sequence[Pair], results: tuple[str, ...] = ()) -> Iterator[Relation]:
    """The relations to be tried on these pairs, the more telling ones first. `results` are the names of the results."""
    yield from TABLE


def gives(change: Callable[[Any], Any]) -> Callable[[Any, Any], bool]:
    """The relation of an answer that is the right one, changed like this."""
    return lambda right, answer: equal(change(right), answer)


def each(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Change every number of an answer, or every text, at whatever depth."""

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: changed(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [changed(item) for item in value]
        return change(value)

    return changed


TABLE = (
    Relation(gives(each(lambda x: -x)), _("Your numbers have the wrong **sign**: each is the right one times −1.")),
    Relation(gives(each(lambda x: 1 / x)), _("Your numbers are **upside down**: each is 1 divided by the right one.")),
    Relation(gives(lambda rows: [list(c) for c in zip(*rows, strict=True)]), _("Your answer is **transposed**.")),
    Relation(gives(lambda items: items[::-1]), _("Your answer is in **reverse** order.")),
)
