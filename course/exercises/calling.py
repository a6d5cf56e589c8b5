"""Call a learner's function safely: on copies, within a time limit, with one clear message when it fails."""

import copy
import dis
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType
from typing import Any

from course.exercises.answers import Answer, read, type_name
from course.exercises.compare import same
from course.exercises.errors import explain
from course.exercises.limit import TimeIsUp, limited
from course.exercises.surroundings import kept_as_they_are
from course.messages import _, ngettext

TIME_LIMIT = 5.0  # seconds for one call


class NotAttempted(Exception):
    """The function is still the unchanged stub."""


class CallFailed(Exception):
    """The function cannot be called as the exercise calls it; the message tells the learner why."""


@dataclass(frozen=True)
class Outcome:
    """What came of one call: an answer, or the message why there is none; and what the function printed."""

    answer: Answer | None
    failure: str = ""
    printed: str = ""
    out_of_time: bool = False


def call(function: Callable[..., object], arguments: tuple[Any, ...], seconds: float) -> Outcome:
    """What comes of the function for a copy of `arguments`; `seconds` limits the time.

    Whatever the function raises or returns is an outcome, and what it changes around it is put back. Raises
    `NotAttempted`, and `KeyboardInterrupt` when the learner interrupts.
    """
    passed = copy.deepcopy(arguments)
    with kept_as_they_are() as printed:
        try:
            answer, failure = limited(lambda: _attempt(function, arguments, passed), seconds)
        except TimeIsUp:
            failure = _(
                "Your function was still running after {seconds:g} s. Is there a loop whose condition never changes?"
            ).format(seconds=seconds)
            return Outcome(None, failure, printed.text, out_of_time=True)
    return Outcome(answer, failure, printed.text)


def require_signature(function: object, solution: Callable[..., object]) -> Callable[..., object]:
    """The function itself. Raises `CallFailed` when it is not callable or cannot take the arguments of `solution`."""
    if not callable(function):
        raise CallFailed(
            _("`check` needs the function itself and got {type}. Write its name without parentheses: `{name}`.").format(
                type=type_name(type(function)), name=solution.__name__
            )
        )
    wanted = list(inspect.signature(solution).parameters)
    if (signature := _signature(function)) is None:
        return function
    try:
        signature.bind(*wanted)
    except TypeError:
        raise CallFailed(
            ngettext(
                "Your function must take {count} argument, `({wanted})`; it is written to take `{found}`.",
                "Your function must take {count} arguments, `({wanted})`; it is written to take `{found}`.",
                len(wanted),
            ).format(count=len(wanted), wanted=", ".join(wanted), found=_without_types(signature))
        ) from None
    return function


def other_order(function: Callable[..., object], solution: Callable[..., object]) -> list[str]:
    """The function's parameters when they are those of `solution` in another order, else none."""
    wanted = list(inspect.signature(solution).parameters)
    signature = _signature(function)
    found = list(signature.parameters) if signature else []
    return found if found != wanted and sorted(found) == sorted(wanted) else []


def _attempt(
    function: Callable[..., object], arguments: tuple[Any, ...], passed: tuple[Any, ...]
) -> tuple[Answer | None, str]:
    """The answer, or why there is none. All that runs code of the learner's, and so may raise anything, is in here."""
    try:
        value = function(*passed)
    except NotImplementedError as error:
        if not error.args:
            raise NotAttempted from None
        return None, _explained(function, error)
    except BaseException as error:
        return None, _explained(function, error)
    if value is Ellipsis or (value is None and _is_stub(function)):
        raise NotAttempted
    if value is None:
        return None, _("Your function returns `None`. Every way through it must end in `return` with the answer.")
    try:
        answer = read(value)
        changed = not same(arguments, passed)
    except BaseException as error:
        return None, _("Your function returns a value of type `{type}`, which cannot be read. {error}").format(
            type=type_name(type(value)), error=_explained(function, error)
        )
    if changed:
        return None, _(
            "Your function changes its input, which its caller may still need. Build the answer in a new object."
        )
    return answer, ""


def _explained(function: Callable[..., object], error: BaseException) -> str:
    try:
        return explain(function, error)
    except BaseException:
        return _("Your function stops with an error that cannot be shown.")


def _signature(function: Callable[..., object]) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except BaseException:  # some functions written in C have none, and a learner's object may raise anything
        return None


def _without_types(signature: inspect.Signature) -> str:
    """The parameters with their `*`, `/` and defaults: `(logits, *, temperature=1.0)`."""
    bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in signature.parameters.values()]
    return str(signature.replace(parameters=bare, return_annotation=inspect.Signature.empty))


def _is_stub(function: Callable[..., object]) -> bool:
    """Whether the function's body is empty, or only `return None`."""
    code = getattr(function, "__code__", None)
    return isinstance(code, CodeType) and _operations(code) == _operations((lambda: None).__code__)


def _operations(code: CodeType) -> list[str]:
    return [step.opname for step in dis.get_instructions(code) if step.opname != "NOP"]
