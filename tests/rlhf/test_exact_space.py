"""All of a small space of answers: it is complete, and the optimum over it has no better neighbor."""

import math
from itertools import product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.rlhf import (
    all_answers,
    answer_distribution,
    answer_log_probabilities,
    as_responses,
    optimal_policy,
    response_log_probabilities,
    reward_and_kl,
    total_variation,
)
from tests.rlhf.small_space import ANSWERS, END, PAD, PROMPT, small_model

numbers = st.lists(st.floats(-3, 3), min_size=5, max_size=5)
betas = st.floats(0.05, 5)


def distribution(logits):
    return torch.tensor(logits, dtype=torch.float64).softmax(0)


def test_the_answers_are_all_that_can_be_drawn():
    found = all_answers([5, 7], 3, 9)
    drawn = set()
    for tokens in product([5, 7, 9], repeat=3):  # stop at the first end token
        drawn.add(tokens[: tokens.index(9) + 1] if 9 in tokens else tokens)
    assert len(found) == len(set(found)) == 1 + 2 + 4 + 8 and set(found) == drawn


def test_a_model_gives_them_a_probability_of_1_in_all():
    model = small_model()
    logs = answer_log_probabilities(model, PROMPT, ANSWERS, pad_id=PAD).detach()
    assert logs.exp().sum().item() == pytest.approx(1, abs=1e-6)
    found = answer_distribution(model, PROMPT, ANSWERS, pad_id=PAD)
    torch.testing.assert_close(found, logs.double().exp(), rtol=1e-5, atol=0)
    for answer, log in zip(ANSWERS, logs.tolist(), strict=True):  # in a row of its own: nothing is filled up
        alone = response_log_probabilities(model, as_responses([PROMPT], [answer], pad_id=PAD))
        assert alone.sum().item() == pytest.approx(log, abs=1e-5)
        step, ids = 0.0, list(PROMPT)
        for token in answer:  # token by token
            step += model(torch.tensor([ids]))[0, -1].log_softmax(0)[token].item()
            ids.append(token)
        assert step == pytest.approx(log, abs=1e-5)


def test_a_distribution_over_some_answers_is_divided_by_their_sum():
    found = answer_distribution(small_model(), PROMPT, ANSWERS[:4], pad_id=PAD)
    every = answer_distribution(small_model(), PROMPT, ANSWERS, pad_id=PAD)
    assert found.sum().item() == pytest.approx(1)
    torch.testing.assert_close(found, every[:4] / every[:4].sum(), rtol=1e-5, atol=0)


@given(numbers, numbers, betas)
def test_the_optimum_is_the_formula(logits, rewards, beta):
    reference = distribution(logits)
    products = [p * math.exp(r / beta) for p, r in zip(reference.tolist(), rewards, strict=True)]
    expected = torch.tensor([one / math.fsum(products) for one in products], dtype=torch.float64)
    found = optimal_policy(reference, torch.tensor(rewards, dtype=torch.float64), beta)
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-300)


@given(numbers, numbers, numbers, betas)
def test_no_other_policy_is_better_and_each_is_worse_by_its_distance(logits, other, rewards, beta):
    """What a policy lacks to the optimum is β · KL(π, π*); that of π* is β ln Z."""
    reference, policy = distribution(logits), distribution(other)
    values = torch.tensor(rewards, dtype=torch.float64)

    def objective(one):
        reward, kl = reward_and_kl(one, reference, values)
        return reward - beta * kl

    best = optimal_policy(reference, values, beta)
    log_z = (reference.log() + values / beta).logsumexp(0).item()
    assert objective(best) == pytest.approx(beta * log_z, abs=1e-9)
    _reward, distance = reward_and_kl(policy, best, values)
    assert distance >= -1e-12
    assert objective(best) - objective(policy) == pytest.approx(beta * distance, abs=1e-8)


def test_a_small_beta_does_not_overflow_and_a_large_one_changes_nothing():
    reference = torch.tensor([0.7, 0.2, 0.1], dtype=torch.float64)
    rewards = torch.tensor([0.0, 1000.0, 999.0], dtype=torch.float64)
    assert optimal_policy(reference, rewards, 1e-3).tolist() == [0, 1, 0]
    torch.testing.assert_close(optimal_policy(reference, rewards, 1e12), reference, rtol=1e-8, atol=0)


def test_an_answer_that_the_reference_never_gives_stays_impossible():
    reference = torch.tensor([0.5, 0.5, 0.0])
    found = optimal_policy(reference, torch.tensor([0.0, 1.0, 100.0]), 1.0)
    assert found[2] == 0 and total_variation(found, found) == 0
    reward, kl = reward_and_kl(found, reference, torch.tensor([0.0, 1.0, 100.0]))
    assert math.isfinite(reward) and math.isfinite(kl), "0 · ln 0 is 0"


def test_distances_of_distributions():
    one, other = torch.tensor([0.5, 0.5, 0.0, 0.0]), torch.tensor([0.0, 0.25, 0.75, 0.0])
    assert total_variation(one, other) == total_variation(other, one) == 0.75
    assert total_variation(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])) == 1
    reward, kl = reward_and_kl(torch.tensor([0.5, 0.5]), torch.tensor([0.9, 0.1]), torch.tensor([1.0, 3.0]))
    assert reward == 2
    assert kl == pytest.approx(0.5 * math.log(0.5 / 0.9) + 0.5 * math.log(0.5 / 0.1), abs=1e-6)


@pytest.mark.parametrize("tokens", [[], [1, 1], [1, END]])
def test_tokens_that_make_no_space_are_refused(tokens):
    with pytest.raises(ValueError, match="must differ from one another"):
        all_answers(tokens, 2, END)


def test_a_length_of_0_is_refused():
    with pytest.raises(ValueError, match="max_length is 0"):
        all_answers([1], 0, END)


@pytest.mark.parametrize("beta", [0.0, -1.0, math.nan])
def test_a_beta_that_is_not_above_0_is_refused(beta):
    with pytest.raises(ValueError, match="beta is"):
        optimal_policy(torch.tensor([0.5, 0.5]), torch.tensor([0.0, 1.0]), beta)


@pytest.mark.parametrize("wrong", [[0.5, 0.6], [1.5, -0.5], [math.nan, 1.0]])
def test_what_is_no_distribution_is_refused(wrong):
    good, bad, rewards = torch.tensor([0.5, 0.5]), torch.tensor(wrong), torch.zeros(2)
    for call in (
        lambda: optimal_policy(bad, rewards, 1.0),
        lambda: total_variation(bad, good),
        lambda: total_variation(good, bad),
        lambda: reward_and_kl(bad, good, rewards),
        lambda: reward_and_kl(good, bad, rewards),
    ):
        with pytest.raises(ValueError, match="These are no probabilities"):
            call()


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_a_reward_that_is_not_finite_is_refused(wrong):
    with pytest.raises(ValueError, match="The reward of row 1 is"):
        optimal_policy(torch.tensor([0.5, 0.5]), torch.tensor([0.0, wrong]), 1.0)
