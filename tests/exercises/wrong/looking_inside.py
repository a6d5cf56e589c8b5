"""Wrong answers as learners give them, for the exercises of the lesson `looking_inside`."""

import math
import statistics

import torch

from tests.exercises.wrong.collected import wrong_way


def width(joined, n_heads):
    return joined.shape[-1] // n_heads


def blanked(joined, chosen):
    kept = joined.clone()
    kept[..., chosen] = 0
    return kept


@wrong_way("looking_inside.remove_head", says="changes its input")
def in_place(joined, head, n_heads):
    d = width(joined, n_heads)
    joined[..., head * d : (head + 1) * d] = 0
    return joined


@wrong_way("looking_inside.remove_head", says="other way round")
def kept_alone(joined, head, n_heads):
    d = width(joined, n_heads)
    kept = torch.zeros_like(joined)
    kept[..., head * d : (head + 1) * d] = joined[..., head * d : (head + 1) * d]
    return kept


@wrong_way("looking_inside.remove_head", says="next to each other")
def strided(joined, head, n_heads):
    return blanked(joined, slice(head, None, n_heads))


@wrong_way("looking_inside.remove_head", says="counted from 0")
def from_one(joined, head, n_heads):
    d = width(joined, n_heads)
    return blanked(joined, slice(max(0, (head - 1) * d), head * d))


@wrong_way("looking_inside.remove_head", says="one number")
def single(joined, head, n_heads):
    return blanked(joined, head)


@wrong_way("looking_inside.remove_head", says="d_model / n_heads")
def n_heads_wide(joined, head, n_heads):
    return blanked(joined, slice(head * n_heads, (head + 1) * n_heads))


@wrong_way("looking_inside.remove_head", says="all before it")
def up_to(joined, head, n_heads):
    return blanked(joined, slice(0, (head + 1) * width(joined, n_heads)))


@wrong_way("looking_inside.remove_head", says="all after it")
def on(joined, head, n_heads):
    return blanked(joined, slice(head * width(joined, n_heads), None))


@wrong_way("looking_inside.remove_head", says="keep the shape")
def deleted(joined, head, n_heads):
    d = width(joined, n_heads)
    return torch.cat((joined[..., : head * d], joined[..., (head + 1) * d :]), dim=-1)


@wrong_way("looking_inside.remove_head", says="position")
def wrong_dimension(joined, head, n_heads):
    kept = joined.clone()
    kept[:, head : head + 1] = 0
    return kept


@wrong_way("looking_inside.remove_head", says="first sequence")
def first_row(joined, head, n_heads):
    d = width(joined, n_heads)
    kept = joined.clone()
    kept[0, :, head * d : (head + 1) * d] = 0
    return kept


@wrong_way("looking_inside.remove_head", says="last number")
def one_short(joined, head, n_heads):
    d = width(joined, n_heads)
    return blanked(joined, slice(head * d, (head + 1) * d - 1))


@wrong_way("looking_inside.paired_difference", says="larger")
def other_sign(before, after):
    differences = [a - b for a, b in zip(before, after, strict=True)]
    return statistics.fmean(differences), statistics.stdev(differences) / math.sqrt(len(differences))


@wrong_way("looking_inside.paired_difference", says="n - 1")
def of_population(before, after):
    differences = [b - a for a, b in zip(before, after, strict=True)]
    return statistics.fmean(differences), statistics.pstdev(differences) / math.sqrt(len(differences))


@wrong_way("looking_inside.paired_difference", says="divide it by √n")
def deviation_only(before, after):
    differences = [b - a for a, b in zip(before, after, strict=True)]
    return statistics.fmean(differences), statistics.stdev(differences)


@wrong_way("looking_inside.paired_difference", says="√n")
def over_n(before, after):
    differences = [b - a for a, b in zip(before, after, strict=True)]
    return statistics.fmean(differences), statistics.stdev(differences) / len(differences)


@wrong_way("looking_inside.paired_difference", says="take the root")
def no_root(before, after):
    differences = [b - a for a, b in zip(before, after, strict=True)]
    return statistics.fmean(differences), statistics.variance(differences) / len(differences)


@wrong_way("looking_inside.paired_difference", says="separate")
def two_samples(before, after):
    n = len(before)
    mean = statistics.fmean(after) - statistics.fmean(before)
    return mean, math.sqrt(statistics.variance(before) / n + statistics.variance(after) / n)


@wrong_way("looking_inside.paired_difference", says="`after` alone")
def of_after(before, after):
    mean = statistics.fmean(after) - statistics.fmean(before)
    return mean, statistics.stdev(after) / math.sqrt(len(after))


@wrong_way("looking_inside.paired_difference", says="size")
def sizes(before, after):
    differences = [abs(b - a) for a, b in zip(before, after, strict=True)]
    return statistics.fmean(differences), statistics.stdev(differences) / math.sqrt(len(differences))


@wrong_way("looking_inside.paired_difference", says="exchanged")
def swapped(before, after):
    differences = [b - a for a, b in zip(before, after, strict=True)]
    return statistics.stdev(differences) / math.sqrt(len(differences)), statistics.fmean(differences)


@wrong_way("looking_inside.paired_difference", says="1.96")
def half_interval(before, after):
    differences = [b - a for a, b in zip(before, after, strict=True)]
    return statistics.fmean(differences), 1.96 * statistics.stdev(differences) / math.sqrt(len(differences))


@wrong_way("looking_inside.paired_difference", says="median")
def middle(before, after):
    differences = [b - a for a, b in zip(before, after, strict=True)]
    return statistics.median(differences), statistics.stdev(differences) / math.sqrt(len(differences))


@wrong_way("looking_inside.paired_difference", says="only one of 2 results")
def mean_only(before, after):
    return statistics.fmean(b - a for a, b in zip(before, after, strict=True))


@wrong_way("looking_inside.induction_score", says="themselves")
def same_token(weights, period):
    queries = torch.arange(period + 1, 2 * period)
    return weights[queries, queries - period].mean().item()


@wrong_way("looking_inside.induction_score", says="before")
def one_early(weights, period):
    queries = torch.arange(period + 1, 2 * period)
    return weights[queries, queries - period - 1].mean().item()


@wrong_way("looking_inside.induction_score", says="whatever the input")
def keys_first(weights, period):
    queries = torch.arange(period + 1, 2 * period)
    return weights[queries - period + 1, queries].mean().item()


@wrong_way("looking_inside.induction_score", says="first token")
def no_first_token(weights, period):
    queries = torch.arange(period, 2 * period - 1)
    return weights[queries, queries - period + 1].mean().item()


@wrong_way("looking_inside.induction_score", says="last query")
def to_the_end(weights, period):
    queries = torch.arange(period + 1, 2 * period + 1)
    return weights[queries, queries - period + 1].mean().item()


@wrong_way("looking_inside.induction_score", says="in pairs")
def block(weights, period):
    return weights[period + 1 : 2 * period, 2 : period + 1].mean().item()


@wrong_way("looking_inside.induction_score", says="sum")
def summed(weights, period):
    return sum(float(weights[query, query - period + 1]) for query in range(period + 1, 2 * period))


@wrong_way("looking_inside.induction_score", says="period - 1")
def over_period(weights, period):
    return sum(float(weights[query, query - period + 1]) for query in range(period + 1, 2 * period)) / period


@wrong_way("looking_inside.induction_score", says="largest")
def largest(weights, period):
    return max(float(weights[query, query - period + 1]) for query in range(period + 1, 2 * period))


@wrong_way("looking_inside.induction_score", says="whole first half")
def first_half(weights, period):
    return weights[period + 1 : 2 * period, : period + 1].sum(dim=1).mean().item()


@wrong_way("looking_inside.induction_score", says="previous-token")
def previous(weights, period):
    queries = torch.arange(period + 1, 2 * period)
    return weights[queries, queries - 1].mean().item()
