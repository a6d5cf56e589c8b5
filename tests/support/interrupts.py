"""Ctrl-C also where the tests run in the background of a shell, which ignores it there and in what they start."""

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def interrupts_arrive() -> Generator[None]:
    """In the block an interrupt is KeyboardInterrupt, here and in processes that are started; not in other threads."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
