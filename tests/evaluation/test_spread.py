"""A mean and its spread: what they are, and how they read."""

import math
import random

import numpy as np
import pytest

from course.evaluation import Spread


def test_it_is_the_mean_and_the_sample_standard_deviation():
    values = [random.Random(0).gauss(3, 2) for _ in range(7)]
    spread = Spread(values)
    assert spread.mean == pytest.approx(np.mean(values), rel=1e-12)
    assert spread.deviation == pytest.approx(np.std(values, ddof=1), rel=1e-12)
    assert spread.values == tuple(values) and len(spread) == 7


def test_shares_are_printed_as_percents_and_say_what_they_are_the_spread_of():
    spread = Spread([0.94, 0.99, 1.0], unit="%")
    assert str(spread) == "97.7 ± 3.2 %"
    assert repr(spread) == "97.7 ± 3.2 % (3 seeds)"
    assert repr(Spread([1.0, 2.0], of="groups of words")) == "1.50 ± 0.71 (2 groups of words)"


def test_one_value_has_no_spread():
    spread = Spread([54.03])
    assert spread.deviation is None
    assert str(spread) == repr(spread) == "54.0"
    assert str(Spread([0.5], unit="%")) == "50.0 %"


@pytest.mark.parametrize(
    ("values", "unit", "text"),
    [
        ([0.0861, 0.0875], "", "0.087 ± 0.001"),
        ([1.5, 2.5], "", "2.00 ± 0.71"),
        ([36.4, 37.0], "", "36.7 ± 0.4"),
        ([1234.0, 1290.0], "ms", "1,262 ± 40 ms"),
        ([0.0, 0.0], "", "0.000 ± 0.000"),
        ([1.0, 1.0, 1.0], "%", "100.0 ± 0.0 %"),
        ([-0.5, -0.7], "", "−0.600 ± 0.141"),
        ([-1.0, 0.9999], "", "0.000 ± 1.414"),
        ([-1e-9, 1e-10], "", "−4.50e−10 ± 7.78e−10"),
        ([3e-4], "", "0.000300"),
        ([4e-4, 4e-4], "", "0.000400 ± 0.000000"),
        ([3.4e-5, 3.6e-5], "", "3.50e−05 ± 1.41e−06"),
        ([-1e-7, 1e-7], "", "0 ± 1.41e−07"),
        ([0.0001], "%", "0.0100 %"),
        ([0.0], "%", "0.0 %"),
        ([1e300, 1e-300], "", "5.00e+299 ± 7.07e+299"),
    ],
)
def test_digits_follow_the_magnitude(values, unit, text):
    assert str(Spread(values, unit=unit)) == text


def test_a_small_spread_gets_the_digits_that_show_it():
    assert str(Spread([0.0800, 0.0803, 0.0802], unit="%")) == "8.02 ± 0.02 %"
    assert str(Spread([0.08, 0.08 + 1e-17], unit="%")) == "8.0 ± 0.0 %", "rounding in the last bit is no spread"


def test_it_takes_what_numpy_gives_and_a_generator():
    assert Spread(np.array([1.0, 2.0], dtype=np.float32)) == Spread(float(n) for n in (1, 2))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([], "no values"),
        ([1.0, math.nan], "2 values is nan"),
        ([1e308, 1e308], r"2 values is 1e\+308, .* limit is 1e\+300"),
    ],
)
def test_what_has_no_mean_is_named(values, message):
    with pytest.raises(ValueError, match=message):
        Spread(values)
