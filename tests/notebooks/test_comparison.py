"""What counts as the same output: numbers that another processor rounds otherwise do, and nothing else."""

import re

import pytest

from tests.support.comparison import TINY, NearJson, near

CLAIM = {
    "name": "a.b",
    "findings": [{"interval": {"estimate": 0.019507, "low": 0.0, "unit": "bits"}, "holds": "below"}],
}


def changed(**interval):
    of_claim = CLAIM["findings"][0]
    return CLAIM | {"findings": [of_claim | {"interval": of_claim["interval"] | interval}]}


def test_a_last_digit_is_no_difference():
    assert NearJson(CLAIM) == NearJson(changed(estimate=0.0195071, low=-4e-8))
    assert (NearJson(CLAIM) != NearJson(changed(estimate=0.0195071))) is False


@pytest.mark.parametrize(
    "other",
    [
        changed(estimate=0.01952),
        changed(low=1e-3),
        changed(unit="bit"),
        changed(estimate=None),
        changed(more=1),
        CLAIM | {"findings": []},
        CLAIM | {"name": "a.c"},
    ],
    ids=str,
)
def test_anything_else_is(other):
    assert NearJson(CLAIM) != NearJson(other)


@pytest.mark.parametrize(("one", "other"), [(True, 1), (1, "1"), ([1], 1), ([1, 2], [1]), (None, 0), ({}, [])])
def test_other_types_are_not_near(one, other):
    assert not near(one, other)
    assert not near(other, one)


@pytest.mark.parametrize("one", ["9.54e−07", "6.3e-07", "1e-06", "2.0e-09"])
def test_what_float32_rounds_off_is_the_same(one):
    assert re.sub(TINY, "", f"at most <b>{one}</b>") == "at most <b></b>"


@pytest.mark.parametrize("one", ["9.54e-05", "6.3e07", "0.0000012", "1e-16", "0"])
def test_every_other_number_is_compared(one):
    assert re.sub(TINY, "", one) == one
