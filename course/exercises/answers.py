"""Read what a learner's function returned into built-in types, so that nothing of the learner's runs afterwards.

A value may be anything: its `__eq__` may raise, its `__len__` lie, its `repr` never end, its items be endless. It is
read once, within the time limit of the call; comparing, diagnosing and showing then work on the copy.
"""

import re
import sys
from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence, Set, ValuesView
from dataclasses import dataclass, field
from decimal import Decimal
from numbers import Rational
from typing import Any, no_type_check

MOST_ITEMS = 20_000  # of one answer, all levels together; right answers have a few hundred
MOST_LEVELS = 50
LONGEST_TEXT = 1_000  # of a value that is shown as it prints
CHARACTERS_OF_AN_ITEM = 10  # a text counts as so many items


@dataclass(frozen=True)
class Foreign:
    """What is kept of a value that is not read: its type's name, how it prints, the shape of a tensor."""

    type_name: str
    text: str
    shape: tuple[int, ...] | None = None
    too_large: bool = False


CUT = Foreign("rest", "…")  # stands for what is inside of very many lists


ATOMS = (type(None), bool, int, float, complex, Foreign)  # read as they are


class _TooLarge(Exception):
    """The value has more items than are read."""


class Grid(list[Any]):
    """The numbers of a tensor or an array with dimensions, as nested lists."""

    def __init__(self, rows: Iterable[Any], name: str, shape: tuple[int, ...]) -> None:
        super().__init__(rows)
        self.name, self.shape = name, shape


@dataclass(frozen=True)
class Answer:
    """An answer in built-in types: None, numbers, texts, lists, tuples, sets, dicts, `Grid`s and `Foreign`s.

    `dtypes` are the floating-point types of the tensors, arrays and NumPy numbers in it.
    """

    value: Any
    type_name: str
    dtypes: frozenset[str] = frozenset()


def read(value: object) -> Answer:
    """The value as it is compared. Raises whatever the value's own methods raise."""
    reader = _Reader()
    return Answer(reader.read_whole(value), type_name(type(value)), frozenset(reader.dtypes))


def plain(value: object, most: int = MOST_ITEMS) -> Any:
    """The value in built-in types alone; a `Foreign` if it has more items than `most`."""
    return _Reader(most).read_whole(value)


@no_type_check  # which would be done for each item of each answer
@dataclass
class _Reader:
    """Reads one value, and counts what it has read."""

    left: int = MOST_ITEMS
    dtypes: set[str] = field(default_factory=set)

    def read_whole(self, value: Any) -> Any:
        try:
            return self.read(value)
        except _TooLarge:
            kind = type(value)
            shape = tuple(value.shape) if _is_array(kind) else None
            return Foreign(
                type_name(kind), f"<{type_name(kind)}, {MOST_ITEMS:,} items and more>", shape, too_large=True
            )

    def read(self, value: Any, level: int = 0) -> Any:
        self._count(1)
        if level > MOST_LEVELS:
            return CUT
        kind = type(value)  # not `isinstance`, which asks the value itself for its `__class__`
        if kind in ATOMS:
            return value
        number: Any = next((base for base in (int, float, complex) if issubclass(kind, base)), None)
        if number and not hasattr(kind, "dtype"):
            return number.__add__(value, number(0))  # of an IntEnum, the number
        if issubclass(kind, str):
            self._count(str.__len__(value) // CHARACTERS_OF_AN_ITEM)
            return str.__getitem__(value, slice(None))
        if issubclass(kind, (bytes, bytearray)):
            return bytes(value)
        if issubclass(kind, (Rational, Decimal)):
            return float(value)
        return self._read_many(value, kind, level + 1)

    def _read_many(self, value: Any, kind: type[Any], level: int) -> Any:
        if _is_a("torch", "Tensor", kind):
            return self._read_tensor(value, level)
        if _is_array(kind):
            return self._read_array(value, level)
        if hasattr(kind, "__len__"):
            self._count(len(value), ahead=True)
        if issubclass(kind, Grid):
            return Grid(self._items(value, level), value.name, value.shape)
        if issubclass(kind, Mapping):
            return self._read_mapping(value, level)
        if issubclass(kind, Set):
            return {self._hashable(item, level) for item in value}
        if issubclass(kind, tuple):
            return tuple(self._items(value, level))
        if issubclass(kind, (Sequence, Iterator, ValuesView)):
            return list(self._items(value, level))
        if hasattr(kind, "tolist"):  # a series of pandas, an array of the standard library
            return self.read(value.tolist(), level)
        if issubclass(kind, Coroutine):
            value.close()  # or Python would warn that nobody waits for it
        return Foreign(type_name(kind), _printed(value, kind))

    def _count(self, items: int, *, ahead: bool = False) -> None:
        """Count items that are read, or look ahead whether there are too many."""
        if items > self.left:
            raise _TooLarge
        self.left -= 0 if ahead else items

    def _items(self, items: Iterable[Any], level: int) -> Iterator[Any]:
        for item in items:
            if type(item) in ATOMS:  # as most items are
                self.left -= 1
                if self.left < 0:
                    raise _TooLarge
                yield item
            else:
                yield self.read(item, level)

    def _hashable(self, item: object, level: int) -> Any:
        """An item that goes into a set or stands as a key."""
        made = self.read(item, level)
        try:
            hash(made)
        except TypeError:
            return Foreign(type_name(type(item)), repr(made))
        return made

    def _read_mapping(self, mapping: Mapping[Any, Any], level: int) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        for key in mapping:
            name = self._hashable(key, level)
            if name in made:  # two keys of one value, as tensors can be
                name = Foreign(type_name(type(key)), f"{name!r}, {len(made)}")
            made[name] = self.read(mapping[key], level)
        return made

    def _read_tensor(self, tensor: Any, level: int) -> Any:
        kind, shape = type_name(type(tensor)), tuple(tensor.shape) if not tensor.is_nested else None
        if tensor.is_meta:
            return Foreign(kind, "tensor(…, device='meta')", shape)
        if tensor.is_nested:
            return list(self._items(tensor.unbind(), level))
        self._count(tensor.numel())
        if tensor.is_quantized:
            tensor = tensor.dequantize()
        if str(tensor.layout) != "torch.strided":
            tensor = tensor.to_dense()
        if tensor.is_floating_point():
            self.dtypes.add(str(tensor.dtype).removeprefix("torch."))
        return Grid(tensor.tolist(), "tensor", shape) if shape else tensor.item()

    def _read_array(self, array: Any, level: int) -> Any:
        shape = tuple(array.shape)
        self._count(array.size)
        if array.dtype.kind == "f":
            self.dtypes.add(str(array.dtype))
        if array.dtype.kind == "f" and not shape:
            return float(array)  # NumPy's longest float stays one of its own in `tolist`
        if array.dtype.kind in "biufc":
            return Grid(array.tolist(), "array", shape) if shape else array.tolist()
        values = array.tolist()
        return Grid(self._items(values, level), "array", shape) if shape else self.read(values, level)


def type_name(kind: type[Any]) -> str:
    """The type's name, whatever a metaclass of the learner's says it is."""
    return type.__dict__["__name__"].__get__(kind)


def _is_array(kind: type[Any]) -> bool:
    return any(_is_a(*names, kind) for names in (("torch", "Tensor"), ("numpy", "ndarray"), ("numpy", "generic")))


def _is_a(module: str, name: str, kind: type[Any]) -> bool:
    """Whether a type is one of a library's, which is imported when a value of it is there."""
    wanted = getattr(sys.modules.get(module), name, None)
    return wanted is not None and issubclass(kind, wanted)


def _printed(value: object, kind: type[Any]) -> str:
    """How a value prints, without its address in memory, which differs from run to run."""
    try:
        return re.sub(r" at 0x[0-9a-f]+", "", repr(value)[:LONGEST_TEXT])
    except Exception:
        return f"<{type_name(kind)}>"
