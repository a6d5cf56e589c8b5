"""Right answers in other styles, for the exercises of the lesson `gpt`."""

import itertools
import math
from collections import Counter

import numpy as np
import torch
import torch.nn.functional as F

from tests.exercises.ways.collected import other_way


@other_way("gpt.rms_norm")
def rms_by_numpy(x, gain, eps):
    x = np.array(x)
    return np.array(gain) * x / np.sqrt(np.mean(x**2) + eps)


@other_way("gpt.rms_norm")
def rms_by_torch(x, gain, eps):
    x = torch.tensor(x, dtype=torch.float64)
    return x * torch.rsqrt(x.pow(2).mean() + eps) * torch.tensor(gain, dtype=torch.float64)


@other_way("gpt.rms_norm")
def rms_in_loops(x, gain, eps):
    total = 0.0
    for number in x:
        total += number * number
    root, answer = math.sqrt(total / len(x) + eps), []
    for i in range(len(x)):
        answer.append(x[i] / root * gain[i])
    return answer


@other_way("gpt.rms_norm")
def rms_by_library(x, gain, eps):
    x, gain = (torch.tensor(each, dtype=torch.float64) for each in (x, gain))
    return F.rms_norm(x, x.shape, gain, eps)


@other_way("gpt.rms_norm")
def rms_by_hypot(x, gain, eps):
    root = math.hypot(math.hypot(*x) / len(x) ** 0.5, eps**0.5)
    return [number * g / root for number, g in zip(x, gain, strict=True)]


@other_way("gpt.share_heads")
def shared_by_expand(keys, n_heads):
    batch, kv_heads, position, d_head = keys.shape
    wide = keys[:, :, None].expand(batch, kv_heads, n_heads // kv_heads, position, d_head)
    return wide.reshape(batch, n_heads, position, d_head)


@other_way("gpt.share_heads")
def shared_by_index(keys, n_heads):
    return keys[:, torch.arange(n_heads) * keys.shape[1] // n_heads]


@other_way("gpt.share_heads")
def shared_by_stack(keys, n_heads):
    times = n_heads // keys.shape[1]
    return torch.stack([keys[:, head // times] for head in range(n_heads)], dim=1)


@other_way("gpt.share_heads")
def shared_in_numpy(keys, n_heads):
    return np.repeat(keys.numpy(), n_heads // keys.shape[1], axis=1)


@other_way("gpt.share_heads")
def shared_by_cat(keys, n_heads):
    times = n_heads // keys.shape[1]
    return torch.cat([head for head in keys.split(1, dim=1) for _copy in range(times)], dim=1)


@other_way("gpt.swiglu")
def gated_by_silu(x, layers):
    return layers.down(F.silu(layers.gate(x)) * layers.up(x))


@other_way("gpt.swiglu")
def gated_in_other_order(x, layers):
    up, gate = layers.up(x), layers.gate(x)
    return layers.down(up * torch.sigmoid(gate) * gate)


@other_way("gpt.swiglu")
def gated_by_exp(x, layers):
    gate = layers.gate(x)
    return layers.down(gate / (1 + torch.exp(-gate)) * layers.up(x))


@other_way("gpt.swiglu")
def gated_by_module(x, layers):
    return layers.down(torch.nn.SiLU()(layers.gate(x)).mul(layers.up(x)))


@other_way("gpt.swiglu")
def gated_in_double(x, layers):
    gate, up = layers.gate(x).double(), layers.up(x).double()
    return layers.down((gate * gate.sigmoid() * up).float())


@other_way("gpt.bits_per_byte")
def bits_in_a_loop(losses, n_bytes):
    bits = total = 0
    for loss, size in zip(losses, n_bytes, strict=True):
        if size != 0:
            bits += loss / math.log(2)
            total += size
    return bits / total


@other_way("gpt.bits_per_byte")
def bits_by_numpy(losses, n_bytes):
    losses, n_bytes = np.array(losses), np.array(n_bytes)
    return losses[n_bytes > 0].sum() / np.log(2) / n_bytes.sum()


@other_way("gpt.bits_per_byte")
def bits_by_torch(losses, n_bytes):
    losses, sizes = torch.tensor(losses, dtype=torch.float64), torch.tensor(n_bytes)
    return (losses * (sizes > 0)).sum() / (math.log(2) * sizes.sum())


@other_way("gpt.bits_per_byte")
def bits_by_log2(losses, n_bytes):
    return math.fsum(loss * math.log2(math.e) for loss, size in zip(losses, n_bytes, strict=True) if size) / sum(
        n_bytes
    )


@other_way("gpt.bits_per_byte")
def bits_by_compress(losses, n_bytes):
    return sum(itertools.compress(losses, n_bytes)) / (math.log(2) * sum(n_bytes))


@other_way("gpt.top_p")
def nucleus_by_numpy(probabilities, p):
    probabilities = np.array(probabilities)
    order = np.argsort(-probabilities, kind="stable")
    before = probabilities[order].cumsum() - probabilities[order]
    answer = np.zeros_like(probabilities)
    answer[order] = np.where(before < p, probabilities[order], 0)
    return answer / answer.sum()


@other_way("gpt.top_p")
def nucleus_by_torch(probabilities, p):
    falling, order = torch.tensor(probabilities, dtype=torch.float64).sort(descending=True, stable=True)
    falling[falling.cumsum(0) - falling >= p] = 0
    return torch.zeros_like(falling).scatter(0, order, falling / falling.sum())


@other_way("gpt.top_p")
def nucleus_in_a_while(probabilities, p):
    rest = list(range(len(probabilities)))
    kept = []
    while rest and sum(probabilities[token] for token in kept) < p:
        best = max(rest, key=lambda token: probabilities[token])
        kept.append(best)
        rest.remove(best)
    total = sum(probabilities[token] for token in kept)
    return [probabilities[token] / total if token in kept else 0 for token in range(len(probabilities))]


@other_way("gpt.top_p")
def nucleus_by_smallest_count(probabilities, p):
    order = sorted(range(len(probabilities)), key=probabilities.__getitem__, reverse=True)
    count = next(
        (n for n in range(1, len(order) + 1) if sum(probabilities[token] for token in order[:n]) >= p), len(order)
    )
    total = sum(probabilities[token] for token in order[:count])
    answer = [0.0] * len(order)
    for token in order[:count]:
        answer[token] = probabilities[token] / total
    return answer


@other_way("gpt.top_p")
def nucleus_by_pairs(probabilities, p):
    pairs = sorted(((-value, token) for token, value in enumerate(probabilities)))
    sums = list(itertools.accumulate(-value for value, _token in pairs))
    n = 1 + sum(reached < p for reached in sums[:-1])
    kept = {token for _value, token in pairs[:n]}
    return tuple(value / sums[n - 1] if token in kept else 0.0 for token, value in enumerate(probabilities))


@other_way("gpt.repeated_share")
def repeated_by_memory(tokens, n):
    seen, repeated, total = set(), 0, 0
    for start in range(len(tokens) - n + 1):
        ngram = tuple(tokens[start : start + n])
        repeated += ngram in seen
        seen.add(ngram)
        total += 1
    return repeated / total


@other_way("gpt.repeated_share")
def repeated_by_counter(tokens, n):
    counts = Counter(tuple(tokens[start : start + n]) for start in range(len(tokens) - n + 1))
    return sum(count - 1 for count in counts.values()) / counts.total()


@other_way("gpt.repeated_share")
def repeated_by_zip(tokens, n):
    ngrams = list(zip(*(tokens[start:] for start in range(n)), strict=False))
    return (len(ngrams) - len(set(ngrams))) / len(ngrams)


@other_way("gpt.repeated_share")
def repeated_by_text(tokens, n):
    ngrams = [" ".join(tokens[start : start + n]) for start in range(len(tokens) - n + 1)]
    return 1 - len(dict.fromkeys(ngrams)) / len(ngrams)


@other_way("gpt.repeated_share")
def repeated_by_lists(tokens, n):
    ngrams = [tokens[start : start + n] for start in range(len(tokens) - n + 1)]
    return sum(ngrams[i] in ngrams[:i] for i in range(len(ngrams))) / len(ngrams)


@other_way("gpt.band_mask")
def band_by_torch(n_queries, n_keys, window):
    before = n_keys - n_queries
    return torch.ones(n_queries, n_keys, dtype=torch.bool).tril(before).triu(before - window + 1)


@other_way("gpt.band_mask")
def band_by_numpy(n_queries, n_keys, window):
    distance = np.arange(n_keys - n_queries, n_keys)[:, None] - np.arange(n_keys)
    return (distance >= 0) & (distance < window)


@other_way("gpt.band_mask")
def band_in_loops(n_queries, n_keys, window):
    rows = []
    for place in range(n_keys - n_queries, n_keys):
        row = [False] * n_keys
        for key in range(max(0, place - window + 1), place + 1):
            row[key] = True
        rows.append(row)
    return rows


@other_way("gpt.band_mask")
def band_by_range(n_queries, n_keys, window):
    places = range(n_keys - n_queries, n_keys)
    return [[place - key in range(window) for key in range(n_keys)] for place in places]


@other_way("gpt.band_mask")
def band_as_ones(n_queries, n_keys, window):
    places = range(n_keys - n_queries, n_keys)
    return tuple(tuple(bool(max(0, place - window + 1) <= key <= place) for key in range(n_keys)) for place in places)
