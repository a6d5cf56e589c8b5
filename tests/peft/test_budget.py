"""AdaLoRA's formulas: importance, the budget over the steps, and which triples are kept."""

from types import SimpleNamespace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from peft.tuners.adalora.layer import RankAllocator as TheirAllocator

from course.peft.budget import budget, importance, keep_mask, moving_averages, triple_importance

PHASES = st.tuples(st.integers(0, 5), st.integers(1, 30), st.integers(0, 5))  # initial, falling and final steps


def test_the_averages_are_those_of_the_formulas():
    weight, gradient = torch.tensor([[2.0, -3.0]]), torch.tensor([[-0.5, 0.1]])  # |w·g| is 1 and 0.3
    before = torch.tensor([[0.4, 0.3]]), torch.tensor([[0.2, 0.0]])
    sensitivity, uncertainty = moving_averages(*before, weight, gradient, beta1=0.75, beta2=0.5)
    torch.testing.assert_close(sensitivity, torch.tensor([[0.75 * 0.4 + 0.25 * 1.0, 0.3]]))  # 0.55
    torch.testing.assert_close(uncertainty, torch.tensor([[0.5 * 0.2 + 0.5 * (1.0 - 0.55), 0.0]]))  # of the new average
    torch.testing.assert_close(importance(sensitivity, uncertainty), torch.tensor([[0.55 * 0.325, 0.0]]))
    assert before[0].tolist() == torch.tensor([[0.4, 0.3]]).tolist(), "what is handed in stays"


@settings(max_examples=20)
@given(st.lists(st.floats(-3, 3, width=32), min_size=1, max_size=12), st.floats(0.05, 0.8))
def test_a_sensitivity_that_stays_the_same_becomes_its_average_and_certain(weights, beta):
    weight = torch.tensor(weights)
    averages = torch.zeros_like(weight), torch.zeros_like(weight)
    for _step in range(60):
        averages = moving_averages(*averages, weight, torch.ones_like(weight), beta1=beta, beta2=beta)
    torch.testing.assert_close(averages[0], weight.abs(), atol=1e-4, rtol=1e-4)
    assert averages[1].max() < 1e-3


def test_a_triple_is_its_number_and_the_means_of_its_vectors():
    values = torch.tensor([10.0, 20.0])
    down = torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 6.0]])
    up = torch.tensor([[1.0, 0.0], [2.0, 0.0], [3.0, 0.0], [2.0, 8.0]])
    assert triple_importance(values, down, up).tolist() == [10 + 2 + 2, 20 + 2 + 2]


@settings(max_examples=25)
@given(PHASES, st.integers(1, 60), st.data())
def test_the_budget_falls_from_the_initial_to_the_target_one(phases, initial, data):
    first, falling, final = phases
    steps, target = first + falling + final, data.draw(st.integers(1, initial))
    options = {"initial": initial, "target": target, "steps": steps, "initial_steps": first, "final_steps": final}
    found = [budget(step, **options) for step in range(1, steps + 1)]
    assert found == sorted(found, reverse=True)
    assert found[:first] == [initial] * first and found[first + falling - 1 :] == [target] * (final + 1)


@settings(max_examples=25)
@given(PHASES, st.integers(2, 60), st.integers(1, 7), st.data())
def test_the_budget_is_peft_s(phases, initial, interval, data):
    first, falling, final = phases
    steps = first + falling + final
    theirs = TheirAllocator.__new__(TheirAllocator)
    theirs.peft_config = SimpleNamespace(tinit=first, tfinal=final, total_step=steps, deltaT=interval)
    theirs.init_bgt, theirs.target_bgt = initial, data.draw(st.integers(1, initial))
    options = {"initial": initial, "target": theirs.target_bgt, "initial_steps": first, "final_steps": final}
    for step in range(1, steps + 1):
        assert budget(step, steps=steps, **options) == theirs.budget_schedule(step)[0]


def test_half_way_an_eighth_is_left_to_take_away():
    # 1 − 10/20 = 1/2, and its cube is 1/8.
    assert budget(15, initial=88, target=8, steps=30, initial_steps=5, final_steps=5) == 8 + 80 / 8


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.data())
def test_exactly_as_many_as_may_stay_are_kept_and_none_is_worse_than_one_taken_away(scores, data):
    n = data.draw(st.integers(0, len(scores)))
    scores = torch.tensor(scores, dtype=torch.float32)
    kept = keep_mask(scores, n)
    assert kept.sum() == n
    if 0 < n < len(scores):
        assert scores[kept].min() >= scores[~kept].max()


@given(st.permutations(range(12)), st.integers(0, 11))
def test_without_equal_scores_those_are_kept_that_peft_keeps(order, n):
    scores = torch.tensor(order, dtype=torch.float32)
    threshold = scores.kthvalue(len(scores) - n).values
    assert torch.equal(keep_mask(scores, n), ~(scores <= threshold))


def test_equal_scores_lose_no_more_than_they_must_and_a_full_budget_nothing():
    # peft's rule takes all four away in the first case and raises in the second: there is no 0th smallest value.
    assert keep_mask(torch.zeros(4), 3).tolist() == [True, True, True, False]
    assert keep_mask(torch.zeros(4), 4).all() and not keep_mask(torch.zeros(4), 0).any()
    with pytest.raises(RuntimeError, match="out of range"):
        torch.zeros(4).kthvalue(0)


@pytest.mark.parametrize("n", [-1, 5])
def test_a_number_that_cannot_be_kept_is_named(n):
    with pytest.raises(ValueError, match=f"{n} of 4 triples cannot be kept"):
        keep_mask(torch.zeros(4), n)


def test_scores_without_an_order_are_named():
    with pytest.raises(ValueError, match="A score is NaN"):
        keep_mask(torch.tensor([1.0, torch.nan]), 1)
