"""Other right ways to do the exercises of the lesson `attention`."""

import math

import numpy as np
import torch

from tests.exercises.ways.collected import other_way


@other_way("attention.dot_scores")
def number_by_number(query, keys):
    return [sum(q * k for q, k in zip(query.tolist(), key.tolist(), strict=True)) for key in keys]


@other_way("attention.attention_weights")
def by_pytorch(scores):
    return torch.nn.functional.softmax(scores, dim=-1)


@other_way("attention.weighted_sum")
def one_value_after_the_other(weights, values):
    total = torch.zeros(values.shape[1])
    for weight, value in zip(weights, values, strict=True):
        total = total + weight * value
    return total


@other_way("attention.attend")
def with_cat(query, keys, values, combine):
    scores = torch.einsum("d,nd->n", query, keys)
    context = torch.einsum("n,nd->d", torch.softmax(scores, dim=0), values)
    return torch.tanh(combine @ torch.cat((context, query)))


@other_way("attention.masked_weights")
def divided_by_the_new_sum(scores, visible):
    weights = scores.softmax(dim=1) * visible
    return weights / weights.sum(dim=1, keepdim=True)


@other_way("attention.additive_scores")
def key_by_key(query, keys, query_weight, key_weight, vector):
    of_query = query_weight.numpy() @ query.numpy()
    sums = [of_query + key_weight.numpy() @ key for key in keys.numpy()]
    return np.array([sum(v * math.tanh(s) for v, s in zip(vector.tolist(), each, strict=True)) for each in sums])
