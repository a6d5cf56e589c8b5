"""Other right ways to do the exercises of the lesson `start_here`."""

import math

import numpy as np
import torch

from tests.exercises.ways.collected import other_way

NAME = "start_here.softmax"


@other_way(NAME)
def with_torch(logits, temperature):
    return torch.softmax(torch.tensor(logits, dtype=torch.float64) / temperature, dim=0)


@other_way(NAME)
def with_numpy_and_the_largest_at_zero(logits, temperature):
    powers = np.exp((np.array(logits) - max(logits)) / temperature)
    return powers / powers.sum()


@other_way(NAME)
def in_two_loops(logits, t):
    total = 0.0
    for logit in logits:
        total += math.e ** (logit / t)
    answer = []
    for logit in logits:
        answer.append(math.e ** (logit / t) / total)
    return tuple(answer)


@other_way(NAME)
def through_the_logarithm_of_the_sum(logits, temperature):
    scaled = [logit / temperature for logit in logits]
    normalizer = math.log(math.fsum(map(math.exp, scaled)))
    return [math.exp(logit - normalizer) for logit in scaled]


@other_way(NAME)
def by_differences(logits, temperature):
    return [1 / sum(math.exp((other - logit) / temperature) for other in logits) for logit in logits]


@other_way(NAME)
def a_power_of_the_power(logits, temperature):
    powers = [math.exp(logit) ** (1 / temperature) for logit in logits]
    return [power / sum(powers) for power in powers]


@other_way(NAME)
def in_float32(logits, temperature):
    return (torch.tensor(logits) / temperature).softmax(-1)
