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


def shares(scores):
    powers = (scores - scores.amax(-1, keepdim=True)).exp()
    return powers / powers.sum(-1, keepdim=True)


@other_way("transformer.attention")
def with_the_function_of_pytorch_itself(query, key, value, mask):
    return F.scaled_dot_product_attention(query, key, value, mask)


@other_way("transformer.attention")
def with_einsum(query, key, value, mask):
    scores = torch.einsum("...qd,...kd->...qk", query, key) * query.shape[-1] ** -0.5
    return torch.einsum("...qk,...kv->...qv", torch.where(mask, scores, -torch.inf).softmax(-1), value)


@other_way("transformer.attention")
def the_query_scaled(query, key, value, mask):
    scores = (query / math.sqrt(query.size(-1))) @ key.mT
    return shares(scores.masked_fill(mask == 0, -1e9)) @ value


@other_way("transformer.attention")
def with_a_mask_that_is_added(query, key, value, mask):
    hidden = torch.zeros(mask.shape).masked_fill(~mask, float("-inf"))
    return F.softmax(torch.matmul(query, key.transpose(-1, -2)) / query.shape[-1] ** 0.5 + hidden, dim=-1) @ value


@other_way("transformer.attention")
def hidden_and_divided_by_the_sum(query, key, value, mask):
    scores = (query.double() @ key.double().mT) / math.sqrt(query.shape[-1])
    scores = scores.masked_fill(~mask, -math.inf)
    powers = (scores - scores.amax(-1, keepdim=True)).exp() * mask
    return (powers @ value.double() / powers.sum(-1, keepdim=True)).float()


@other_way("transformer.attention")
def in_numpy(query, key, value, mask):
    q, k, v = (np.asarray(each, dtype=np.float64) for each in (query, key, value))
    scores = np.where(np.asarray(mask), q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1]), -np.inf)
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True) @ v


def projected(x, memory, layers):
    return layers.query(x), layers.key(memory), layers.value(memory)


def by_slices(x, memory, layers, n_heads, mask):
    q, k, v = projected(x, memory, layers)
    d = x.shape[-1] // n_heads
    seen = mask.expand(len(x), 1, x.shape[1], memory.shape[1])[:, 0]
    heads = []
    for head in range(n_heads):
        part = slice(head * d, (head + 1) * d)
        scores = q[..., part] @ k[..., part].transpose(1, 2) / math.sqrt(d)
        heads.append(scores.masked_fill(~seen, -math.inf).softmax(-1) @ v[..., part])
    return layers.output(torch.cat(heads, dim=-1))


def by_chunks_of_the_last_dimension(x, memory, layers, n_heads, mask):
    parts = [torch.stack(each.chunk(n_heads, -1), dim=1) for each in projected(x, memory, layers)]
    return layers.output(torch.cat(F.scaled_dot_product_attention(*parts, mask).unbind(1), -1))


def by_einsum_over_heads(x, memory, layers, n_heads, mask):
    q, k, v = (each.reshape(*each.shape[:2], n_heads, -1) for each in projected(x, memory, layers))
    scores = torch.einsum("bqhd,bkhd->bhqk", q, k) / q.shape[-1] ** 0.5
    mixed = torch.einsum("bhqk,bkhd->bqhd", scores.masked_fill(~mask, -math.inf).softmax(-1), v)
    return layers.output(mixed.reshape(x.shape))


def heads_in_the_batch(x, memory, layers, n_heads, mask):
    def fold(each):
        return torch.cat(each.chunk(n_heads, dim=-1), dim=0)

    seen = mask.expand(len(x), 1, x.shape[1], memory.shape[1])[:, 0].repeat(n_heads, 1, 1)
    mixed = F.scaled_dot_product_attention(*map(fold, projected(x, memory, layers)), seen)
    return layers.output(torch.cat(mixed.chunk(n_heads, dim=0), dim=-1))


def with_view_and_contiguous(x, memory, layers, n_heads, mask):
    size = x.size(-1) // n_heads
    q, k, v = (each.view(len(x), -1, n_heads, size).permute(0, 2, 1, 3) for each in projected(x, memory, layers))
    weights = ((q @ k.mT) / math.sqrt(q.size(-1))).masked_fill(mask == 0, -1e9).softmax(-1)
    return layers.output((weights @ v).transpose(1, 2).contiguous().view(x.shape))


for way in (
    by_slices,
    by_chunks_of_the_last_dimension,
    by_einsum_over_heads,
    heads_in_the_batch,
    with_view_and_contiguous,
):
    other_way("transformer.cross_attention")(way)


@other_way("transformer.multi_head")
def slices_within(x, layers, n_heads, mask):
    return by_slices(x, x, layers, n_heads, mask)


@other_way("transformer.multi_head")
def chunks_within(x, layers, n_heads, mask):
    return by_chunks_of_the_last_dimension(x, x, layers, n_heads, mask)


@other_way("transformer.multi_head")
def einsum_within(x, layers, n_heads, mask):
    return by_einsum_over_heads(x, x, layers, n_heads, mask)


@other_way("transformer.multi_head")
def batch_within(x, layers, n_heads, mask):
    return heads_in_the_batch(x, x, layers, n_heads, mask)


@other_way("transformer.multi_head")
def view_within(x, layers, n_heads, mask):
    return with_view_and_contiguous(x, x, layers, n_heads, mask)


@other_way("transformer.residual")
def in_one_expression(x, sublayer, norm, norm_first):
    return x + sublayer(norm(x)) if norm_first else norm(x + sublayer(x))


@other_way("transformer.residual")
def what_is_read_first(x, sublayer, norm, norm_first):
    read = norm(x) if norm_first else x
    added = sublayer(read) + x
    return added if norm_first else norm(added)


@other_way("transformer.residual")
def with_torch_add(x, sublayer, norm, norm_first):
    if not norm_first:
        return norm(torch.add(x, sublayer(x)))
    return torch.add(sublayer(norm(x)), x)


@other_way("transformer.residual")
def on_a_copy(x, sublayer, norm, norm_first):
    stream = x.clone()
    stream += sublayer(norm(x)) if norm_first else sublayer(x)
    return stream if norm_first else norm(stream)


@other_way("transformer.residual")
def by_two_functions(x, sublayer, norm, norm_first):
    before, after = (norm, lambda v: v) if norm_first else (lambda v: v, norm)
    return after(x + sublayer(before(x)))


@other_way("transformer.encoder_layer")
def line_by_line(x, self_attention, feed_forward, norms, norm_first):
    first, second = norms
    if norm_first:
        x = x + self_attention(first(x))
        return x + feed_forward(second(x))
    x = first(x + self_attention(x))
    return second(x + feed_forward(x))


@other_way("transformer.encoder_layer")
def through_residual(x, self_attention, feed_forward, norms, norm_first):
    x = by_two_functions(x, self_attention, norms[0], norm_first)
    return by_two_functions(x, feed_forward, norms[1], norm_first)


@other_way("transformer.encoder_layer")
def nested(x, self_attention, feed_forward, norms, norm_first):
    return in_one_expression(
        in_one_expression(x, self_attention, norms[0], norm_first), feed_forward, norms[1], norm_first
    )


@other_way("transformer.encoder_layer")
def by_index(x, self_attention, feed_forward, norms, norm_first):
    sublayers = [self_attention, feed_forward]
    for i in range(2):
        x = what_is_read_first(x, sublayers[i], norms[i], norm_first)
    return x


@other_way("transformer.encoder_layer")
def with_named_parts(x, self_attention, feed_forward, norms, norm_first):
    attended = with_torch_add(x, self_attention, norms[0], norm_first)
    out = with_torch_add(attended, feed_forward, norms[1], norm_first)
    return out.clone()
