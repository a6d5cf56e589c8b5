"""Several models timed in turns, so that what else the machine does meets them all, and ratios of the same turn."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from course.fine_tuning import SentenceClassifier
from course.intervals import Interval, over_seeds

REPEATS_OF_ONE = 8  # a single text is too short for one reading of the clock


def interval(found: Interval) -> dict[str, Any]:
    """An interval as a record keeps it."""
    return {"mean": found.estimate, "low": found.low, "high": found.high, "of": found.of}


def in_turns(sides: Mapping[str, Callable[[], float]], turns: int) -> dict[str, list[float]]:
    """The seconds of each side, all sides once a turn; a first turn is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(turns + 1):
        for name, side in sides.items():
            seconds = side()
            if turn > 0:
                taken[name].append(seconds)
    return taken


def times(slow: Sequence[float], fast: Sequence[float]) -> dict[str, Any]:
    """How many times as fast the second is, in each turn."""
    return interval(over_seeds([a / b for a, b in zip(slow, fast, strict=True)], of="turns"))


def latency(model: SentenceClassifier, texts: Sequence[str]) -> Callable[[], float]:
    """What measures the processor seconds of one prediction of all the texts, without their tokenizer."""
    inputs = model.inputs(texts)

    @torch.inference_mode()
    def seconds() -> float:
        n = REPEATS_OF_ONE if len(texts) == 1 else 1
        start = time.process_time()
        for _ in range(n):
            model(inputs)
        return (time.process_time() - start) / n

    return seconds
