"""Other right ways to do the exercises of the lesson `start_here`."""

import fractions
import functools

import numpy as np
import torch

from tests.exercises.ways.collected import other_way


@other_way("start_here.tokens_per_second")
def one_by_one(ids, seconds):
    return sum(1 / seconds for _ in ids)


@other_way("start_here.tokens_per_second")
def counted_in_a_loop(token_ids, time):
    count = 0
    for _token in token_ids:
        count += 1
    return count / time


@other_way("start_here.tokens_per_second")
def with_numpy(ids, seconds):
    return np.float64(np.asarray(ids).size) / seconds


@other_way("start_here.tokens_per_second")
def as_a_tensor(ids, seconds):
    return torch.tensor(ids).numel() / torch.tensor(seconds, dtype=torch.float64)


@other_way("start_here.tokens_per_second")
def with_a_fraction(ids, seconds):
    return float(fractions.Fraction(len(ids)) / fractions.Fraction(seconds))


@other_way("start_here.tokens_per_second")
def by_folding(ids, seconds):
    return functools.reduce(lambda rate, _token: rate + 1 / seconds, ids, 0)


@other_way("start_here.tokens_per_second")
def through_the_time_for_one(ids, seconds):
    try:
        return 1 / (seconds / len(ids))
    except ZeroDivisionError:
        return 0
