"""Right answers in other styles, for the exercises of the lesson `instruction`."""

import itertools
import math
from fractions import Fraction

import numpy as np
import torch

from tests.exercises.ways.collected import other_way


@other_way("instruction.chat_prompt")
def conversation_step_by_step(messages, for_answer):
    text = ""
    for message in messages:
        text += "<|im_start|>" + message[0] + "\n"
        text += message[1] + "<|im_end|>" + "\n"
    if for_answer:
        text += "<|im_start|>assistant\n"
    return text


@other_way("instruction.chat_prompt")
def conversation_by_format(messages, for_answer):
    opening = "<|im_start|>{}\n"
    turns = [(opening + "{}<|im_end|>\n").format(*message) for message in messages]
    return "".join(turns + [opening.format("assistant")] * for_answer)


@other_way("instruction.chat_prompt")
def conversation_by_percent(messages, for_answer):
    text = "".join("<|im_start|>%s\n%s<|im_end|>\n" % tuple(message) for message in messages)  # noqa: UP031
    return (text + "<|im_start|>assistant\n") if for_answer else text


@other_way("instruction.chat_prompt")
def conversation_from_a_longer_one(messages, for_answer):
    whole = [*messages, ("assistant", "")] if for_answer else messages
    text = "".join([f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in whole])
    return text[: -len("<|im_end|>\n")] if for_answer else text


@other_way("instruction.chat_prompt")
def conversation_by_recursion(messages, for_answer):
    if not messages:
        return "<|im_start|>assistant\n" if for_answer else ""
    (role, content), *rest = messages
    return f"<|im_start|>{role}\n{content}<|im_end|>\n" + conversation_by_recursion(rest, for_answer)


@other_way("instruction.trained_tokens")
def mask_by_a_loop_with_branches(ids, assistant, end):
    inside, mask = False, []
    for token in ids:
        if token == assistant:
            mask.append(False)
            inside = True
        elif token == end:
            mask.append(inside)
            inside = False
        else:
            mask.append(inside)
    return mask


@other_way("instruction.trained_tokens")
def mask_by_what_came_last(ids, assistant, end):
    def counts(place):
        before = [token for token in ids[:place] if token in (assistant, end)]
        return bool(before) and before[-1] == assistant

    return [counts(place) for place in range(len(ids))]


@other_way("instruction.trained_tokens")
def mask_by_slices(ids, assistant, end):
    mask = [False] * len(ids)
    for place, token in enumerate(ids):
        if token == assistant:
            last = ids.index(end, place) if end in ids[place:] else len(ids) - 1
            for inside in range(place + 1, last + 1):
                mask[inside] = True
    return mask


@other_way("instruction.trained_tokens")
def mask_in_numpy(ids, assistant, end):
    ids = np.array(ids)
    places = np.arange(len(ids))
    last = np.maximum.accumulate(np.where((ids == assistant) | (ids == end), places, -1))
    before = np.concatenate(([-1], last[:-1]))
    return (before >= 0) & (ids[before] == assistant)


@other_way("instruction.trained_tokens")
def mask_by_accumulating(ids, assistant, end):
    states = itertools.accumulate(
        ids, lambda state, token: token == assistant if token in (assistant, end) else state, initial=False
    )
    return [bool(state) for state in states][:-1]


@other_way("instruction.token_mean")
def mean_by_two_sums(parts):
    total, n = 0.0, 0
    for losses, counts in parts:
        for loss, one in zip(losses, counts, strict=True):
            if one:
                total += loss
                n += 1
    return total / n


@other_way("instruction.token_mean")
def mean_of_one_list(parts):
    kept = [loss for losses, counts in parts for loss in itertools.compress(losses, counts)]
    return math.fsum(kept) / len(kept)


@other_way("instruction.token_mean")
def mean_in_numpy(parts):
    losses = np.concatenate([np.array(losses) for losses, _counts in parts])
    return losses[np.concatenate([np.array(counts) for _losses, counts in parts])].mean()


@other_way("instruction.token_mean")
def mean_of_weighted_means(parts):
    n = sum(map(sum, (counts for _losses, counts in parts)))
    mean = 0.0
    for losses, counts in parts:
        if any(counts):
            own = sum(loss * one for loss, one in zip(losses, counts, strict=True)) / sum(counts)
            mean += own * sum(counts) / n
    return mean


@other_way("instruction.token_mean")
def mean_in_torch(parts):
    total = sum((torch.tensor(losses, dtype=torch.float64) * torch.tensor(counts)).sum() for losses, counts in parts)
    return total / sum(torch.tensor(counts).sum() for _losses, counts in parts)


@other_way("instruction.block_mask")
def blocks_in_torch(lengths):
    owner = torch.repeat_interleave(torch.arange(len(lengths)), torch.tensor(lengths))
    mask = (owner[:, None] == owner).tril()
    return mask, torch.cat([torch.arange(length) for length in lengths])


@other_way("instruction.block_mask")
def blocks_by_diagonal(lengths):
    blocks = [torch.ones(length, length).tril() for length in lengths]
    return torch.block_diag(*blocks).bool(), [place for length in lengths for place in range(length)]


@other_way("instruction.block_mask")
def blocks_row_by_row(lengths):
    mask, positions, total, start = [], [], sum(lengths), 0
    for length in lengths:
        for place in range(length):
            mask.append([start <= key <= start + place for key in range(total)])
            positions.append(place)
        start += length
    return mask, positions


@other_way("instruction.block_mask")
def blocks_in_numpy(lengths):
    ends = np.cumsum(lengths)
    starts = np.repeat(ends - np.array(lengths), lengths)
    places = np.arange(ends[-1])
    return (places >= starts[:, None]) & (places <= places[:, None]), places - starts


@other_way("instruction.block_mask")
def blocks_from_positions(lengths):
    positions = [*itertools.chain.from_iterable(map(range, lengths))]
    n = len(positions)
    mask = [[False] * n for _row in range(n)]
    for query, position in enumerate(positions):
        for key in range(query - position, query + 1):
            mask[query][key] = True
    return mask, positions


@other_way("instruction.mixture_rates")
def rates_in_numpy(sizes, temperature, limit):
    weights = np.minimum(np.array(sizes, dtype=float), limit) ** (1 / temperature)
    return weights / weights.sum()


@other_way("instruction.mixture_rates")
def rates_by_a_softmax(sizes, temperature, limit):
    logs = torch.tensor(sizes, dtype=torch.float64).clamp(max=limit).log()
    return (logs / temperature).softmax(0)


@other_way("instruction.mixture_rates")
def rates_of_shares(sizes, temperature, limit):
    limited = [limit if size > limit else size for size in sizes]
    powers = [(size / sum(limited)) ** (1 / temperature) for size in limited]
    total = sum(powers)
    return [power / total for power in powers]


@other_way("instruction.mixture_rates")
def rates_in_loops(sizes, temperature, limit):
    rates, total = [], 0.0
    for size in sizes:
        weight = math.exp(math.log(min(size, limit)) / temperature)
        rates.append(weight)
        total += weight
    for task in range(len(rates)):
        rates[task] /= total
    return rates


@other_way("instruction.mixture_rates")
def rates_in_fractions(sizes, temperature, limit):
    weights = [Fraction(pow(sorted([size, limit])[0], 1 / temperature)) for size in sizes]
    return [float(weight / sum(weights)) for weight in weights]


@other_way("instruction.kept_instructions")
def kept_by_the_largest(scores, n_seeds, limit):
    pool, kept = [*range(n_seeds)], []
    for new in range(n_seeds, len(scores)):
        if max((scores[new][old] for old in pool), default=0.0) <= limit:
            pool.append(new)
            kept.append(new)
    return kept


@other_way("instruction.kept_instructions")
def kept_by_any(scores, n_seeds, limit):
    kept = []
    for new, row in enumerate(scores):
        if new < n_seeds or any(row[old] > limit for old in [*range(n_seeds), *kept]):
            continue
        kept.append(new)
    return kept


@other_way("instruction.kept_instructions")
def kept_by_nested_loops(scores, n_seeds, limit):
    in_pool = [number < n_seeds for number in range(len(scores))]
    for new in range(n_seeds, len(scores)):
        in_pool[new] = True
        for old in range(new):
            if in_pool[old] and scores[new][old] > limit:
                in_pool[new] = False
    return [number for number in range(n_seeds, len(scores)) if in_pool[number]]


@other_way("instruction.kept_instructions")
def kept_in_numpy(scores, n_seeds, limit):
    alike = np.array(scores).reshape(len(scores), len(scores)) > limit
    pool = np.arange(len(scores)) < n_seeds
    for new in range(n_seeds, len(scores)):
        pool[new] = not (alike[new] & pool).any()
    return np.flatnonzero(pool)[n_seeds:]


@other_way("instruction.kept_instructions")
def kept_by_striking_out(scores, n_seeds, limit):
    def unlike(number, others):
        return [other for other in others if scores[number][other] <= limit]

    left = list(range(n_seeds, len(scores)))
    for seed in range(n_seeds):
        left = unlike(seed, left)
    kept = []
    while left:
        kept.append(left[0])
        left = unlike(left[0], left[1:])
    return kept
