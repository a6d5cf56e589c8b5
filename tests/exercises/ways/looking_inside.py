"""Right answers in other styles, for the exercises of the lesson `looking_inside`."""

import math
import statistics

import numpy as np
import torch

from tests.exercises.ways.collected import other_way


@other_way("looking_inside.remove_head")
def by_mask(joined, head, n_heads):
    d_head = joined.shape[-1] // n_heads
    place = torch.arange(joined.shape[-1]) // d_head
    return joined * (place != head)


@other_way("looking_inside.remove_head")
def by_heads(joined, head, n_heads):
    by_head = joined.unflatten(-1, (n_heads, -1)).clone()
    by_head[..., head, :] = 0
    return by_head.flatten(-2)


@other_way("looking_inside.remove_head")
def by_chunks(joined, head, n_heads):
    parts = list(joined.chunk(n_heads, dim=-1))
    parts[head] = torch.zeros_like(parts[head])
    return torch.cat(parts, dim=-1)


@other_way("looking_inside.remove_head")
def in_numpy(joined, head, n_heads):
    kept = joined.numpy().copy()
    width = kept.shape[-1] // n_heads
    kept[..., head * width : (head + 1) * width] = 0
    return kept


@other_way("looking_inside.remove_head")
def in_loops(joined, head, n_heads):
    width = joined.shape[-1] // n_heads
    return [
        [[0.0 if i // width == head else float(x) for i, x in enumerate(vector)] for vector in sequence]
        for sequence in joined
    ]


@other_way("looking_inside.paired_difference")
def by_statistics(before, after):
    differences = [b - a for a, b in zip(before, after, strict=True)]
    return statistics.fmean(differences), statistics.stdev(differences) / math.sqrt(len(differences))


@other_way("looking_inside.paired_difference")
def by_numpy(before, after):
    differences = np.subtract(after, before)
    return differences.mean(), differences.std(ddof=1) / np.sqrt(len(differences))


@other_way("looking_inside.paired_difference")
def by_torch(before, after):
    differences = torch.tensor(after, dtype=torch.float64) - torch.tensor(before, dtype=torch.float64)
    return differences.mean(), differences.std() / len(differences) ** 0.5


@other_way("looking_inside.paired_difference")
def by_mean_of_each(before, after):
    n = len(before)
    mean = sum(after) / n - sum(before) / n
    return mean, (sum((b - a - mean) ** 2 for a, b in zip(before, after, strict=True)) / (n * (n - 1))) ** 0.5


@other_way("looking_inside.paired_difference")
def as_list(before, after):
    differences = [after[i] - before[i] for i in range(len(before))]
    return [statistics.mean(differences), statistics.variance(differences) ** 0.5 / len(differences) ** 0.5]


@other_way("looking_inside.induction_score")
def by_loop(weights, period):
    total = 0.0
    for query in range(period + 1, 2 * period):
        total += float(weights[query, query - period + 1])
    return total / (period - 1)


@other_way("looking_inside.induction_score")
def by_diagonal(weights, period):
    return weights.diagonal(1 - period)[2 : period + 1].mean()


@other_way("looking_inside.induction_score")
def by_numpy_diagonal(weights, period):
    return np.diag(weights.numpy()[period + 1 : 2 * period, 2 : period + 1]).mean()


@other_way("looking_inside.induction_score")
def by_trace(weights, period):
    return weights[period + 1 : 2 * period, 2 : period + 1].trace() / (period - 1)


@other_way("looking_inside.induction_score")
def by_gather(weights, period):
    keys = torch.arange(2, period + 1)[:, None]
    return weights[period + 1 : 2 * period].gather(1, keys).mean()
