"""Wrong ways to do the exercises of the lesson `transformer`."""

import math
import statistics

import numpy as np
import torch
import torch.nn.functional as F

from tests.exercises.wrong.collected import wrong_way


def shares(scores):
    powers = np.exp(np.array(scores) - np.max(scores))
    return powers / powers.sum()


def arrays(*lists):
    return [np.array(numbers) for numbers in lists]


@wrong_way("transformer.softmax_entropy", says="**bits**")
def bits(scores):
    w = shares(scores)
    w = w[w > 0]
    return -(w * np.log2(w)).sum()


@wrong_way("transformer.softmax_entropy", says="sign is missing")
def no_minus(scores):
    w = shares(scores)
    w = w[w > 0]
    return (w * np.log(w)).sum()


@wrong_way("transformer.softmax_entropy", says="surprises")
def surprises(scores):
    w = shares(scores)
    w = w[w > 0]
    return -np.log(w).sum()


@wrong_way("transformer.softmax_entropy", says="plain mean")
def mean_surprise(scores):
    w = shares(scores)
    w = w[w > 0]
    return -np.log(w).mean()


@wrong_way("transformer.softmax_entropy", says="over their sum")
def no_exp(scores):
    t = sum(scores)
    return -sum(s / t * math.log(s / t) for s in scores if s / t > 0)


@wrong_way("transformer.softmax_entropy", says="far from 0")
def overflow_math(scores):
    p = [math.exp(s) for s in scores]
    w = [x / sum(p) for x in p]
    return -sum(x * math.log(x) for x in w if x > 0)


@wrong_way("transformer.softmax_entropy", says="far from 0")
def overflow_numpy(scores):
    with np.errstate(all="ignore"):
        p = np.exp(np.array(scores))
        w = p / p.sum()
    return -sum(x * np.log(x) for x in w if x > 0)


@wrong_way("transformer.softmax_entropy", says="become nan")
def overflow_torch_nan(scores):
    p = torch.tensor(scores).exp()
    w = p / p.sum()
    return -(w * w.log()).sum()


@wrong_way("transformer.softmax_entropy", says="leave out weights of 0")
def zero_weight_math(scores):
    m = max(scores)
    p = [math.exp(s - m) for s in scores]
    w = [x / sum(p) for x in p]
    return -sum(x * math.log(x) for x in w)


@wrong_way("transformer.softmax_entropy", says="weight of 0")
def zero_weight_torch(scores):
    w = torch.tensor(scores).softmax(0)
    return -(w * w.log()).sum()


@wrong_way("transformer.softmax_entropy", says="largest absolute value")
def absolute_taken(scores):
    with np.errstate(all="ignore"):
        p = np.exp(np.array(scores) - np.max(np.abs(scores)))
        w = p / p.sum()
    return -sum(x * np.log(x) for x in w if x > 0)


@wrong_way("transformer.softmax_entropy", says="divide by log(n)")
def normalized(scores):
    w = shares(scores)
    w = w[w > 0]
    return -(w * np.log(w)).sum() / max(math.log(len(scores)), 1e-09)


@wrong_way("transformer.softmax_entropy", says="Σw²")
def gini(scores):
    return 1 - (shares(scores) ** 2).sum()


@wrong_way("transformer.softmax_entropy", says="powers of 2")
def base_two_softmax(scores):
    s = np.array(scores) - max(scores)
    w = 2.0**s / (2.0**s).sum()
    w = w[w > 0]
    return -(w * np.log(w)).sum()


@wrong_way("transformer.softmax_entropy", says="not yet weights")
def powers_not_divided(scores):
    p = np.exp(np.array(scores) - max(scores))
    p = p[p > 0]
    return -(p * np.log(p)).sum()


@wrong_way("transformer.softmax_entropy", says="largest weight alone")
def surprise_of_largest(scores):
    return -math.log(max(shares(scores)))


@wrong_way("transformer.softmax_entropy", says="sum")
def terms(scores):
    return [-x * math.log(x) if x > 0 else 0.0 for x in shares(scores)]


@wrong_way("transformer.split_heads", says="positions before the heads")
def no_transpose(x, n_heads):
    b, p, d = x.shape
    return x.view(b, p, n_heads, d // n_heads)


@wrong_way("transformer.split_heads", says="**different positions**")
def at_once(x, n_heads):
    b, p, d = x.shape
    return x.reshape(b, n_heads, p, d // n_heads)


@wrong_way("transformer.split_heads", says="take turns")
def turns(x, n_heads):
    b, p, d = x.shape
    return x.reshape(b, p, d // n_heads, n_heads).permute(0, 3, 1, 2)


@wrong_way("transformer.split_heads", says="`n_heads` pieces")
def d_head_heads_swapped(x, n_heads):
    b, p, d = x.shape
    return x.reshape(b, p, d // n_heads, n_heads).transpose(1, 2)


@wrong_way("transformer.split_heads", says="last two dimensions are exchanged")
def d_head_last_two(x, n_heads):
    b, p, d = x.shape
    return x.reshape(b, p, n_heads, d // n_heads).permute(0, 2, 3, 1)


@wrong_way("transformer.split_heads", says="transpose before the vectors are cut")
def transposed_first(x, n_heads):
    b, p, d = x.shape
    return x.transpose(1, 2).reshape(b, n_heads, p, d // n_heads)


@wrong_way("transformer.split_heads", says="transposed")
def stack_zero(x, n_heads):
    return torch.stack(x.chunk(n_heads, dim=-1))


@wrong_way("transformer.split_heads", says="heads come last")
def stack_last(x, n_heads):
    return torch.stack(x.chunk(n_heads, dim=-1), dim=-1)


@wrong_way("transformer.split_heads", says="merge the batch")
def merged_batch(x, n_heads):
    b, p, d = x.shape
    return x.reshape(b, p, n_heads, d // n_heads).transpose(1, 2).reshape(b * n_heads, p, d // n_heads)


@wrong_way("transformer.split_heads", says="dimensions of size 1")
def squeezed(x, n_heads):
    b, p, d = x.shape
    return x.reshape(b, p, n_heads, d // n_heads).transpose(1, 2).squeeze()


@wrong_way("transformer.split_heads", says="first sequence of the batch")
def first_of_batch(x, n_heads):
    _b, p, d = x.shape
    return x[0].reshape(p, n_heads, d // n_heads).transpose(0, 1)


@wrong_way("transformer.split_heads", says="reverse")
def heads_reversed(x, n_heads):
    b, p, d = x.shape
    return x.reshape(b, p, n_heads, d // n_heads).transpose(1, 2).flip(1)


@wrong_way("transformer.split_heads", says="heads and batch")
def batch_and_heads(x, n_heads):
    b, p, d = x.shape
    return x.reshape(b, p, n_heads, d // n_heads).transpose(0, 2)


@wrong_way("transformer.split_heads", says="the whole vector")
def whole_vector_each(x, n_heads):
    return x[:, None].expand(-1, n_heads, -1, -1)


@wrong_way("transformer.split_heads", says="a batch of several")
def batch_first_fixed(x, n_heads):
    p = x.shape[1]
    return x.reshape(1, p, n_heads, -1).transpose(1, 2)


@wrong_way("transformer.causal_mask", says="future")
def future(n_queries, n_keys):
    return np.triu(np.ones((n_queries, n_keys), bool), n_keys - n_queries)


@wrong_way("transformer.causal_mask", says="do not see themselves")
def blind(n_queries, n_keys):
    return np.tril(np.ones((n_queries, n_keys), bool), n_keys - n_queries - 1)


@wrong_way("transformer.causal_mask", says="one key too many")
def one_ahead(n_queries, n_keys):
    return np.tril(np.ones((n_queries, n_keys), bool), n_keys - n_queries + 1)


@wrong_way("transformer.causal_mask", says="**last** of them")
def torch_tril(n_queries, n_keys):
    return torch.ones(n_queries, n_keys).tril().bool()


@wrong_way("transformer.causal_mask", says="True where a key is hidden")
def torch_triu_from_start(n_queries, n_keys):
    return torch.ones(n_queries, n_keys).triu(1).bool()


@wrong_way("transformer.causal_mask", says="**hidden**")
def hidden_1(n_queries, n_keys):
    return [[int(k > n_keys - n_queries + q) for k in range(n_keys)] for q in range(n_queries)]


@wrong_way("transformer.causal_mask", says="**added**")
def additive(n_queries, n_keys):
    return torch.zeros(n_queries, n_keys).masked_fill(
        ~torch.ones(n_queries, n_keys).tril(n_keys - n_queries).bool(), -math.inf
    )


@wrong_way("transformer.causal_mask", says="−1e9")
def additive_1e9(n_queries, n_keys):
    return [[0.0 if k <= n_keys - n_queries + q else -1000000000.0 for k in range(n_keys)] for q in range(n_queries)]


@wrong_way("transformer.causal_mask", says="lowest float")
def additive_min(n_queries, n_keys):
    return torch.full((n_queries, n_keys), torch.finfo(torch.float32).min).triu(n_keys - n_queries + 1)


@wrong_way("transformer.causal_mask", says="Everything is visible")
def all_true(n_queries, n_keys):
    return [[True] * n_keys for _ in range(n_queries)]


@wrong_way("transformer.causal_mask", says="rows are too short")
def square_q(n_queries, n_keys):
    return [[k <= q for k in range(n_queries)] for q in range(n_queries)]


@wrong_way("transformer.causal_mask", says="a row for each key")
def square_k(n_queries, n_keys):
    return [[k <= q for k in range(n_keys)] for q in range(n_keys)]


@wrong_way("transformer.causal_mask", says="Rows and columns are exchanged")
def transposed(n_queries, n_keys):
    return np.tril(np.ones((n_queries, n_keys), bool), n_keys - n_queries).T


@wrong_way("transformer.causal_mask", says="see only themselves")
def itself_only(n_queries, n_keys):
    return [[k == n_keys - n_queries + q for k in range(n_keys)] for q in range(n_queries)]


@wrong_way("transformer.causal_mask", says="keys before the first query are hidden")
def all_but_the_cache(n_queries, n_keys):
    return [[n_keys - n_queries <= k <= n_keys - n_queries + q for k in range(n_keys)] for q in range(n_queries)]


@wrong_way("transformer.causal_mask", says="difference is turned round")
def minus_swapped(n_queries, n_keys):
    return [[k <= n_queries - n_keys + q for k in range(n_keys)] for q in range(n_queries)]


@wrong_way("transformer.causal_mask", says="only what is visible")
def ragged(n_queries, n_keys):
    return [[True] * (n_keys - n_queries + q + 1) for q in range(n_queries)]


@wrong_way("transformer.layer_norm", says="well-known tutorial")
def annotated_transformer(x, gain, bias, eps):
    x, gain, bias = map(torch.tensor, (x, gain, bias))
    return gain * (x - x.mean()) / (x.std() + eps) + bias


@wrong_way("transformer.layer_norm", says="n - 1")
def torch_std(x, gain, bias, eps):
    x, gain, bias = map(torch.tensor, (x, gain, bias))
    return gain * (x - x.mean()) / (x.var() + eps).sqrt() + bias


@wrong_way("transformer.layer_norm", says="add eps to the root")
def eps_outside(x, gain, bias, eps):
    x, gain, bias = arrays(x, gain, bias)
    return gain * (x - x.mean()) / (x.std() + eps) + bias


@wrong_way("transformer.layer_norm", says="RMSNorm")
def rms_norm(x, gain, bias, eps):
    x, gain, bias = arrays(x, gain, bias)
    return gain * x / np.sqrt((x**2).mean() + eps) + bias


@wrong_way("transformer.layer_norm", says="**variance**")
def by_variance(x, gain, bias, eps):
    x, gain, bias = arrays(x, gain, bias)
    return gain * (x - x.mean()) / (x.var() + eps) + bias


@wrong_way("transformer.layer_norm", says="mean is still in it")
def keeps_mean(x, gain, bias, eps):
    x, gain, bias = arrays(x, gain, bias)
    return gain * x / np.sqrt(x.var() + eps) + bias


@wrong_way("transformer.layer_norm", says="last step is missing")
def no_gain_no_bias(x, gain, bias, eps):
    x, gain, bias = arrays(x, gain, bias)
    return (x - x.mean()) / np.sqrt(x.var() + eps)


@wrong_way("transformer.layer_norm", says="`gain` of **1**")
def no_gain(x, gain, bias, eps):
    x, gain, bias = arrays(x, gain, bias)
    return (x - x.mean()) / np.sqrt(x.var() + eps) + bias


@wrong_way("transformer.layer_norm", says="`bias` of **0**")
def no_bias(x, gain, bias, eps):
    x, gain, bias = arrays(x, gain, bias)
    return gain * (x - x.mean()) / np.sqrt(x.var() + eps)


@wrong_way("transformer.layer_norm", says="the other way round")
def swapped_gain_bias(x, gain, bias, eps):
    x, gain, bias = arrays(x, gain, bias)
    return bias * (x - x.mean()) / np.sqrt(x.var() + eps) + gain


@wrong_way("transformer.layer_norm", says="add the bias before")
def bias_first(x, gain, bias, eps):
    x, gain, bias = arrays(x, gain, bias)
    return gain * ((x - x.mean()) / np.sqrt(x.var() + eps) + bias)


@wrong_way("transformer.layer_norm", says="first gain and bias")
def first_gain(x, gain, bias, eps):
    return [(v - sum(x) / len(x)) / math.sqrt(statistics.pvariance(x) + eps) * gain[0] + bias[0] for v in x]


@wrong_way("transformer.layer_norm", says="eps is missing")
def no_eps(x, gain, bias, eps):
    x, gain, bias = arrays(x, gain, bias)
    with np.errstate(all="ignore"):
        return gain * (x - x.mean()) / x.std() + bias


@wrong_way("transformer.layer_norm", says="divided by 0")
def no_eps_python(x, gain, bias, eps):
    m = sum(x) / len(x)
    s = math.sqrt(sum((v - m) ** 2 for v in x) / len(x))
    return [(v - m) / s * g + b for v, g, b in zip(x, gain, bias, strict=True)]


@wrong_way("transformer.layer_norm", says="always 1e-5")
def fixed_eps(x, gain, bias, eps):
    return F.layer_norm(torch.tensor(x), (len(x),), torch.tensor(gain), torch.tensor(bias))


@wrong_way("transformer.layer_norm", says="their **mean**")
def sum_of_squares(x, gain, bias, eps):
    x, gain, bias = arrays(x, gain, bias)
    c = x - x.mean()
    return gain * c / np.sqrt((c**2).sum() + eps) + bias


@wrong_way("transformer.layer_norm", says="in parentheses")
def precedence(x, gain, bias, eps):
    m = sum(x) / len(x)
    var = sum((v - m) ** 2 for v in x) / len(x)
    s = math.sqrt(var + eps)
    return [v - m / s * g + b for v, g, b in zip(x, gain, bias, strict=True)]


@wrong_way("transformer.layer_norm", says="mean of x²")
def mean_over_rms(x, gain, bias, eps):
    x, gain, bias = arrays(x, gain, bias)
    return gain * (x - x.mean()) / np.sqrt((x**2).mean() + eps) + bias


@wrong_way("transformer.smoothed_target", says="**other** tokens only")
def others_only(right, vocab_size, smoothing):
    t = torch.full((vocab_size,), smoothing / (vocab_size - 1))
    t[right] = 1 - smoothing
    return t


@wrong_way("transformer.smoothed_target", says="two tokens less")
def annotated(right, vocab_size, smoothing):
    t = torch.full((vocab_size,), smoothing / (vocab_size - 2) if vocab_size > 2 else 0.0)
    t[right] = 1 - smoothing
    return t


@wrong_way("transformer.smoothed_target", says="less than 1")
def less(right, vocab_size, smoothing):
    t = [smoothing / vocab_size] * vocab_size
    t[right] = 1 - smoothing
    return t


@wrong_way("transformer.smoothed_target", says="full 1")
def more(right, vocab_size, smoothing):
    t = [smoothing / vocab_size] * vocab_size
    t[right] += 1
    return t


@wrong_way("transformer.smoothed_target", says="more than 1")
def right_stays_one(right, vocab_size, smoothing):
    t = [smoothing / vocab_size] * vocab_size
    t[right] = 1.0
    return t


@wrong_way("transformer.smoothed_target", says="whole share to every token")
def whole_share(right, vocab_size, smoothing):
    t = [smoothing] * vocab_size
    t[right] = 1 - smoothing
    return t


@wrong_way("transformer.smoothed_target", says="one-hot")
def one_hot(right, vocab_size, smoothing):
    return F.one_hot(torch.tensor(right), vocab_size).float()


@wrong_way("transformer.smoothed_target", says="count the tokens from 1")
def one_based(right, vocab_size, smoothing):
    return [smoothing / vocab_size + (1 - smoothing) * (t == right) for t in range(1, vocab_size + 1)]


@wrong_way("transformer.smoothed_target", says="shares are exchanged")
def swapped_shares(right, vocab_size, smoothing):
    return [(1 - smoothing) / vocab_size + smoothing * (t == right) for t in range(vocab_size)]


@wrong_way("transformer.smoothed_target", says="the other way round")
def swapped_shares_2(right, vocab_size, smoothing):
    t = [(1 - smoothing) / (vocab_size - 1)] * vocab_size
    t[right] = smoothing
    return t


@wrong_way("transformer.smoothed_target", says="Every token gets the same")
def uniform(right, vocab_size, smoothing):
    return [1 / vocab_size] * vocab_size


@wrong_way("transformer.smoothed_target", says="nobody gets it")
def right_only(right, vocab_size, smoothing):
    return [(1 - smoothing) * (t == right) for t in range(vocab_size)]


@wrong_way("transformer.smoothed_target", says="always goes to token 0")
def first_token(right, vocab_size, smoothing):
    t = [smoothing / vocab_size] * vocab_size
    t[0] += 1 - smoothing
    return t


@wrong_way("transformer.smoothed_target", says="divide by their sum")
def renormalized(right, vocab_size, smoothing):
    t = [smoothing / vocab_size] * vocab_size
    t[right] = 1 - smoothing
    return [v / sum(t) for v in t]


@wrong_way("transformer.smoothed_target", says="a single share")
def right_minus_each(right, vocab_size, smoothing):
    each = smoothing / vocab_size
    return [1 - each if t == right else each for t in range(vocab_size)]


@wrong_way("transformer.smoothed_target", says="one item too many")
def one_too_many(right, vocab_size, smoothing):
    return [smoothing / vocab_size + (1 - smoothing) * (t == right) for t in range(vocab_size + 1)]


@wrong_way("transformer.smoothed_target", says="shape")
def as_columns(right, vocab_size, smoothing):
    return np.array([smoothing / vocab_size + (1 - smoothing) * (t == right) for t in range(vocab_size)])[:, None]


@wrong_way("transformer.warmup_rate", says="**larger**")
def larger(step, d_model, warmup_steps):
    return d_model ** (-0.5) * max(step ** (-0.5), step * warmup_steps ** (-1.5))


@wrong_way("transformer.warmup_rate", says="rise is missing")
def no_warmup(step, d_model, warmup_steps):
    return 1 / math.sqrt(d_model * step)


@wrong_way("transformer.warmup_rate", says="stays where it is")
def no_decay(step, d_model, warmup_steps):
    return min(step / warmup_steps, 1) / math.sqrt(d_model * warmup_steps)


@wrong_way("transformer.warmup_rate", says="**smaller** steps")
def times_root(step, d_model, warmup_steps):
    return math.sqrt(d_model) * min(step ** (-0.5), step * warmup_steps ** (-1.5))


@wrong_way("transformer.warmup_rate", says="`d_model` is forgotten")
def no_d_model(step, d_model, warmup_steps):
    return min(step ** (-0.5), step * warmup_steps ** (-1.5))


@wrong_way("transformer.warmup_rate", says="**root**")
def over_d_model(step, d_model, warmup_steps):
    return min(step ** (-0.5), step * warmup_steps ** (-1.5)) / d_model


@wrong_way("transformer.warmup_rate", says="step / warmup_steps")
def t_over_w(step, d_model, warmup_steps):
    return d_model ** (-0.5) * min(step ** (-0.5), step / warmup_steps)


@wrong_way("transformer.warmup_rate", says="straight line")
def t_over_w_15(step, d_model, warmup_steps):
    return d_model ** (-0.5) * min(step ** (-0.5), (step / warmup_steps) ** 1.5)


@wrong_way("transformer.warmup_rate", says="add the two curves")
def summed(step, d_model, warmup_steps):
    return d_model ** (-0.5) * (step ** (-0.5) + step * warmup_steps ** (-1.5))


@wrong_way("transformer.warmup_rate", says="multiply the two curves")
def multiplied_both(step, d_model, warmup_steps):
    return d_model ** (-0.5) * step ** (-0.5) * step * warmup_steps ** (-1.5)


@wrong_way("transformer.warmup_rate", says="Only the rising curve")
def d_model_on_other_branch(step, d_model, warmup_steps):
    return min(step ** (-0.5), d_model ** (-0.5) * step * warmup_steps ** (-1.5))


@wrong_way("transformer.warmup_rate", says="goes on rising")
def rises_for_ever(step, d_model, warmup_steps):
    return d_model ** (-0.5) * step * warmup_steps ** (-1.5)


@wrong_way("transformer.warmup_rate", says="falls as 1 / step")
def decay_one_over(step, d_model, warmup_steps):
    return d_model ** (-0.5) * min(1 / step, step * warmup_steps ** (-1.5))


@wrong_way("transformer.warmup_rate", says="from the end of the warm-up")
def jump(step, d_model, warmup_steps):
    return d_model ** (-0.5) * (
        step * warmup_steps ** (-1.5) if step < warmup_steps else (step - warmup_steps + 1) ** (-0.5)
    )


@wrong_way("transformer.warmup_rate", says="the other way round")
def swapped_arguments(step, d_model, warmup_steps):
    return warmup_steps ** (-0.5) * min(step ** (-0.5), step * d_model ** (-1.5))


@wrong_way("transformer.warmup_rate", says="one larger")
def step_from_zero(step, d_model, warmup_steps):
    step += 1
    return d_model ** (-0.5) * min(step ** (-0.5), step * warmup_steps ** (-1.5))


@wrong_way("transformer.warmup_rate", says="4,000 steps")
def warmup_constant(step, d_model, warmup_steps):
    return d_model ** (-0.5) * min(step ** (-0.5), step * 4000 ** (-1.5))


@wrong_way("transformer.layer_norm", says="**1 + gain**")
def gain_beside_one(x, gain, bias, eps):
    x = np.array(x)
    return (x - x.mean()) / np.sqrt(x.var() + eps) * (1 + np.array(gain)) + bias


@wrong_way("transformer.smoothed_target", says="a value of type `dict`")
def probabilities_by_token(right, vocab_size, smoothing):
    return {i: smoothing / vocab_size + (1 - smoothing) * (i == right) for i in range(vocab_size)}


def masked(scores, mask):
    return scores.masked_fill(~mask, -math.inf)


@wrong_way("transformer.attention", says="division is missing")
def no_scale(query, key, value, mask):
    return F.scaled_dot_product_attention(query, key, value, mask, scale=1.0)


@wrong_way("transformer.attention", says="**root**")
def over_d(query, key, value, mask):
    return F.scaled_dot_product_attention(query, key, value, mask, scale=1 / query.shape[-1])


@wrong_way("transformer.attention", says="number of keys")
def over_root_of_keys(query, key, value, mask):
    return F.scaled_dot_product_attention(query, key, value, mask, scale=key.shape[-2] ** -0.5)


@wrong_way("transformer.attention", says="do not use the mask")
def mask_unused(query, key, value, mask):
    return F.scaled_dot_product_attention(query, key, value)


@wrong_way("transformer.attention", says="hide what is visible")
def mask_the_other_way(query, key, value, mask):
    scores = query @ key.mT / query.shape[-1] ** 0.5
    return scores.masked_fill(mask, -math.inf).softmax(-1) @ value


@wrong_way("transformer.attention", says="**score** 0")
def hidden_scores_zero(query, key, value, mask):
    return ((query @ key.mT / query.shape[-1] ** 0.5) * mask).softmax(-1) @ value


@wrong_way("transformer.attention", says="**score** 0")
def the_smallest_positive_number(query, key, value, mask):
    return (query @ key.mT / query.shape[-1] ** 0.5).masked_fill(~mask, 1e-9).softmax(-1) @ value


@wrong_way("transformer.attention", says="**after** the softmax")
def weights_masked(query, key, value, mask):
    return ((query @ key.mT / query.shape[-1] ** 0.5).softmax(-1) * mask) @ value


@wrong_way("transformer.attention", says="over the **queries**")
def softmax_down(query, key, value, mask):
    return masked(query @ key.mT / query.shape[-1] ** 0.5, mask).softmax(-2) @ value


@wrong_way("transformer.attention", says="You return the **weights**")
def weights_only(query, key, value, mask):
    return masked(query @ key.mT / query.shape[-1] ** 0.5, mask).softmax(-1)


@wrong_way("transformer.attention", says="softmax is missing")
def unnormalized(query, key, value, mask):
    return ((query @ key.mT / query.shape[-1] ** 0.5) * mask) @ value


@wrong_way("transformer.attention", says="with a **batch**")
def first_two_dimensions(query, key, value, mask):
    return masked(query @ key.transpose(0, 1) / query.shape[-1] ** 0.5, mask).softmax(-1) @ value


@wrong_way("transformer.attention", says="**large** scores")
def powers_that_overflow(query, key, value, mask):
    powers = masked(query @ key.mT / query.shape[-1] ** 0.5, mask).exp()
    return powers / powers.sum(-1, keepdim=True) @ value


def heads_of(each, n_heads):
    return each.unflatten(2, (n_heads, -1)).transpose(1, 2)


def attended(x, memory, layers, n_heads, mask, **options):
    parts = (layers.query(x), layers.key(memory), layers.value(memory))
    return F.scaled_dot_product_attention(*(heads_of(each, n_heads) for each in parts), mask, **options)


@wrong_way("transformer.multi_head", says="output layer is missing")
def without_w_o(x, layers, n_heads, mask):
    return attended(x, x, layers, n_heads, mask).transpose(1, 2).flatten(2)


@wrong_way("transformer.multi_head", says="join mixes the **positions**")
def reshaped_back(x, layers, n_heads, mask):
    return layers.output(attended(x, x, layers, n_heads, mask).reshape(x.shape))


@wrong_way("transformer.multi_head", says="split mixes the **positions**")
def viewed(x, layers, n_heads, mask):
    batch, position, _d_model = x.shape
    parts = (layer(x).reshape(batch, n_heads, position, -1) for layer in (layers.query, layers.key, layers.value))
    return layers.output(F.scaled_dot_product_attention(*parts, mask).transpose(1, 2).flatten(2))


@wrong_way("transformer.multi_head", says="as one head")
def whole_vectors(x, layers, n_heads, mask):
    return layers.output(attended(x, x, layers, 1, mask).transpose(1, 2).flatten(2))


@wrong_way("transformer.multi_head", says="√d_model")
def root_of_d_model(x, layers, n_heads, mask):
    heads = attended(x, x, layers, n_heads, mask, scale=x.shape[-1] ** -0.5)
    return layers.output(heads.transpose(1, 2).flatten(2))


@wrong_way("transformer.multi_head", says="not divided by √d_head")
def no_root(x, layers, n_heads, mask):
    return layers.output(attended(x, x, layers, n_heads, mask, scale=1.0).transpose(1, 2).flatten(2))


@wrong_way("transformer.multi_head", says="do not use the mask")
def everything_seen(x, layers, n_heads, mask):
    return layers.output(attended(x, x, layers, n_heads, None).transpose(1, 2).flatten(2))


@wrong_way("transformer.multi_head", says="You split x itself")
def layers_unused(x, layers, n_heads, mask):
    parts = [heads_of(x, n_heads)] * 3
    return layers.output(F.scaled_dot_product_attention(*parts, mask).transpose(1, 2).flatten(2))


@wrong_way("transformer.multi_head", says="mix the **keys**")
def no_values(x, layers, n_heads, mask):
    parts = (heads_of(layer(x), n_heads) for layer in (layers.query, layers.key, layers.key))
    return layers.output(F.scaled_dot_product_attention(*parts, mask).transpose(1, 2).flatten(2))


@wrong_way("transformer.multi_head", says="mean of the heads")
def averaged(x, layers, n_heads, mask):
    return attended(x, x, layers, n_heads, mask).mean(1)


@wrong_way("transformer.multi_head", says="between the **heads**")
def between_heads(x, layers, n_heads, mask):
    parts = (layer(x).unflatten(2, (n_heads, -1)) for layer in (layers.query, layers.key, layers.value))
    return layers.output(F.scaled_dot_product_attention(*parts, mask).flatten(2))


def crossed(asking, keys, values, layers, n_heads, mask):
    parts = (layers.query(asking), layers.key(keys), layers.value(values))
    heads = F.scaled_dot_product_attention(*(heads_of(each, n_heads) for each in parts), mask)
    return layers.output(heads.transpose(1, 2).flatten(2))


@wrong_way("transformer.cross_attention", says="self-attention of `x`")
def memory_unused(x, memory, layers, n_heads, mask):
    return crossed(x, x, x, layers, n_heads, mask)


@wrong_way("transformer.cross_attention", says="self-attention of `memory`")
def x_unused(x, memory, layers, n_heads, mask):
    return crossed(memory, memory, memory, layers, n_heads, mask)


@wrong_way("transformer.cross_attention", says="wrong way round")
def memory_asks(x, memory, layers, n_heads, mask):
    return crossed(memory, x, x, layers, n_heads, mask)


@wrong_way("transformer.cross_attention", says="keys come from `x`")
def own_keys(x, memory, layers, n_heads, mask):
    return crossed(x, x, memory, layers, n_heads, mask)


@wrong_way("transformer.cross_attention", says="values come from `x`")
def own_values(x, memory, layers, n_heads, mask):
    return crossed(x, memory, x, layers, n_heads, mask)


@wrong_way("transformer.cross_attention", says="do not use the mask")
def padding_seen(x, memory, layers, n_heads, mask):
    return crossed(x, memory, memory, layers, n_heads, None)


@wrong_way("transformer.cross_attention", says="output layer is missing")
def crossed_without_w_o(x, memory, layers, n_heads, mask):
    return attended(x, memory, layers, n_heads, mask).transpose(1, 2).flatten(2)


@wrong_way("transformer.cross_attention", says="as one head")
def crossed_in_one_head(x, memory, layers, n_heads, mask):
    return crossed(x, memory, memory, layers, 1, mask)


@wrong_way("transformer.cross_attention", says="join mixes the **positions**")
def crossed_and_reshaped(x, memory, layers, n_heads, mask):
    return layers.output(attended(x, memory, layers, n_heads, mask).reshape(x.shape))


@wrong_way("transformer.cross_attention", says="not divided by √d_head")
def crossed_without_root(x, memory, layers, n_heads, mask):
    return layers.output(attended(x, memory, layers, n_heads, mask, scale=1.0).transpose(1, 2).flatten(2))


@wrong_way("transformer.cross_attention", says="√d_model")
def crossed_with_the_other_root(x, memory, layers, n_heads, mask):
    heads = attended(x, memory, layers, n_heads, mask, scale=x.shape[-1] ** -0.5)
    return layers.output(heads.transpose(1, 2).flatten(2))


@wrong_way("transformer.residual", says="`x` is not added")
def no_sum(x, sublayer, norm, norm_first):
    return sublayer(norm(x)) if norm_first else norm(sublayer(x))


@wrong_way("transformer.residual", says="do not normalize at all")
def no_norm(x, sublayer, norm, norm_first):
    return x + sublayer(x)


@wrong_way("transformer.residual", says="always normalize the sum")
def post_only(x, sublayer, norm, norm_first):
    return norm(x + sublayer(x))


@wrong_way("transformer.residual", says="always normalize before")
def pre_only(x, sublayer, norm, norm_first):
    return x + sublayer(norm(x))


@wrong_way("transformer.residual", says="are exchanged")
def orders_exchanged(x, sublayer, norm, norm_first):
    return norm(x + sublayer(x)) if norm_first else x + sublayer(norm(x))


@wrong_way("transformer.residual", says="**normalized** `x`")
def overwritten_by_its_norm(x, sublayer, norm, norm_first):
    if norm_first:
        x = norm(x)
        return x + sublayer(x)
    return norm(x + sublayer(x))


@wrong_way("transformer.residual", says="It is the **sum** that is normalized")
def branch_normalized(x, sublayer, norm, norm_first):
    return x + sublayer(norm(x)) if norm_first else x + norm(sublayer(x))


@wrong_way("transformer.residual", says="before **and** after")
def before_and_after(x, sublayer, norm, norm_first):
    return norm(x + sublayer(norm(x)))


@wrong_way("transformer.residual", says="sublayer's output alone")
def sublayer_only(x, sublayer, norm, norm_first):
    return sublayer(x)


@wrong_way("transformer.residual", says="**added**")
def difference(x, sublayer, norm, norm_first):
    return x - sublayer(norm(x)) if norm_first else norm(x - sublayer(x))


@wrong_way("transformer.residual", says="changes its input")
def changed_in_place(x, sublayer, norm, norm_first):
    x += sublayer(norm(x)) if norm_first else sublayer(x)
    return x if norm_first else norm(x)


def around(x, sublayer, norm, norm_first):
    return x + sublayer(norm(x)) if norm_first else norm(x + sublayer(x))


@wrong_way("transformer.encoder_layer", says="feed-forward network is missing")
def half_a_layer(x, self_attention, feed_forward, norms, norm_first):
    return around(x, self_attention, norms[0], norm_first)


@wrong_way("transformer.encoder_layer", says="result of the attention is lost")
def input_read_again(x, self_attention, feed_forward, norms, norm_first):
    around(x, self_attention, norms[0], norm_first)
    return around(x, feed_forward, norms[1], norm_first)


@wrong_way("transformer.encoder_layer", says="norms are exchanged")
def norms_the_other_way(x, self_attention, feed_forward, norms, norm_first):
    return around(around(x, self_attention, norms[1], norm_first), feed_forward, norms[0], norm_first)


@wrong_way("transformer.encoder_layer", says="**first** norm twice")
def one_norm(x, self_attention, feed_forward, norms, norm_first):
    return around(around(x, self_attention, norms[0], norm_first), feed_forward, norms[0], norm_first)


@wrong_way("transformer.encoder_layer", says="always normalize the sums")
def layer_post_only(x, self_attention, feed_forward, norms, norm_first):
    return around(around(x, self_attention, norms[0], False), feed_forward, norms[1], False)


@wrong_way("transformer.encoder_layer", says="always normalize before")
def layer_pre_only(x, self_attention, feed_forward, norms, norm_first):
    return around(around(x, self_attention, norms[0], True), feed_forward, norms[1], True)


@wrong_way("transformer.encoder_layer", says="for both")
def second_post_only(x, self_attention, feed_forward, norms, norm_first):
    return around(around(x, self_attention, norms[0], norm_first), feed_forward, norms[1], False)


@wrong_way("transformer.encoder_layer", says="around the feed-forward network is missing")
def second_without_residual(x, self_attention, feed_forward, norms, norm_first):
    x = around(x, self_attention, norms[0], norm_first)
    return feed_forward(norms[1](x)) if norm_first else norms[1](feed_forward(x))


@wrong_way("transformer.encoder_layer", says="residual connections are missing")
def no_sums(x, self_attention, feed_forward, norms, norm_first):
    if norm_first:
        return feed_forward(norms[1](self_attention(norms[0](x))))
    return norms[1](feed_forward(norms[0](self_attention(x))))


@wrong_way("transformer.encoder_layer", says="Both sublayers read the layer's input")
def in_parallel(x, self_attention, feed_forward, norms, norm_first):
    if norm_first:
        return x + self_attention(norms[0](x)) + feed_forward(norms[1](x))
    return norms[1](x + self_attention(x) + feed_forward(x))


@wrong_way("transformer.encoder_layer", says="once more at the end")
def norm_at_the_end(x, self_attention, feed_forward, norms, norm_first):
    x = around(around(x, self_attention, norms[0], norm_first), feed_forward, norms[1], norm_first)
    return norms[1](x) if norm_first else x


@wrong_way("transformer.encoder_layer", says="and one norm, around both sublayers")
def one_step_around_both(x, self_attention, feed_forward, norms, norm_first):
    return around(x, lambda read: feed_forward(self_attention(read)), norms[0], norm_first)


@wrong_way("transformer.encoder_layer", says="only the attention has them")
def bare_feed_forward(x, self_attention, feed_forward, norms, norm_first):
    return feed_forward(around(x, self_attention, norms[0], norm_first))


@wrong_way("transformer.encoder_layer", says="second norm is missing")
def second_norm_forgotten(x, self_attention, feed_forward, norms, norm_first):
    x = x + self_attention(norms[0](x)) if norm_first else norms[0](x + self_attention(x))
    return x + feed_forward(x)


@wrong_way("transformer.softmax_entropy", says="logarithms of the powers")
def log_before_the_division(scores):
    powers = [math.exp(score - max(scores)) for score in scores]
    return -sum(power / sum(powers) * math.log(power) for power in powers if power > 0)


@wrong_way("transformer.attention", says="hide what is visible")
def inverted_for_pytorch(query, key, value, mask):
    return F.scaled_dot_product_attention(query, key, value, attn_mask=~mask)


def heads_attend(query, key, value, n_heads, mask):
    parts = [each.unflatten(-1, (n_heads, -1)).transpose(1, 2) for each in (query, key, value)]
    return F.scaled_dot_product_attention(*parts, mask).transpose(1, 2).flatten(2)


@wrong_way("transformer.multi_head", says="keys with `layers.query`")
def query_layer_twice(x, layers, n_heads, mask):
    return layers.output(heads_attend(layers.query(x), layers.query(x), layers.value(x), n_heads, mask))


@wrong_way("transformer.multi_head", says="You add `x`. The residual connection comes later")
def with_its_residual(x, layers, n_heads, mask):
    return x + layers.output(heads_attend(layers.query(x), layers.key(x), layers.value(x), n_heads, mask))


@wrong_way("transformer.cross_attention", says="You add `x`. The residual connection comes later")
def cross_with_its_residual(x, memory, layers, n_heads, mask):
    gathered = heads_attend(layers.query(x), layers.key(memory), layers.value(memory), n_heads, mask)
    return x + layers.output(gathered)


@wrong_way("transformer.cross_attention", says="queries come from `layers.query(x)`")
def bare_queries(x, memory, layers, n_heads, mask):
    return layers.output(heads_attend(x, layers.key(memory), layers.value(memory), n_heads, mask))


@wrong_way("transformer.cross_attention", says="Keys and values come from `layers.key(memory)`")
def bare_memory(x, memory, layers, n_heads, mask):
    return layers.output(heads_attend(layers.query(x), memory, memory, n_heads, mask))
