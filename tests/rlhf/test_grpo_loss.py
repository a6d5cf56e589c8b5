"""GRPO against loops over single tokens, in values and gradients, and what its KL term has as its optimum."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course.rlhf import group_advantages, grpo_loss, k3, optimal_policy, policy_loss, total_variation
from tests.rlhf.drawn_responses import LENGTHS, numbers, places
from tests.rlhf.small_space import grpo_optimum

IS_TOKEN = places()


def log_probabilities(seed, beyond=0.0):
    return (-numbers(IS_TOKEN, seed).abs() / 3).where(IS_TOKEN, torch.tensor(beyond))


def by_loops(new, old, reference, advantages, *, clip, beta):
    """The mean over rows of the mean over tokens, one token at a time."""
    rows = []
    for row, length in enumerate(LENGTHS):
        losses = []
        for place in range(length):
            ratio = (new[row, place] - old[row, place]).exp()
            low_or_high = 1 + clip if ratio > 1 + clip else 1 - clip if ratio < 1 - clip else ratio
            surrogate = torch.minimum(ratio * advantages[row], low_or_high * advantages[row])
            log_ratio = new[row, place] - reference[row, place]
            losses.append(-surrogate + beta * ((-log_ratio).exp() - 1 + log_ratio))
        rows.append(sum(losses) / length)
    return sum(rows) / len(rows)


@pytest.mark.parametrize("beta", [0.0, 0.04, 1.0])
@pytest.mark.parametrize("clip", [0.05, 0.2])
def test_loss_and_gradient_are_those_of_loops(beta, clip):
    new, old, reference = (log_probabilities(seed).double() for seed in range(3))
    advantages = torch.tensor([1.0, -0.5, 2.0], dtype=torch.float64)
    ours, theirs = new.clone().requires_grad_(), new.clone().requires_grad_()
    found = grpo_loss(ours, old, reference, advantages, IS_TOKEN, clip=clip, beta=beta)
    expected = by_loops(theirs, old, reference, advantages, clip=clip, beta=beta)
    assert found.loss.item() == pytest.approx(expected.item(), rel=1e-9)
    found.loss.backward()
    expected.backward()
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-9, atol=1e-12)
    assert 0 < found.clip_fraction < 1, "some tokens are clipped"


@pytest.mark.parametrize("beyond", [3.0, math.inf, math.nan])
def test_what_is_not_a_token_does_not_count(beyond):
    advantages = torch.tensor([1.0, -0.5, 2.0])
    found, gradients = [], []
    for fill in (0.0, beyond):
        new = log_probabilities(0, fill).requires_grad_()
        loss = grpo_loss(new, log_probabilities(1, fill), log_probabilities(2, fill), advantages, IS_TOKEN, beta=0.5)
        loss.loss.backward()
        found.append(torch.stack(list(loss)).detach())
        gradients.append(new.grad)
    torch.testing.assert_close(found[0], found[1], rtol=0, atol=0)
    torch.testing.assert_close(gradients[0], gradients[1], rtol=0, atol=0)
    assert (gradients[1][~IS_TOKEN] == 0).all()


def test_while_the_policy_is_the_one_that_drew_the_gradient_is_that_of_reinforce():
    old = log_probabilities(1)
    new = old.clone().requires_grad_()
    advantages = torch.tensor([1.0, -0.5, 2.0])
    found = grpo_loss(new, old, old, advantages, IS_TOKEN, beta=0.7)
    assert found.ratio == 1 and found.clip_fraction == 0 and found.approximate_kl == 0
    assert found.loss.item() == pytest.approx(-advantages.mean().item())
    found.loss.backward()
    expected = (-advantages / torch.tensor(LENGTHS) / 3)[:, None] * IS_TOKEN
    torch.testing.assert_close(new.grad, expected)


def test_a_long_response_counts_as_much_as_a_short_one():
    """PPO's loss is a mean over all tokens, in which the long response counts five times."""
    old = torch.zeros(3, 5)
    advantages = torch.tensor([0.0, 1.0, -1.0])
    assert grpo_loss(old, old, old, advantages, IS_TOKEN).loss == 0
    of_tokens = policy_loss(old, old, advantages[:, None].expand(3, 5), IS_TOKEN).loss
    assert of_tokens.item() == pytest.approx(-(5 - 1) / 8)


def test_what_a_token_counts_depends_on_the_normalization():
    """Of lengths 2, 5 and 1: the gradient of one token, with the advantage −1 in each row."""
    old = torch.zeros(3, 5)
    expected = {
        "grpo": (IS_TOKEN / torch.tensor(LENGTHS)[:, None] / 3, None),
        "dapo": (IS_TOKEN / 8, None),
        "dr_grpo": (IS_TOKEN / (3 * 12), 12),
    }
    for name, (gradient, max_length) in expected.items():
        new = old.clone().requires_grad_()
        found = grpo_loss(new, old, old, -torch.ones(3), IS_TOKEN, normalization=name, max_length=max_length)
        found.loss.backward()
        torch.testing.assert_close(new.grad, gradient.float())
        assert found.ratio == 1, "a mean, whatever the loss is divided by"


def test_with_a_constant_length_what_the_rows_add_up_to_is_the_sum_of_what_each_adds():
    """Two batches of one row each weigh as much as one batch of both: with "dapo" the long row would weigh more."""
    old = torch.zeros(3, 5)
    advantages = torch.tensor([1.0, -0.5, 2.0])

    def loss(rows, name, max_length):
        found = grpo_loss(
            old[rows], old[rows], old[rows], advantages[rows], IS_TOKEN[rows], normalization=name, max_length=max_length
        )
        return found.loss.item()

    alone = [loss([row], "dr_grpo", 5) for row in range(3)]
    assert loss([0, 1, 2], "dr_grpo", 5) == pytest.approx(sum(alone) / 3)
    assert loss([0, 1, 2], "dapo", None) != pytest.approx(sum(loss([row], "dapo", None) for row in range(3)) / 3)


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize(
    ("name", "max_length", "message"),
    [
        ("mean", None, "normalization is 'mean'; give one of 'grpo', 'dapo', 'dr_grpo'"),
        ("dr_grpo", None, "max_length is None with the normalization 'dr_grpo'"),
        ("grpo", 5, "max_length is 5 with the normalization 'grpo'"),
        ("dapo", 5, "max_length is 5 with the normalization 'dapo'"),
        ("dr_grpo", 4, "max_length is 4; it must be 5 or more"),
    ],
)
def test_a_normalization_that_cannot_be_is_refused(name, max_length, message):
    zeros = torch.zeros(3, 5)
    with pytest.raises(ValueError, match=message):
        grpo_loss(zeros, zeros, zeros, torch.zeros(3), IS_TOKEN, normalization=name, max_length=max_length)


groups = st.lists(st.lists(st.floats(-10, 10), min_size=4, max_size=4), min_size=1, max_size=3)


@given(groups, st.booleans())
def test_advantages_are_those_of_numpy(scores, scale):
    table = np.array(scores)
    expected = table - table.mean(axis=1, keepdims=True)
    if scale:
        expected /= table.std(axis=1, ddof=1, keepdims=True) + 1e-4
    found = group_advantages(torch.tensor(scores, dtype=torch.float64).flatten(), 4, scale=scale)
    np.testing.assert_allclose(found.numpy(), expected.ravel(), atol=1e-9)
    assert found.view(-1, 4).sum(dim=1).abs().max() < 1e-6


def test_a_group_of_equal_scores_teaches_nothing():
    found = group_advantages(torch.tensor([0.25, 0.25, 0.25, 1.0, 0.0, 2.0]), 3)
    assert found[:3].tolist() == [0, 0, 0] and found[3:].abs().min() < 1e-6 < found[3:].abs().max()


def test_scores_that_do_not_fill_groups_are_refused():
    for scores in (torch.zeros(5), torch.zeros(0)):
        with pytest.raises(ValueError, match=f"{len(scores)} scores are no groups of 2"):
            group_advantages(scores, 2)
    with pytest.raises(ValueError, match="group_size is 1"):
        group_advantages(torch.zeros(4), 1)


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_a_score_that_is_not_finite_is_refused(wrong):
    with pytest.raises(ValueError, match="The reward of row 1 is"):
        group_advantages(torch.tensor([0.0, wrong]), 2)


def test_wrong_settings_and_empty_rows_are_refused():
    zeros, advantages = torch.zeros(3, 5), torch.zeros(3)
    with pytest.raises(ValueError, match="beta is -1"):
        grpo_loss(zeros, zeros, zeros, advantages, IS_TOKEN, beta=-1.0)
    with pytest.raises(ValueError, match="clip is 0"):
        grpo_loss(zeros, zeros, zeros, advantages, IS_TOKEN, clip=0.0)
    for rows in (0, 3):
        nothing = torch.zeros(rows, 5, dtype=torch.bool)
        with pytest.raises(ValueError, match="A response is empty"):
            grpo_loss(zeros[:rows], zeros[:rows], zeros[:rows], advantages[:rows], nothing)


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
def test_the_kl_term_has_another_optimum_than_the_penalty(beta):
    """Six answers of one token, each as often as the policy draws it: the gradient without sampling noise."""
    generator = torch.Generator().manual_seed(0)
    reference = torch.randn(6, generator=generator, dtype=torch.float64).softmax(0)
    rewards = 2 * torch.randn(6, generator=generator, dtype=torch.float64)

    def gradient(policy):
        logits = policy.log().requires_grad_()
        logs, chances = logits.log_softmax(0), policy.detach()
        rows = logs[:, None]
        found = grpo_loss(
            rows,
            rows.detach(),
            reference.log()[:, None],
            6 * chances * (rewards - chances @ rewards),  # the mean over rows is one over draws by these weights
            torch.ones(6, 1, dtype=torch.bool),
        )
        held = (6 * chances * k3(logs - reference.log())).mean()
        return torch.autograd.grad(found.loss + beta * held, logits)[0].abs().max().item()

    ours, best = grpo_optimum(reference, rewards, beta), optimal_policy(reference, rewards, beta)
    assert gradient(ours) < 1e-9
    assert gradient(best) > 0.01
    assert total_variation(ours, best) > 0.03
