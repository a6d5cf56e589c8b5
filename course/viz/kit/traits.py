"""State that a widget can have: numbers within limits, text, and choices, each refused in one sentence."""

import math
import numbers
import operator
from collections.abc import Sequence
from typing import Any

import traitlets

from course.messages import _
from course.tokenization.tokenizer import whole_characters


class StateError(traitlets.TraitError, ValueError):
    """A value that a widget cannot take. The message is one sentence; the trait keeps its value."""


def refuse(name: str | None, value: object, wanted: str) -> StateError:
    """The error for a trait of this name: it says the value, and what the trait takes."""
    shown = " ".join(repr(value).split())
    shown = shown if len(shown) <= 60 else f"{shown[:50]} …"
    return StateError(_("{name} is {value}; it must be {wanted}.").format(name=name, value=shown, wanted=wanted))


class Number(traitlets.TraitType[Any, Any]):
    """A finite number from `min` to `max`, a Python float. NumPy's numbers are numbers, True is none."""

    default_value: Any = 0.0

    def __init__(
        self, default_value: Any = 0, *, min: int | float | None = None, max: int | float | None = None, **kw: Any
    ):
        self.min, self.max = min, max
        super().__init__(default_value, **kw)

    def convert(self, value: Any) -> int | float:
        if not isinstance(value, numbers.Real):
            raise TypeError
        return float(value)

    def validate(self, obj: Any, value: Any) -> int | float:
        try:
            number = self.convert(value) if not isinstance(value, bool) else math.nan
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        low, high = (-math.inf if self.min is None else self.min), (math.inf if self.max is None else self.max)
        if abs(number) == math.inf or not low <= number <= high:
            raise refuse(self.name, value, self.wanted())
        return number

    def wanted(self) -> str:
        if self.min is None:
            return _("a number")
        if self.max is None:
            return _("a number of at least {low:,}").format(low=self.min)
        return _("a number from {low:,} to {high:,}").format(low=self.min, high=self.max)


class Whole(Number):
    """A whole number from `min` to `max`, a Python int."""

    default_value: Any = 0

    def convert(self, value: Any) -> int:
        return operator.index(value)

    def wanted(self) -> str:
        if self.min is None:
            return _("a whole number")
        if self.max is None:
            return _("a whole number of at least {low:,}").format(low=self.min)
        return _("a whole number from {low:,} to {high:,}").format(low=self.min, high=self.max)


class Text(traitlets.TraitType[Any, Any]):
    """Text as tokenizers read it: half a character (a lone surrogate) is U+FFFD, so that it can be shown and sent."""

    default_value: Any = ""

    def validate(self, obj: Any, value: Any) -> str:
        if not isinstance(value, str):
            raise refuse(self.name, value, _("text"))
        return whole_characters(value)


class Flag(traitlets.TraitType[Any, Any]):
    """True or False."""

    default_value: Any = False

    def validate(self, obj: Any, value: Any) -> bool:
        if not isinstance(value, bool):
            raise refuse(self.name, value, _("True or False"))
        return value


class Choice(traitlets.TraitType[Any, Any]):
    """One of these values."""

    def __init__(self, values: Sequence[Any], default_value: Any, **kw: Any):
        self.values = tuple(values)
        super().__init__(default_value, **kw)

    def validate(self, obj: Any, value: Any) -> Any:
        if not isinstance(value, bool) and value in self.values:
            return self.values[self.values.index(value)]
        raise refuse(self.name, value, _("one of {values}").format(values=", ".join(map(repr, self.values))))
