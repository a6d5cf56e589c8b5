"""The law, and the published coefficients as their papers use them."""

import math

import pytest

from course.scaling import BESIROGLU, HOFFMANN, HOFFMANN_AS_PRINTED, KAPLAN, KAPLAN_FRONTIER, KaplanLaw, Law, optimum
from course.scaling.law import PF_DAY

NUMBERS = {"E": 1.8, "A": 480.0, "B": 2000.0, "alpha": 0.35, "beta": 0.37}


def test_the_three_terms_of_the_loss():
    law = Law(E=1.5, A=100.0, B=1000.0, alpha=0.5, beta=0.25)
    assert law.loss(10_000, 160_000) == pytest.approx(1.5 + 1.0 + 50.0)
    assert law.loss([1e12, 1e300], [1e300, 1e12]).tolist() == pytest.approx([1.5001, 2.5])


def test_exponents_add_up_to_one_and_the_size_grows_with_the_exponent_of_the_data():
    law = Law(**NUMBERS)
    assert law.size_exponent + law.data_exponent == pytest.approx(1)
    assert law.size_exponent == pytest.approx(0.37 / 0.72)


def test_published_exponents():
    assert HOFFMANN.size_exponent == pytest.approx(0.46, abs=5e-3)  # table 2, approach 3
    assert BESIROGLU.size_exponent == pytest.approx(0.5126, abs=2e-4)
    assert abs(HOFFMANN.size_exponent - HOFFMANN_AS_PRINTED.size_exponent) > 4e-3


def test_kaplans_law_without_limits_of_data_or_size():
    assert KAPLAN.loss(1e9, 1e30) == pytest.approx((KAPLAN.N_c / 1e9) ** 0.076, rel=1e-6)
    assert KAPLAN.loss(1e30, 1e9) == pytest.approx((KAPLAN.D_c / 1e9) ** 0.103, rel=1e-4)


def test_kaplans_frontier_is_in_petaflop_days():
    assert KAPLAN_FRONTIER.optimum(PF_DAY) == (1.3e9, 2e10)
    size, tokens = KAPLAN_FRONTIER.optimum(1000 * PF_DAY)
    assert size / 1.3e9 == pytest.approx(1000**0.73) and tokens / 2e10 == pytest.approx(1000**0.27)


def test_at_the_budget_of_gopher_kaplan_asks_for_a_larger_model_than_the_refit():
    flops = 5.76e23  # Hoffmann et al. 2022, table 3: of Gopher's training
    assert KAPLAN_FRONTIER.optimum(flops)[0] > 5 * optimum(BESIROGLU, flops).parameters
    assert 5e10 < optimum(BESIROGLU, flops).parameters < 9e10  # Chinchilla has 7e10


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [0.0, -1.0, math.nan])
def test_a_law_needs_numbers_above_zero(name, value):
    with pytest.raises(ValueError, match=name):
        Law(**{**NUMBERS, name: value})


def test_kaplans_forms_need_numbers_above_zero():
    with pytest.raises(ValueError, match="D_c"):
        KaplanLaw(1.0, 0.0, 0.1, 0.1)
    with pytest.raises(ValueError, match="flops"):
        KAPLAN_FRONTIER.optimum(0.0)


@pytest.mark.parametrize("law", [Law(**NUMBERS), KAPLAN], ids=["Law", "Kaplan"])
@pytest.mark.parametrize(
    ("n", "d", "said"),
    [(0, 1, "n_parameters has the value 0.0"), ([1, -2], 1, "value -2.0"), (1, math.nan, "n_tokens")],
)
def test_a_size_or_a_length_that_is_none_has_no_loss(law, n, d, said):
    with pytest.raises(ValueError, match=rf"{said}.*must be above 0"):
        law.loss(n, d)


def test_without_limits_the_loss_is_e():
    assert float(Law(**NUMBERS).loss(math.inf, math.inf)) == NUMBERS["E"]


def test_another_counting_is_refused():
    with pytest.raises(ValueError, match="There is no counting 'some'"):
        Law(**NUMBERS, counting="some")
