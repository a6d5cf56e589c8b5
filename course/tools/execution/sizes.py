"""What the arguments of a call may be made of, and how much of it: plain values, few and small."""

import math
import unicodedata
from collections.abc import Mapping, Sequence

from course.messages import _

MOST_CHARACTERS = 4000  # in all texts of a call together
MOST_DIGITS = 18
MOST_VALUES = 1000  # numbers, texts, lists and all else, counted together
MOST_LEVELS = 8  # of lists and dictionaries in one another
ALLOWED_CONTROLS = "\n\t"


class ArgumentError(ValueError):
    """Arguments that do not fit the function, or are too large. The message is one sentence."""


def require_small(arguments: Mapping[str, object]) -> None:
    """Raises `ArgumentError`, naming the argument, for values that are not plain, or too many, too deep or too large.

    Plain are None, booleans, finite numbers, texts without control characters other than a new line and a tab, and
    lists, tuples and dictionaries of these. Nothing is called on a value of another type, not even its `repr`.
    """
    sizes = _Sizes()
    for name, value in arguments.items():
        sizes.add(name, value)


class _Sizes:
    """Counts what the values of one call are made of. Raises `ArgumentError` at the first that is not allowed."""

    def __init__(self) -> None:
        self.characters = self.values = 0

    def add(self, name: str, value: object, level: int = 0) -> None:
        self.values += 1
        if self.values > MOST_VALUES:
            raise ArgumentError(
                _("With {name}, the call has more than {limit} values.").format(name=name, limit=MOST_VALUES)
            )
        if level > MOST_LEVELS:
            raise ArgumentError(
                _("{name} has more than {limit} levels of lists and dictionaries in one another.").format(
                    name=name, limit=MOST_LEVELS
                )
            )
        kind = type(value)  # not isinstance: a subclass may do anything
        if isinstance(value, str) and kind is str:
            self._add_text(name, value)
        elif isinstance(value, int) and kind is int:
            if abs(value) >= 10**MOST_DIGITS:
                raise ArgumentError(
                    _("{name} is a whole number of more than {limit} digits.").format(name=name, limit=MOST_DIGITS)
                )
        elif isinstance(value, float) and kind is float:
            if not math.isfinite(value):
                raise ArgumentError(_("{name} is {value}: give a finite number.").format(name=name, value=value))
        elif isinstance(value, dict) and kind is dict:
            for inner in (*value.keys(), *value.values()):
                self.add(name, inner, level + 1)
        elif kind in (list, tuple) and isinstance(value, Sequence):
            for inner in value:
                self.add(name, inner, level + 1)
        elif value is not None and kind is not bool:
            raise ArgumentError(
                _(
                    "{name} holds a value of the type {found}: only texts, numbers, True, False, None, and lists, "
                    "tuples and dictionaries of these can be given."
                ).format(name=name, found=kind.__name__)
            )

    def _add_text(self, name: str, text: str) -> None:
        self.characters += len(text)
        if self.characters > MOST_CHARACTERS:
            raise ArgumentError(
                _("With {name}, the call has more than {limit} characters of text.").format(
                    name=name, limit=MOST_CHARACTERS
                )
            )
        for character in text:
            if unicodedata.category(character) in ("Cc", "Cs") and character not in ALLOWED_CONTROLS:
                raise ArgumentError(
                    _("{name} holds the character {code}, which is no text: leave it out.").format(
                        name=name, code=f"U+{ord(character):04X}"
                    )
                )
