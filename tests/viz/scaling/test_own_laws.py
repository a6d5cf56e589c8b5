"""The frontiers that a figure shows are those of the laws, whatever the count."""

import math

import numpy as np
import pytest

from course.scaling import HOFFMANN, KAPLAN_FRONTIER, bootstrap, optimum, parabolas, runs_of
from course.viz.scaling.own_laws import (
    lines_of,
    names_of,
    own_laws,
    published,
    published_best,
    runs_among,
)
from tests.support.scaling_runs import LAW, foretold, scaling_runs, sweep, target

BUDGETS = np.array([1e12, 1e16, 1e22])


def test_the_runs_of_a_law_have_its_frontier():
    found = own_laws(scaling_runs())
    for flops in BUDGETS:
        best, wanted = found.best(flops), optimum(LAW, flops)
        assert (best.parameters, best.tokens, best.loss) == pytest.approx(wanted[1:], rel=1e-3)
        assert best.tokens_per_parameter == pytest.approx(wanted.tokens / wanted.parameters, rel=1e-3)
    assert found.best(1e12).exponent == pytest.approx(LAW.size_exponent, abs=1e-4)


def test_sizes_of_resamples_are_their_optima_and_the_band_is_around_the_law():
    found = own_laws(scaling_runs(0.01), n_resamples=20)
    sizes = found.sizes(BUDGETS)
    wanted = [[optimum(law, flops).parameters for flops in BUDGETS] for law in found.laws]
    np.testing.assert_allclose(sizes, wanted, rtol=1e-9)
    low, high = found.band(BUDGETS)
    assert (low < high).all()
    assert low[0] <= found.best(BUDGETS[0]).parameters <= high[0]


def test_another_count_gives_another_exponent_and_the_cost_follows_it():
    every, body = (own_laws(scaling_runs(), counting, n_resamples=2) for counting in ("all", "body"))
    assert body.best(1e12).exponent > every.best(1e12).exponent
    assert body.flops == pytest.approx(6 * body.size * body.tokens)
    assert (body.flops < every.flops).all()


def test_parabolas_are_left_out_where_there_are_too_few_runs():
    few = [one for one in scaling_runs() if one["size"] in "ac"]
    found = own_laws(few, n_resamples=2)
    assert found.by_parabolas is None and found.best_by_parabolas(1e12) is None
    best = own_laws(scaling_runs(), n_resamples=2).best_by_parabolas(1e12)
    assert best is not None and best.loss is None
    assert 6 * best.parameters * best.tokens == pytest.approx(1e12)


def test_a_fit_from_near_by_is_the_fit_from_everywhere():
    records = scaling_runs(0.01)
    near = own_laws(records, n_resamples=2).fit
    warm = own_laws(records[:3] + records[4:], near=near)
    cold = bootstrap(runs_of(records[:3] + records[4:]), 100)
    assert warm.exponents == pytest.approx(cold.interval("size_exponent"), abs=1e-3)


def test_published_laws_as_published():
    assert list(published()) == ["kaplan", "hoffmann", "besiroglu"]
    found = published_best("hoffmann", 5.76e23)
    assert (found.parameters, found.tokens, found.loss) == pytest.approx(optimum(HOFFMANN, 5.76e23)[1:])
    size, tokens = KAPLAN_FRONTIER.optimum(1e20)
    assert published_best("kaplan", 1e20) == (size, tokens, None, 0.73)


def test_no_loss_of_a_model_smaller_than_all_that_were_fitted():
    assert published_best("hoffmann", 1e13).loss is None
    assert published_best("besiroglu", 1e20).loss is not None


def test_runs_are_told_from_the_prediction_and_its_target():
    records = scaling_runs()
    assert runs_among([foretold(), *records, target(3.0)]) == records
    with pytest.raises(ValueError, match="None of the 2 records is a run of the sweep"):
        runs_among([foretold(), target(3.0)])


def test_lines_have_one_cost_and_names_are_unique():
    records = scaling_runs()
    assert [len(line) for line in lines_of(records[::-1])] == [4, 4, 4]
    assert names_of(records) == [one["model"] for one in records]
    again = [one | {"seed": 1} for one in records]
    names = names_of([*records, *again])
    assert len(set(names)) == 24 and names[0] == "a-1e+11-0"


@pytest.mark.parametrize("flops", [0.0, -1.0, math.nan, math.inf])
def test_a_run_of_no_operations_is_in_no_line(flops):
    wrong = [*sweep(), sweep()[0] | {"flops": flops}]
    for read in (runs_among, parabolas):
        with pytest.raises(ValueError, match=f"flops is {flops}; it must be a number above 0"):
            read(wrong)
