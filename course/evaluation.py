"""How sure a measured number is: a mean with the spread of the values that it is made of.

Standard library only: README.md's tables, the records of experiments and the lessons all print their numbers by it.
"""

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import SupportsFloat

from course.messages import _

LARGEST = 1e300  # that a value may be: sums of more do not fit a float


def three_digits(size: float) -> str:
    """The format that shows three digits of a number of this size: scientific below 1e-4 and from 1e15 on."""
    if size and not 1e-4 <= abs(size) < 1e15:
        return ".2e"
    return f",.{max(0, 2 - math.floor(math.log10(abs(size)))) if size else 3}f"


@dataclass(frozen=True)
class Spread:
    """Values of one measure, over seeds for example, printed as their mean ± their sample standard deviation.

    `of` says what the values differ in: "seeds", "groups of words". With the unit "%" the values are shares, from 0 to
    1, and are printed as percents, as Python's format "%" does; any other unit is printed after the number. One value
    has no spread and is printed alone. The standard deviation divides by n - 1: of few values, division by n makes it
    too small, of three by a fifth.

    >>> Spread([0.972, 0.981, 0.985], unit="%")
    97.9 ± 0.7 % (3 seeds)
    >>> print(Spread([0.972, 0.981, 0.985], unit="%"), "and", Spread([54.03]))
    97.9 ± 0.7 % and 54.0

    Raises `ValueError` when there is no value, one that is no finite number, or one beyond ±`LARGEST`.
    """

    values: tuple[float, ...]
    of: str = "seeds"
    unit: str = ""

    def __init__(self, values: Iterable[SupportsFloat], of: str = "seeds", unit: str = "") -> None:
        numbers = tuple(float(value) for value in values)
        if not numbers:
            raise ValueError(_("There are no values to take the mean of."))
        for value in numbers:
            if not math.isfinite(value):
                raise ValueError(
                    _(
                        "One of the {n} values is {value}, which has no mean with the others. Leave that run out and "
                        "say so, or show the values one by one."
                    ).format(n=len(numbers), value=value)
                )
            if abs(value) > LARGEST:
                raise ValueError(
                    _(
                        "One of the {n} values is {value}, too large to sum: the limit is {limit}. Use a larger unit."
                    ).format(n=len(numbers), value=value, limit=LARGEST)
                )
        object.__setattr__(self, "values", numbers)
        object.__setattr__(self, "of", of)
        object.__setattr__(self, "unit", unit)

    @cached_property
    def mean(self) -> float:
        return statistics.fmean(self.values)

    @cached_property
    def deviation(self) -> float | None:
        """The sample standard deviation; None for a single value."""
        return statistics.stdev(self.values) if len(self) > 1 else None

    def __len__(self) -> int:
        return len(self.values)

    def __str__(self) -> str:
        times = 100 if self.unit == "%" else 1
        mean, deviation = times * self.mean, times * (self.deviation or 0.0)
        form = self._format(mean, deviation)
        parts = [f"{mean:z{form}}" if mean or "e" not in form else "0"]
        if self.deviation is not None:
            parts.append(f"± {deviation:{form}}")
        parts = [part.replace("-", "−") for part in parts]
        return " ".join([*parts, self.unit] if self.unit else parts)

    def __repr__(self) -> str:
        if len(self) == 1:
            return str(self)
        return _("{spread} ({number} {of})").format(spread=self, number=len(self), of=self.of)

    def _format(self, mean: float, deviation: float) -> str:
        """Three digits of the mean, at least one decimal of percents; up to two more for a spread that would be 0.

        Where both would read 0 and are not, three digits of the larger one.
        """
        size = max(abs(mean), deviation)
        digits_before = math.floor(math.log10(abs(mean))) + 1 if mean else 0
        least = 1 if self.unit == "%" else min(max(3 - digits_before, 0), 3)
        seen = (decimals for decimals in range(least, least + 3) if round(deviation, decimals) > 0)
        decimals = next(seen, least)
        hidden = size > 0 and round(mean, decimals) == round(deviation, decimals) == 0
        return three_digits(size) if hidden or size >= 1e15 else f",.{decimals}f"
