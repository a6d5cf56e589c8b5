"""Shapes that PyTorch would broadcast are refused, as learners run the course: without the tests' own checks."""

import pytest
import torch

from course.rlhf import (
    best_of_n,
    expected_best_of_n,
    gae,
    grpo_loss,
    masked_mean,
    optimal_policy,
    policy_loss,
    reward_and_kl,
    sequence_kl,
    token_rewards,
    total_variation,
    value_loss,
    whiten,
)

pytestmark = pytest.mark.usefixtures("unchecked_shapes")
ROWS, ONE, ALL = torch.zeros(3, 4), torch.zeros(3, 1), torch.ones(3, 4, dtype=torch.bool)
EVEN = torch.full((4,), 0.25)
TWO_SHAPES = r"\[3, 4\].* \[3, 1\]"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: policy_loss(ROWS, ROWS, ONE, ALL), f"new has the shape {TWO_SHAPES}"),
        (lambda: policy_loss(ROWS, ONE, ROWS, ALL), f"new has the shape {TWO_SHAPES}"),
        (lambda: policy_loss(ROWS, ROWS, ROWS, ALL[:, :1]), f"new has the shape {TWO_SHAPES}"),
        (lambda: value_loss(ROWS, ROWS, ONE, ALL), f"values has the shape {TWO_SHAPES}"),
        (lambda: value_loss(ROWS, ROWS, ROWS[:1], ALL), r"\[3, 4\] and returns has \[1, 4\]"),
        (lambda: grpo_loss(ROWS, ROWS, ONE, torch.zeros(3), ALL), f"new has the shape {TWO_SHAPES}"),
        (
            lambda: grpo_loss(ROWS, ROWS, ROWS, torch.zeros(1), ALL),
            r"advantages has the shape \[1\] and new has \[3, 4\]",
        ),
        (lambda: grpo_loss(ROWS, ROWS, ROWS, ROWS, ALL), r"advantages has the shape \[3, 4\] and new has \[3, 4\]"),
        (lambda: gae(ROWS, ONE, ALL), f"rewards has the shape {TWO_SHAPES}"),
        (lambda: masked_mean(ONE, ALL), r"\[3, 1\] and is_token has \[3, 4\]"),
        (lambda: whiten(ONE, ALL), r"\[3, 1\] and is_token has \[3, 4\]"),
        (lambda: sequence_kl(ONE, ALL), r"\[3, 1\] and is_token has \[3, 4\]"),
        (
            lambda: token_rewards(torch.zeros(1), ROWS, ALL, 0.1),
            r"scores has the shape \[1\] and log_ratios has \[3, 4\]",
        ),
        (lambda: token_rewards(ROWS, ROWS, ALL, 0.1), r"scores has the shape \[3, 4\] and log_ratios has \[3, 4\]"),
        (lambda: token_rewards(torch.zeros(3), ONE, ALL, 0.1), r"\[3, 1\] and is_token has \[3, 4\]"),
        (lambda: total_variation(EVEN, torch.ones(1)), r"one has the shape \[4\] and other has \[1\]"),
        (lambda: total_variation(EVEN[None], EVEN), r"one has the shape \[1, 4\]; give a tensor of 1 dimensions"),
        (lambda: reward_and_kl(EVEN, EVEN, torch.ones(1)), r"policy has the shape \[4\] and rewards has \[1\]"),
        (lambda: reward_and_kl(EVEN, torch.ones(1), EVEN), r"policy has the shape \[4\] and reference has \[1\]"),
        (lambda: optimal_policy(EVEN, torch.ones(1), 1.0), r"reference has the shape \[4\] and rewards has \[1\]"),
        (
            lambda: optimal_policy(EVEN, torch.ones(4, 1), 1.0),
            r"reference has the shape \[4\] and rewards has \[4, 1\]",
        ),
        (lambda: expected_best_of_n(ROWS, ONE, 2), f"scores has the shape {TWO_SHAPES}"),
        (lambda: expected_best_of_n(ROWS[0], ROWS[0], 2), r"scores has the shape \[4\]; give a tensor of 2 dimensions"),
        (lambda: best_of_n(ROWS[0], 2), r"scores has the shape \[4\]; give a tensor of 2 dimensions"),
    ],
)
def test_shapes_that_would_broadcast_are_refused_and_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
