"""What the records say of models that were made smaller: scores, differences, sizes and times, with their intervals."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from course import trained
from course.intervals import Interval

EXPERIMENT = "compressed_models"
BATCHES = (1, 32)


def stored_interval(found: Mapping[str, Any], unit: str = "") -> Interval:
    """An interval as a record keeps it: the mean, both ends, and what it covers."""
    return Interval(found["mean"], found["low"], found["high"], found["of"], unit)


@dataclass(frozen=True)
class Compressed:
    """A model that was made smaller, on the same test reviews as all others.

    `difference` is its accuracy minus float32's, paired. Sizes are bytes: of the file, of the file after gzip, and in
    memory. `milliseconds` and `times_as_fast` are by the number of reviews that are read at once, 1 or 32; the latter
    divides float32's time of the same turn by this model's.
    """

    name: str
    parameters: int
    zeros: int
    accuracy: Interval
    difference: Interval
    file: int
    zipped: int
    memory: int
    milliseconds: Mapping[int, float]
    times_as_fast: Mapping[int, Interval]


def compressed_models() -> dict[str, Compressed]:
    """All models of the record by name, "float32" first."""
    arms = trained.record_of(EXPERIMENT, "reviews")["arms"]
    return {
        name: Compressed(
            name,
            arm["parameters"],
            arm["zeros"],
            stored_interval(arm["accuracy"], "%"),
            stored_interval(arm["difference"], "points"),
            arm["file"],
            arm["file_gzip"],
            arm["memory"],
            {n: arm["milliseconds"][str(n)] for n in BATCHES},
            {n: stored_interval(arm["times_as_fast"][str(n)]) for n in BATCHES},
        )
        for name, arm in arms.items()
    }
