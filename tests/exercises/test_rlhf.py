"""What the exercises of the lesson `rlhf` ask for is what the course computes."""

import pytest
import torch

from course import rlhf
from course.exercises.rlhf.advantages import advantages
from course.exercises.rlhf.best import best_of_n
from course.exercises.rlhf.clipping import clipped_loss
from course.exercises.rlhf.drawing import mask_of
from course.exercises.rlhf.groups import group_advantages
from course.exercises.rlhf.optimum import optimal_policy
from course.exercises.rlhf.reward_loss import bradley_terry_loss
from course.exercises.rlhf.token_rewards import token_rewards


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(0)


IS_TOKEN = mask_of((3, 5, 1, 7))


def drawn(generator, n):
    """Numbers for the places of four responses; where there is no token, far from all others."""
    return [torch.randn(4, 7, generator=generator).where(IS_TOKEN, 50.0 * number) for number in range(1, n + 1)]


@pytest.mark.parametrize("scale", [1.0, 300.0])
def test_the_loss_of_the_reward_model_is_that_of_the_course(generator, scale):
    chosen, rejected = scale * torch.randn(2, 9, generator=generator)
    torch.testing.assert_close(bradley_terry_loss(chosen, rejected), rlhf.bradley_terry_loss(chosen, rejected))


@pytest.mark.parametrize("n", [1, 3, 5])
def test_the_best_of_n_is_that_of_the_course(generator, n):
    scores = torch.randn(6, 5, generator=generator).round()
    assert best_of_n(scores, n).tolist() == rlhf.best_of_n(scores, n).tolist()


@pytest.mark.parametrize("beta", [0.01, 0.5, 4.0])
def test_the_optimum_is_that_of_the_course(generator, beta):
    reference, rewards = torch.randn(8, generator=generator).softmax(0), torch.randn(8, generator=generator)
    torch.testing.assert_close(optimal_policy(reference, rewards, beta), rlhf.optimal_policy(reference, rewards, beta))


@pytest.mark.parametrize("beta", [0.0, 0.3])
def test_the_rewards_of_tokens_are_those_of_the_course(generator, beta):
    (policy, reference), scores = drawn(generator, 2), torch.randn(4, generator=generator)
    expected = rlhf.token_rewards(scores, policy - reference, IS_TOKEN, beta)
    torch.testing.assert_close(token_rewards(scores, policy, reference, IS_TOKEN, beta), expected)


@pytest.mark.parametrize(("gamma", "lam"), [(1.0, 0.95), (0.9, 0.0), (0.8, 1.0)])
def test_the_advantages_are_those_of_the_course(generator, gamma, lam):
    rewards, values = drawn(generator, 2)
    expected = rlhf.gae(rewards, values, IS_TOKEN, gamma=gamma, lam=lam).advantages
    torch.testing.assert_close(advantages(rewards, values, IS_TOKEN, gamma, lam), expected)


@pytest.mark.parametrize("clip", [0.1, 0.5])
def test_the_loss_of_the_policy_and_its_gradient_are_those_of_the_course(generator, clip):
    new, old, gains = drawn(generator, 3)
    new.requires_grad_()
    loss, expected = (
        clipped_loss(new, old, gains, IS_TOKEN, clip),
        rlhf.policy_loss(new, old, gains, IS_TOKEN, clip=clip),
    )
    torch.testing.assert_close(loss, expected.loss)
    torch.testing.assert_close(*(torch.autograd.grad(one, new)[0] for one in (loss, expected.loss)))


@pytest.mark.parametrize("size", [2, 4])
def test_the_advantages_in_groups_are_those_of_the_course(generator, size):
    scores = torch.randn(8, generator=generator)
    torch.testing.assert_close(group_advantages(scores, size), rlhf.group_advantages(scores, size))
