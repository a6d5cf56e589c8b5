"""What a test with a limit in seconds needs: how slow this machine is just now, from a fixed piece of work, timed."""

import statistics
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import torch

WORK_SECONDS = 0.06  # what `work` takes on two quiet cores, where the limits were set
PAUSE = 3  # seconds
ANSWER_MS = 100  # what a widget may take to answer


def slowness() -> float:
    """How many times as long as on two quiet cores a piece of work takes here, now; at least 1.

    A limit is multiplied by it, so that a busy or slow machine fails no test, and slower code does.
    """
    return max(1.0, statistics.median(seconds_of_work() for _repetition in range(9)) / WORK_SECONDS)


class Pace:
    """How slow the machine is while something is measured: the larger `slowness` of before and after it."""

    def __init__(self) -> None:
        self.slow_by = slowness()

    def ended(self) -> float:
        """The larger of the `slowness` of when this was made and of now."""
        self.slow_by = max(self.slow_by, slowness())
        return self.slow_by


@contextmanager
def paced() -> Iterator[Callable[[], float]]:
    """How slow the machine is while a block runs that takes minutes, and other processes beside it come and go.

    Gives a function that returns the mean `slowness`, at least 1, of the block until now: a piece of work is timed
    every `PAUSE` seconds, in a thread of its own.
    """
    taken, over = [seconds_of_work()], threading.Event()

    def watch() -> None:
        while not over.wait(PAUSE):
            taken.append(seconds_of_work())

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield lambda: max(1.0, statistics.mean(taken) / WORK_SECONDS)
    finally:
        over.set()
        thread.join()


def require_quick(
    latencies: Callable[[], Iterable[float]],
    record_property: Callable[[str, object], None],
    typical: Callable[[Sequence[float]], float] = statistics.median,
) -> None:
    """A widget answers in less than `ANSWER_MS`: `typical` of the answers in `latencies()`, in milliseconds.

    Each answer is the best of three, since other processes only make it slower, and the limit is longer on a machine
    that is slow before or after them. `AssertionError` when not; what was measured is printed at the end of the run.
    """
    pace = Pace()
    runs = [list(latencies()) for _run in range(3)]
    took = typical([min(answers) for answers in zip(*runs, strict=True)])
    limit = ANSWER_MS * pace.ended()
    told = (
        f"{took:.0f} ms; the limit is {limit:.0f} ms on a machine {pace.slow_by:.2f} times as slow as two quiet cores"
    )
    record_property("timed", f"{took / limit:4.0%} of the limit: {told}")
    assert took < limit, told


def require_ratio(
    took: float, plain: float, most: float, record_property: Callable[[str, object], None], what: str
) -> None:
    """`took` is less than `most` times `plain`, both seconds of one run. `AssertionError` when not."""
    told = f"{what}: {took:.3f} s are {took / plain:.2f} times {plain:.3f} s; the limit is {most} times"
    record_property("timed", f"{took / plain / most:4.0%} of the limit: {told}")
    assert took < most * plain, told


def seconds_of_work() -> float:
    """The time of some Python and some matrix products, as a widget's answer has both."""
    start = time.perf_counter()
    sum(number % 7 for number in range(400_000))
    matrix = torch.ones(384, 384)
    for _repetition in range(40):
        matrix @ matrix
    return time.perf_counter() - start
