"""What the exercises of the lesson `dpo` ask for is what the course computes."""

import pytest
import torch

from course import dpo
from course.exercises.dpo.drawing import drawn_pairs
from course.exercises.dpo.gradient import gradient_weights
from course.exercises.dpo.implicit import reward_from_policy
from course.exercises.dpo.ipo import ipo_loss
from course.exercises.dpo.loss import dpo_loss
from course.exercises.dpo.sequence import sequence_log_probability
from course.exercises.dpo.simpo import simpo_loss
from course.rlhf import as_responses, optimal_policy, response_log_probabilities
from tests.support.llama import tiny_config, tiny_model

BETAS = [0.05, 0.5, 2.0]


@pytest.fixture
def pairs():
    """Four log-probabilities of seven pairs, and their numbers of tokens."""
    generator = torch.Generator().manual_seed(0)
    lengths = torch.randint(1, 20, (2, 7), generator=generator)
    return dpo.PairLogProbabilities(*drawn_pairs(generator, 7), *lengths)


@torch.no_grad()
def test_the_log_probability_of_an_answer_is_that_of_the_course():
    model = tiny_model(tiny_config(vocab_size=20, context_length=16)).eval()
    prompts, answers = [[3, 4, 5], [6, 7, 8], [3, 3, 3]], [[9, 2], [8, 7, 6, 2], [2]]
    responses = as_responses(prompts, answers, pad_id=0)
    is_answer = torch.cat([torch.zeros(3, responses.n_prompt, dtype=torch.bool), responses.is_token], dim=1)
    expected = response_log_probabilities(model, responses).sum(1)
    torch.testing.assert_close(sequence_log_probability(model(responses.ids), responses.ids, is_answer), expected)


@pytest.mark.parametrize("beta", BETAS)
def test_the_losses_on_pairs_and_their_gradients_are_those_of_the_course(pairs, beta):
    log_p = pairs[:4]
    pairs.chosen.requires_grad_()
    for loss, expected in (
        (dpo_loss(*log_p, beta), dpo.dpo_loss(pairs, beta)),
        (ipo_loss(*log_p, beta), dpo.ipo_loss(pairs, beta)),
        (simpo_loss(*log_p[:2], *pairs[4:], beta, 0.3), dpo.simpo_loss(pairs, beta, 0.3)),
    ):
        torch.testing.assert_close(loss, expected)
        torch.testing.assert_close(*(torch.autograd.grad(one, pairs.chosen)[0] for one in (loss, expected)))


@pytest.mark.parametrize("beta", BETAS)
def test_the_weights_are_those_of_the_course_and_of_the_gradient(pairs, beta):
    weights = gradient_weights(*pairs[:4], beta)
    torch.testing.assert_close(weights, dpo.gradient_weights(pairs, beta))
    pairs.chosen.requires_grad_()
    (gradient,) = torch.autograd.grad(dpo_loss(*pairs[:4], beta), pairs.chosen)
    torch.testing.assert_close(gradient, -beta * weights / 7)


@pytest.mark.parametrize("beta", BETAS)
def test_the_rewards_read_from_the_best_policy_are_those_it_was_made_for(pairs, beta):
    generator = torch.Generator().manual_seed(1)
    reference, rewards = torch.randn(6, generator=generator).double().softmax(0), torch.randn(6, generator=generator)
    best = optimal_policy(reference, rewards.double(), beta)
    found = reward_from_policy(best.log(), reference.log(), beta)
    torch.testing.assert_close(found, rewards.double() - rewards.double().mean())


@pytest.mark.parametrize("beta", BETAS)
def test_the_differences_of_rewards_are_those_of_the_implicit_rewards(pairs, beta):
    chosen, rejected = dpo.implicit_rewards(pairs, beta)
    for pair in range(7):
        policy = torch.stack([pairs.chosen[pair], pairs.rejected[pair]])
        reference = torch.stack([pairs.chosen_reference[pair], pairs.rejected_reference[pair]])
        one, other = reward_from_policy(policy, reference, beta)
        torch.testing.assert_close(one - other, chosen[pair] - rejected[pair])
