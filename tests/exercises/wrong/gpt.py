"""Wrong answers as learners give them, for the exercises of the lesson `gpt`."""

import itertools
import math
import statistics
from collections import Counter

import torch
import torch.nn.functional as F

from tests.exercises.wrong.collected import wrong_way


@wrong_way("gpt.rms_norm", says="layer normalization")
def rms_centered(x, gain, eps):
    mean = sum(x) / len(x)
    x = [number - mean for number in x]
    root = math.sqrt(sum(number * number for number in x) / len(x) + eps) or 1.0
    return [number / root * g for number, g in zip(x, gain, strict=True)]


@wrong_way("gpt.rms_norm", says="standard deviation")
def rms_by_deviation(x, gain, eps):
    root = math.sqrt(statistics.pvariance(x) + eps) or 1.0
    return [number / root * g for number, g in zip(x, gain, strict=True)]


@wrong_way("gpt.rms_norm", says="length")
def rms_by_length(x, gain, eps):
    root = math.sqrt(sum(number * number for number in x) + eps)
    return [number / root * g for number, g in zip(x, gain, strict=True)]


@wrong_way("gpt.rms_norm", says="take the root")
def rms_without_root(x, gain, eps):
    square = sum(number * number for number in x) / len(x) + eps
    return [number / square * g for number, g in zip(x, gain, strict=True)]


@wrong_way("gpt.rms_norm", says="before")
def rms_eps_outside(x, gain, eps):
    root = math.sqrt(sum(number * number for number in x) / len(x)) + eps
    return [number / root * g for number, g in zip(x, gain, strict=True)]


@wrong_way("gpt.rms_norm", says="`eps` is missing")
def rms_without_eps(x, gain, eps):
    root = math.sqrt(sum(number * number for number in x) / len(x)) or 1.0
    return [number / root * g for number, g in zip(x, gain, strict=True)]


@wrong_way("gpt.rms_norm", says="`gain` is missing")
def rms_without_gain(x, gain, eps):
    root = math.sqrt(sum(number * number for number in x) / len(x) + eps)
    return [number / root for number in x]


@wrong_way("gpt.rms_norm", says="1 + gain")
def rms_one_more_gain(x, gain, eps):
    root = math.sqrt(sum(number * number for number in x) / len(x) + eps)
    return [number / root * (1 + g) for number, g in zip(x, gain, strict=True)]


@wrong_way("gpt.rms_norm", says="first")
def rms_first_gain(x, gain, eps):
    root = math.sqrt(sum(number * number for number in x) / len(x) + eps)
    return [number / root * gain[0] for number in x]


@wrong_way("gpt.rms_norm", says="absolute")
def rms_of_absolutes(x, gain, eps):
    scale = sum(abs(number) for number in x) / len(x) + eps
    return [number / scale * g for number, g in zip(x, gain, strict=True)]


@wrong_way("gpt.rms_norm", says="multiplied")
def rms_multiplied(x, gain, eps):
    root = math.sqrt(sum(number * number for number in x) / len(x) + eps)
    return [number * root * g for number, g in zip(x, gain, strict=True)]


@wrong_way("gpt.rms_norm", says="by **itself**")
def rms_of_each(x, gain, eps):
    return [number / ((number**2 + eps) ** 0.5 or 1.0) * g for number, g in zip(x, gain, strict=True)]


@wrong_way("gpt.share_heads", says="turns")
def shared_in_turn(keys, n_heads):
    return keys.repeat(1, n_heads // keys.shape[1], 1, 1)


@wrong_way("gpt.share_heads", says="turns")
def shared_by_cat_of_rounds(keys, n_heads):
    return torch.cat([keys] * (n_heads // keys.shape[1]), dim=1)


@wrong_way("gpt.share_heads", says="positions")
def shared_positions(keys, n_heads):
    return keys.repeat_interleave(n_heads // keys.shape[1], dim=2)


@wrong_way("gpt.share_heads", says="inside")
def shared_numbers(keys, n_heads):
    return keys.repeat_interleave(n_heads // keys.shape[1], dim=-1)


@wrong_way("gpt.share_heads", says="sequences")
def shared_batch(keys, n_heads):
    return keys.repeat_interleave(n_heads // keys.shape[1], dim=0)


@wrong_way("gpt.share_heads", says="`n_heads // kv_heads` is enough")
def shared_too_often(keys, n_heads):
    return keys.repeat_interleave(n_heads, dim=1)


@wrong_way("gpt.share_heads", says="Nothing was repeated")
def shared_not(keys, n_heads):
    return keys


@wrong_way("gpt.share_heads", says="first")
def shared_first(keys, n_heads):
    return keys[:, [0] * n_heads]


@wrong_way("gpt.share_heads", says="averaged")
def shared_mean(keys, n_heads):
    return keys.mean(dim=1, keepdim=True).expand(-1, n_heads, -1, -1)


@wrong_way("gpt.share_heads", says="of their own")
def shared_unjoined(keys, n_heads):
    return keys[:, :, None].repeat(1, 1, n_heads // keys.shape[1], 1, 1)


@wrong_way("gpt.share_heads", says="exchanged")
def shared_transposed(keys, n_heads):
    return keys.repeat_interleave(n_heads // keys.shape[1], dim=1).transpose(1, 2)


@wrong_way("gpt.swiglu", says="GLU")
def gated_by_sigmoid(x, layers):
    return layers.down(layers.gate(x).sigmoid() * layers.up(x))


@wrong_way("gpt.swiglu", says="ReGLU")
def gated_by_relu(x, layers):
    return layers.down(layers.gate(x).relu() * layers.up(x))


@wrong_way("gpt.swiglu", says="GEGLU")
def gated_by_gelu(x, layers):
    return layers.down(F.gelu(layers.gate(x)) * layers.up(x))


@wrong_way("gpt.swiglu", says="exchanged")
def gated_other_way(x, layers):
    return layers.down(F.silu(layers.up(x)) * layers.gate(x))


@wrong_way("gpt.swiglu", says="both")
def gated_both(x, layers):
    return layers.down(F.silu(layers.gate(x)) * F.silu(layers.up(x)))


@wrong_way("gpt.swiglu", says="added")
def gated_by_sum(x, layers):
    return layers.down(F.silu(layers.gate(x)) + layers.up(x))


@wrong_way("gpt.swiglu", says="product")
def gated_after(x, layers):
    return layers.down(F.silu(layers.gate(x) * layers.up(x)))


@wrong_way("gpt.swiglu", says="`layers.up` is missing")
def gated_nothing(x, layers):
    return layers.down(F.silu(layers.gate(x)))


@wrong_way("gpt.swiglu", says="without gates")
def ungated(x, layers):
    return layers.down(F.silu(layers.up(x)))


@wrong_way("gpt.swiglu", says="linear")
def gated_linearly(x, layers):
    return layers.down(layers.gate(x) * layers.up(x))


@wrong_way("gpt.swiglu", says="residual connection")
def gated_with_residual(x, layers):
    return x + layers.down(F.silu(layers.gate(x)) * layers.up(x))


@wrong_way("gpt.swiglu", says="**once**")
def gated_after_down(x, layers):
    return layers.down(F.silu(layers.gate(x))) * layers.down(layers.up(x))


@wrong_way("gpt.swiglu", says="at the **end**")
def gated_at_the_end(x, layers):
    return F.silu(layers.down(layers.up(x) * layers.gate(x)))


@wrong_way("gpt.swiglu", says="turned round")
def gated_by_slip_of_sign(x, layers):
    gate = layers.gate(x)
    return layers.down(gate / (1 + torch.exp(gate)) * layers.up(x))


@wrong_way("gpt.bits_per_byte", says="nats")
def bits_as_nats(losses, n_bytes):
    return sum(loss for loss, size in zip(losses, n_bytes, strict=True) if size) / sum(n_bytes)


@wrong_way("gpt.bits_per_byte", says="special tokens")
def bits_of_special(losses, n_bytes):
    return sum(losses) / math.log(2) / sum(n_bytes)


@wrong_way("gpt.bits_per_byte", says="bits per **token**")
def bits_per_token(losses, n_bytes):
    counted = [loss for loss, size in zip(losses, n_bytes, strict=True) if size]
    return sum(counted) / math.log(2) / len(counted)


@wrong_way("gpt.bits_per_byte", says="mean loss per token")
def bits_mean_loss(losses, n_bytes):
    return statistics.fmean(losses)


@wrong_way("gpt.bits_per_byte", says="averaged the ratios")
def bits_of_ratios(losses, n_bytes):
    ratios = [loss / size / math.log(2) for loss, size in zip(losses, n_bytes, strict=True) if size]
    return sum(ratios) / len(ratios)


@wrong_way("gpt.bits_per_byte", says="multiplied")
def bits_multiplied(losses, n_bytes):
    return sum(loss for loss, size in zip(losses, n_bytes, strict=True) if size) * math.log(2) / sum(n_bytes)


@wrong_way("gpt.bits_per_byte", says="upside down")
def bits_upside_down(losses, n_bytes):
    bits = sum(loss for loss, size in zip(losses, n_bytes, strict=True) if size) / math.log(2)
    return sum(n_bytes) / bits if bits else 1.0


@wrong_way("gpt.bits_per_byte", says="whole")
def bits_in_all(losses, n_bytes):
    return sum(loss for loss, size in zip(losses, n_bytes, strict=True) if size) / math.log(2)


@wrong_way("gpt.bits_per_byte", says="weighted")
def bits_weighted(losses, n_bytes):
    return sum(a * b for a, b in zip(losses, n_bytes, strict=True)) / math.log(2) / sum(n_bytes)


@wrong_way("gpt.bits_per_byte", says="one byte")
def bits_of_long(losses, n_bytes):
    return sum(a for a, b in zip(losses, n_bytes, strict=True) if b > 1) / math.log(2) / sum(n_bytes)


@wrong_way("gpt.bits_per_byte", says="logarithm")
def bits_by_log2_of_losses(losses, n_bytes):
    return sum(math.log2(a) for a, b in zip(losses, n_bytes, strict=True) if b and a) / sum(n_bytes)


@wrong_way("gpt.bits_per_byte", says="added the ratios")
def bits_of_each_token_added(losses, n_bytes):
    return sum(loss / size / math.log(2) for loss, size in zip(losses, n_bytes, strict=True) if size)


@wrong_way("gpt.bits_per_byte", says="number of **tokens**")
def bits_by_number_of_tokens(losses, n_bytes):
    return sum(a for a, b in zip(losses, n_bytes, strict=True) if b) / math.log(2) / len(n_bytes)


@wrong_way("gpt.bits_per_byte", says="left out the **last**")
def bits_without_the_end(losses, n_bytes):
    return sum(losses[:-1]) / math.log(2) / sum(n_bytes)


@wrong_way("gpt.top_p", says="crosses")
def nucleus_up_to(probabilities, p):
    answer, total = [0.0] * len(probabilities), 0.0
    for token in sorted(range(len(probabilities)), key=lambda i: -probabilities[i]):
        if total + probabilities[token] > p:
            break
        answer[token] = probabilities[token]
        total += probabilities[token]
    return [value / total for value in answer] if total else answer


def nucleus_of(probabilities, p):
    kept, total = [], 0.0
    for token in sorted(range(len(probabilities)), key=lambda i: -probabilities[i]):
        kept.append(token)
        total += probabilities[token]
        if total >= p:
            break
    return kept, total


@wrong_way("gpt.top_p", says="does not sum to **1**")
def nucleus_as_it_is(probabilities, p):
    kept, _total = nucleus_of(probabilities, p)
    return [value if token in kept else 0.0 for token, value in enumerate(probabilities)]


@wrong_way("gpt.top_p", says="divided by **p**")
def nucleus_by_p(probabilities, p):
    kept, _total = nucleus_of(probabilities, p)
    return [value / p if token in kept else 0.0 for token, value in enumerate(probabilities)]


@wrong_way("gpt.top_p", says="equal")
def nucleus_beyond(probabilities, p):
    kept, total = [], 0.0
    for token in sorted(range(len(probabilities)), key=lambda i: -probabilities[i]):
        kept.append(token)
        total += probabilities[token]
        if total > p:
            break
    return [value / total if token in kept else 0.0 for token, value in enumerate(probabilities)]


@wrong_way("gpt.top_p", says="alone")
def nucleus_each(probabilities, p):
    total = sum(value for value in probabilities if value >= p) or 1.0
    return [value / total if value >= p else 0.0 for value in probabilities]


@wrong_way("gpt.top_p", says="least")
def nucleus_from_below(probabilities, p):
    answer, total = [0.0] * len(probabilities), 0.0
    for token in sorted(range(len(probabilities)), key=lambda i: (probabilities[i], -i)):
        if total < p:
            answer[token] = probabilities[token]
            total += probabilities[token]
    return [value / total for value in answer]


@wrong_way("gpt.top_p", says="vocabulary")
def nucleus_unsorted(probabilities, p):
    answer, total = [], 0.0
    for value in probabilities:
        answer.append(value if total < p else 0.0)
        total += answer[-1]
    return [value / total for value in answer]


@wrong_way("gpt.top_p", says="most probable")
def nucleus_greedy(probabilities, p):
    best = probabilities.index(max(probabilities))
    return [float(token == best) for token in range(len(probabilities))]


@wrong_way("gpt.top_p", says="min-p")
def nucleus_relative(probabilities, p):
    kept = [value if value >= p * max(probabilities) else 0.0 for value in probabilities]
    return [value / sum(kept) for value in kept]


@wrong_way("gpt.top_p", says="short")
def nucleus_short(probabilities, p):
    kept, total = nucleus_of(probabilities, p)
    return [value / total for token, value in enumerate(probabilities) if token in kept]


@wrong_way("gpt.top_p", says="Nothing")
def nucleus_whole(probabilities, p):
    return probabilities


@wrong_way("gpt.top_p", says="equally")
def nucleus_uniform(probabilities, p):
    kept, _total = nucleus_of(probabilities, p)
    return [1 / len(kept) if token in kept else 0.0 for token in range(len(probabilities))]


@wrong_way("gpt.top_p", says="crosses")
def nucleus_in_tensors_up_to(probabilities, p):
    values, order = torch.tensor(probabilities).sort(descending=True, stable=True)
    answer = torch.tensor(probabilities)
    answer[order[values.cumsum(0) > p]] = 0
    return answer / answer.sum()


@wrong_way("gpt.top_p", says="as probable as a kept one")
def nucleus_with_all_equals(probabilities, p):
    kept, _total = nucleus_of(probabilities, p)
    values = [probabilities[token] for token in kept]
    chosen = [value if value in values else 0.0 for value in probabilities]
    return [value / sum(chosen) for value in chosen]


@wrong_way("gpt.top_p", says="kept **values**")
def nucleus_by_values(probabilities, p):
    kept, total = [], 0.0
    for value in sorted(probabilities, reverse=True):
        if total < p:
            kept.append(value)
            total += value
    return [value / total if value in kept else 0.0 for value in probabilities]


@wrong_way("gpt.top_p", says="one token **more**")
def nucleus_one_more(probabilities, p):
    kept, total = [], 0.0
    for token in sorted(range(len(probabilities)), key=lambda i: -probabilities[i]):
        kept.append(token)
        if total >= p:
            break
        total += probabilities[token]
    total = sum(probabilities[token] for token in kept)
    return [value / total if token in kept else 0.0 for token, value in enumerate(probabilities)]


@wrong_way("gpt.top_p", says="softmax")
def nucleus_by_softmax(probabilities, p):
    kept, _total = nucleus_of(probabilities, p)
    powers = [math.exp(value) if token in kept else 0.0 for token, value in enumerate(probabilities)]
    return [power / sum(powers) for power in powers]


@wrong_way("gpt.top_p", says="**equal** parts")
def nucleus_with_equal_parts(probabilities, p):
    kept, total = nucleus_of(probabilities, p)
    return [value + (1 - total) / len(kept) if token in kept else 0.0 for token, value in enumerate(probabilities)]


@wrong_way("gpt.top_p", says="**sorted** order")
def nucleus_with_a_sorted_mask(probabilities, p):
    values = torch.tensor(probabilities, dtype=torch.float64)
    falling = values.sort(descending=True).values
    kept = values * (falling.cumsum(0) - falling < p)
    return kept / kept.sum()


@wrong_way("gpt.top_p", says="rank")
def nucleus_by_order_as_ranks(probabilities, p):
    values = torch.tensor(probabilities, dtype=torch.float64)
    falling, order = values.sort(descending=True, stable=True)
    kept = values * (falling.cumsum(0) - falling < p)[order]
    return kept / kept.sum()


@wrong_way("gpt.repeated_share", says="distinct")
def repeated_distinct(tokens, n):
    ngrams = [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
    return len(set(ngrams)) / len(ngrams)


@wrong_way("gpt.repeated_share", says="number")
def repeated_count(tokens, n):
    ngrams = [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
    return float(len(ngrams) - len(set(ngrams)))


@wrong_way("gpt.repeated_share", says="next to")
def repeated_strided(tokens, n):
    ngrams = [tuple(tokens[i : i + n]) for i in range(0, len(tokens) - n + 1, n)]
    return 1 - len(set(ngrams)) / len(ngrams)


@wrong_way("gpt.repeated_share", says="no shorter ones")
def repeated_with_ends(tokens, n):
    ngrams = [tuple(tokens[i : i + n]) for i in range(len(tokens))]
    return 1 - len(set(ngrams)) / len(ngrams)


@wrong_way("gpt.repeated_share", says="last")
def repeated_without_last(tokens, n):
    ngrams = [tuple(tokens[i : i + n]) for i in range(len(tokens) - n)]
    return 1 - len(set(ngrams)) / len(ngrams) if ngrams else 0.0


@wrong_way("gpt.repeated_share", says="number of **tokens**")
def repeated_by_tokens(tokens, n):
    ngrams = [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
    return (len(ngrams) - len(set(ngrams))) / len(tokens)


@wrong_way("gpt.repeated_share", says="divide by all")
def repeated_by_distinct(tokens, n):
    ngrams = [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
    return (len(ngrams) - len(set(ngrams))) / len(set(ngrams))


@wrong_way("gpt.repeated_share", says="first")
def repeated_with_first(tokens, n):
    counts = Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))
    return sum(count for count in counts.values() if count > 1) / sum(counts.values())


@wrong_way("gpt.repeated_share", says="kinds")
def repeated_kinds(tokens, n):
    counts = Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))
    return sum(count > 1 for count in counts.values()) / len(counts)


@wrong_way("gpt.repeated_share", says="repeated **tokens**")
def repeated_single(tokens, n):
    return 1 - len(set(tokens)) / len(tokens)


@wrong_way("gpt.repeated_share", says="percent")
def repeated_percent(tokens, n):
    ngrams = [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
    return 100 * (1 - len(set(ngrams)) / len(ngrams))


@wrong_way("gpt.repeated_share", says="joined")
def repeated_joined(tokens, n):
    ngrams = ["".join(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
    return 1 - len(set(ngrams)) / len(ngrams)


@wrong_way("gpt.repeated_share", says="small letters")
def repeated_in_small_letters(tokens, n):
    ngrams = [tuple(token.lower() for token in tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
    return 1 - len(set(ngrams)) / len(ngrams)


@wrong_way("gpt.repeated_share", says="spaces")
def repeated_stripped(tokens, n):
    ngrams = [tuple(token.strip() for token in tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
    return 1 - len(set(ngrams)) / len(ngrams)


@wrong_way("gpt.repeated_share", says="whatever n is")
def repeated_pairs(tokens, n):
    pairs = list(itertools.pairwise(tokens))
    return 1 - len(set(pairs)) / len(pairs) if pairs else 0.0


@wrong_way("gpt.repeated_share", says="each n-gram counts once")
def repeated_pairs_of_ngrams(tokens, n):
    ngrams = [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
    return sum(one == other for i, one in enumerate(ngrams) for other in ngrams[:i]) / len(ngrams)


@wrong_way("gpt.repeated_share", says="**everything** after")
def repeated_from_the_first_on(tokens, n):
    ngrams, seen = [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)], set()
    for i, ngram in enumerate(ngrams):
        if ngram in seen:
            return (len(ngrams) - i) / len(ngrams)
        seen.add(ngram)
    return 0.0


@wrong_way("gpt.repeated_share", says="minus 1")
def repeated_of_all_others(tokens, n):
    ngrams = [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
    return (len(ngrams) - len(set(ngrams))) / max(1, len(ngrams) - 1)


@wrong_way("gpt.band_mask", says="farther back")
def band_causal(n_queries, n_keys, window):
    return torch.ones(n_queries, n_keys, dtype=torch.bool).tril(n_keys - n_queries)


@wrong_way("gpt.band_mask", says="too wide")
def band_wide(n_queries, n_keys, window):
    before = n_keys - n_queries
    return torch.ones(n_queries, n_keys, dtype=torch.bool).tril(before).triu(before - window)


@wrong_way("gpt.band_mask", says="too narrow")
def band_narrow(n_queries, n_keys, window):
    before = n_keys - n_queries
    return torch.ones(n_queries, n_keys, dtype=torch.bool).tril(before).triu(before - window + 2)


@wrong_way("gpt.band_mask", says="own")
def band_without_itself(n_queries, n_keys, window):
    places = range(n_keys - n_queries, n_keys)
    return [[place - window < key < place for key in range(n_keys)] for place in places]


@wrong_way("gpt.band_mask", says="both sides")
def band_both_sides(n_queries, n_keys, window):
    places = range(n_keys - n_queries, n_keys)
    return [[abs(place - key) < window for key in range(n_keys)] for place in places]


@wrong_way("gpt.band_mask", says="blocks")
def band_in_blocks(n_queries, n_keys, window):
    places = range(n_keys - n_queries, n_keys)
    return [[key <= place and key // window == place // window for key in range(n_keys)] for place in places]


@wrong_way("gpt.band_mask", says="hidden")
def band_hidden(n_queries, n_keys, window):
    places = range(n_keys - n_queries, n_keys)
    return [[not place - window < key <= place for key in range(n_keys)] for place in places]


@wrong_way("gpt.band_mask", says="last")
def band_queries_first(n_queries, n_keys, window):
    return [[query - window < key <= query for key in range(n_keys)] for query in range(n_queries)]


@wrong_way("gpt.band_mask", says="short")
def band_of_queries(n_queries, n_keys, window):
    return [[query - window < key <= query for key in range(n_queries)] for query in range(n_queries)]


@wrong_way("gpt.band_mask", says="future")
def band_without_causality(n_queries, n_keys, window):
    places = range(n_keys - n_queries, n_keys)
    return [[key > place - window for key in range(n_keys)] for place in places]


@wrong_way("gpt.band_mask", says="strided")
def band_strided(n_queries, n_keys, window):
    places = range(n_keys - n_queries, n_keys)
    return [[key <= place and (place - key) % window == 0 for key in range(n_keys)] for place in places]


@wrong_way("gpt.band_mask", says="visible")
def band_numbers(n_queries, n_keys, window):
    places = range(n_keys - n_queries, n_keys)
    return [[True for key in range(n_keys) if place - window < key <= place] for place in places]


@wrong_way("gpt.band_mask", says="**late**")
def band_one_late(n_queries, n_keys, window):
    before = n_keys - n_queries + 1
    return torch.ones(n_queries, n_keys, dtype=torch.bool).tril(before).triu(before - window + 1)


@wrong_way("gpt.band_mask", says="**half** of the window")
def band_around(n_queries, n_keys, window):
    places = range(n_keys - n_queries, n_keys)
    return [[abs(place - key) <= window // 2 for key in range(n_keys)] for place in places]


@wrong_way("gpt.band_mask", says="below 0")
def band_by_slices(n_queries, n_keys, window):
    rows = []
    for place in range(n_keys - n_queries, n_keys):
        row = [False] * n_keys
        row[place - window + 1 : place + 1] = [True] * window
        rows.append(row)
    return rows


@wrong_way("gpt.band_mask", says="**one** list")
def band_in_one_row(n_queries, n_keys, window):
    rows = [[False] * n_keys] * n_queries
    for query in range(n_queries):
        place = n_keys - n_queries + query
        for key in range(max(0, place - window + 1), place + 1):
            rows[query][key] = True
    return rows


@wrong_way("gpt.band_mask", says="indices")
def band_as_indices(n_queries, n_keys, window):
    return [list(range(max(0, place - window + 1), place + 1)) for place in range(n_keys - n_queries, n_keys)]
