"""Rewards, advantages and means, each against sums written out token by token."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.rlhf import gae, masked_mean, require_end, token_rewards, whiten
from tests.rlhf.drawn_responses import LENGTHS, numbers, places, responses

GARBAGE = [1e9, math.nan, math.inf]
garbage = pytest.mark.parametrize("beyond", GARBAGE)
row_lengths = st.lists(st.integers(1, 6), min_size=1, max_size=4)
SCORES = torch.tensor([1.5, -2.0, 0.25])


@garbage
@pytest.mark.parametrize("beta", [0.0, 0.3])
def test_each_token_pays_for_its_log_ratio_and_the_last_has_the_score(beta, beyond):
    log_ratios = numbers(places(), seed=0, beyond=beyond)
    found = token_rewards(SCORES, log_ratios, places(), beta)
    for row, length in enumerate(LENGTHS):
        for place in range(5):
            expected = -beta * log_ratios[row, place].item() if place < length else 0.0
            expected += SCORES[row].item() if place == length - 1 else 0.0
            assert found[row, place].item() == pytest.approx(expected, abs=1e-6)


def test_a_token_that_the_policy_made_more_probable_costs():
    """The sign: with π above π_ref the penalty is below 0."""
    found = token_rewards(torch.zeros(1), torch.tensor([[0.5, -0.5]]), places([2]), 1.0)
    assert found.tolist() == [[-0.5, 0.5]]


@given(row_lengths, st.integers(0, 99), st.floats(0, 2))
def test_the_rewards_of_a_row_sum_to_its_score_minus_beta_times_its_log_ratio(lengths, seed, beta):
    is_token = places(lengths)
    log_ratios, scores = numbers(is_token, seed), torch.linspace(-1, 2, len(lengths))
    found = token_rewards(scores, log_ratios, is_token, beta).sum(dim=1)
    torch.testing.assert_close(found, scores - beta * log_ratios.sum(dim=1), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_not_finite_is_refused_with_its_row(wrong):
    with pytest.raises(ValueError, match="The reward of row 1 is"):
        token_rewards(torch.tensor([0.0, wrong, 0.0]), numbers(places(), 0), places(), 0.1)


def test_a_row_without_tokens_and_a_beta_below_0_are_refused():
    with pytest.raises(ValueError, match="The response of row 1 is empty"):
        token_rewards(torch.zeros(2), torch.zeros(2, 3), places([2, 0], 3), 0.1)
    with pytest.raises(ValueError, match=r"beta is -0\.1"):
        token_rewards(torch.zeros(1), torch.zeros(1, 1), places([1]), -0.1)


def test_a_response_that_was_cut_off_has_the_fixed_score():
    batch = responses()
    batch.ids[0, batch.n_prompt + 1] = 30  # no end token; row 1 keeps its own, row 2 has nothing else
    assert require_end(SCORES, batch, 2, score=-1.0).tolist() == [-1.0, -2.0, 0.25]


def test_an_end_token_counts_at_the_last_place_only():
    batch = responses(pad_id=2)  # filled up with end tokens, which are no tokens of the responses
    batch.ids[:, batch.n_prompt + 1] = torch.tensor([30, 2, 2])
    batch.ids[1, batch.n_prompt + 4] = 30
    assert require_end(SCORES, batch, 2, score=-1.0).tolist() == [-1.0, -1.0, 0.25]


@garbage
@pytest.mark.parametrize(("gamma", "lam"), [(1.0, 0.95), (0.9, 0.8), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)])
def test_advantages_are_explicit_sums(gamma, lam, beyond):
    """A_t = Σ (γλ)^k · δ_{t+k}, over the tokens that are left; after the last one the value is 0."""
    is_token = places()
    rewards, values = numbers(is_token, 1, beyond), numbers(is_token, 2, beyond)
    found = gae(rewards, values, is_token, gamma=gamma, lam=lam)
    for row, length in enumerate(LENGTHS):
        reward, value = rewards[row, :length].tolist(), [*values[row, :length].tolist(), 0.0]
        deltas = [reward[t] + gamma * value[t + 1] - value[t] for t in range(length)]
        for t in range(length):
            expected = sum((gamma * lam) ** k * deltas[t + k] for k in range(length - t))
            assert found.advantages[row, t].item() == pytest.approx(expected, abs=1e-5)
            assert found.returns[row, t].item() == pytest.approx(expected + value[t], abs=1e-5)
    assert (found.advantages[~is_token] == 0).all() and (found.returns[~is_token] == 0).all()


@given(row_lengths, st.integers(0, 99))
def test_with_lambda_1_the_return_is_what_is_still_to_come(lengths, seed):
    is_token = places(lengths)
    rewards = numbers(is_token, seed)
    found = gae(rewards, numbers(is_token, seed + 100), is_token, gamma=1.0, lam=1.0)
    to_come = rewards.flip(1).cumsum(dim=1).flip(1).where(is_token, 0.0)
    torch.testing.assert_close(found.returns, to_come, rtol=1e-4, atol=1e-5)


@given(row_lengths, st.integers(0, 99))
def test_a_critic_that_is_always_right_leaves_no_advantage(lengths, seed):
    is_token = places(lengths)
    rewards = numbers(is_token, seed)
    values = rewards.flip(1).cumsum(dim=1).flip(1)
    found = gae(rewards, values, is_token, lam=0.95).advantages
    torch.testing.assert_close(found, torch.zeros_like(found), rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ["gamma", "lam"])
@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan])
def test_a_gamma_or_lambda_outside_0_to_1_is_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} is {value}"):
        gae(torch.zeros(1, 1), torch.zeros(1, 1), places([1]), **{name: value})


@garbage
def test_a_mean_is_over_the_tokens_alone(beyond):
    values = numbers(places(), 3, beyond).requires_grad_()
    mean = masked_mean(values, places())
    assert mean.item() == pytest.approx(values[places()].mean().item(), abs=1e-6)
    mean.backward()
    torch.testing.assert_close(values.grad, places() / 8)


@garbage
def test_whitened_values_have_mean_0_and_deviation_1_over_the_tokens(beyond):
    found = whiten(3 + 2 * numbers(places(), 4, beyond), places())
    assert found[places()].mean().item() == pytest.approx(0, abs=1e-6)
    assert found[places()].std().item() == pytest.approx(1, abs=1e-5)
    assert (found[~places()] == 0).all()


def test_whitened_values_keep_their_mean_when_asked():
    values = 3 + 2 * numbers(places(), 4)
    found = whiten(values, places(), shift_mean=False)
    torch.testing.assert_close(found[places()].mean(), values[places()].mean())
    assert found[places()].std().item() == pytest.approx(1, abs=1e-5)
    assert (found[~places()] == 0).all()


def test_more_padding_whitens_no_other_way():
    wide = places(LENGTHS, 20)
    values = numbers(wide, 5)
    torch.testing.assert_close(whiten(values, wide)[:, :5], whiten(values[:, :5], places()))


def test_equal_values_are_whitened_to_0():
    assert (whiten(torch.ones(3, 5), places()) == 0).all()


def test_no_token_has_no_mean_and_one_no_deviation():
    with pytest.raises(ValueError, match="There is no token"):
        masked_mean(torch.zeros(2, 3), torch.zeros(2, 3, dtype=torch.bool))
    with pytest.raises(ValueError, match="1 token has no standard deviation"):
        whiten(torch.zeros(1, 3), places([1], 3))
