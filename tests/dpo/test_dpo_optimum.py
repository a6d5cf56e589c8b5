"""DPO arrives at the optimum of PPO's objective, π_ref · exp(r / β) / Z, without a reward: from comparisons alone."""

import copy
from itertools import combinations

import pytest
import torch
import torch.nn.functional as F

from course.dpo import (
    PairSettings,
    dpo_loss,
    implicit_rewards,
    pair_log_probabilities,
    reference_log_probabilities,
    train_on_pairs,
    with_reference,
)
from course.rlhf import PreferencePair, optimal_policy, total_variation
from tests.rlhf.small_space import ANSWERS, PAD, PROMPT, distribution, rewards, small_model

TWO = list(combinations(range(len(ANSWERS)), 2))


@pytest.mark.slow
@pytest.mark.parametrize("beta", [0.2, 2.0])
def test_the_expected_loss_over_all_pairs_has_the_optimum(beta):
    """Each pair counts both ways, as often as Bradley and Terry's model says: no sampling noise.

    Measured, total variation from the optimum after 150, 300 and 450 steps: 3e-4, 2e-7 and 1e-7 at β = 0.2, and 3e-3,
    1e-6 and 8e-8 at 2.
    """
    reference = small_model().requires_grad_(False)
    policy = copy.deepcopy(reference).requires_grad_()
    values = rewards()
    best = optimal_policy(distribution(reference), values, beta)
    start = total_variation(distribution(policy), best)
    pairs = [PreferencePair(PROMPT, ANSWERS[one], ANSWERS[other]) for one, other in TWO]
    wins = torch.stack([values[one] - values[other] for one, other in TWO]).sigmoid().float()
    stored = reference_log_probabilities(reference, pairs, pad_id=PAD)
    optimizer = torch.optim.Adam(policy.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, 450)
    for _step in range(450):
        both = with_reference(pair_log_probabilities(policy, pairs, pad_id=PAD), stored)
        logits = beta * both.margin
        loss = -(wins * F.logsigmoid(logits) + (1 - wins) * F.logsigmoid(-logits)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    assert total_variation(distribution(policy), best) < 1e-5 < 0.1 < start
    chosen, rejected = implicit_rewards(both, beta)
    expected = torch.stack([values[one] - values[other] for one, other in TWO]).float()
    torch.testing.assert_close((chosen - rejected).detach(), expected, rtol=0, atol=1e-3)


@pytest.mark.slow
def test_counts_of_wins_are_enough():
    """Each answer has a strength of 1, 2 or 3, and in a pair wins so many times: the reward is its logarithm."""
    reference = small_model().requires_grad_(False)
    policy = copy.deepcopy(reference).requires_grad_()
    strengths = [1 + place % 3 for place in range(len(ANSWERS))]
    pairs = []
    for one, other in TWO:
        for winner, loser in ((one, other), (other, one)):
            pairs += [PreferencePair(PROMPT, ANSWERS[winner], ANSWERS[loser])] * strengths[winner]
    values = torch.tensor(strengths, dtype=torch.float64).log()
    beta = 0.5
    best = optimal_policy(distribution(reference), values, beta)
    assert total_variation(distribution(policy), best) > 0.1
    settings = PairSettings(learning_rate=3e-3, steps=300, batch_size=len(pairs))
    train_on_pairs(policy, reference, pairs, settings, loss=lambda both: dpo_loss(both, beta), pad_id=PAD)
    assert total_variation(distribution(policy), best) < 1e-4
