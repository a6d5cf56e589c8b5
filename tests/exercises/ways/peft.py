"""Right answers in other styles, for the exercises of the lesson `peft`."""

import itertools
import math
from fractions import Fraction

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from tests.exercises.ways.collected import other_way


@other_way("peft.lora")
def lora_by_layers(x, weight, down, up, alpha):
    return F.linear(x, weight) + alpha / len(down) * F.linear(F.linear(x, down), up)


@other_way("peft.lora")
def lora_merged(x, weight, down, up, alpha):
    return x @ (weight + up @ down * (alpha / down.shape[0])).T


@other_way("peft.lora")
def lora_by_einsum(x, weight, down, up, alpha):
    branch = torch.einsum("...i,ri,or->...o", x, down, up)
    return torch.einsum("...i,oi->...o", x, weight) + alpha * branch / up.shape[1]


@other_way("peft.lora")
def lora_in_numpy(x, weight, down, up, alpha):
    x, weight, down, up = (each.numpy().astype(float) for each in (x, weight, down, up))
    return x @ weight.T + (alpha / up.shape[-1]) * x @ down.T @ up.T


@other_way("peft.lora")
def lora_rank_by_rank(x, weight, down, up, alpha):
    answer = x @ weight.mT
    for a, b in zip(down, up.T, strict=True):
        answer = answer + alpha / len(down) * (x * a).sum(-1, keepdim=True) * b
    return answer


@other_way("peft.merge")
def merged_by_einsum(weight, down, up, alpha):
    return weight + torch.einsum("or,ri->oi", up, down) * alpha / up.shape[1]


@other_way("peft.merge")
def merged_by_outer_products(weight, down, up, alpha):
    update = sum(torch.outer(b, a) for a, b in zip(down, up.T, strict=True))
    return weight + alpha * update / len(down)


@other_way("peft.merge")
def merged_in_a_copy(weight, down, up, alpha):
    merged = weight.clone()
    merged += (alpha / len(down)) * torch.matmul(up, down)
    return merged


@other_way("peft.merge")
def merged_in_numpy(weight, down, up, alpha):
    return weight.numpy() + alpha / down.shape[0] * np.dot(up.numpy(), down.numpy())


@other_way("peft.merge")
def merged_by_addmm(weight, down, up, alpha):
    return torch.addmm(weight, up, down, alpha=alpha / down.shape[0])


@other_way("peft.count_trained")
def counted_in_a_loop(shapes, rank, bottleneck):
    full = lora = adapters = bitfit = 0
    for d_out, d_in in shapes:
        full += d_out * (d_in + 1)
        lora += rank * d_in + d_out * rank
        adapters += (d_out + 1) * bottleneck + (bottleneck + 1) * d_out
        bitfit += d_out
    return full, lora, adapters, bitfit


@other_way("peft.count_trained")
def counted_by_modules(shapes, rank, bottleneck):
    def size(*layers):
        return sum(parameter.numel() for layer in layers for parameter in layer.parameters())

    totals = [0, 0, 0, 0]
    with torch.device("meta"):
        for d_out, d_in in shapes:
            totals[0] += size(nn.Linear(d_in, d_out))
            totals[1] += size(nn.Linear(d_in, rank, bias=False), nn.Linear(rank, d_out, bias=False))
            totals[2] += size(nn.Linear(d_out, bottleneck), nn.Linear(bottleneck, d_out))
            totals[3] += d_out
    return totals


@other_way("peft.count_trained")
def counted_in_numpy(shapes, rank, bottleneck):
    d_out, d_in = np.array(shapes, dtype=int).reshape(-1, 2).T
    full, lora = (d_out * d_in + d_out).sum(), rank * (d_out + d_in).sum()
    return full, lora, (2 * d_out * bottleneck + d_out + bottleneck).sum(), d_out.sum()


@other_way("peft.count_trained")
def counted_by_sums(shapes, rank, bottleneck):
    outs, ins = sum(shape[0] for shape in shapes), sum(shape[1] for shape in shapes)
    full = sum(math.prod(shape) for shape in shapes) + outs
    return full, rank * (outs + ins), 2 * outs * bottleneck + outs + len(shapes) * bottleneck, outs


@other_way("peft.count_trained")
def counted_layer_by_layer(shapes, rank, bottleneck):
    def of_one(shape):
        d_out, d_in = shape
        return d_out * d_in + d_out, rank * sum(shape), bottleneck * (2 * d_out + 1) + d_out, d_out

    return [sum(column) for column in zip(*map(of_one, shapes), strict=True)] or [0] * 4


@other_way("peft.adapter")
def adapter_by_layers(x, down, down_bias, up, up_bias):
    return F.linear(F.gelu(F.linear(x, down, down_bias)), up, up_bias) + x


@other_way("peft.adapter")
def adapter_by_modules(x, down, down_bias, up, up_bias):
    first, second = nn.Linear(*down.shape[::-1]), nn.Linear(*up.shape[::-1])
    first.load_state_dict({"weight": down, "bias": down_bias})
    second.load_state_dict({"weight": up, "bias": up_bias})
    return x + nn.Sequential(first, nn.GELU(), second)(x)


@other_way("peft.adapter")
def adapter_by_erf(x, down, down_bias, up, up_bias):
    narrow = x @ down.mT + down_bias
    narrow = narrow / 2 * (1 + torch.erf(narrow / math.sqrt(2)))
    return x + (narrow @ up.mT + up_bias)


@other_way("peft.adapter")
def adapter_by_einsum(x, down, down_bias, up, up_bias):
    narrow = F.gelu(torch.einsum("...d,md->...m", x, down) + down_bias)
    return torch.einsum("...m,dm->...d", narrow, up).add(up_bias).add(x)


@other_way("peft.adapter")
def adapter_in_double(x, down, down_bias, up, up_bias):
    x, down, down_bias, up, up_bias = (each.double() for each in (x, down, down_bias, up, up_bias))
    narrow = x @ down.T + down_bias
    return x + (narrow * torch.distributions.Normal(0.0, 1.0).cdf(narrow)) @ up.T + up_bias


@other_way("peft.prefix_mask")
def prefix_of_a_longer_text(real, n_prefix, causal):
    longer = F.pad(real, (n_prefix, 0), value=True)
    mask = longer[:, None, :].repeat(1, longer.shape[1], 1)
    return (mask.tril() if causal else mask)[:, n_prefix:]


@other_way("peft.prefix_mask")
def prefix_in_loops(real, n_prefix, causal):
    masks = []
    for text in real.tolist():
        rows = []
        for query in range(len(text)):
            row = [True] * n_prefix
            for key in range(len(text)):
                row.append(text[key] and (key <= query or not causal))
            rows.append(row)
        masks.append(rows)
    return masks


@other_way("peft.prefix_mask")
def prefix_in_numpy(real, n_prefix, causal):
    batch, n = real.shape
    mask = np.ones((batch, n, n_prefix + n), dtype=bool)
    mask[:, :, n_prefix:] = real.numpy()[:, None, :]
    return np.tril(mask, n_prefix) if causal else mask


@other_way("peft.prefix_mask")
def prefix_by_comparison(real, n_prefix, causal):
    n = real.shape[1]
    keys, queries = torch.arange(-n_prefix, n), torch.arange(n)[:, None]
    seen = (keys <= queries) | (not causal)
    return seen & torch.cat((torch.ones(len(real), n_prefix, dtype=torch.bool), real), dim=1)[:, None, :]


@other_way("peft.prefix_mask")
def prefix_by_triangle(real, n_prefix, causal):
    n = real.shape[-1]
    allowed = torch.ones(n, n, dtype=torch.bool)
    allowed = torch.tril(allowed) if causal else allowed
    return torch.stack([torch.cat((allowed.new_ones(n, n_prefix), allowed & text), dim=1) for text in real])


@other_way("peft.importance")
def importance_by_lerp(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    now = torch.abs(weight * gradient)
    sensitivity = torch.lerp(now, sensitivity, beta1)
    uncertainty = torch.lerp((now - sensitivity).abs(), uncertainty, beta2)
    return sensitivity, uncertainty, sensitivity * uncertainty


@other_way("peft.importance")
def importance_in_numpy(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    arrays = (each.numpy().astype(float) for each in (weight, gradient, sensitivity, uncertainty))
    weight, gradient, sensitivity, uncertainty = arrays
    now = np.abs(weight) * np.abs(gradient)
    sensitivity = beta1 * sensitivity + (1 - beta1) * now
    uncertainty = beta2 * uncertainty + (1 - beta2) * np.abs(now - sensitivity)
    return sensitivity, uncertainty, sensitivity * uncertainty


@other_way("peft.importance")
def importance_by_steps(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    now = (weight * gradient).abs()
    new = sensitivity + (1 - beta1) * (now - sensitivity)
    unsure = uncertainty + (1 - beta2) * ((new - now).abs() - uncertainty)
    return [new, unsure, torch.mul(new, unsure)]


@other_way("peft.importance")
def importance_by_the_old_distance(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    """I minus its new average is β₁ times I minus the old one."""
    now = (weight * gradient).abs()
    unsure = beta2 * uncertainty + (1 - beta2) * beta1 * (now - sensitivity).abs()
    new = beta1 * sensitivity + (1 - beta1) * now
    return new, unsure, new * unsure


@other_way("peft.importance")
def importance_in_copies(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    now = (gradient * weight).abs_()
    new, unsure = sensitivity.clone(), uncertainty.clone()
    new.mul_(beta1).add_(now, alpha=1 - beta1)
    unsure.mul_(beta2).add_((now - new).abs(), alpha=1 - beta2)
    return new, unsure, new * unsure


@other_way("peft.budget")
def budget_of_fractions(step, initial, target, t_initial, t_final, total):
    end = total - t_final
    if step <= t_initial or step > end:
        return initial if step <= t_initial else target
    return math.floor(target + (initial - target) * Fraction(end - step, end - t_initial) ** 3)


@other_way("peft.budget")
def budget_in_whole_numbers(step, initial, target, t_initial, t_final, total):
    end = total - t_final
    if step <= t_initial:
        return initial
    if step >= end:
        return target
    return target + (initial - target) * (end - step) ** 3 // (end - t_initial) ** 3


@other_way("peft.budget")
def budget_by_clamping(step, initial, target, t_initial, t_final, total):
    if step <= t_initial:
        return initial
    end = max(total - t_final, t_initial + 1)
    left = min(max((end - step) / (end - t_initial), 0), 1)
    return math.floor(target + (initial - target) * left * left * left)


@other_way("peft.budget")
def budget_by_interpolation(step, initial, target, t_initial, t_final, total):
    if step <= t_initial:
        return initial
    if step > total - t_final:
        return target
    left = np.interp(step, [t_initial, total - t_final], [1.0, 0.0])
    return int(np.floor(target + (initial - target) * left**3))


@other_way("peft.budget")
def budget_by_elif(step, initial, target, t_initial, t_final, total):
    if step <= t_initial:
        ranks = initial
    elif step <= total - t_final:
        done = (step - t_initial) / (total - t_final - t_initial)
        ranks = int((initial - target) * pow(1 - done, 3)) + target
    else:
        ranks = target
    return ranks


@other_way("peft.fusion")
def fusion_by_einsum(x, outputs, query, key, value):
    queries, keys = torch.einsum("pd,ed->pe", x, query), torch.einsum("apd,ed->ape", outputs, key)
    weights = torch.softmax(torch.einsum("pe,ape->ap", queries, keys), dim=0)
    return torch.einsum("ap,apd,ed->pe", weights, outputs, value), weights


@other_way("peft.fusion")
def fusion_in_loops(x, outputs, query, key, value):
    mix, columns = [], []
    for position in range(len(x)):
        scores = torch.stack([(query @ x[position]) @ (key @ output[position]) for output in outputs])
        weights = scores.softmax(dim=0)
        mix.append(sum(w * (value @ output[position]) for w, output in zip(weights, outputs, strict=True)))
        columns.append(weights)
    return torch.stack(mix), torch.stack(columns, dim=1)


@other_way("peft.fusion")
def fusion_by_matmul(x, outputs, query, key, value):
    stacked = outputs.transpose(0, 1)  # position, adapter, d_model
    scores = ((x @ query.T)[:, None, :] @ (stacked @ key.T).transpose(1, 2)).squeeze(1)
    weights = scores.softmax(dim=-1)
    return (weights[:, None, :] @ (stacked @ value.T)).squeeze(1), weights.T


@other_way("peft.fusion")
def fusion_value_last(x, outputs, query, key, value):
    scores = (F.linear(x, query) * F.linear(outputs, key)).sum(-1)
    weights = F.softmax(scores, dim=0)
    return F.linear((weights.unsqueeze(-1) * outputs).sum(0), value), weights


@other_way("peft.fusion")
def fusion_in_numpy(x, outputs, query, key, value):
    x, outputs, query, key, value = (each.numpy().astype(float) for each in (x, outputs, query, key, value))
    scores = np.sum((x @ query.T) * (outputs @ key.T), axis=-1)
    powers = np.exp(scores - scores.max(axis=0))
    weights = powers / powers.sum(axis=0)
    values = outputs @ value.T
    return sum(itertools.starmap(np.multiply, zip(weights[..., None], values, strict=True))), weights
