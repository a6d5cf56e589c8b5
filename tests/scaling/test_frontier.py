"""The frontier: the formula against a search, and what a parabola finds of a law that is known."""

import math

import numpy as np
import pytest

from course.scaling import (
    BESIROGLU,
    HOFFMANN,
    KAPLAN,
    Law,
    cost_of,
    frontier_by_parabolas,
    optimum,
    parabola,
    parabolas,
    power_law,
    six_n,
)

EVEN = Law(E=1.7, A=400.0, B=400.0, alpha=0.3, beta=0.3)


def record(size, flops, law, extra=0):
    """A run whose token costs 6N; `all` counts `extra` parameters that cost nothing."""
    tokens = flops / (6 * size)
    return {
        "counts": {"all": size + extra, "without_lookup": size, "body": size},
        "tokens": tokens,
        "flops": flops,
        "flops_per_token": {"total": 6 * size},
        "tests": {"held-out text": {"loss": float(law.loss(size, tokens))}},
    }


def lines(law, spread, *, off_center=1.0):
    """Seven sizes around the best one, on five lines."""
    sizes = np.logspace(-math.log10(spread), math.log10(spread), 7) * off_center
    return [
        record(optimum(law, flops).parameters * factor, flops, law)
        for flops in np.logspace(18, 22, 5)
        for factor in sizes
    ]


@pytest.mark.parametrize("law", [HOFFMANN, BESIROGLU, EVEN])
@pytest.mark.parametrize("flops", [1e18, 5.76e23])
def test_the_formula_is_where_the_loss_is_lowest(law, flops):
    best = optimum(law, flops)
    assert 6 * best.parameters * best.tokens == pytest.approx(flops)
    searched = optimum(law, flops, cost=lambda size: 6.0 * size)
    assert searched.parameters == pytest.approx(best.parameters, rel=1e-5)
    for factor in (0.9, 1.1):
        assert law.loss(best.parameters * factor, best.tokens / factor) > best.loss


def test_the_optimum_grows_with_the_laws_exponent():
    budgets = np.logspace(18, 24, 5)
    found = [optimum(BESIROGLU, flops) for flops in budgets]
    assert power_law(budgets, [one.parameters for one in found]).exponent == pytest.approx(BESIROGLU.size_exponent)
    assert power_law(budgets, [one.tokens for one in found]).exponent == pytest.approx(BESIROGLU.data_exponent)


def test_a_token_that_costs_more_than_six_n_makes_the_best_model_smaller():
    plain = optimum(BESIROGLU, 1e20)
    dear = optimum(BESIROGLU, 1e20, cost=lambda size: 6.0 * size * (1 + 0.2 * (size / plain.parameters) ** 0.5))
    assert dear.parameters < plain.parameters and dear.loss > plain.loss


def test_the_cost_is_read_off_the_records():
    cost = cost_of([record(size, 1e18, EVEN) for size in (100, 1000, 10_000)])
    assert [cost(size) for size in (100, 316, 20_000, 50)] == pytest.approx([six_n(n) for n in (100, 316, 20_000, 50)])
    with_table = cost_of([record(size, 1e18, EVEN, extra=900) for size in (100, 1000, 10_000)])
    assert with_table(1000) == pytest.approx(600) and with_table(1900) == pytest.approx(6000)


def test_a_cost_needs_two_sizes_and_a_known_counting():
    with pytest.raises(ValueError, match="needs two sizes, and the records have 1"):
        cost_of([record(100, 1e18, EVEN)])
    with pytest.raises(ValueError, match="no counting 'lookup'"):
        cost_of([record(100, 1e18, EVEN)], "lookup")


def test_parabolas_find_the_exponent_where_alpha_equals_beta():
    found = parabolas(lines(EVEN, 3))
    assert len(found) == 5 and all(one.inside for one in found)
    assert frontier_by_parabolas(found).exponent == pytest.approx(0.5, abs=1e-6)
    best = optimum(EVEN, found[2].flops)
    assert found[2].parameters == pytest.approx(best.parameters, rel=1e-6)
    assert found[2].loss == pytest.approx(best.loss, rel=1e-3)


def test_a_wide_grid_biases_parabolas_without_any_noise_where_alpha_is_not_beta():
    law = Law(E=1.7, A=400.0, B=2000.0, alpha=0.25, beta=0.45)

    def error(spread):
        found = parabolas(lines(law, spread))[2]
        return abs(math.log(found.parameters / optimum(law, found.flops).parameters))

    assert error(1.5) < 0.005 < 0.05 < error(16)


def test_a_grid_to_one_side_biases_parabolas_even_where_alpha_equals_beta():
    found = parabolas(lines(EVEN, 6, off_center=4.0))[2]
    assert abs(math.log(found.parameters / optimum(EVEN, found.flops).parameters)) > 0.05


def test_a_parabola_is_the_polynomial_through_its_points():
    found = parabola(1e18, [math.e, math.e**2, math.e**4], [5.0, 4.0, 8.0])
    square, slope, level = found.coefficients
    for x, y in ((1, 5.0), (2, 4.0), (4, 8.0)):
        assert square * x**2 + slope * x + level == pytest.approx(y)
    lowest = -slope / (2 * square)
    assert found.inside and math.log(found.parameters) == pytest.approx(lowest)
    assert found.loss == pytest.approx(square * lowest**2 + slope * lowest + level)


@pytest.mark.parametrize("losses", [[3.0, 2.0, 1.5], [2.0, 3.0, 2.0], [1.0, 2.0, 3.0]], ids=["falls", "hill", "line"])
def test_a_lowest_point_that_is_not_on_the_line_is_marked(losses):
    assert not parabola(1e18, [1e6, 1e7, 1e8], losses).inside


def test_lines_with_two_sizes_are_left_out_and_marked_ones_serve_no_frontier():
    two = [record(size, 1e18, EVEN) for size in (1e6, 1e7)]
    assert parabolas(two) == []
    one_side = [record(1e3 * 2**i, flops, EVEN) for i in range(3) for flops in (1e20, 1e21)]
    with pytest.raises(ValueError, match="0 parabolas have their lowest point inside"):
        frontier_by_parabolas(parabolas(one_side))


def test_a_power_law():
    found = power_law([1.0, 10.0, 100.0], [3.0, 30.0 / math.sqrt(10), 30.0])
    assert found == pytest.approx((3.0, 0.5)) and found.at([4.0, 9.0]).tolist() == pytest.approx([6.0, 9.0])
    with pytest.raises(ValueError, match="two different"):
        power_law([2.0, 2.0], [1.0, 3.0])
    with pytest.raises(ValueError, match="has no logarithm"):
        power_law([1.0, 2.0], [-1.0, 3.0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.0, [1.0, 2.0, 3.0], [1.0, 2.0, 3.0]), "flops"),
        ((1.0, [1.0, 2.0, 0.0], [1.0, 2.0, 3.0]), "n_parameters"),
        ((1.0, [1.0, 2.0, 2.0], [1.0, 2.0, 3.0]), "here are 2 sizes"),
        ((1.0, [1.0, 2.0, 3.0], [1.0, 2.0]), "here are 3 sizes, 2 losses"),
    ],
)
def test_a_parabola_that_cannot_be(arguments, message):
    with pytest.raises(ValueError, match=message):
        parabola(*arguments)


def test_a_power_law_takes_one_number_and_many():
    law = power_law([1.0, 10.0], [2.0, 200.0])
    assert float(law.at(100)) == pytest.approx(20_000) and law.at([1.0, 3.0]) == pytest.approx([2.0, 18.0])


@pytest.mark.parametrize("cost", [0.0, -6.0, math.nan, math.inf])
def test_a_cost_that_is_none(cost):
    with pytest.raises(ValueError, match=f"cost is {cost}; it must be a number above 0"):
        optimum(HOFFMANN, 1e18, lambda n: cost)


def test_a_best_size_at_the_edge_of_the_search_is_none():
    with pytest.raises(ValueError, match=r"The best size for 1e\+18 operations is not between 1e\+00 and 1e\+16"):
        optimum(HOFFMANN, 1e18, lambda n: 1.0)
    with pytest.raises(ValueError, match="give another budget"):
        optimum(HOFFMANN, 1e40, lambda n: 6 * n)


def test_kaplans_form_has_no_formula_and_is_searched():
    assert optimum(KAPLAN, 1e18) == optimum(KAPLAN, 1e18, lambda n: 6 * n)


@pytest.mark.parametrize("size", [0, -1, math.nan])
def test_a_size_that_is_none_has_no_cost(size):
    cost = cost_of([record(size, 1e18, HOFFMANN) for size in (1e6, 1e7)])
    with pytest.raises(ValueError, match=f"n_parameters is {size}"):
        cost(size)


def test_a_power_law_needs_a_y_for_each_x():
    with pytest.raises(ValueError, match="There are 2 x and 1 y"):
        power_law([1, 2], [1])


def test_a_flat_line_has_no_lowest_point():
    rng = np.random.default_rng(0)
    for _case in range(50):
        found = parabola(1e18, rng.uniform(1e6, 1e9, 7).tolist(), [float(rng.uniform(1, 9))] * 7)
        assert found.inside is False


def test_what_a_parabola_holds_is_plain():
    found = parabola(1e18, [1e6, 1e7, 1e8], [3.0, 2.0, 3.0])
    assert found.inside is True and {type(one) for one in found.coefficients} == {float}
