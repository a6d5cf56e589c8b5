"""Which answers are equal, and which are not."""

from collections import Counter, OrderedDict, defaultdict, namedtuple

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.exercises.compare import close, kind, same

Point = namedtuple("Point", "x y")
NAN, INFINITY = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("expected", "answer"),
    [
        ([1, 2], (1, 2)),
        ((0.5, [3]), [0.5, (3,)]),
        ({"a": 1}, Counter("a")),
        ({"a": [1.0]}, defaultdict(list, a=(1.0,))),
        ({"a": 1, "b": 2}, OrderedDict(b=2, a=1)),
        ({1, 2}, frozenset({2, 1})),
        ((1, 2), Point(1, 2)),
        (1.0, 1),
        (1, torch.tensor(1)),
        (0.1 + 0.2, 0.3),
        (NAN, np.float32("nan")),
        (-INFINITY, -INFINITY),
        ([[1.0, 2.0]], torch.tensor([[1.0, 2.0]])),
        (torch.tensor([0.1, 0.2]), np.array([0.1, 0.2])),
        (torch.tensor([1, 2]), [1, 2]),
        ("", ""),
    ],
)
def test_same(expected, answer):
    assert same(expected, answer)
    assert same(answer, expected)


@pytest.mark.parametrize(
    ("expected", "answer"),
    [
        ([1, 2], [2, 1]),
        ([1, 2], [1, 2, 3]),
        ([1, 2], {1, 2}),
        ("ab", ["a", "b"]),
        ("a", b"a"),
        (b"ab", [97, 98]),
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"a": 1, "b": 0}),
        ({"a": 1}, [("a", 1)]),
        (10**17, 10**17 + 1),
        (0.3, 0.30001),
        (0.0, NAN),
        (INFINITY, -INFINITY),
        (1, "1"),
        ([], None),
        (torch.zeros(2, 1), torch.zeros(1, 2)),
        (torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.01])),
    ],
)
def test_not_the_same(expected, answer):
    assert not same(expected, answer)
    assert not same(answer, expected)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.slow
@given(values)
def test_a_value_is_the_same_as_itself(value):
    assert same(value, value)


@given(values, values)
def test_the_same_from_both_sides_and_only_within_a_kind(one, other):
    assert same(one, other) == same(other, one)
    if same(one, other):
        assert kind(one) is kind(other)


def test_close_allows_what_float32_rounds_and_no_more():
    assert close(torch.tensor([0.1, 100.0]), torch.tensor([0.100005, 100.005]))
    assert not close(torch.tensor([0.1]), torch.tensor([0.1002]))
    assert not close(torch.zeros(2, 1), torch.zeros(1, 2))
    assert not same(torch.tensor([100.0]), torch.tensor([100.005]))
