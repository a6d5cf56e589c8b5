"""Whatever a learner's function returns or raises, `check` ends in a card that can be shown."""

import asyncio
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import io
import itertools
import random
import sys
import threading
import types
import warnings

import numpy as np
import pytest
import torch

from course.exercises.checking import judge
from course.exercises.display import Verdict
from course.exercises.registry import all_exercises, find

# One case of each exercise, since what is tried here is the answer; and all of two.
SHORT = [dataclasses.replace(each, cases=lambda each=each: each.cases()[:1]) for each in all_exercises()]
EXERCISES = [*SHORT, find("tokenization.count_pairs"), find("attention.dot_scores")]


class Raises:
    """An object whose method of this name raises this error."""

    def __new__(cls, method, error=ValueError):
        def fail(*_arguments, **_keywords):
            raise error("not this way")

        member = property(fail) if method in ("__class__", "__dict__", "dtype", "shape", "tolist") else fail
        return object.__new__(type("Odd", (), {method: member}))


class OddList(list):
    def __iter__(self):
        raise ValueError("not this way")

    def __len__(self):
        return -1

    def __eq__(self, other):
        raise ValueError("not this way")

    __hash__ = None


class OddText(str):
    __slots__ = ()

    def __eq__(self, other):
        raise ValueError("not this way")

    def __getitem__(self, index):
        raise ValueError("not this way")

    def __repr__(self):
        raise ValueError("not this way")

    __hash__ = str.__hash__


class OddNumber(float):
    def __float__(self):
        raise ValueError("not this way")

    def __eq__(self, other):
        raise ValueError("not this way")

    __hash__ = float.__hash__


class OddMapping(dict):
    def keys(self):
        raise ValueError("not this way")

    def __getitem__(self, key):
        raise KeyError(key)


class OddSequence(collections.abc.Sequence):
    """As long as can be, and each item is another of its kind."""

    def __len__(self):
        return sys.maxsize

    def __getitem__(self, index):
        return OddSequence()


class OddMeta(type):
    @property
    def __name__(cls):
        raise ValueError("not this way")

    def __instancecheck__(cls, instance):
        raise ValueError("not this way")


class Loud(enum.IntEnum):
    ONE = 1


class OddError(Exception):
    def __str__(self):
        raise SystemExit("not this way either")


def nested(levels, opening=list):
    value = opening()
    for _level in range(levels):
        value = opening([value])
    return value


def self_containing():
    value = [1, 2]
    value += [value, {"me": value}]
    return value


def of_two_sizes():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])


def quantized():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8)


async def coroutine():
    return 1


def raising(error):
    def fail():
        raise error

    return fail


ANSWERS = {
    "None": lambda: None,
    "NaN": lambda: float("nan"),
    "infinity": lambda: -float("inf"),
    "a number too large for float": lambda: 10**400,
    "a number that cannot be printed": lambda: 10**5000,
    "a list of such numbers": lambda: [10**5000, -(10**400)],
    "complex": lambda: 1 + 2j,
    "fraction": lambda: fractions.Fraction(1, 3),
    "decimal": lambda: decimal.Decimal("0.1"),
    "a decimal that is not a number": lambda: decimal.Decimal("sNaN"),
    "enum": lambda: Loud.ONE,
    "empty text": lambda: "",
    "half an emoji": lambda: "\ud83d",
    "HTML": lambda: "<script>alert(1)</script>`**",
    "a text of ten million": lambda: "a" * 10**7,
    "bytes": lambda: b"\xff",
    "bytearray": lambda: bytearray(3),
    "memoryview": lambda: memoryview(b"abc"),
    "date": lambda: datetime.datetime(2026, 1, 1),
    "empty list": list,
    "empty dict": dict,
    "empty tuple": tuple,
    "rows of several lengths": lambda: [[1.0, 2.0], [3.0]],
    "mixed": lambda: [1, "a", None, [b"x", {1: 2}]],
    "a million items": lambda: [0] * 10**6,
    "a dict of a hundred thousand": lambda: dict.fromkeys(range(10**5)),
    "a hundred million numbers": lambda: torch.zeros(1).expand(10**8),
    "a trillion numbers": lambda: torch.zeros(1).expand(10**12),
    "a hundred million numbers of NumPy": lambda: np.broadcast_to(np.zeros(1), 10**8),
    "a long range": lambda: range(10**12),
    "5,000 lists in each other": lambda: nested(5_000),
    "90 tuples in each other": lambda: nested(90, tuple),
    "a list in itself": self_containing,
    "a dict of dicts": lambda: {1: {2: {3: {}}}},
    "keys of two kinds": lambda: {1: 2, "a": 3, None: 4, (1, "a"): 5},
    "tensors as keys": lambda: {torch.tensor(1): 1, torch.tensor(1.0): 2, torch.ones(2): 3},
    "a set of mixed": lambda: {1, "a", None, (1, 2), frozenset({3})},
    "defaultdict": lambda: collections.defaultdict(list),
    "Counter": lambda: collections.Counter("ab"),
    "deque": lambda: collections.deque([1, 2]),
    "keys of a dict": lambda: {"a": 1}.keys(),
    "items of a dict": lambda: {"a": []}.items(),
    "values of a dict": lambda: {"a": 1}.values(),
    "a generator": lambda: (i for i in range(3)),
    "an endless generator": lambda: itertools.count(),
    "a generator that raises": lambda: (1 / i for i in (1, 0)),
    "generators in a list": lambda: [iter("ab"), map(str, range(3))],
    "a file": lambda: io.StringIO("text"),
    "a module": lambda: random,
    "a class": lambda: int,
    "a function": lambda: len,
    "a lambda": lambda: lambda: 1,
    "a coroutine": coroutine,
    "a lock": threading.Lock,
    "an error": lambda: ValueError("text"),
    "a namespace": lambda: types.SimpleNamespace(a=1),
    "object": object,
    "Ellipsis in a list": lambda: [..., ...],
    "NotImplemented": lambda: NotImplemented,
    "a tensor without dimensions": lambda: torch.tensor(1.0),
    "an empty tensor": lambda: torch.zeros(0, 3),
    "a tensor of six dimensions": lambda: torch.zeros(1, 2, 1, 2, 1, 2),
    "float16": lambda: torch.ones(3).half(),
    "bfloat16": lambda: torch.ones(3).bfloat16(),
    "float8": lambda: torch.ones(3).to(torch.float8_e4m3fn),
    "a complex tensor": lambda: torch.ones(3, dtype=torch.complex64),
    "bools": lambda: torch.ones(3, dtype=torch.bool),
    "a tensor with a gradient": lambda: torch.ones(3, requires_grad=True) * 2,
    "a sparse tensor": lambda: torch.eye(3).to_sparse(),
    "a sparse tensor of rows": lambda: torch.eye(3).to_sparse_csr(),
    "a sparse tensor far too large": lambda: torch.sparse_coo_tensor(
        torch.zeros(2, 1, dtype=torch.long), torch.ones(1), (10**6, 10**6), check_invariants=True
    ),
    "a meta tensor": lambda: torch.ones(3, device="meta"),
    "a quantized tensor": quantized,
    "a nested tensor": of_two_sizes,
    "an inference tensor": lambda: torch.inference_mode()(lambda: torch.ones(3))(),
    "a parameter": lambda: torch.nn.Parameter(torch.ones(3)),
    "a network": lambda: torch.nn.Linear(2, 2),
    "a list of tensors": lambda: [torch.ones(2), torch.ones(3)],
    "a distribution": lambda: torch.distributions.Normal(0.0, 1.0),
    "a dtype": lambda: torch.float32,
    "a number of NumPy": lambda: np.float64(0.5),
    "the longest float of NumPy": lambda: np.longdouble(0.5),
    "an array without dimensions": lambda: np.array(0.5),
    "an array of objects": lambda: np.array([1, "a", None, [2]], dtype=object),
    "an array of texts": lambda: np.array(["a", "bc"]),
    "an array of records": lambda: np.zeros(2, dtype=[("a", int), ("b", float)]),
    "a masked array": lambda: np.ma.masked_array([1, 2], [True, False]),
    "a matrix": lambda: np.asmatrix(np.ones((2, 2))),
    "a date of NumPy": lambda: np.datetime64("2026-01-01"),
    "a list with methods of its own": lambda: OddList([1]),
    "a text with methods of its own": lambda: OddText("a"),
    "texts with methods of their own": lambda: {OddText("a"): [OddText("b")]},
    "a number with methods of its own": lambda: OddNumber(1),
    "a dict with methods of its own": lambda: OddMapping(a=1),
    "an endless sequence of sequences": OddSequence,
    "of a type with a type of its own": lambda: OddMeta("Odd", (), {})(),
    **{
        f"{method} raises {error.__name__}": lambda method=method, error=error: Raises(method, error)
        for error in (ValueError, SystemExit, GeneratorExit)
        for method in ("__eq__", "__len__", "__iter__", "__class__", "__repr__", "__str__", "__hash__", "__bool__")
    },
    **{
        f"{method} raises": lambda method=method: Raises(method)
        for method in (
            "__getattr__",
            "__getattribute__",
            "__dict__",
            "tolist",
            "dtype",
            "shape",
            "__array__",
            "__float__",
        )
    },
    "raises SystemExit": lambda: sys.exit("no words"),
    "raises GeneratorExit": raising(GeneratorExit),
    "raises CancelledError": raising(asyncio.CancelledError()),
    "raises BaseException": raising(BaseException("mine")),
    "raises KeyboardInterrupt of its own": raising(KeyboardInterrupt),
    "raises an error that cannot be shown": raising(OddError()),
    "raises an error of many lines": raising(ValueError("\n\n" + "x\n" * 1000)),
    "raises an error without text": raising(ValueError()),
    "raises a group of errors": raising(ExceptionGroup("several", [ValueError("a")])),
    "raises StopIteration": raising(StopIteration),
    "raises MemoryError": raising(MemoryError),
    "raises a warning": raising(UserWarning("w")),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_an_odd_answer_ends_in_a_card(answer):
    for exercise in EXERCISES:
        result = judge(exercise, lambda *_arguments: answer())
        assert result.verdict in (Verdict.FAILED, Verdict.PASSED)
        assert len(repr(result)) < 4_000
        assert "<script>" not in result._repr_html_()
        assert len(result.message.splitlines()) == 1


def test_there_are_sixty_kinds_and_more():
    assert len(ANSWERS) >= 60
