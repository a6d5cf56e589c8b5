"""A time limit that no `except:` in the limited code can swallow."""

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeVar, no_type_check

T = TypeVar("T")
TICK = 0.05  # seconds between two attempts to stop what is over its time
if hasattr(signal, "setitimer"):
    _TOGETHER = (signal.SIGURG, signal.SIGVTALRM)
_FAILS = int  # a handler that raises a TypeError when it is called, and runs no Python for that


class TimeIsUp(Exception):
    """The code was still running at the end of its time."""


class _Stop(BaseException):
    """Raised inside the limited code; not an `Exception`, so that no `except Exception` in it catches this."""


def limited(run: Callable[[], T], seconds: float, *, of_processor: bool = False) -> T:
    """The result of `run()`. Raises `TimeIsUp` after this many seconds, and `KeyboardInterrupt` when interrupted.

    The seconds are those of the clock, or, with `of_processor`, those in which this process computes: on a busy machine
    code that needs little is then not stopped, and code that waits is never.

    Code that catches what stops it, in `except:` or `finally: continue`, is stopped again at its very next step, until
    it has left all of its `try` blocks. So is code that swallows an interrupt (Jupyter's Stop, Ctrl-C). What cannot be
    stopped is a loop inside a function written in C that never returns to Python, such as `sum(itertools.count())`.

    The limit needs a Unix timer and the main thread, where Jupyter runs cells. Elsewhere there is no limit, and the
    learner has to interrupt the kernel.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        return run()  # on Windows a learner's own `raise KeyboardInterrupt` is then taken for an interrupt
    limit = _Limit()
    timer, alarm = (signal.ITIMER_PROF, signal.SIGPROF) if of_processor else (signal.ITIMER_REAL, signal.SIGALRM)
    handlers: dict[int, Any] = {alarm: limit.stop, signal.SIGVTALRM: limit.stop, signal.SIGURG: _FAILS}
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        handlers[signal.SIGINT] = limit.stop
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    signal.setitimer(timer, seconds, TICK)
    try:
        # `inside` is true around the call alone: no step between it and `inside = False` lets a signal in.
        try:
            limit.inside = True
            return run()
        finally:
            limit.inside = False
            signal.setitimer(timer, 0)
            for number, handler in before.items():
                signal.signal(number, handler)
    finally:
        # However the code ended, with a value or an exception of its own: stopped is stopped.
        if signal.SIGINT in limit.stopped_by:
            raise KeyboardInterrupt
        if limit.stopped_by:
            raise TimeIsUp


class _Limit:
    """Whether the limited code is running, and which signals have stopped it."""

    def __init__(self) -> None:
        self.inside = False
        self.stopped_by: set[int] = set()

    @no_type_check  # checked, it would run in a wrapper, in which the second signal below would arrive
    def stop(self, signum: int, frame: FrameType | None) -> None:
        if signum == signal.SIGINT or self.inside:
            self.stopped_by.add(signum)
        if not self.inside:
            return
        # Leave a signal pending for the next step of the code that is interrupted here. Python handles a signal at once
        # when it is sent from Python; but of two that arrive together the second waits when the handler of the first,
        # the one with the lower number, raises.
        signal.pthread_sigmask(signal.SIG_BLOCK, _TOGETHER)
        for each in _TOGETHER:
            signal.raise_signal(each)
        try:  # noqa: SIM105 (`suppress` is Python code, in which the second signal would arrive)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _TOGETHER)
        except TypeError:
            pass
        raise _Stop
