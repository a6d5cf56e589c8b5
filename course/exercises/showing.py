"""Values as code: short, the same on every run, and around the place that matters."""

import math
from collections.abc import Iterable
from typing import Any

from course.exercises.answers import Foreign, Grid, plain
from course.exercises.compare import Path

SHOWN_CHARACTERS = 400  # of one value
FEWEST_CHARACTERS = 24  # of a part of one
CUT = " …"


def show(value: object, focus: Path = (), *, digits: int = 17) -> str:
    """A value as code: sets sorted, floats with so many digits, and no longer than `SHOWN_CHARACTERS`.

    `focus` leads to the part to be seen: where a value is too long, what is around that part stays.
    """
    return _shortened(plain(value), focus, digits, SHOWN_CHARACTERS)


def show_path(path: Path) -> str:
    """The way to a part of a value, as in code: `[2][0]`, `[('h', 'u')]`."""
    return "".join(f"[{_text(key, 17)}]" for key in path)


def _text(value: Any, digits: int) -> str:
    if isinstance(value, float):
        return _number(value, digits)
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 300:
        return f"<a whole number of {int(value.bit_length() * math.log10(2)) + 1:,} digits>"
    if isinstance(value, Foreign):
        return value.text
    if isinstance(value, (list, tuple, set, dict)):
        opening, closing = _brackets(value)
        return opening + ", ".join(_item(key, item, digits) for key, item in _items(value, digits)) + closing
    return repr(value)


def _number(value: float, digits: int) -> str:
    """The float with so many digits at most; with 17, Python's own way, which loses nothing."""
    if digits >= 17 or not math.isfinite(value):
        return repr(value)
    return repr(float(f"{value:.{digits}g}"))


def _item(key: Any, item: Any, digits: int) -> str:
    text = _text(item, digits)
    return text if key is None else f"{_text(key, digits)}: {text}"


def _items(value: Any, digits: int) -> list[tuple[Any, Any]]:
    """The key of each item, None where it has none, and the item."""
    if isinstance(value, dict):
        return list(value.items())
    return [
        (None, item)
        for item in (sorted(value, key=lambda one: _text(one, digits)) if isinstance(value, set) else value)
    ]


def _brackets(value: Any) -> tuple[str, str]:
    if isinstance(value, Grid):
        return f"{value.name}([", "])"
    if isinstance(value, tuple):
        return "(", ",)" if len(value) == 1 else ")"
    if isinstance(value, list):
        return "[", "]"
    return ("{", "}") if value or isinstance(value, dict) else ("set(", ")")


def _shortened(value: Any, focus: Path, digits: int, room: int) -> str:
    text = _text(value, digits)
    if len(text) <= room:
        return text
    if not isinstance(value, (list, tuple, dict)) or not value:
        return text[:room] + CUT
    items = _items(value, digits)
    keys = [key for key, _item in items] if isinstance(value, dict) else range(len(items))
    center = next((i for i, key in enumerate(keys) if focus and key == focus[0]), 0)
    return _window(value, items, center, focus[1:], digits, room)


def _window(value: Any, items: list[tuple[Any, Any]], center: int, focus: Path, digits: int, room: int) -> str:
    """The item at `center`, and as many of its neighbours as there is room for."""
    opening, closing = _brackets(value)
    key, item = items[center]
    before = "" if key is None else f"{_text(key, digits)}: "
    shown = {center: before + _shortened(item, focus, digits, max(room - len(before), FEWEST_CHARACTERS))}
    left = room - len(shown[center]) - len(opening) - len(closing) - 6
    for i in _outwards(center, len(items)):
        text = _item(*items[i], digits)
        if (left := left - len(text) - 2) < 0:
            break
        shown[i] = text
    first, last = min(shown), max(shown)
    parts = ["…"] * (first > 0) + [shown[i] for i in sorted(shown)] + ["…"] * (last < len(items) - 1)
    return opening + ", ".join(parts) + closing


def _outwards(center: int, count: int) -> Iterable[int]:
    """The other places, the nearest first."""
    return sorted((i for i in range(count) if i != center), key=lambda i: abs(i - center))
