"""Other right ways to do the exercises of the lesson `seq2seq`."""

import functools
import heapq
import itertools

import torch

from tests.exercises.ways.collected import other_way


@other_way("seq2seq.lstm_step")
def number_by_number(gates, cell):
    """With Python's lists instead of tensors, row by row."""
    hidden, new = [], []
    for row, old in zip(gates.tolist(), cell.tolist(), strict=True):
        parts = torch.tensor(row).view(4, len(old))
        share = 1 / (1 + torch.exp(-parts))
        kept = share[1] * torch.tensor(old) + share[0] * torch.tanh(parts[2])
        new.append(kept.tolist())
        hidden.append((share[3] * torch.tanh(kept)).tolist())
    return hidden, new


@other_way("seq2seq.pad_batch")
def with_zip_longest(rows, pad_id):
    nothing = object()
    columns = list(itertools.zip_longest(*rows, fillvalue=nothing))
    table = [[pad_id if symbol is nothing else symbol for symbol in row] for row in zip(*columns, strict=True)]
    mask = [[symbol is not nothing for symbol in row] for row in zip(*columns, strict=True)]
    return torch.tensor(table), torch.tensor(mask)


@other_way("seq2seq.shift_target")
def from_one_list(target):
    whole = ["<s>", *target, "</s>"]
    return whole[:-1], whole[1:]


@other_way("seq2seq.greedy")
def step_by_step(chances, max_length):
    last = "<s>"
    for _place in range(max_length):
        _chance, last = max((chance, symbol) for symbol, chance in chances[last].items())
        if last == "</s>":
            return
        yield last


@other_way("seq2seq.beam_step")
def with_a_heap(beam, log_probabilities, size):
    continued = {
        (*output, symbol): total + following[symbol]
        for (output, total), following in zip(beam, log_probabilities, strict=True)
        for symbol in following
    }
    return heapq.nlargest(size, continued.items(), key=lambda one: one[1])


@other_way("seq2seq.edit_distance")
def by_recursion(written, right):
    @functools.cache
    def distance(i, j):
        if i == 0 or j == 0:
            return i + j
        replaced = distance(i - 1, j - 1) + (written[i - 1] != right[j - 1])
        return min(replaced, distance(i - 1, j) + 1, distance(i, j - 1) + 1)

    return distance(len(written), len(right))
