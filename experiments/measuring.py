"""What a run costs."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager


@contextmanager
def cpu_seconds() -> Generator[Callable[[], float]]:
    """The processor time that this process takes in the block, all threads together.

    On one thread that is what the block takes on a core of its own, whatever else the machine does. Gives a function
    that returns the seconds until now, or until the block ended.
    """
    start, ended = time.process_time(), []
    try:
        yield lambda: round((ended[0] if ended else time.process_time()) - start, 3)
    finally:
        ended.append(time.process_time())
