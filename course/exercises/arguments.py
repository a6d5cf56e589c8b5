"""Wrong answers that come of the arguments, whatever the exercise: two exchanged, one not used, a factor too much.

Each is a `Mistake` whose `wrong` calls the solution. For arguments to which it does not apply, `wrong` raises.
"""

import inspect
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from course.exercises.exercise import Mistake
from course.exercises.relations import numbers
from course.messages import _

Solution = Callable[..., object]


def exact_mistakes(solution: Solution) -> Iterator[Mistake]:
    """An argument returned as it is, and one that is off by one."""
    for place, name in enumerate(_names(solution)):
        message = _("Your function returns its argument `{name}` as it is.").format(name=name)
        yield Mistake(lambda *arguments, place=place: arguments[place], message)
        for change, message in STEPS:
            yield Mistake(_with(solution, place, change), message.format(name=name))


def loose_mistakes(solution: Solution) -> Iterator[Mistake]:
    """One argument taken for another, changed, or not used; and an answer that is off by what an argument measures."""
    names = _names(solution)
    for (i, one), (j, other) in itertools.combinations(enumerate(names), 2):
        message = _("You take `{one}` for `{other}`, and the other way round.").format(one=one, other=other)
        exchanged = [j if place == i else i if place == j else place for place in range(len(names))]
        yield Mistake(_picked(solution, exchanged), message)
    for (i, one), (j, other) in itertools.permutations(enumerate(names), 2):
        message = _("You use `{one}` where `{other}` belongs.").format(one=one, other=other)
        yield Mistake(_picked(solution, [i if place == j else place for place in range(len(names))]), message)
    for place, name in enumerate(names):
        for change, message in CHANGES:
            yield Mistake(_with(solution, place, change), message.format(name=name))
        for measure, of in MEASURES:
            for change, message in SCALES:
                yield Mistake(_scaled(solution, place, measure, change), message.format(measure=of.format(name=name)))


def _names(solution: Solution) -> list[str]:
    return list(inspect.signature(solution).parameters)


def _with(solution: Solution, place: int, change: Callable[[Any], Any]) -> Solution:
    """The solution for arguments of which one is changed."""
    return lambda *arguments: solution(*arguments[:place], change(arguments[place]), *arguments[place + 1 :])


def _picked(solution: Solution, places: Sequence[int]) -> Solution:
    """The solution for the arguments at these places."""
    return lambda *arguments: solution(*(arguments[place] for place in places))


def _scaled(solution: Solution, place: int, measure: Callable[..., Any], change: Callable[..., Any]) -> Solution:
    """The solution's numbers, changed by what an argument measures."""
    return lambda *arguments: _by(change, measure(arguments[place]), solution(*arguments))


def _by(change: Callable[..., Any], size: Any, answer: Any) -> Any:
    return change(answer, size) if hasattr(answer, "dtype") else numbers(lambda x: change(x, size))(answer)


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value


def _number(value: Any) -> int | float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError
    return value


def _tensor(value: Any) -> Any:
    if not hasattr(value, "dtype"):
        raise TypeError
    return value


def _sum(value: Any) -> Any:
    """The sum of numbers; of nothing there is none, or a list of texts would have one where it is empty.

    None of a table of numbers either: `sum` of a batch of one matrix is this matrix, which `_tensor` is for.
    """
    if len(value) == 0 or (hasattr(value, "dtype") and value.ndim > 1):
        raise TypeError
    return sum(value)


def _each_number(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Change each number of an argument: of a number, a tensor, or lists of numbers."""
    return lambda value: change(value) if hasattr(value, "dtype") else numbers(change)(value)


def _backwards(value: Any) -> Any:
    return value.flip(0) if hasattr(value, "flip") else value[::-1]


def _transposed(value: Any) -> Any:
    return value.mT if hasattr(value, "mT") else [list(column) for column in zip(*value, strict=True)]


STEPS: tuple[tuple[Callable[[Any], Any], str], ...] = (
    (
        lambda value: _whole(value) + 1,
        _("Your answers are right for a `{name}` that is **one larger**: look at where you begin to count."),
    ),
    (
        lambda value: _whole(value) - 1,
        _("Your answers are right for a `{name}` that is **one smaller**: look at where you begin to count."),
    ),
)

CHANGES: tuple[tuple[Callable[[Any], Any], str], ...] = (
    (_each_number(lambda x: -x), _("Your answers are right for `{name}` with the other **sign**.")),
    (_each_number(lambda x: x * 0), _("Your answers are right for a `{name}` of **0**: do you use it?")),
    (_each_number(lambda x: x * 0 + 1), _("Your answers are right for a `{name}` of **1**: do you use it?")),
    (_backwards, _("Your answers are right for `{name}` in **reverse** order.")),
    (_transposed, _("Your answers are right for a **transposed** `{name}`.")),
    (lambda value: value[1:], _("Your answers are right for `{name}` without its **first** item.")),
    (lambda value: value[:-1], _("Your answers are right for `{name}` without its **last** item.")),
    (sorted, _("Your answers are right for a **sorted** `{name}`.")),
    (set, _("Your answers are right for `{name}` with each item **once**.")),
)

# What an argument measures, and how that reads as code.
MEASURES: tuple[tuple[Callable[[Any], Any], str], ...] = (
    (_number, "{name}"),
    (_tensor, "{name}"),
    (len, "len({name})"),
    (lambda value: value.shape[-1], "{name}.shape[-1]"),
    (_sum, "sum({name})"),
)

SCALES: tuple[tuple[Callable[[Any, Any], Any], str], ...] = (
    (lambda x, size: x * size, _("Your numbers are the right ones **times** `{measure}`.")),
    (lambda x, size: x / size, _("Your numbers are the right ones **divided by** `{measure}`.")),
    (lambda x, size: x * math.sqrt(size), _("Your numbers are the right ones times the **root** of `{measure}`.")),
    (lambda x, size: x / math.sqrt(size), _("Your numbers are the right ones divided by the **root** of `{measure}`.")),
    (lambda x, size: x + size, _("Your numbers are the right ones **plus** `{measure}`.")),
    (lambda x, size: x - size, _("Your numbers are the right ones **minus** `{measure}`.")),
    (lambda x, size: size - x, _("Your numbers are `{measure}` **minus** the right ones.")),
)
