"""An estimate with the ends of its interval and what the interval covers, and the checks that all estimates share."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import SupportsFloat

import numpy as np

from course.evaluation import three_digits
from course.messages import _

Number = int | float
LEVEL = 0.95
DIGITS = 6  # significant ones
SHARES = {"%": _("%"), "points": _("points")}  # units of shares from 0 to 1, which are printed as hundredths


@dataclass(frozen=True)
class Interval:
    """An estimate with the ends of its interval, at confidence `level`; `of` says what the interval covers.

    With the unit "%", or "points" for a difference of two shares, the numbers are shares and are printed as hundredths.
    Where everything was counted, both ends are the estimate and `level` is 1.

    >>> Interval(0.069, 0.035, 0.104, of="3 seeds × 83 words, paired", unit="points")
    6.9 points [3.5, 10.4] (95 %, 3 seeds × 83 words, paired)

    Raises `ValueError` for a number that is not finite, an estimate outside its interval and a level outside (0, 1].
    """

    estimate: Number
    low: Number
    high: Number
    of: str
    unit: str = ""
    level: Number = LEVEL

    def __post_init__(self) -> None:
        for name in ("estimate", "low", "high", "level"):
            value = as_number(name, getattr(self, name))
            if not math.isfinite(value):
                raise ValueError(
                    _(
                        "{name} is {value}, and an interval needs a finite number. Leave that run out and say so."
                    ).format(name=name, value=value)
                )
            object.__setattr__(self, name, value)
        if not self.low <= self.estimate <= self.high:
            raise ValueError(
                _("The estimate {estimate} is not between {low} and {high}. Give low ≤ estimate ≤ high.").format(
                    estimate=self.estimate, low=self.low, high=self.high
                )
            )
        if not 0 < self.level <= 1:
            raise ValueError(
                _("The level is {level}; give one above 0 and at most 1, such as 0.95.").format(level=self.level)
            )
        if not isinstance(self.of, str) or not self.of.strip():
            raise ValueError(_("Say what the interval covers: of='3 seeds', for example."))

    @property
    def is_exact(self) -> bool:
        """True where everything was counted."""
        return self.level == 1 and self.low == self.high

    def rounded(self, digits: int = DIGITS) -> "Interval":
        """The same to this many significant digits: what a notebook stores, since other processors round otherwise."""

        short = {name: _short(getattr(self, name), digits) for name in ("estimate", "low", "high")}
        return replace(self, **short)

    def number(self, value: Number) -> str:
        """A number in this interval's unit, with as many decimals as the interval shows; without the unit's name.

        A share reads the same before and after `rounded`, also where that moves it across a half.
        """
        value = 100 * _short(value) if self.unit in SHARES else value
        text = f"{value:z{self._format}}"
        return ("0" if not value and "e" in text else text).replace("-", "−")

    @property
    def _format(self) -> str:
        """Two digits of the width, and three of the largest number; more where an end would be rounded to 0."""
        times = 100 if self.unit in SHARES else 1
        numbers = [times * value for value in (self.estimate, self.low, self.high)]
        size, width = max(map(abs, numbers)), numbers[2] - numbers[1]
        if self.is_exact and self.unit not in SHARES and numbers[0] == int(numbers[0]) and size < 1e15:
            return ",.0f"
        if size and not 1e-4 <= size < 1e15:
            return three_digits(size)
        digits_before = math.floor(math.log10(size)) + 1 if size else 0
        least = 1 if self.unit in SHARES else min(max(3 - digits_before, 0), 3)
        decimals = max(least, 1 - math.floor(math.log10(width)) if width else 0)
        hidden = (d for d in range(decimals, decimals + 4) if all(round(n, d) for n in numbers if n))
        return f",.{min(next(hidden, decimals), 9)}f"

    @property
    def unit_text(self) -> str:
        return SHARES.get(self.unit, self.unit)

    def with_unit(self, number: str) -> str:
        """A number's text with the unit after it."""
        return f"{number} {self.unit_text}" if self.unit else number

    def __str__(self) -> str:
        estimate = self.with_unit(self.number(self.estimate))
        return estimate if self.is_exact else f"{estimate} [{self.number(self.low)}, {self.number(self.high)}]"

    @property
    def covers(self) -> str:
        """The level and what the interval covers, in words."""
        if self.is_exact:
            return _("counted, {of}").format(of=self.of)
        return _("{level} %, {of}").format(level=f"{100 * self.level:.6g}", of=self.of)

    def __repr__(self) -> str:
        return f"{self} ({self.covers})"


def _short(value: Number, digits: int = DIGITS) -> float:
    return float(f"{value:.{digits - 1}e}")


def require_level(level: Number) -> None:
    if not 0 < as_number("level", level) < 1:
        raise ValueError(_("The level is {level}; give one between 0 and 1, such as 0.95.").format(level=level))


def as_number(name: str, value: SupportsFloat) -> float:
    """`value` as a float. Raises `ValueError` for what is no number, text of digits included."""
    try:
        if not isinstance(value, str | bytes):
            return float(value)
    except (TypeError, ValueError, RuntimeError):  # RuntimeError: PyTorch, of a tensor with several numbers
        pass
    raise ValueError(_("{name} is {value!r}; give a number.").format(name=name, value=value))


def cluster_index(clusters: Sequence[Hashable], n: int) -> np.ndarray:
    """[item]: the number of each item's cluster, in the order of their first appearance."""
    if len(clusters) != n:
        raise ValueError(
            _("There are {clusters} clusters for {n} items. Name the cluster of each item.").format(
                clusters=len(clusters), n=n
            )
        )
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(each, len(numbers)) for each in clusters])


def counted(n: int, of: str | None) -> str:
    return _("{number} {of}").format(number=f"{n:,}", of=of or _("items"))
