"""What a run costs: the processor's time, and memory.

Memory is that of the whole process. What a process had in use before is easily taken for the next thing's, so each
measurement has a process of its own.
"""

import ctypes
import gc
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Generator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import ParamSpec, TypeVar

import psutil

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

OF_THIS_PROCESS = Path("/proc/self")  # Linux alone has it
FORGET_PEAK = "5"  # what proc(5) calls resetting the peak resident set size


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


def in_fresh_process(
    function: Callable[Arguments, Result], *arguments: Arguments.args, **options: Arguments.kwargs
) -> Result:
    """What the function returns in a new Python that has nothing in memory but what it imports.

    Raises what the function raises.
    """
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
        return fresh.submit(function, *arguments, **options).result()


def resident_bytes() -> int:
    """The memory that this process has in use, after what is free has been given back to the system."""
    gc.collect()
    with suppress(OSError, AttributeError):  # of glibc: it keeps what was freed
        ctypes.CDLL(None).malloc_trim(0)
    return psutil.Process().memory_info().rss


@contextmanager
def peak_bytes() -> Generator[Callable[[], int]]:
    """The most memory that this process had in use at once in the block.

    Gives a function that returns the bytes until now. Only Linux can forget an earlier peak; on other systems it is the
    most since the process began, which is more where loading took more than the block.
    """
    with suppress(OSError):
        (OF_THIS_PROCESS / "clear_refs").write_text(FORGET_PEAK, encoding="ascii")
    yield _high_water


def _high_water() -> int:
    status = OF_THIS_PROCESS / "status"
    if status.is_file():
        lines = dict(line.split(":", 1) for line in status.read_text(encoding="ascii", errors="replace").splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
