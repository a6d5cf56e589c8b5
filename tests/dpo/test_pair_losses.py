"""The losses against formulas in NumPy, where their minima are, and how much each pair counts in the gradient."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.dpo import (
    PairLogProbabilities,
    dpo_loss,
    gradient_weights,
    implicit_rewards,
    ipo_loss,
    preference_accuracy,
    simpo_loss,
)
from tests.dpo.drawn_pairs import drawn, equal

betas = st.floats(0.01, 5)
seeds = st.integers(0, 1000)


def parts(pairs):
    return [part.detach().numpy() for part in pairs]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@given(betas, seeds)
def test_the_loss_at_the_start_is_ln_2_whatever_beta_is(beta, seed):
    pairs = equal(seed=seed)
    assert dpo_loss(pairs, beta).item() == pytest.approx(math.log(2))
    assert dpo_loss(pairs, beta, label_smoothing=0.2).item() == pytest.approx(math.log(2))
    assert gradient_weights(pairs, beta).tolist() == [0.5] * 5
    assert [reward.abs().max() for reward in implicit_rewards(pairs, beta)] == [0, 0]
    assert preference_accuracy(pairs) == 0.5
    assert ipo_loss(pairs, beta).item() == pytest.approx(1 / (2 * beta) ** 2)


@given(betas, st.floats(0, 0.49), seeds)
def test_dpo_and_its_smoothed_form_are_the_formulas(beta, smoothing, seed):
    pairs = drawn(seed=seed)
    chosen, rejected, chosen_reference, rejected_reference, _n, _m = parts(pairs)
    logits = beta * ((chosen - chosen_reference) - (rejected - rejected_reference))
    wins, losses = np.log(sigmoid(logits)), np.log(sigmoid(-logits))
    assert dpo_loss(pairs, beta).item() == pytest.approx(-wins.mean(), rel=1e-9)
    expected = -((1 - smoothing) * wins + smoothing * losses).mean()
    assert dpo_loss(pairs, beta, label_smoothing=smoothing).item() == pytest.approx(expected, rel=1e-9)


@given(betas, st.floats(0, 3), seeds)
def test_ipo_and_simpo_are_the_formulas(beta, margin, seed):
    pairs = drawn(seed=seed)
    chosen, rejected, chosen_reference, rejected_reference, n_chosen, n_rejected = parts(pairs)
    won, lost = chosen - chosen_reference, rejected - rejected_reference
    summed = ((won - lost - 1 / (2 * beta)) ** 2).mean()
    assert ipo_loss(pairs, beta).item() == pytest.approx(summed, rel=1e-9)
    averaged = ((won / n_chosen - lost / n_rejected - 1 / (2 * beta)) ** 2).mean()
    assert ipo_loss(pairs, beta, per="token").item() == pytest.approx(averaged, rel=1e-9)
    score = beta * chosen / n_chosen - beta * rejected / n_rejected - margin
    assert simpo_loss(pairs, beta, margin).item() == pytest.approx(-np.log(sigmoid(score)).mean(), rel=1e-9)


@given(betas, seeds)
def test_each_pair_counts_by_how_wrongly_it_is_ordered(beta, seed):
    """∂ loss / ∂ log π of the chosen answer is −β σ(−β · margin) / n, and of the rejected one the opposite."""
    pairs = drawn(seed=seed)
    chosen, rejected = (part.clone().requires_grad_() for part in pairs[:2])
    dpo_loss(pairs._replace(chosen=chosen, rejected=rejected), beta).backward()
    weights = gradient_weights(pairs, beta)
    torch.testing.assert_close(chosen.grad, -beta * weights / 5, rtol=1e-9, atol=1e-300)
    torch.testing.assert_close(rejected.grad, beta * weights / 5, rtol=1e-9, atol=1e-300)
    assert ((weights > 0.5) == (pairs.margin < 0)).all()


def margins(values, n_chosen=3, n_rejected=5):
    """Pairs with these log-ratios of their chosen answers, and 0 for the rejected ones."""
    values = torch.as_tensor(values, dtype=torch.float64)
    zeros, count = torch.zeros_like(values), torch.ones(len(values), dtype=torch.long)
    return PairLogProbabilities(values, zeros, zeros, zeros, n_chosen * count, n_rejected * count)


@pytest.mark.parametrize("beta", [0.1, 1.0])
def test_ipo_is_lowest_where_the_margin_is_1_over_2_beta(beta):
    goal = 1 / (2 * beta)
    for pairs in (margins([goal]), margins([goal * 3])._replace(rejected=torch.tensor([goal * 2]).double())):
        assert ipo_loss(pairs, beta).item() == pytest.approx(0, abs=1e-20)
    of_token = margins([3 * goal])  # three tokens, so goal in the mean
    assert ipo_loss(of_token, beta, per="token").item() == pytest.approx(0, abs=1e-20)
    assert ipo_loss(of_token, beta) > 0
    for per, factor in (("sequence", 1), ("token", 3)):
        around = [ipo_loss(margins([factor * goal * by]), beta, per=per) for by in (0.9, 1.0, 1.1)]
        assert around[1] < around[0] and around[1] < around[2], "past its goal the loss rises"
    past = [dpo_loss(margins([goal * by]), beta) for by in (0.9, 1.0, 1.1)]
    assert past[0] > past[1] > past[2], "DPO has no goal"


def test_smoothed_dpo_has_a_goal_too():
    """With a label wrong one time in five, σ(β · margin) = 0.8 is best."""
    best = math.log(0.8 / 0.2) / 0.5
    losses = [dpo_loss(margins([best + by]), 0.5, label_smoothing=0.2) for by in (-0.1, 0.0, 0.1)]
    assert losses[1] < losses[0] and losses[1] < losses[2]


def test_simpo_has_no_reference_and_an_average():
    pairs = drawn()
    moved = pairs._replace(chosen_reference=pairs.chosen_reference - 5, rejected_reference=pairs.rejected)
    assert simpo_loss(pairs, 2.0, 0.5) == simpo_loss(moved, 2.0, 0.5)
    doubled = pairs._replace(
        chosen=2 * pairs.chosen,
        rejected=2 * pairs.rejected,
        n_chosen=2 * pairs.n_chosen,
        n_rejected=2 * pairs.n_rejected,
    )
    assert simpo_loss(pairs, 2.0).item() == pytest.approx(simpo_loss(doubled, 2.0).item())
    assert simpo_loss(pairs, 2.0, 1.0) > simpo_loss(pairs, 2.0)


def test_wide_margins_do_not_overflow():
    """log(sigmoid(−1000)) would be −∞."""
    lost, won = margins([-1000.0]), margins([1000.0])
    assert dpo_loss(lost, 1.0) == 1000 and dpo_loss(won, 1.0) == 0
    assert simpo_loss(margins([-3000.0]), 1.0) == 1000
    assert gradient_weights(lost, 1.0) == 1 and gradient_weights(won, 1.0) == 0
    free = lost._replace(chosen=lost.chosen.clone().requires_grad_())
    dpo_loss(free, 1.0).backward()
    assert free.chosen.grad.item() == -1


def test_implicit_rewards_are_beta_times_the_log_ratios():
    pairs = drawn()
    chosen, rejected = implicit_rewards(pairs, 0.3)
    torch.testing.assert_close(chosen, 0.3 * (pairs.chosen - pairs.chosen_reference))
    torch.testing.assert_close(rejected, 0.3 * (pairs.rejected - pairs.rejected_reference))
    torch.testing.assert_close(chosen - rejected, 0.3 * pairs.margin)


def test_a_tie_counts_one_half():
    assert preference_accuracy(margins([1.0, -1.0, 0.0, 2.0])).item() == (1 + 0 + 0.5 + 1) / 4


@pytest.mark.parametrize("beta", [0.0, -0.1, math.nan, math.inf])
def test_a_beta_that_is_not_above_0_is_refused(beta):
    for call in (dpo_loss, ipo_loss, simpo_loss, implicit_rewards, gradient_weights):
        with pytest.raises(ValueError, match="beta is"):
            call(drawn(), beta)


@pytest.mark.parametrize("smoothing", [-0.1, 0.5, 1.0, math.nan])
def test_a_smoothing_that_says_nothing_is_refused(smoothing):
    with pytest.raises(ValueError, match="label_smoothing is"):
        dpo_loss(drawn(), 0.1, label_smoothing=smoothing)


def test_a_negative_margin_of_simpo_is_refused():
    with pytest.raises(ValueError, match="margin is -1"):
        simpo_loss(drawn(), 2.0, -1.0)


@pytest.mark.usefixtures("unchecked_shapes")
def test_an_unknown_way_of_ipo_is_refused():
    with pytest.raises(ValueError, match="per is 'answer'; give one of 'sequence', 'token'"):
        ipo_loss(drawn(), 0.1, per="answer")
