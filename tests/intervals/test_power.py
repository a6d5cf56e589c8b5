"""How many items tell two models apart: others' numbers, and simulated experiments."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.intervals import TwoModels, items_for_half_width, items_needed, power_of, simulated_power

SIMILAR = TwoModels(0.80, 0.02, 0.10)


def test_the_paired_formula_gives_the_example_of_connor():
    # the example of powerandsamplesize.com's calculator for McNemar's test: 0.45 and 0.05, power 0.8
    assert items_needed(TwoModels(0.60, 0.40, 0.50)) == 23


def test_the_unpaired_formula_gives_the_example_of_zar():
    # Zar 1999, example 24.26: 0.45 against 0.25, power 0.9, 127.2343 with Fleiss' continuity correction
    models = TwoModels.independent(0.45, 0.25)
    n = items_needed(models, paired=False, power=0.9)
    plain = ((1.959964 * math.sqrt(2 * 0.35 * 0.65) + 1.281552 * math.sqrt(0.45 * 0.55 + 0.25 * 0.75)) / 0.2) ** 2
    assert plain / 4 * (1 + math.sqrt(1 + 4 / (plain * 0.2))) ** 2 == pytest.approx(127.2343, abs=1e-3)
    assert n == math.ceil(plain) == 118


def test_the_interval_of_one_accuracy():
    assert items_for_half_width(0.02) == 2401
    assert items_for_half_width(0.07) == 196
    assert items_for_half_width(0.02, 0.9) < 1000


@given(st.floats(0.3, 0.7), st.floats(0.01, 0.1), st.floats(0.1, 0.4), st.floats(0.5, 0.95), st.booleans())
def test_the_number_of_items_has_the_power_and_one_less_has_not(accuracy, difference, discordance, power, paired):
    models = TwoModels(accuracy, difference, discordance)
    n = items_needed(models, paired=paired, power=power)
    assert power_of(models, n, paired=paired) >= power - 1e-6
    if n > 200:
        assert power_of(models, n - 2, paired=paired) < power + 1e-4


@given(st.floats(0.3, 0.7), st.floats(0.01, 0.1))
def test_models_that_differ_in_few_items_need_fewer_of_them(accuracy, difference):
    needed = [items_needed(TwoModels(accuracy, difference, discordance)) for discordance in (0.1, 0.2, 0.4)]
    assert needed == sorted(needed) and needed[0] < needed[-1]


def test_independent_errors_make_the_pairs_worth_nothing():
    models = TwoModels.independent(0.8, 0.75)
    paired, unpaired = (items_needed(models, paired=which) for which in (True, False))
    assert paired == pytest.approx(unpaired, rel=0.03)
    assert items_needed(SIMILAR, paired=False) > 3 * items_needed(SIMILAR)


def test_a_difference_of_0_is_found_as_often_as_the_level_says_and_the_sign_does_not_matter():
    assert power_of(TwoModels(0.8, 0.0, 0.1), 500) == pytest.approx(0.05)
    assert power_of(TwoModels(0.8, 0.02, 0.1), 500) == pytest.approx(power_of(TwoModels(0.78, -0.02, 0.1), 500))
    assert power_of(TwoModels(1.0, 1.0, 1.0), 10) == 1.0


def test_simulated_experiments_agree_with_the_formulas():
    paired = simulated_power(SIMILAR, items_needed(SIMILAR))
    assert paired.estimate == pytest.approx(0.8, abs=0.03)  # the exact test is a little stricter than the formula
    n = items_needed(SIMILAR, paired=False)
    unpaired = simulated_power(SIMILAR, n, "two_proportions", same_items=False)
    assert unpaired.low <= 0.8 <= unpaired.high
    assert unpaired.of == "4,000 simulated experiments"


def test_on_the_same_items_the_unpaired_test_and_separate_intervals_find_less():
    found = [
        simulated_power(SIMILAR, 1_960, test).estimate for test in ("mcnemar", "two_proportions", "separate_intervals")
    ]
    assert found[0] > 3 * found[1] > 9 * found[2]


def test_equal_models_are_told_apart_as_rarely_as_the_level_says():
    equal = TwoModels(0.8, 0.0, 0.1)
    assert simulated_power(equal, 500).estimate <= 0.05
    assert simulated_power(equal, 500, "two_proportions", same_items=False).estimate == pytest.approx(0.05, abs=0.012)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: TwoModels(1.2, 0.1, 0.2), "accuracy is 1.2"),
        (lambda: TwoModels(0.8, 0.1, math.nan), "discordance is nan"),
        (lambda: TwoModels(0.8, 0.3, 0.2), "difference 0.3 is more than the discordance 0.2"),
        (lambda: TwoModels(0.95, 0.1, 0.5), "No two models are like this.*neither -0.15"),
        (lambda: items_needed(TwoModels(0.8, 0.0, 0.1)), "The difference is 0"),
        (lambda: items_needed(SIMILAR, power=1.0), "level is 1"),
        (lambda: items_needed(SIMILAR, alpha=0.0), "level is 0"),
        (lambda: power_of(SIMILAR, 0), "n is 0"),
        (lambda: simulated_power(SIMILAR, 10, "t"), "test is 't'"),
        (lambda: simulated_power(SIMILAR, 10, same_items=False), "needs the same items"),
        (lambda: items_for_half_width(0.0), "half_width is 0"),
        (lambda: items_for_half_width(0.1, 1.0), "accuracy is 1"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
