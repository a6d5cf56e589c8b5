"""Wrong ways to do the exercise of the lesson `start_here`."""

import math

import numpy as np
import torch

from tests.exercises.wrong.collected import wrong_way

NAME = "start_here.softmax"


@wrong_way(NAME, says="**temperature** changes nothing")
def without_temperature(logits, temperature):
    return torch.tensor(logits, dtype=torch.float64).softmax(0)


@wrong_way(NAME, says="You **multiply**")
def times_temperature(logits, temperature):
    powers = [math.exp(logit * temperature) for logit in logits]
    return [power / sum(powers) for power in powers]


@wrong_way(NAME, says="the **probabilities** by the temperature")
def temperature_last(logits, temperature):
    powers = [math.exp(logit) for logit in logits]
    return [power / sum(powers) / temperature for power in powers]


@wrong_way(NAME, says="do not sum to 1")
def powers_alone(logits, temperature):
    return np.exp(np.array(logits) / temperature)


@wrong_way(NAME, says="Take e to their power")
def forgot_the_exponential(logits, temperature):
    return [logit / temperature for logit in logits]


@wrong_way(NAME, says="cancels in the shares")
def power_by_temperature(logits, temperature):
    powers = [math.exp(logit) / temperature for logit in logits]
    return [power / sum(powers) for power in powers]


@wrong_way(NAME, says="**largest** power")
def by_the_maximum(logits, temperature):
    powers = [math.exp(logit / temperature) for logit in logits]
    return [power / max(powers) for power in powers]


@wrong_way(NAME, says="**without** the temperature")
def plain_sum(logits, temperature):
    total = sum(math.exp(logit) for logit in logits)
    return [math.exp(logit / temperature) / total for logit in logits]


@wrong_way(NAME, says="powers of **2**")
def powers_of_two(logits, temperature):
    powers = [2 ** (logit / temperature) for logit in logits]
    return [power / sum(powers) for power in powers]


@wrong_way(NAME, says="**logarithms**")
def log_softmax(logits, temperature):
    return (torch.tensor(logits, dtype=torch.float64) / temperature).log_softmax(0)


@wrong_way(NAME, says="**largest** logit")
def greedy(logits, temperature):
    return [1.0 if i == np.argmax(logits) else 0.0 for i in range(len(logits))]


@wrong_way(NAME, says="sum **so far**")
def divided_too_early(logits, temperature):
    total, answer = 0.0, []
    for logit in logits:
        power = math.exp(logit / temperature)
        total += power
        answer.append(power / total)
    return answer


@wrong_way(NAME, says="**sorted**")
def most_probable_first(logits, temperature):
    powers = sorted((math.exp(logit / temperature) for logit in logits), reverse=True)
    return [power / sum(powers) for power in powers]


@wrong_way(NAME, says="**rounded**")
def three_decimals(logits, temperature):
    powers = [math.exp(logit / temperature) for logit in logits]
    return [round(power / sum(powers), 3) for power in powers]


@wrong_way(NAME, says="a minus too many")
def minus_as_for_energies(logits, temperature):
    powers = [math.exp(-logit / temperature) for logit in logits]
    return [power / sum(powers) for power in powers]


@wrong_way(NAME, says="`None`")
def printed(logits, temperature):
    powers = [math.exp(logit / temperature) for logit in logits]
    print([power / sum(powers) for power in powers])


@wrong_way(NAME, says="the **sigmoid** of each logit")
def one_by_one(logits, temperature):
    return [1 / (1 + math.exp(-logit / temperature)) for logit in logits]
