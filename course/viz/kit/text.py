"""Tokens as visible text, including spaces, line breaks, partial characters and control characters."""

import unicodedata
from dataclasses import dataclass

from course.messages import _

SPACE, NEWLINE, TAB = "␣", "↵", "⇥"
SIGNS = {" ": SPACE, "\n": NEWLINE, "\t": TAB, "\r": "␍"}
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"}  # Unicode categories without a visible glyph


def visible(text: str) -> str:
    """`text` with a symbol for each space, line break and tab, and the code point of any other invisible character."""
    return "".join(SIGNS.get(c) or (f"U+{ord(c):04X}" if unicodedata.category(c) in INVISIBLE else c) for c in text)


def isolated(text: str) -> str:
    """`text` for the middle of a sentence: right-to-left text between isolates, so that it turns nothing beside it.

    Without them a number after a Hebrew or Arabic token is drawn before it. Other text stays as it is.
    Source: Unicode Standard Annex 9, "Unicode Bidirectional Algorithm", section 2.2 (explicit directional isolates).
    """
    turned = any(unicodedata.bidirectional(character) in ("R", "AL") for character in text)
    return f"{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}" if turned else text


def hex_bytes(data: bytes) -> str:
    """Bytes in hexadecimal, separated by spaces: `EC 9E 90`."""
    return data.hex(" ").upper()


def readable(data: bytes) -> str:
    """Bytes as text; a byte that is only a part of a character becomes hexadecimal in angle quotes: ‹ED›."""
    text = data.decode(errors="surrogateescape")  # such a byte becomes U+DC00 plus the byte
    return "".join(f"‹{ord(c) - 0xDC00:02X}›" if "\udc80" <= c <= "\udcff" else c for c in text)


def percent(share: float, digits: int = 0) -> str:
    """A share as a percentage; a positive share that would round to 0 is `<1%`, or `<0.1%` with one digit."""
    least = 10.0**-digits / 100
    return f"<{least:.{digits}%}" if 0 < share < least / 2 else f"{share:.{digits}%}"


def number(value: int | float, digits: int = 2, *, sign: bool = False) -> str:
    """A number with `digits` decimals, thousands separators and a true minus sign; what rounds to 0 has no sign."""
    rounded = round(value, digits) + 0.0  # adding 0 makes −0 a 0
    return f"{rounded:{'+' if sign and rounded else ''},.{digits}f}".replace("-", "−")


# A mark is shown by a symbol and an outline as well as by color.
MARKS: dict[str, tuple[str, str]] = {
    "": ("", ""),
    "unknown": ("?", _("not in the vocabulary")),
    "new": ("+", _("made by the last merge")),
    "special": ("◆", _("control token")),
}


@dataclass(frozen=True)
class StripToken:
    """One token of a strip.

    `text` is shown with visible spaces, `note` (an id, a probability) in small type below it, `lines` in the tooltip.
    `mark` is a key of `MARKS`. `strength`, from 0 to 1, sets how strongly the token is colored (an attention weight, a
    probability); without it, neighboring tokens alternate in color. Raises `ValueError` for other marks and strengths.
    """

    text: str
    note: str = ""
    lines: tuple[str, ...] = ()
    mark: str = ""
    strength: float | None = None

    def __post_init__(self) -> None:
        if self.mark not in MARKS:
            raise ValueError(f"There is no mark {self.mark!r}; the marks are {', '.join(filter(None, MARKS))}.")
        if self.strength is not None and not 0 <= self.strength <= 1:
            raise ValueError(f"The strength {self.strength} of token {self.text!r} is not between 0 and 1.")
