"""Call a learner's function safely: on copies, within a time limit, with one clear message when it fails."""

import copy
import dis
import inspect
import itertools
import signal
import threading
import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

from course.exercises.compare import same
from course.messages import _, ngettext

TIME_LIMIT = 5.0  # seconds for one call
MOST_ITEMS = 100_000  # read from an iterator, which may be endless


class NotAttempted(Exception):
    """The function is still the unchanged stub."""


class CallFailed(Exception):
    """The function returned no answer to check; the message tells the learner why."""


class _TimeIsUp(BaseException):
    """Raised inside the learner's function; not an `Exception`, so that no `except Exception` in it catches this."""


def call(function: Callable[..., object], arguments: tuple[Any, ...], seconds: float) -> object:
    """The function's answer for a copy of `arguments`; an iterator is read into a list.

    `seconds` limits the time of the call. Raises `NotAttempted` or `CallFailed`.
    """
    passed = copy.deepcopy(arguments)
    try:
        with _time_limit(seconds):
            answer = function(*passed)
            if isinstance(answer, Iterator):
                answer = list(itertools.islice(answer, MOST_ITEMS))
    except _TimeIsUp:
        raise CallFailed(
            _(
                "Your function was still running after {seconds:g} s. Is there a loop whose condition never changes?"
            ).format(seconds=seconds)
        ) from None
    except Exception as error:
        if isinstance(error, NotImplementedError) and not error.args:
            raise NotAttempted from None
        raise CallFailed(_stopped(function, error)) from None
    if answer is Ellipsis or (answer is None and _is_stub(function)):
        raise NotAttempted
    if answer is None:
        raise CallFailed(_("Your function returns `None`. Every way through it must end in `return` with the answer."))
    if not same(arguments, passed):
        raise CallFailed(
            _("Your function changes its input, which its caller may still need. Build the answer in a new object.")
        )
    return answer


def require_signature(function: object, solution: Callable[..., object]) -> Callable[..., object]:
    """The function itself. Raises `CallFailed` when it is not callable or cannot take the arguments of `solution`."""
    if not callable(function):
        raise CallFailed(
            _("`check` needs the function itself and got {type}. Write its name without parentheses: `{name}`.").format(
                type=type(function).__name__, name=solution.__name__
            )
        )
    wanted = list(inspect.signature(solution).parameters)
    try:
        signature = inspect.signature(function)
    except ValueError:  # some functions written in C have no signature
        return function
    try:
        signature.bind(*wanted)
    except TypeError:
        raise CallFailed(
            ngettext(
                "Your function must take {count} argument, `({wanted})`; it is written to take `{found}`.",
                "Your function must take {count} arguments, `({wanted})`; it is written to take `{found}`.",
                len(wanted),
            ).format(count=len(wanted), wanted=", ".join(wanted), found=f"({', '.join(signature.parameters)})")
        ) from None
    return function


@contextmanager
def _time_limit(seconds: float) -> Generator[None]:
    """Stop the block after this many seconds.

    The limit needs a Unix timer and the main thread, where Jupyter runs cells. Elsewhere there is no limit, and the
    learner has to interrupt the kernel.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(signum: int, frame: FrameType | None) -> None:
        raise _TimeIsUp

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _stopped(function: Callable[..., object], error: Exception) -> str:
    """The error in one sentence, with the line of the learner's own code that raised it."""
    text = f"{type(error).__name__}: {error}".splitlines()[0]
    file = getattr(getattr(inspect.unwrap(function), "__code__", None), "co_filename", None)
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    if not own:
        return _("Your function stops with `{error}`.").format(error=text)
    return _("Your function stops with `{error}` in line {line} of your cell: `{code}`.").format(
        error=text, line=own[-1].lineno, code=own[-1].line
    )


def _is_stub(function: Callable[..., object]) -> bool:
    """Whether the function's body is empty, or only `return None`."""
    code = getattr(function, "__code__", None)
    return code is not None and _operations(code) == _operations((lambda: None).__code__)


def _operations(code: CodeType) -> list[str]:
    return [step.opname for step in dis.get_instructions(code) if step.opname != "NOP"]
