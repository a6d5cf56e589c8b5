"""The pieces of a grammar of calls: each reads one byte of UTF-8 after the other, and says what may follow.

A state is a stack of frames. The first reads the next byte and leaves others in its place; those below it are read
later: after the bracket that opens a list comes an element, then the rest of the list.
"""

import re
from dataclasses import dataclass, replace
from functools import cached_property

WHOLE = "(?:0|[1-9][0-9]{0,14})"  # so few digits that a float holds every number
NUMBER = {  # what a number begins with, by whether it may be other than whole
    False: re.compile(rf"-?{WHOLE}?"),
    True: re.compile(rf"-?(?:{WHOLE}(?:\.[0-9]{{0,15}})?(?:e[+-]?[0-9]{{0,2}})?)?"),
}
ESCAPED = b"\\'\"nt"


class Frame:
    """Reads a part of a call."""

    @property
    def may_end(self) -> bool:
        """Whether the next frame may read the byte that this one does not."""
        return False

    def step(self, byte: int) -> "tuple[Frame, ...] | None":
        """The frames that take this one's place after the byte; None where it cannot be read."""
        raise NotImplementedError


State = tuple[Frame, ...]


def step(state: State, byte: int) -> State | None:
    """The state after one more byte; None where no call goes on like this."""
    for number, frame in enumerate(state):
        after = frame.step(byte)
        if after is not None:
            return after + state[number + 1 :]
        if not frame.may_end:
            return None
    return None


@dataclass(frozen=True)
class OneOf(Frame):
    """One of several texts, none of which begins another; after each comes a state of its own."""

    texts: tuple[tuple[bytes, State], ...]

    def step(self, byte: int) -> State | None:
        left = tuple((text[1:], then) for text, then in self.texts if text[0] == byte)
        if left and not left[0][0]:
            return left[0][1]
        return (OneOf(left),) if left else None


@dataclass(frozen=True)
class Space(Frame):
    """One space, or none."""

    @property
    def may_end(self) -> bool:
        return True

    def step(self, byte: int) -> State | None:
        return () if byte == ord(" ") else None


@dataclass(frozen=True)
class Quoted(Frame):
    """What follows an opening quote, the closing one included. `begun` holds the first bytes of a character."""

    quote: int
    escaped: bool = False
    begun: bytes = b""

    @property
    def reads_plain(self) -> bool:
        """Whether every printable character of ASCII leaves this frame as it is, quotes and the backslash excepted."""
        return not self.escaped and not self.begun

    def step(self, byte: int) -> State | None:
        if self.escaped:
            return (replace(self, escaped=False),) if byte in ESCAPED else None
        if self.begun or byte >= 0x80:
            return self._step_in_character(self.begun + bytes([byte]))
        if byte == self.quote:
            return ()
        if byte == ord("\\"):
            return (replace(self, escaped=True),)
        return (self,) if 0x20 <= byte < 0x7F else None

    def _step_in_character(self, begun: bytes) -> State | None:
        try:
            begun.decode()
        except UnicodeDecodeError as error:
            return (replace(self, begun=begun),) if error.reason == "unexpected end of data" else None
        return (replace(self, begun=b""),)


@dataclass(frozen=True)
class Number(Frame):
    """A number, of which `text` has been read."""

    real: bool
    text: str = ""

    @property
    def may_end(self) -> bool:
        return self.text[-1:].isdigit()

    def step(self, byte: int) -> State | None:
        text = self.text + chr(byte)
        return (replace(self, text=text),) if NUMBER[self.real].fullmatch(text) else None


@dataclass(frozen=True)
class Choice(Frame):
    """One of several states, which begin with different bytes."""

    states: tuple[State, ...]

    def step(self, byte: int) -> State | None:
        return next((after for state in self.states if (after := step(state, byte)) is not None), None)


@dataclass(frozen=True)
class Elements(Frame):
    """What follows the bracket that opens a list of entries of one form, the closing bracket included."""

    entry: State
    close: int
    begun: bool = False

    def step(self, byte: int) -> State | None:
        if byte == self.close:
            return ()
        rest = replace(self, begun=True)
        if self.begun:
            return (Space(), *self.entry, rest) if byte == ord(",") else None
        first = step(self.entry, byte)
        return None if first is None else (*first, rest)


@dataclass(frozen=True)
class Field:
    """An argument or a key: the ways to write its name up to the value, and the value."""

    names: tuple[bytes, ...]
    value: State
    required: bool


@dataclass(frozen=True)
class Fields(Frame):
    """What follows the bracket that opens arguments or the keys of a dictionary, the closing bracket included.

    Each of the `left` fields may come once, in any order; all that are required must.
    """

    left: tuple[Field, ...]
    close: int
    begun: bool = False

    def step(self, byte: int) -> State | None:
        if byte == self.close and not any(field.required for field in self.left):
            return ()
        if not self.begun:
            return self._names.step(byte)
        return (Space(), self._names) if byte == ord(",") and self.left else None

    @cached_property
    def _names(self) -> OneOf:
        after = {
            field: replace(self, left=tuple(other for other in self.left if other is not field), begun=True)
            for field in self.left
        }
        return OneOf(tuple((name, (*field.value, rest)) for field, rest in after.items() for name in field.names))
