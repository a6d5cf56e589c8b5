"""What a learner's function may change and must not leave changed, and what it may print."""

import contextlib
import gc
import io
import os
import random
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

MOST_PRINTED = 1_000  # characters kept of what one call prints


class Printed(io.TextIOBase):
    """Keeps the beginning of what is printed, and lets the rest go."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[str] = []
        self._left = MOST_PRINTED

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        if self._left >= 0:
            self._parts.append(text[: self._left])
            self._left -= len(text)
        return len(text)

    @property
    def text(self) -> str:
        return "".join(self._parts).strip("\n") + (" …" if self._left < 0 else "")


@contextlib.contextmanager
def kept_as_they_are() -> Generator[Printed]:
    """Put back, after the block, what code can change for everything after it; catch what it prints.

    That is the random numbers of Python, NumPy and PyTorch, PyTorch's gradients, number type and device, NumPy's
    errors, the recursion limit, the folder, the environment, the signal handlers and the streams.
    """
    printed = Printed()
    before = [(read, write, read()) for read, write in _settings()]
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            yield printed
    finally:
        for read, write, value in before:
            with contextlib.suppress(Exception):
                if _differs(read(), value):
                    write(value)


Setting = tuple[Callable[[], Any], Callable[[Any], object]]


def _settings() -> Iterator[Setting]:
    """How each setting is read and written. Libraries that are not loaded yet have nothing to put back."""
    yield random.getstate, random.setstate
    yield sys.getrecursionlimit, sys.setrecursionlimit
    yield gc.isenabled, lambda on: gc.enable() if on else gc.disable()
    yield _folder, lambda folder: folder and os.chdir(folder)
    yield lambda: dict(os.environ), _set_environment
    if threading.current_thread() is threading.main_thread():
        yield _handlers, _set_handlers
    if numpy := sys.modules.get("numpy"):
        yield numpy.geterr, lambda errors: numpy.seterr(**errors)
        yield numpy.random.get_state, numpy.random.set_state
    if torch := sys.modules.get("torch"):
        yield torch.is_grad_enabled, torch.set_grad_enabled
        yield torch.get_default_dtype, torch.set_default_dtype
        yield torch.get_default_device, _set_default_device
        yield torch.get_rng_state, torch.set_rng_state


def _differs(now: Any, before: Any) -> bool:
    try:
        return bool(now != before)
    except (ValueError, RuntimeError):  # an array, which has no truth of its own
        return True


def _folder() -> str:
    try:
        return str(Path.cwd())
    except OSError:  # it has been deleted
        return ""


def _set_environment(variables: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(variables)


def _set_default_device(device: Any) -> None:
    """The processor is the default without being set; set, it would slow down every operation from then on."""
    torch = sys.modules["torch"]
    torch.set_default_device(None if device.type == "cpu" else device)


def _handlers() -> dict[int, Any]:
    return {number: signal.getsignal(number) for number in signal.Signals}


def _set_handlers(handlers: dict[int, Any]) -> None:
    for number, handler in handlers.items():
        if handler is not None and signal.getsignal(number) is not handler:
            signal.signal(number, handler)
