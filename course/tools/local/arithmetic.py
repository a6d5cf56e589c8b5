"""A tool that calculates: it reads an expression by its own few rules, and nothing of it ever runs as Python."""

import math
import re
from collections.abc import Callable

from course.messages import _

MOST_CHARACTERS, MOST_LEVELS, MOST_DIGITS = 200, 20, 300
TOKEN = re.compile(r"\s*(?:((?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)|(\*\*|//|[-+*/%()]))")

Number = int | float


def calculate(expression: str) -> Number:
    """The value of an expression of numbers, + - * / // % ** and parentheses, with Python's precedence.

    Raises `ValueError`, in one sentence, for anything else in it, for a division by 0, for what is no real number, and
    for numbers of more than 300 digits, before they are computed.
    """
    if len(expression) > MOST_CHARACTERS:
        raise ValueError(
            _("The expression has {count} characters: give {limit} at most.").format(
                count=len(expression), limit=MOST_CHARACTERS
            )
        )
    reader = _Reader(_tokens(expression))
    value = reader.sum()
    if reader.left:
        raise ValueError(
            _("{token!r} is not expected there: an operator is missing, or a parenthesis.").format(token=reader.left[0])
        )
    return int(value) if value == int(value) and abs(value) < 2**53 else value


def _tokens(expression: str) -> list[str]:
    tokens, place = [], 0
    text = expression.rstrip()
    while place < len(text):
        found = TOKEN.match(text, place)
        if found is None:
            raise ValueError(
                _(
                    "{rest!r} cannot be calculated: an expression has numbers, + - * / // % ** and parentheses only."
                ).format(rest=text[place:][:20])
            )
        tokens.append(found[1] or found[2])
        place = found.end()
    return tokens


class _Reader:
    """Reads the tokens from the left, a method for each level of precedence, and computes at once."""

    def __init__(self, tokens: list[str]) -> None:
        self.left = tokens
        self.level = 0

    def sum(self) -> Number:
        value = self.product()
        while self.left and self.left[0] in ("+", "-"):
            sign = self.left.pop(0)
            other = self.product()
            value = _small(value + other if sign == "+" else value - other)
        return value

    def product(self) -> Number:
        value = self.signed()
        while self.left and self.left[0] in ("*", "/", "//", "%"):
            value = _multiplied(value, self.left.pop(0), self.signed())
        return value

    def signed(self) -> Number:
        if self.left and self.left[0] in ("+", "-"):
            sign = self.left.pop(0)
            value = self._inside(self.signed)
            return -value if sign == "-" else value
        return self.power()

    def power(self) -> Number:
        base = self.atom()
        if not (self.left and self.left[0] == "**"):
            return base
        self.left.pop(0)
        return _power(base, self._inside(self.signed))

    def atom(self) -> Number:
        token = self.left.pop(0) if self.left else ""
        if token == "(":
            value = self._inside(self.sum)
            if not self.left or self.left.pop(0) != ")":
                raise ValueError(_("A parenthesis is opened and never closed."))
            return value
        if not token or not (token[0].isdigit() or token[0] == "."):
            raise ValueError(
                _("A number is missing before {token!r}.").format(token=token)
                if token
                else _("A number is missing at the end of the expression.")
            )
        return _small(int(token) if token.isdigit() else float(token))

    def _inside(self, read: Callable[[], Number]) -> Number:
        self.level += 1
        if self.level > MOST_LEVELS:
            raise ValueError(
                _("The expression has more than {limit} levels of parentheses, signs and powers.").format(
                    limit=MOST_LEVELS
                )
            )
        value = read()
        self.level -= 1
        return value


def _multiplied(value: Number, operator: str, other: Number) -> Number:
    if operator == "*":
        return _small(value * other)
    if other == 0:
        raise ValueError(_("{value} cannot be divided by 0.").format(value=value))
    if operator == "/":
        return _small(value / other)
    return _small(value // other if operator == "//" else value % other)


def _power(base: Number, exponent: Number) -> Number:
    if base == 0 and exponent < 0:
        raise ValueError(_("0 has no power below 0."))
    if base < 0 and exponent != int(exponent):
        raise ValueError(_("{base} ** {exponent} is no real number.").format(base=base, exponent=exponent))
    if base != 0 and exponent * math.log10(abs(base)) >= MOST_DIGITS:
        raise _too_large()
    return _small(base**exponent)


def _small(value: Number) -> Number:
    if not abs(value) < 10**MOST_DIGITS:
        raise _too_large()
    return value


def _too_large() -> ValueError:
    return ValueError(_("A number in the expression has more than {limit} digits.").format(limit=MOST_DIGITS))
