"""Other right ways to do the exercises of the lesson `attention`."""

import math

import numpy as np
import torch
import torch.nn.functional as F

from tests.exercises.ways.collected import other_way


@other_way("attention.dot_scores")
def number_by_number(query, keys):
    return [sum(q * k for q, k in zip(query.tolist(), key.tolist(), strict=True)) for key in keys]


@other_way("attention.dot_scores")
def by_einsum(query, keys):
    return torch.einsum("d,nd->n", query, keys)


@other_way("attention.dot_scores")
def query_as_a_matrix(query, keys):
    return (query.unsqueeze(0) @ keys.transpose(0, 1)).squeeze(0)


@other_way("attention.dot_scores")
def key_after_key(query, keys):
    for key in keys:
        yield torch.dot(key, query)


@other_way("attention.dot_scores")
def in_float64(query, keys):
    return np.asarray(keys, dtype=np.float64).dot(np.asarray(query, dtype=np.float64))


@other_way("attention.dot_scores")
def with_a_linear_layer(query, keys):
    return F.linear(query, keys)


@other_way("attention.attention_weights")
def by_pytorch(scores):
    return F.softmax(scores, dim=-1)


@other_way("attention.attention_weights")
def by_logarithms(scores):
    return (scores - scores.logsumexp(dim=1, keepdim=True)).exp()


@other_way("attention.attention_weights")
def with_math_alone(scores):
    weights = []
    for row in scores.tolist():
        powers = [math.exp(score - max(row)) for score in row]
        weights.append([power / sum(powers) for power in powers])
    return weights


@other_way("attention.attention_weights")
def by_differences(scores):
    """One over the sum of e to the power of what the others are above it."""
    return 1 / (scores[:, None, :] - scores[:, :, None]).double().exp().sum(dim=2)


@other_way("attention.attention_weights")
def in_numpy(scores):
    shifted = scores.numpy() - scores.numpy().max(axis=-1, keepdims=True)
    return np.exp(shifted) / np.exp(shifted).sum(axis=-1)[:, None]


@other_way("attention.attention_weights")
def row_after_row(scores):
    return torch.stack([torch.softmax(row, 0) for row in scores])


@other_way("attention.weighted_sum")
def one_value_after_the_other(weights, values):
    total = torch.zeros(values.shape[1])
    for weight, value in zip(weights, values, strict=True):
        total = total + weight * value
    return total


@other_way("attention.weighted_sum")
def values_turned(weights, values):
    return values.T @ weights


@other_way("attention.weighted_sum")
def number_of_number(weights, values):
    return [sum(w * v for w, v in zip(weights.tolist(), column, strict=True)) for column in values.T.tolist()]


@other_way("attention.weighted_sum")
def by_broadcasting(weights, values):
    return weights.unsqueeze(-1).mul(values).sum(0)


@other_way("attention.weighted_sum")
def averaged_by_numpy(weights, values):
    return np.average(values.double().numpy(), axis=0, weights=weights.double().numpy())


@other_way("attention.weighted_sum")
def by_einsum_of_both(weights, values):
    return torch.einsum("n,nd->d", weights, values).tolist()


@other_way("attention.attend")
def with_cat(query, keys, values, combine):
    scores = torch.einsum("d,nd->n", query, keys)
    context = torch.einsum("n,nd->d", torch.softmax(scores, dim=0), values)
    return torch.tanh(combine @ torch.cat((context, query)))


@other_way("attention.attend")
def with_combine_cut(query, keys, values, combine):
    context = F.softmax(keys @ query, -1) @ values
    of_context, of_query = combine.split([values.shape[1], query.shape[0]], dim=1)
    return (of_context @ context + of_query @ query).tanh()


@other_way("attention.attend")
def by_pytorchs_attention(query, keys, values, combine):
    context = F.scaled_dot_product_attention(query[None], keys, values, scale=1.0)[0]
    return F.linear(torch.hstack((context, query)), combine).tanh()


@other_way("attention.attend")
def in_lists(query, keys, values, combine):
    query, keys, values, combine = (each.tolist() for each in (query, keys, values, combine))
    scores = [sum(a * b for a, b in zip(query, key, strict=True)) for key in keys]
    powers = [math.exp(score - max(scores)) for score in scores]
    context = [
        sum(p * v for p, v in zip(powers, column, strict=True)) / sum(powers) for column in zip(*values, strict=True)
    ]
    return [math.tanh(sum(a * b for a, b in zip(row, context + query, strict=True))) for row in combine]


@other_way("attention.attend")
def in_numpy_and_float64(query, keys, values, combine):
    q, k, v, c = (each.double().numpy() for each in (query, keys, values, combine))
    weights = np.exp(k @ q - (k @ q).max())
    return np.tanh(c @ np.concatenate([weights @ v / weights.sum(), q]))


@other_way("attention.masked_weights")
def with_where(scores, visible):
    return torch.where(visible, scores, torch.tensor(-torch.inf)).softmax(dim=-1)


@other_way("attention.masked_weights")
def with_a_very_low_number(scores, visible):
    return (scores - 1e9 * (~visible).float()).softmax(dim=1)


@other_way("attention.masked_weights")
def with_the_lowest_float(scores, visible):
    hidden = scores.clone()
    hidden[visible.logical_not()] = torch.finfo(scores.dtype).min
    return F.softmax(hidden, dim=1)


@other_way("attention.masked_weights")
def with_the_logarithm_of_the_mask(scores, visible):
    return (scores + visible.float().log()).softmax(dim=1)


@other_way("attention.masked_weights")
def largest_visible_subtracted(scores, visible):
    largest = scores.masked_fill(~visible, -torch.inf).amax(dim=1, keepdim=True)
    powers = (scores - largest).clamp(max=0).exp() * visible
    return powers / powers.sum(dim=1, keepdim=True)


@other_way("attention.masked_weights")
def visible_alone(scores, visible):
    weights = []
    for row, seen in zip(scores.tolist(), visible.tolist(), strict=True):
        largest = max(score for score, is_seen in zip(row, seen, strict=True) if is_seen)
        powers = [math.exp(score - largest) if is_seen else 0 for score, is_seen in zip(row, seen, strict=True)]
        weights.append([power / math.fsum(powers) for power in powers])
    return weights


@other_way("attention.masked_weights")
def in_numpy_with_a_mask(scores, visible):
    masked = np.ma.masked_array(scores.double().numpy(), mask=~visible.numpy())
    powers = np.exp(masked - masked.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).filled(0.0)


@other_way("attention.additive_scores")
def key_by_key(query, keys, query_weight, key_weight, vector):
    of_query = query_weight.numpy() @ query.numpy()
    sums = [of_query + key_weight.numpy() @ key for key in keys.numpy()]
    return np.array([sum(v * math.tanh(s) for v, s in zip(vector.tolist(), each, strict=True)) for each in sums])


@other_way("attention.additive_scores")
def with_one_matrix(query, keys, query_weight, key_weight, vector):
    """Both joined, as [query; key] under [query_weight, key_weight]."""
    both = torch.cat((query.expand(len(keys), -1), keys), dim=1)
    return (both @ torch.cat((query_weight, key_weight), dim=1).T).tanh() @ vector


@other_way("attention.additive_scores")
def keys_in_columns(query, keys, query_weight, key_weight, vector):
    return vector @ torch.tanh((query_weight @ query)[:, None] + key_weight @ keys.T)


@other_way("attention.additive_scores")
def by_einsum_of_all(query, keys, query_weight, key_weight, vector):
    hidden = torch.einsum("sq,q->s", query_weight, query) + torch.einsum("sk,nk->ns", key_weight, keys)
    return torch.einsum("ns,s->n", hidden.tanh(), vector).double()


@other_way("attention.additive_scores")
def with_layers(query, keys, query_weight, key_weight, vector):
    hidden = F.linear(query, query_weight) + F.linear(keys, key_weight)
    return torch.tanh(hidden).mul(vector).sum(dim=-1)


@other_way("attention.additive_scores")
def in_lists_alone(query, keys, query_weight, key_weight, vector):
    for key in keys.tolist():
        score = 0.0
        for of_query, of_key, v in zip(query_weight.tolist(), key_weight.tolist(), vector.tolist(), strict=True):
            total = sum(w * x for w, x in zip([*of_query, *of_key], [*query.tolist(), *key], strict=True))
            score += v * math.tanh(total)
        yield score
