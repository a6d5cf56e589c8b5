"""Other right ways to do the exercises of the lesson `transformer`."""

import math
import statistics

import numpy as np
import torch
import torch.nn.functional as F

from tests.exercises.ways.collected import other_way


@other_way("transformer.softmax_entropy")
def through_log_softmax(scores):
    log_weights = torch.tensor(scores, dtype=torch.float64).log_softmax(dim=0)
    return -(log_weights.exp() * log_weights).nan_to_num().sum()


@other_way("transformer.softmax_entropy")
def of_a_distribution_in_float32(scores):
    return torch.distributions.Categorical(logits=torch.tensor(scores)).entropy()


@other_way("transformer.softmax_entropy")
def by_the_special_function(scores):
    return torch.special.entr(torch.tensor(scores).softmax(0)).sum()


@other_way("transformer.softmax_entropy")
def logarithm_of_the_sum_less_the_mean_score(scores):
    scores = np.array(scores, dtype=np.float64)
    log_sum = scores.max() + np.log(np.exp(scores - scores.max()).sum())
    return log_sum - (np.exp(scores - log_sum) * scores).sum()


@other_way("transformer.softmax_entropy")
def with_a_tiny_number_under_the_logarithm(scores):
    weights = torch.tensor(scores).softmax(0)
    return -(weights * (weights + 1e-9).log()).sum()


@other_way("transformer.softmax_entropy")
def as_cross_entropy_with_itself(scores):
    scores = torch.tensor(scores)
    return F.cross_entropy(scores[None], scores.softmax(0)[None])


@other_way("transformer.softmax_entropy")
def one_score_after_the_other(scores):
    """Entropy by grouping: what is there so far against the next score, then within what is there."""
    entropy, log_sum = 0.0, scores[0]
    for score in scores[1:]:
        larger, smaller = max(log_sum, score), min(log_sum, score)
        total = larger + math.log1p(math.exp(smaller - larger))
        share = math.exp(log_sum - total)
        between = sum(-weight * math.log(weight) for weight in (share, math.exp(score - total)) if weight > 0)
        entropy, log_sum = between + share * entropy, total
    return entropy


@other_way("transformer.split_heads")
def by_chunks(x, n_heads):
    return torch.stack(x.chunk(n_heads, dim=-1), dim=1)


@other_way("transformer.split_heads")
def by_unflattening(x, n_heads):
    return x.unflatten(-1, (n_heads, -1)).transpose(-3, -2)


@other_way("transformer.split_heads")
def with_numpy_split(x, n_heads):
    return np.stack(np.split(np.asarray(x), n_heads, axis=-1), axis=1)


@other_way("transformer.split_heads")
def in_four_loops(x, n_heads):
    batch, position, d_model = x.shape
    size = d_model // n_heads
    return [
        [[[x[b, p, h * size + k].item() for k in range(size)] for p in range(position)] for h in range(n_heads)]
        for b in range(batch)
    ]


@other_way("transformer.split_heads")
def by_einsum(x, n_heads):
    d_model = x.shape[-1]
    selection = torch.eye(d_model).view(d_model, n_heads, d_model // n_heads)
    return torch.einsum("bpd,dhk->bhpk", x.float(), selection)


@other_way("transformer.split_heads")
def by_filling_in(x, n_heads):
    batch, position, d_model = x.size()
    size = d_model // n_heads
    heads = torch.zeros(batch, n_heads, position, size, dtype=torch.float64)
    for head in range(n_heads):
        heads[:, head] = x[:, :, head * size : (head + 1) * size]
    return heads


@other_way("transformer.split_heads")
def by_strides(x, n_heads):
    batch, position, d_model = x.shape
    size = d_model // n_heads
    return x.contiguous().as_strided((batch, n_heads, position, size), (position * d_model, size, d_model, 1))


@other_way("transformer.causal_mask")
def as_a_triangle(n_queries, n_keys):
    return torch.ones(n_queries, n_keys, dtype=torch.bool).tril(n_keys - n_queries)


@other_way("transformer.causal_mask")
def what_is_not_hidden(n_queries, n_keys):
    return ~torch.ones(n_queries, n_keys, dtype=torch.bool).triu(n_keys - n_queries + 1)


@other_way("transformer.causal_mask")
def with_numpy_tri(n_queries, n_keys):
    return np.tri(n_queries, n_keys, n_keys - n_queries, dtype=bool)


@other_way("transformer.causal_mask")
def in_ones_and_zeros(n_queries, n_keys):
    return [[1 if key <= n_keys - n_queries + query else 0 for key in range(n_keys)] for query in range(n_queries)]


@other_way("transformer.causal_mask")
def by_counting_what_is_visible(n_queries, n_keys):
    return [[True] * visible + [False] * (n_keys - visible) for visible in range(n_keys - n_queries + 1, n_keys + 1)]


@other_way("transformer.causal_mask")
def by_comparing_places(n_queries, n_keys):
    return torch.arange(n_keys)[None] <= torch.arange(n_keys - n_queries, n_keys)[:, None]


@other_way("transformer.causal_mask")
def from_the_mask_that_is_added(n_queries, n_keys):
    return torch.full((n_queries, n_keys), -math.inf).triu(n_keys - n_queries + 1) == 0


@other_way("transformer.causal_mask")
def from_a_smaller_one(n_queries, n_keys):
    if n_queries == 0:
        return []
    return [[*row, False] for row in from_a_smaller_one(n_queries - 1, n_keys - 1)] + [[True] * n_keys]


@other_way("transformer.layer_norm")
def with_numpy(x, gain, bias, eps):
    x = np.array(x)
    return (x - x.mean()) / np.sqrt(x.var() + eps) * np.array(gain) + np.array(bias)


@other_way("transformer.layer_norm")
def with_the_function_of_pytorch(x, gain, bias, eps):
    return F.layer_norm(torch.tensor(x), (len(x),), torch.tensor(gain), torch.tensor(bias), eps)


@other_way("transformer.layer_norm")
def with_the_layer_of_pytorch(x, gain, bias, eps):
    layer = torch.nn.LayerNorm(len(x), eps=eps)
    layer.load_state_dict({"weight": torch.tensor(gain), "bias": torch.tensor(bias)})
    return layer(torch.tensor(x))


@other_way("transformer.layer_norm")
def with_statistics(x, gain, bias, eps):
    mean = statistics.fmean(x)
    spread = math.sqrt(statistics.pvariance(x, mean) + eps)
    return tuple(g * (value - mean) / spread + b for value, g, b in zip(x, gain, bias, strict=True))


@other_way("transformer.layer_norm")
def by_the_mean_of_the_squares(x, gain, bias, eps):
    n = len(x)
    mean = sum(x) / n
    variance = max(sum(value * value for value in x) / n - mean * mean, 0.0)
    for i, value in enumerate(x):
        yield (value - mean) * (variance + eps) ** -0.5 * gain[i] + bias[i]


@other_way("transformer.layer_norm")
def in_float32(x, gain, bias, eps):
    x, gain, bias = map(torch.tensor, (x, gain, bias))
    variance, mean = torch.var_mean(x, correction=0)
    return torch.addcmul(bias, (x - mean) * torch.rsqrt(variance + eps), gain)


@other_way("transformer.layer_norm")
def by_projection(x, gain, bias, eps):
    n = len(x)
    centered = (np.eye(n) - 1 / n) @ np.array(x)
    return np.diag(gain) @ centered / math.sqrt(centered @ centered / n + eps) + bias


@other_way("transformer.smoothed_target")
def as_a_mixture(right, vocab_size, smoothing):
    return (1 - smoothing) * np.eye(vocab_size)[right] + smoothing * np.full(vocab_size, 1 / vocab_size)


@other_way("transformer.smoothed_target")
def filled_in(right, vocab_size, smoothing):
    target = torch.full((vocab_size,), smoothing / vocab_size)
    target[right] += 1 - smoothing
    return target


@other_way("transformer.smoothed_target")
def what_the_others_leave(right, vocab_size, smoothing):
    each = smoothing / vocab_size
    return [1 - each * (vocab_size - 1) if token == right else each for token in range(vocab_size)]


@other_way("transformer.smoothed_target")
def between_two_vectors(right, vocab_size, smoothing):
    one_hot = F.one_hot(torch.tensor(right), vocab_size).float()
    return torch.lerp(one_hot, torch.full((vocab_size,), 1 / vocab_size), smoothing)


@other_way("transformer.smoothed_target")
def pieced_together(right, vocab_size, smoothing):
    each = smoothing / vocab_size
    return (each,) * right + (each + 1 - smoothing,) + (each,) * (vocab_size - right - 1)


@other_way("transformer.smoothed_target")
def read_off_the_gradient(right, vocab_size, smoothing):
    logits = torch.zeros(1, vocab_size, dtype=torch.float64, requires_grad=True)
    F.cross_entropy(logits, torch.tensor([right]), label_smoothing=smoothing).backward()
    return (1 / vocab_size - logits.grad[0]).tolist()


@other_way("transformer.warmup_rate")
def in_two_cases(step, d_model, warmup_steps):
    peak = (d_model * warmup_steps) ** -0.5
    return peak * step / warmup_steps if step < warmup_steps else peak * (warmup_steps / step) ** 0.5


@other_way("transformer.warmup_rate")
def from_the_peak(step, d_model, warmup_steps):
    return (d_model * warmup_steps) ** -0.5 * min(step / warmup_steps, math.sqrt(warmup_steps / step))


@other_way("transformer.warmup_rate")
def as_tensors_in_float32(step, d_model, warmup_steps):
    step = torch.tensor(float(step))
    return torch.rsqrt(torch.tensor(float(d_model))) * torch.minimum(step.rsqrt(), step * warmup_steps**-1.5)


@other_way("transformer.warmup_rate")
def with_roots_of_numpy(step, d_model, warmup_steps):
    return np.min([step**-0.5, step / warmup_steps**1.5]) / np.sqrt(d_model)


@other_way("transformer.warmup_rate")
def in_logarithms(step, d_model, warmup_steps):
    rise = math.log(step) - 1.5 * math.log(warmup_steps)
    return math.exp(-0.5 * math.log(d_model) + min(-0.5 * math.log(step), rise))


@other_way("transformer.warmup_rate")
def the_first_when_sorted(step, d_model, warmup_steps):
    return d_model**-0.5 * sorted([step**-0.5, step * warmup_steps**-1.5])[0]
