"""Arguments for the exercises of the lesson `rlhf`."""

import torch

from course.exercises.peft.drawing import drawn
from course.exercises.rlhf.drawing import mask_of
from tests.exercises.inputs.collected import inputs


def generator_of(random):
    return torch.Generator().manual_seed(random.randrange(1 << 30))


def masks(random):
    """Responses of one to six tokens, often with places after the longest."""
    lengths = [random.randint(1, 6) for _row in range(random.randint(1, 4))]
    return mask_of(lengths, max(lengths) + random.choice([0, 0, 1, 2]))


@inputs("rlhf.bradley_terry_loss")
def rewards_of_pairs(random):
    while True:
        generator, n = generator_of(random), random.randint(1, 6)
        scale, shift = random.choice([1.0, 1.0, 10.0, 300.0]), random.choice([0.0, 0.0, 50.0])
        yield scale * drawn(generator, n) + shift, scale * drawn(generator, n) + shift


@inputs("rlhf.best_of_n")
def scored_samples(random):
    while True:
        prompts, samples = random.randint(1, 5), random.randint(1, 8)
        scores = random.choice([1.0, 5.0]) * drawn(generator_of(random), prompts, samples)
        if random.random() < 0.3:
            scores = scores.round()  # with ties
        yield scores, random.randint(1, samples)


@inputs("rlhf.optimal_policy")
def references_and_rewards(random):
    while True:
        generator, n = generator_of(random), random.randint(2, 6)
        beta = random.choice([0.1, 0.5, 1.0, 2.0, round(random.uniform(0.1, 5), 2)])
        reference = drawn(generator, n).softmax(dim=0)
        if random.random() < 0.2:
            reference[0] = 0.0
            reference = reference / reference.sum()
        yield reference, random.choice([0.0, 0.0, 100.0]) + beta * drawn(generator, n), beta


@inputs("rlhf.token_rewards")
def scored_responses(random):
    while True:
        is_token, generator = masks(random), generator_of(random)
        policy, reference = drawn(generator, 2, *is_token.shape)
        yield (
            2 * drawn(generator, len(is_token)),
            policy - 2,
            reference - 2,
            is_token,
            random.choice([0.0, 0.1, 0.5, 2.0]),
        )


@inputs("rlhf.advantages")
def rewards_and_values(random):
    while True:
        is_token, generator = masks(random), generator_of(random)
        rewards, values = random.choice([1.0, 3.0]) * drawn(generator, 2, *is_token.shape)
        gamma, lam = random.choice([0.0, 0.5, 0.9, 1.0]), random.choice([0.0, 0.3, 0.95, 1.0])
        yield rewards, values, is_token, gamma, lam


@inputs("rlhf.clipped_loss")
def steps_of_a_policy(random):
    while True:
        is_token, generator = masks(random), generator_of(random)
        old, moved, advantages = drawn(generator, 3, *is_token.shape)
        scale = random.choice([0.0, 0.1, 0.5, 1.0])
        yield old - 3 + scale * moved, old - 3, 2 * advantages, is_token, random.choice([0.1, 0.2, 0.5])


@inputs("rlhf.group_advantages")
def grouped_scores(random):
    while True:
        n_groups, size = random.randint(1, 4), random.randint(2, 6)
        scores = random.choice([0.1, 1.0, 5.0]) * drawn(generator_of(random), n_groups, size)
        if random.random() < 0.2:
            scores[0] = (4 * scores[0, 0]).round() / 4  # whose mean no precision rounds
        yield scores.flatten(), size
