"""Wrong answers as learners give them, for the exercises of the lesson `instruction`."""

import math
import statistics

import numpy as np
import torch

from tests.exercises.wrong.collected import wrong_way


@wrong_way("instruction.chat_prompt", says="**opening** of the assistant's turn is missing")
def conversation_without_opening(messages, for_answer):
    return "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in messages)


@wrong_way("instruction.chat_prompt", says="open an answer **always**")
def conversation_always_open(messages, for_answer):
    text = ""
    for role, content in messages:
        text += f"<|im_start|>{role}\n{content}<|im_end|>\n"
    return text + "<|im_start|>assistant\n"


@wrong_way("instruction.chat_prompt", says="**last** line break is missing")
def conversation_joined_by_breaks(messages, for_answer):
    turns = [f"<|im_start|>{role}\n{content}<|im_end|>" for role, content in messages]
    return "\n".join(turns + ["<|im_start|>assistant"] * for_answer)


@wrong_way("instruction.chat_prompt", says="line break **after <|im_end|>** is missing")
def conversation_without_breaks(messages, for_answer):
    text = "".join(f"<|im_start|>{role}\n{content}<|im_end|>" for role, content in messages)
    return text + "<|im_start|>assistant\n" * for_answer


@wrong_way("instruction.chat_prompt", says="**line break after the opening** is missing")
def conversation_with_a_short_opening(messages, for_answer):
    text = "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in messages)
    return text + "<|im_start|>assistant" if for_answer else text


@wrong_way("instruction.chat_prompt", says="There is a **space** after the role")
def conversation_with_spaces(messages, for_answer):
    text = "".join(f"<|im_start|>{role} {content}<|im_end|>\n" for role, content in messages)
    return text + "<|im_start|>assistant " if for_answer else text


@wrong_way("instruction.chat_prompt", says="There is a **colon** after the role")
def conversation_with_colons(messages, for_answer):
    text = "".join("<|im_start|>" + ": ".join(message) + "<|im_end|>\n" for message in messages)
    return text + "<|im_start|>assistant: " if for_answer else text


@wrong_way("instruction.chat_prompt", says="You **strip** the contents")
def conversation_stripped(messages, for_answer):
    text = "".join(f"<|im_start|>{role}\n{content.strip()}<|im_end|>\n" for role, content in messages)
    return text + "<|im_start|>assistant\n" if for_answer else text


@wrong_way("instruction.chat_prompt", says="line break **before <|im_end|>**")
def conversation_by_lines(messages, for_answer):
    lines = [line for role, content in messages for line in (f"<|im_start|>{role}", content, "<|im_end|>")]
    return "".join(f"{line}\n" for line in [*lines, *["<|im_start|>assistant"] * for_answer])


@wrong_way("instruction.chat_prompt", says="You **end** the turn that you open")
def conversation_with_an_empty_answer(messages, for_answer):
    whole = [*messages, ("assistant", "")] if for_answer else messages
    return "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in whole)


@wrong_way("instruction.chat_prompt", says="**list** of turns")
def conversation_not_joined(messages, for_answer):
    turns = [f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in messages]
    return [*turns, "<|im_start|>assistant\n"] if for_answer else turns


@wrong_way("instruction.chat_prompt", says="Only the **last** message")
def conversation_that_is_replaced(messages, for_answer):
    text = ""
    for role, content in messages:
        text = f"<|im_start|>{role}\n{content}<|im_end|>\n"
    return text + "<|im_start|>assistant\n" if for_answer else text


@wrong_way("instruction.trained_tokens", says="The **end** of the answers does not count")
def mask_without_the_end(ids, assistant, end):
    inside, mask = False, []
    for token in ids:
        if token == end:
            inside = False
        mask.append(inside)
        if token == assistant:
            inside = True
    return mask


@wrong_way("instruction.trained_tokens", says="The token **assistant** counts in yours")
def mask_with_the_opening(ids, assistant, end):
    inside, mask = False, []
    for token in ids:
        inside = inside or token == assistant
        mask.append(inside)
        inside = inside and token != end
    return mask


@wrong_way("instruction.trained_tokens", says="**one token too early** at both ends")
def mask_updated_first(ids, assistant, end):
    inside, mask = False, []
    for token in ids:
        if token == assistant:
            inside = True
        if token == end:
            inside = False
        mask.append(inside)
    return mask


@wrong_way("instruction.trained_tokens", says="**everything** counts in yours")
def mask_from_the_first_answer(ids, assistant, end):
    mask = [False] * len(ids)
    if assistant in ids:
        first = ids.index(assistant) + 1
        mask[first:] = [True] * (len(ids) - first)
    return mask


@wrong_way("instruction.trained_tokens", says="Only the **first** answer counts")
def mask_of_the_first_answer(ids, assistant, end):
    if assistant not in ids:
        return [False] * len(ids)
    first = ids.index(assistant)
    last = ids.index(end, first) if end in ids[first:] else len(ids)
    return [first < place <= last for place in range(len(ids))]


@wrong_way("instruction.trained_tokens", says="Only the **last** answer counts")
def mask_of_the_last_answer(ids, assistant, end):
    if assistant not in ids:
        return [False] * len(ids)
    first = len(ids) - 1 - ids[::-1].index(assistant)
    last = ids.index(end, first) if end in ids[first:] else len(ids)
    return [first < place <= last for place in range(len(ids))]


@wrong_way("instruction.trained_tokens", says="**one place too early**")
def mask_for_predictions(ids, assistant, end):
    mask, inside = [], False
    for token in ids[:-1]:
        inside = token == assistant or (inside and token != end)
        mask.append(inside)
    return [*mask, False]


@wrong_way("instruction.trained_tokens", says="ends of the **user's** turns")
def mask_with_every_end(ids, assistant, end):
    inside, mask = False, []
    for token in ids:
        mask.append(inside or token == end)
        inside = token == assistant or (inside and token != end)
    return mask


@wrong_way("instruction.trained_tokens", says="You leave out the **special** tokens")
def mask_of_plain_tokens(ids, assistant, end):
    return [token != assistant and token != end for token in ids]


@wrong_way("instruction.trained_tokens", says="**targets** with -100")
def mask_as_targets(ids, assistant, end):
    inside, targets = False, []
    for token in ids:
        targets.append(token if inside else -100)
        inside = token == assistant or (inside and token != end)
    return targets


@wrong_way("instruction.trained_tokens", says="You return the **tokens** that count")
def mask_as_a_selection(ids, assistant, end):
    inside, kept = False, []
    for token in ids:
        if inside:
            kept.append(token)
        inside = token == assistant or (inside and token != end)
    return kept


@wrong_way("instruction.trained_tokens", says="An answer **without its end** does not count")
def mask_of_whole_answers(ids, assistant, end):
    mask = [False] * len(ids)
    for place, token in enumerate(ids):
        if token == assistant and end in ids[place:]:
            last = ids.index(end, place)
            mask[place + 1 : last + 1] = [True] * (last - place)
    return mask


@wrong_way("instruction.token_mean", says="**mean of the parts' means**")
def mean_of_means(parts):
    means = []
    for losses, counts in parts:
        kept = [loss for loss, one in zip(losses, counts, strict=True) if one]
        if kept:
            means.append(sum(kept) / len(kept))
    return sum(means) / len(means)


@wrong_way("instruction.token_mean", says="You average the **parts' means**")
def mean_of_means_or_0(parts):
    total = 0.0
    for losses, counts in parts:
        total += sum(np.array(losses)[np.array(counts)]) / max(sum(counts), 1)
    return total / len(parts)


@wrong_way("instruction.token_mean", says="You average over **all** tokens")
def mean_of_all(parts):
    return statistics.fmean(loss for losses, _counts in parts for loss in losses)


@wrong_way("instruction.token_mean", says="number of **all** tokens")
def mean_with_zeros(parts):
    losses = torch.cat([torch.tensor(losses) * torch.tensor(counts) for losses, counts in parts])
    return losses.mean().item()


@wrong_way("instruction.token_mean", says="That is the **sum**")
def sum_alone(parts):
    return sum(loss for losses, counts in parts for loss, one in zip(losses, counts, strict=True) if one)


@wrong_way("instruction.token_mean", says="number of **parts**")
def sum_over_parts(parts):
    return sum(loss * one for part in parts for loss, one in zip(*part, strict=True)) / len(parts)


@wrong_way("instruction.token_mean", says="**add up the means**")
def sum_of_means(parts):
    total = 0.0
    for losses, counts in parts:
        if sum(counts):
            total += sum(loss * one for loss, one in zip(losses, counts, strict=True)) / sum(counts)
    return total


@wrong_way("instruction.token_mean", says="add up the losses of **all** tokens")
def all_over_counted(parts):
    return sum(sum(losses) for losses, _counts in parts) / sum(sum(counts) for _losses, counts in parts)


@wrong_way("instruction.token_mean", says="**mean of each part**")
def mean_of_masked_means(parts):
    return statistics.fmean(
        statistics.fmean(loss * one for loss, one in zip(losses, counts, strict=True)) for losses, counts in parts
    )


@wrong_way("instruction.token_mean", says="Only the **last** part")
def mean_that_is_replaced(parts):
    mean = 0.0
    for losses, counts in parts:
        kept = [loss for loss, one in zip(losses, counts, strict=True) if one]
        mean = sum(kept) / len(kept)
    return mean


@wrong_way("instruction.token_mean", says="**exponential** of the mean")
def mean_as_perplexity(parts):
    kept = [loss for losses, counts in parts for loss, one in zip(losses, counts, strict=True) if one]
    return math.exp(statistics.fmean(kept))


@wrong_way("instruction.block_mask", says="see **earlier conversations**")
def blocks_that_are_causal_alone(lengths):
    n = sum(lengths)
    positions = [place for length in lengths for place in range(length)]
    return torch.ones(n, n).tril().bool(), positions


@wrong_way("instruction.block_mask", says="see the **future**")
def blocks_alone(lengths):
    owner = np.repeat(np.arange(len(lengths)), lengths)
    return owner[:, None] == owner, [place for length in lengths for place in range(length)]


@wrong_way("instruction.block_mask", says="mask is **turned round**")
def blocks_of_the_future(lengths):
    blocks = torch.block_diag(*[torch.ones(length, length).triu() for length in lengths]).bool()
    return blocks, [place for length in lengths for place in range(length)]


@wrong_way("instruction.block_mask", says="do not see **themselves**")
def blocks_without_themselves(lengths):
    blocks = torch.block_diag(*[torch.ones(length, length).tril(-1) for length in lengths]).bool()
    return blocks, [place for length in lengths for place in range(length)]


@wrong_way("instruction.block_mask", says="positions **go on**")
def blocks_with_positions_that_go_on(lengths):
    blocks = torch.block_diag(*[torch.ones(length, length).tril() for length in lengths]).bool()
    return blocks, torch.arange(sum(lengths))


@wrong_way("instruction.block_mask", says="as **one** conversation")
def one_long_conversation(lengths):
    n = sum(lengths)
    return [[key <= query for key in range(n)] for query in range(n)], list(range(n))


@wrong_way("instruction.block_mask", says="positions begin at **1**")
def blocks_from_1(lengths):
    blocks = torch.block_diag(*[torch.ones(length, length).tril() for length in lengths]).bool()
    return blocks, [place for length in lengths for place in range(1, length + 1)]


@wrong_way("instruction.block_mask", says="**numbers of the conversations**")
def blocks_with_their_numbers(lengths):
    owner = torch.repeat_interleave(torch.arange(len(lengths)), torch.tensor(lengths))
    return (owner[:, None] == owner).tril(), owner


@wrong_way("instruction.block_mask", says="mask is **inverted**")
def blocks_hidden(lengths):
    owner = torch.repeat_interleave(torch.arange(len(lengths)), torch.tensor(lengths))
    return ~(owner[:, None] == owner).tril(), [place for length in lengths for place in range(length)]


@wrong_way("instruction.block_mask", says="are **lists**")
def blocks_with_positions_apart(lengths):
    blocks = torch.block_diag(*[torch.ones(length, length).tril() for length in lengths]).bool()
    return blocks, [list(range(length)) for length in lengths]


@wrong_way("instruction.block_mask", says="mask for **each conversation**")
def blocks_apart(lengths):
    masks = [[[key <= query for key in range(length)] for query in range(length)] for length in lengths]
    return masks, [place for length in lengths for place in range(length)]


@wrong_way("instruction.mixture_rates", says="do not use the **limit**")
def rates_without_limit(sizes, temperature, limit):
    weights = np.array(sizes, dtype=float) ** (1 / temperature)
    return weights / weights.sum()


@wrong_way("instruction.mixture_rates", says="do not use the **temperature**")
def rates_with_a_temperature_that_cancels(sizes, temperature, limit):
    weights = [min(size, limit) / temperature for size in sizes]
    return [weight / sum(weights) for weight in weights]


@wrong_way("instruction.mixture_rates", says="exponent is the **temperature**")
def rates_by_the_temperature_itself(sizes, temperature, limit):
    weights = [min(size, limit) ** temperature for size in sizes]
    return [weight / sum(weights) for weight in weights]


@wrong_way("instruction.mixture_rates", says="**last step** is missing")
def rates_not_normalized(sizes, temperature, limit):
    return [min(size, limit) ** (1 / temperature) for size in sizes]


@wrong_way("instruction.mixture_rates", says="**largest** weight")
def rates_over_the_largest(sizes, temperature, limit):
    weights = [min(size, limit) ** (1 / temperature) for size in sizes]
    return [weight / max(weights) for weight in weights]


@wrong_way("instruction.mixture_rates", says="limit **after** taking the power")
def rates_limited_late(sizes, temperature, limit):
    weights = [min(size ** (1 / temperature), limit) for size in sizes]
    return [weight / sum(weights) for weight in weights]


@wrong_way("instruction.mixture_rates", says="**larger** of size and limit")
def rates_of_large_sizes(sizes, temperature, limit):
    weights = [max(size, limit) ** (1 / temperature) for size in sizes]
    return [weight / sum(weights) for weight in weights]


@wrong_way("instruction.mixture_rates", says="sum **before** the power")
def rates_whose_power_is_last(sizes, temperature, limit):
    limited = [min(size, limit) for size in sizes]
    return [(size / sum(limited)) ** (1 / temperature) for size in limited]


@wrong_way("instruction.mixture_rates", says="sum of the **sizes**")
def rates_over_the_sizes(sizes, temperature, limit):
    limited = [min(size, limit) for size in sizes]
    return [size ** (1 / temperature) / sum(limited) for size in limited]


@wrong_way("instruction.mixture_rates", says="**softmax** of the sizes")
def rates_by_a_softmax_of_sizes(sizes, temperature, limit):
    limited = torch.tensor(sizes, dtype=torch.float64).clamp(max=limit)
    return (limited / temperature).softmax(0).tolist()


@wrong_way("instruction.mixture_rates", says="**whole** number")
def rates_by_whole_division(sizes, temperature, limit):
    weights = [min(size, limit) ** (1 // temperature) for size in sizes]
    return [weight / sum(weights) for weight in weights]


@wrong_way("instruction.kept_instructions", says="with the **seeds** alone")
def kept_beside_the_seeds(scores, n_seeds, limit):
    return [new for new in range(n_seeds, len(scores)) if max([0.0, *scores[new][:n_seeds]]) <= limit]


@wrong_way("instruction.kept_instructions", says="with the **kept** ones alone")
def kept_beside_the_kept(scores, n_seeds, limit):
    kept = []
    for new in range(n_seeds, len(scores)):
        if all(scores[new][old] <= limit for old in kept):
            kept.append(new)
    return kept


@wrong_way("instruction.kept_instructions", says="with **dropped** ones, too")
def kept_beside_all_before(scores, n_seeds, limit):
    return [new for new in range(n_seeds, len(scores)) if all(score <= limit for score in scores[new][:new])]


@wrong_way("instruction.kept_instructions", says="with **later** ones, too")
def kept_beside_all_others(scores, n_seeds, limit):
    alike = np.array(scores) > limit
    return [new for new in range(n_seeds, len(scores)) if alike[new].sum() == 1]


@wrong_way("instruction.kept_instructions", says="**exactly** the limit")
def kept_below_the_limit(scores, n_seeds, limit):
    pool = list(range(n_seeds))
    for new in range(n_seeds, len(scores)):
        if all(scores[new][old] < limit for old in pool):
            pool.append(new)
    return pool[n_seeds:]


@wrong_way("instruction.kept_instructions", says="**one** score within the limit")
def kept_by_one_that_is_unlike(scores, n_seeds, limit):
    pool = list(range(n_seeds))
    for new in range(n_seeds, len(scores)):
        for old in pool:
            if scores[new][old] <= limit:
                pool.append(new)
                break
    return pool[n_seeds:]


@wrong_way("instruction.kept_instructions", says="**mean** of the scores")
def kept_by_the_mean(scores, n_seeds, limit):
    pool = list(range(n_seeds))
    for new in range(n_seeds, len(scores)):
        if not pool or statistics.fmean(scores[new][old] for old in pool) <= limit:
            pool.append(new)
    return pool[n_seeds:]


@wrong_way("instruction.kept_instructions", says="**whole** pool")
def kept_with_the_seeds(scores, n_seeds, limit):
    pool = list(range(n_seeds))
    for new in range(n_seeds, len(scores)):
        if not any(scores[new][old] > limit for old in pool):
            pool.append(new)
    return pool


@wrong_way("instruction.kept_instructions", says="number the **generated** ones")
def kept_by_other_numbers(scores, n_seeds, limit):
    pool, kept = list(range(n_seeds)), []
    for number, row in enumerate(scores[n_seeds:]):
        if all(row[old] <= limit for old in pool):
            pool.append(n_seeds + number)
            kept.append(number)
    return kept


@wrong_way("instruction.kept_instructions", says="You **stop** at the first")
def kept_until_one_is_dropped(scores, n_seeds, limit):
    pool = list(range(n_seeds))
    for new in range(n_seeds, len(scores)):
        if any(scores[new][old] > limit for old in pool):
            break
        pool.append(new)
    return pool[n_seeds:]


@wrong_way("instruction.kept_instructions", says="You return what is **dropped**")
def dropped_instead_of_kept(scores, n_seeds, limit):
    pool, dropped = list(range(n_seeds)), []
    for new in range(n_seeds, len(scores)):
        fits = all(scores[new][old] <= limit for old in pool)
        (pool if fits else dropped).append(new)
    return dropped
