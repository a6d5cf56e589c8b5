"""How slow this machine is just now, for the tests that have a limit in seconds: a fixed piece of work, timed."""

import statistics
import time

import torch

WORK_SECONDS = 0.06  # what `work` takes on two quiet cores, where the limits were set


def slowness() -> float:
    """How many times as long as on two quiet cores a piece of work takes here, now; at least 1.

    A limit is multiplied by it, so that a busy or slow machine fails no test, and slower code does.
    """
    return max(1.0, statistics.median(seconds_of_work() for _repetition in range(9)) / WORK_SECONDS)


def seconds_of_work() -> float:
    """The time of some Python and some matrix products, as a widget's answer has both."""
    start = time.perf_counter()
    sum(number % 7 for number in range(400_000))
    matrix = torch.ones(384, 384)
    for _repetition in range(40):
        matrix @ matrix
    return time.perf_counter() - start
