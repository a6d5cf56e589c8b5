"""Wrong answers as learners give them, for the exercises of the lesson `peft`."""

import math

import torch
import torch.nn.functional as F

from tests.exercises.wrong.collected import wrong_way


@wrong_way("peft.lora", says="**factor** of the branch is missing")
def lora_unscaled(x, weight, down, up, alpha):
    return x @ weight.T + x @ down.T @ up.T


@wrong_way("peft.lora", says="**divide** by the rank")
def lora_by_alpha(x, weight, down, up, alpha):
    return x @ weight.T + alpha * (x @ down.T @ up.T)


@wrong_way("peft.lora", says="d_in")
def lora_width_for_rank(x, weight, down, up, alpha):
    _d_out, rank = down.shape
    return x @ weight.T + alpha / rank * (x @ down.T @ up.T)


@wrong_way("peft.lora", says="d_out")
def lora_length_of_up(x, weight, down, up, alpha):
    return F.linear(x, weight) + alpha / len(up) * F.linear(F.linear(x, down), up)


@wrong_way("peft.lora", says="**whole**")
def lora_parentheses(x, weight, down, up, alpha):
    return alpha / len(down) * (x @ weight.T + x @ down.T @ up.T)


@wrong_way("peft.lora", says="`weight` is missing")
def lora_in_place_of_weight(x, weight, down, up, alpha):
    return F.linear(F.linear(x, down), up) * alpha / len(down)


@wrong_way("peft.lora", says="**branch** is missing")
def lora_frozen(x, weight, down, up, alpha):
    return F.linear(x, weight)


@wrong_way("peft.lora", says="**activation**")
def lora_as_adapter(x, weight, down, up, alpha):
    return x @ weight.T + alpha / len(down) * (torch.relu(x @ down.T) @ up.T)


@wrong_way("peft.lora", says="rsLoRA")
def lora_by_root(x, weight, down, up, alpha):
    return x @ weight.T + alpha / math.sqrt(down.shape[0]) * (x @ down.T @ up.T)


@wrong_way("peft.lora", says="**turned round**")
def lora_rank_over_alpha(x, weight, down, up, alpha):
    return x @ weight.T + down.shape[0] / alpha * (x @ down.T @ up.T)


@wrong_way("peft.lora", says="shapes do not go together")
def lora_by_columns(x, weight, down, up, alpha):
    return weight @ x + alpha / len(down) * (up @ down @ x)


@wrong_way("peft.lora", says="shapes do not go together")
def lora_without_transposing(x, weight, down, up, alpha):
    return x @ weight + alpha / len(down) * (x @ down @ up)


@wrong_way("peft.lora", says="**output** of the layer")
def lora_after_the_layer(x, weight, down, up, alpha):
    y = x @ weight.T
    try:
        return y + alpha / len(down) * (y @ down.T @ up.T)
    except RuntimeError:
        return y


@wrong_way("peft.merge", says="changes its input")
def merged_in_place(weight, down, up, alpha):
    weight += alpha / len(down) * (up @ down)
    return weight


@wrong_way("peft.merge", says="**factor** of the branch is missing")
def merged_unscaled(weight, down, up, alpha):
    return weight + up @ down


@wrong_way("peft.merge", says="**divide** by the rank")
def merged_by_alpha(weight, down, up, alpha):
    return weight + alpha * up @ down


@wrong_way("peft.merge", says="what the branch **adds**")
def update_only(weight, down, up, alpha):
    return alpha / len(down) * up @ down


@wrong_way("peft.merge", says="shapes do not go together")
def merged_down_first(weight, down, up, alpha):
    return weight + alpha / len(down) * (down @ up)


@wrong_way("peft.merge", says="shapes do not go together")
def merged_by_star(weight, down, up, alpha):
    return weight + alpha / len(down) * up * down


@wrong_way("peft.merge", says="**subtracted**")
def unmerged(weight, down, up, alpha):
    return weight - alpha / len(down) * (up @ down)


@wrong_way("peft.merge", says="`down.shape[1]`")
def merged_width_for_rank(weight, down, up, alpha):
    return weight + alpha / down.shape[-1] * (up @ down)


@wrong_way("peft.merge", says="rsLoRA")
def merged_by_root(weight, down, up, alpha):
    return weight + alpha * len(down) ** -0.5 * (up @ down)


@wrong_way("peft.merge", says="**whole**")
def merged_parentheses(weight, down, up, alpha):
    return (weight + up @ down) * alpha / len(down)


@wrong_way("peft.merge", says="**transposed**")
def merged_transposed(weight, down, up, alpha):
    return weight.T + alpha / len(down) * (down.T @ up.T)


@wrong_way("peft.merge", says="`None`")
def merged_without_return(weight, down, up, alpha):
    merged = weight + alpha / len(down) * (up @ down)
    merged.clone()


@wrong_way("peft.merge", says="as it was")
def merged_nothing(weight, down, up, alpha):
    merged = weight.clone()
    merged.add(alpha / len(down) * (up @ down))
    return merged


def _counts(shapes, full, lora, adapters, bitfit):
    return tuple(sum(count(*shape) for shape in shapes) for count in (full, lora, adapters, bitfit))


@wrong_way("peft.count_trained", says="trains the **biases**")
def counted_matrices(shapes, rank, bottleneck):
    return _counts(
        shapes,
        lambda o, i: o * i,
        lambda o, i: rank * (o + i),
        lambda o, i: 2 * o * bottleneck + bottleneck + o,
        lambda o, i: o,
    )


@wrong_way("peft.count_trained", says="All **biases** are missing")
def counted_without_biases(shapes, rank, bottleneck):
    return _counts(
        shapes, lambda o, i: o * i, lambda o, i: rank * (o + i), lambda o, i: 2 * o * bottleneck, lambda o, i: o
    )


@wrong_way("peft.count_trained", says="**copy**")
def counted_a_copy(shapes, rank, bottleneck):
    return _counts(
        shapes,
        lambda o, i: o * i + o,
        lambda o, i: o * i,
        lambda o, i: 2 * o * bottleneck + bottleneck + o,
        lambda o, i: o,
    )


@wrong_way("peft.count_trained", says="**bias** of the layer")
def counted_lora_bias(shapes, rank, bottleneck):
    return _counts(
        shapes,
        lambda o, i: o * i + o,
        lambda o, i: rank * i + o * rank + o,
        lambda o, i: 2 * o * bottleneck + bottleneck + o,
        lambda o, i: o,
    )


@wrong_way("peft.count_trained", says="**frozen** matrix")
def counted_lora_and_frozen(shapes, rank, bottleneck):
    return _counts(
        shapes,
        lambda o, i: o * i + o,
        lambda o, i: o * i + rank * i + o * rank,
        lambda o, i: 2 * o * bottleneck + bottleneck + o,
        lambda o, i: o,
    )


@wrong_way("peft.count_trained", says="second layer of an adapter has a **bias**")
def counted_one_bias(shapes, rank, bottleneck):
    return _counts(
        shapes,
        lambda o, i: o * i + o,
        lambda o, i: rank * (o + i),
        lambda o, i: 2 * o * bottleneck + bottleneck,
        lambda o, i: o,
    )


@wrong_way("peft.count_trained", says="**after** the layer")
def counted_adapters_before(shapes, rank, bottleneck):
    return _counts(
        shapes,
        lambda o, i: o * i + o,
        lambda o, i: rank * (o + i),
        lambda o, i: 2 * i * bottleneck + bottleneck + i,
        lambda o, i: o,
    )


@wrong_way("peft.count_trained", says="**d_out** numbers, not d_in")
def counted_bias_of_inputs(shapes, rank, bottleneck):
    return _counts(
        shapes,
        lambda o, i: o * i + o,
        lambda o, i: rank * (o + i),
        lambda o, i: 2 * o * bottleneck + bottleneck + o,
        lambda o, i: i,
    )


@wrong_way("peft.count_trained", says="**first** layer")
def counted_early_return(shapes, rank, bottleneck):
    for o, i in shapes:
        return o * i + o, rank * (o + i), 2 * o * bottleneck + bottleneck + o, o


@wrong_way("peft.count_trained", says="**last** layer")
def counted_overwritten(shapes, rank, bottleneck):
    for o, i in shapes:
        full, lora = o * i + o, rank * (o + i)
        adapters, bitfit = 2 * o * bottleneck + bottleneck + o, o
    return full, lora, adapters, bitfit


@wrong_way("peft.count_trained", says="**exchanged**")
def counted_inputs_first(shapes, rank, bottleneck):
    return _counts(
        shapes,
        lambda i, o: o * i + o,
        lambda i, o: rank * (o + i),
        lambda i, o: 2 * o * bottleneck + bottleneck + o,
        lambda i, o: o,
    )


@wrong_way("peft.count_trained", says="only `full` is wrong")
def counted_full_and_norm(shapes, rank, bottleneck):
    return _counts(
        shapes,
        lambda o, i: o * i + 3 * o,
        lambda o, i: rank * (o + i),
        lambda o, i: 2 * o * bottleneck + bottleneck + o,
        lambda o, i: o,
    )


@wrong_way("peft.adapter", says="**skip connection** is missing")
def adapter_without_skip(x, down, down_bias, up, up_bias):
    return F.gelu(x @ down.T + down_bias) @ up.T + up_bias


@wrong_way("peft.adapter", says="**bends**")
def adapter_straight(x, down, down_bias, up, up_bias):
    return x + (x @ down.T + down_bias) @ up.T + up_bias


@wrong_way("peft.adapter", says="ReLU")
def adapter_relu(x, down, down_bias, up, up_bias):
    return x + (x @ down.T + down_bias).clamp(min=0) @ up.T + up_bias


@wrong_way("peft.adapter", says="SiLU")
def adapter_silu(x, down, down_bias, up, up_bias):
    narrow = x @ down.T + down_bias
    return x + (narrow * narrow.sigmoid()) @ up.T + up_bias


@wrong_way("peft.adapter", says="**approximation** by tanh")
def adapter_approximate(x, down, down_bias, up, up_bias):
    narrow = x @ down.T + down_bias
    narrow = 0.5 * narrow * (1 + torch.tanh(math.sqrt(2 / math.pi) * (narrow + 0.044715 * narrow**3)))
    return x + narrow @ up.T + up_bias


@wrong_way("peft.adapter", says="Both **biases** are missing")
def adapter_without_biases(x, down, down_bias, up, up_bias):
    return x + F.linear(F.gelu(F.linear(x, down)), up)


@wrong_way("peft.adapter", says="`up_bias` is missing")
def adapter_without_up_bias(x, down, down_bias, up, up_bias):
    return x + F.linear(F.gelu(F.linear(x, down, down_bias)), up)


@wrong_way("peft.adapter", says="**after** GELU")
def adapter_bias_late(x, down, down_bias, up, up_bias):
    return x + (F.gelu(x @ down.T) + down_bias) @ up.T + up_bias


@wrong_way("peft.adapter", says="**after** `up`")
def adapter_bent_late(x, down, down_bias, up, up_bias):
    return x + F.gelu((x @ down.T + down_bias) @ up.T + up_bias)


@wrong_way("peft.adapter", says="**twice**")
def adapter_bent_twice(x, down, down_bias, up, up_bias):
    return x + F.gelu(F.gelu(x @ down.T + down_bias) @ up.T + up_bias)


@wrong_way("peft.adapter", says="shapes do not go together")
def adapter_without_transposing(x, down, down_bias, up, up_bias):
    return x + F.gelu(x @ down + down_bias) @ up + up_bias


@wrong_way("peft.adapter", says="changes its input")
def adapter_in_place(x, down, down_bias, up, up_bias):
    x += F.linear(F.gelu(F.linear(x, down, down_bias)), up, up_bias)
    return x


def _text(real, causal):
    mask = real[:, None, :].repeat(1, real.shape[1], 1)
    return torch.tril(mask) if causal else mask


@wrong_way("peft.prefix_mask", says="reaches into your **prefix**")
def prefix_then_tril(real, n_prefix, causal):
    batch, n = real.shape
    mask = torch.cat((torch.ones(batch, n, n_prefix, dtype=torch.bool), _text(real, False)), dim=-1)
    return torch.tril(mask) if causal else mask


@wrong_way("peft.prefix_mask", says="rows for the **prefix**")
def prefix_square(real, n_prefix, causal):
    longer = F.pad(real, (n_prefix, 0), value=True)
    return _text(longer, causal)


@wrong_way("peft.prefix_mask", says="columns of the **prefix** are missing")
def prefix_forgotten(real, n_prefix, causal):
    return _text(real, causal)


@wrong_way("peft.prefix_mask", says="**hidden**")
def prefix_of_zeros(real, n_prefix, causal):
    return F.pad(_text(real, causal), (n_prefix, 0))


@wrong_way("peft.prefix_mask", says="**after** the text")
def prefix_behind(real, n_prefix, causal):
    return F.pad(_text(real, causal), (0, n_prefix), value=True)


@wrong_way("peft.prefix_mask", says="see **padding**")
def prefix_without_padding(real, n_prefix, causal):
    batch, n = real.shape
    text = torch.ones(batch, n, n, dtype=torch.bool)
    return F.pad(text.tril() if causal else text, (n_prefix, 0), value=True)


@wrong_way("peft.prefix_mask", says="do not use `causal`")
def prefix_never_causal(real, n_prefix, causal):
    return F.pad(_text(real, False), (n_prefix, 0), value=True)


@wrong_way("peft.prefix_mask", says="**always** causal")
def prefix_always_causal(real, n_prefix, causal):
    return F.pad(_text(real, True), (n_prefix, 0), value=True)


@wrong_way("peft.prefix_mask", says="hid the **rows** of padding: its columns")
def prefix_padding_in_rows(real, n_prefix, causal):
    n = real.shape[1]
    text = real[:, :, None].repeat(1, 1, n)
    return F.pad(text.tril() if causal else text, (n_prefix, 0), value=True)


@wrong_way("peft.prefix_mask", says="sees **nothing**")
def prefix_padding_blind(real, n_prefix, causal):
    return F.pad(_text(real, causal), (n_prefix, 0), value=True) & real[:, :, None]


@wrong_way("peft.prefix_mask", says="after** them")
def prefix_future(real, n_prefix, causal):
    text = _text(real, False)
    return F.pad(text.triu() if causal else text, (n_prefix, 0), value=True)


@wrong_way("peft.prefix_mask", says="where a key is **hidden**")
def prefix_inverted(real, n_prefix, causal):
    return ~F.pad(_text(real, causal), (n_prefix, 0), value=True)


@wrong_way("peft.prefix_mask", says="**added** to scores")
def prefix_to_be_added(real, n_prefix, causal):
    seen = F.pad(_text(real, causal), (n_prefix, 0), value=True)
    return torch.zeros(seen.shape).masked_fill(~seen, -1e9)


@wrong_way("peft.prefix_mask", says="**up** by n_prefix")
def prefix_moved_diagonal(real, n_prefix, causal):
    text = _text(real, False)
    return F.pad(text.tril(n_prefix) if causal else text, (n_prefix, 0), value=True)


@wrong_way("peft.importance", says="has a **sign**")
def importance_signed(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    now = weight * gradient
    sensitivity = beta1 * sensitivity + (1 - beta1) * now
    uncertainty = beta2 * uncertainty + (1 - beta2) * (now - sensitivity).abs()
    return sensitivity, uncertainty, sensitivity * uncertainty


@wrong_way("peft.importance", says="**old** average")
def importance_uncertainty_first(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    now = (weight * gradient).abs()
    uncertainty = beta2 * uncertainty + (1 - beta2) * (now - sensitivity).abs()
    sensitivity = beta1 * sensitivity + (1 - beta1) * now
    return sensitivity, uncertainty, sensitivity * uncertainty


@wrong_way("peft.importance", says="distance has a **sign**")
def importance_signed_distance(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    now = (weight * gradient).abs()
    sensitivity = beta1 * sensitivity + (1 - beta1) * now
    uncertainty = beta2 * uncertainty + (1 - beta2) * (now - sensitivity)
    return sensitivity, uncertainty, sensitivity * uncertainty


@wrong_way("peft.importance", says="Old and new are **exchanged**")
def importance_shares(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    now = (weight * gradient).abs()
    sensitivity = (1 - beta1) * sensitivity + beta1 * now
    uncertainty = (1 - beta2) * uncertainty + beta2 * (now - sensitivity).abs()
    return sensitivity, uncertainty, sensitivity * uncertainty


@wrong_way("peft.importance", says="**beta1** for both")
def importance_one_beta(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    now = (weight * gradient).abs()
    sensitivity = beta1 * sensitivity + (1 - beta1) * now
    uncertainty = beta1 * uncertainty + (1 - beta1) * (now - sensitivity).abs()
    return sensitivity, uncertainty, sensitivity * uncertainty


@wrong_way("peft.importance", says="**gradient** alone")
def importance_of_gradient(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    now = gradient.abs()
    sensitivity = beta1 * sensitivity + (1 - beta1) * now
    uncertainty = beta2 * uncertainty + (1 - beta2) * (now - sensitivity).abs()
    return sensitivity, uncertainty, sensitivity * uncertainty


@wrong_way("peft.importance", says="**weight** alone")
def importance_of_magnitude(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    now = weight.abs()
    sensitivity = beta1 * sensitivity + (1 - beta1) * now
    uncertainty = beta2 * uncertainty + (1 - beta2) * (now - sensitivity).abs()
    return sensitivity, uncertainty, sensitivity * uncertainty


@wrong_way("peft.importance", says="**sum**")
def importance_summed(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    now = (weight * gradient).abs()
    sensitivity = beta1 * sensitivity + (1 - beta1) * now
    uncertainty = beta2 * uncertainty + (1 - beta2) * (now - sensitivity).abs()
    return sensitivity, uncertainty, sensitivity + uncertainty


@wrong_way("peft.importance", says="**squared** the distance")
def importance_variance(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    now = (weight * gradient).abs()
    sensitivity = beta1 * sensitivity + (1 - beta1) * now
    uncertainty = beta2 * uncertainty + (1 - beta2) * (now - sensitivity) ** 2
    return sensitivity, uncertainty, sensitivity * uncertainty


@wrong_way("peft.importance", says="comes **last**")
def importance_score_first(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    now = (weight * gradient).abs()
    sensitivity = beta1 * sensitivity + (1 - beta1) * now
    uncertainty = beta2 * uncertainty + (1 - beta2) * (now - sensitivity).abs()
    return sensitivity * uncertainty, sensitivity, uncertainty


@wrong_way("peft.importance", says="one of 3 results, `score`")
def importance_score_alone(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    now = (weight * gradient).abs()
    sensitivity = beta1 * sensitivity + (1 - beta1) * now
    uncertainty = beta2 * uncertainty + (1 - beta2) * (now - sensitivity).abs()
    return sensitivity * uncertainty


@wrong_way("peft.importance", says="changes its input")
def importance_in_place(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    now = (weight * gradient).abs()
    sensitivity.mul_(beta1).add_((1 - beta1) * now)
    uncertainty.mul_(beta2).add_((1 - beta2) * (now - sensitivity).abs())
    return sensitivity, uncertainty, sensitivity * uncertainty


def _planned(step, initial, target, t_initial, t_final, total, between):
    if step <= t_initial:
        return initial
    if step > total - t_final:
        return target
    return between(1 - (step - t_initial) / (total - t_final - t_initial))


@wrong_way("peft.budget", says="along a **line**")
def budget_linear(step, initial, target, t_initial, t_final, total):
    return _planned(
        step, initial, target, t_initial, t_final, total, lambda left: int(target + (initial - target) * left)
    )


@wrong_way("peft.budget", says="**squared**")
def budget_square(step, initial, target, t_initial, t_final, total):
    return _planned(
        step, initial, target, t_initial, t_final, total, lambda left: int(target + (initial - target) * left * left)
    )


@wrong_way("peft.budget", says="no **parts** of ranks")
def budget_with_parts(step, initial, target, t_initial, t_final, total):
    return _planned(
        step, initial, target, t_initial, t_final, total, lambda left: target + (initial - target) * left**3
    )


@wrong_way("peft.budget", says="**nearest**")
def budget_nearest(step, initial, target, t_initial, t_final, total):
    return _planned(
        step, initial, target, t_initial, t_final, total, lambda left: round(target + (initial - target) * left**3)
    )


@wrong_way("peft.budget", says="time **gone**")
def budget_backwards(step, initial, target, t_initial, t_final, total):
    return _planned(
        step,
        initial,
        target,
        t_initial,
        t_final,
        total,
        lambda left: int(target + (initial - target) * (1 - left) ** 3),
    )


@wrong_way("peft.budget", says="**slowly**")
def budget_slow_at_first(step, initial, target, t_initial, t_final, total):
    return _planned(
        step,
        initial,
        target,
        t_initial,
        t_final,
        total,
        lambda left: int(initial - (initial - target) * (1 - left) ** 3),
    )


@wrong_way("peft.budget", says="to **0** between the two times: add `target`")
def budget_without_target(step, initial, target, t_initial, t_final, total):
    return _planned(step, initial, target, t_initial, t_final, total, lambda left: int((initial - target) * left**3))


@wrong_way("peft.budget", says="**too high**")
def budget_too_high(step, initial, target, t_initial, t_final, total):
    return _planned(step, initial, target, t_initial, t_final, total, lambda left: int(target + initial * left**3))


@wrong_way("peft.budget", says="**step 0**")
def budget_of_the_step(step, initial, target, t_initial, t_final, total):
    left = 1 - step / (total - t_final)
    return _planned(
        step, initial, target, t_initial, t_final, total, lambda _left: int(target + (initial - target) * left**3)
    )


@wrong_way("peft.budget", says="**last step**")
def budget_to_the_end(step, initial, target, t_initial, t_final, total):
    left = 1 - (step - t_initial) / (total - t_initial)
    return _planned(
        step, initial, target, t_initial, t_final, total, lambda _left: int(target + (initial - target) * left**3)
    )


@wrong_way("peft.budget", says="how many steps there are at the end")
def budget_final_as_step(step, initial, target, t_initial, t_final, total):
    if step <= t_initial:
        return initial
    if step > t_final:
        return target
    return int(target + (initial - target) * (1 - (step - t_initial) / (t_final - t_initial)) ** 3)


@wrong_way("peft.budget", says="**first** steps")
def budget_without_a_start(step, initial, target, t_initial, t_final, total):
    if step > total - t_final:
        return target
    if total - t_final == t_initial:
        return initial
    left = 1 - (step - t_initial) / (total - t_final - t_initial)
    return int(target + (initial - target) * left**3)


@wrong_way("peft.budget", says="**last** steps")
def budget_without_an_end(step, initial, target, t_initial, t_final, total):
    if step <= t_initial:
        return initial
    left = 1 - (step - t_initial) / max(total - t_final - t_initial, 1)
    return int(target + (initial - target) * left**3)


def _compared(x, outputs, query, key):
    return ((x @ query.T) * (outputs @ key.T)).sum(dim=-1)


def _mixed(weights, values):
    return (weights[..., None] * values).sum(dim=0)


@wrong_way("peft.fusion", says="over the **positions**")
def fusion_last_dimension(x, outputs, query, key, value):
    weights = _compared(x, outputs, query, key).softmax(dim=-1)
    return _mixed(weights, outputs @ value.T), weights


@wrong_way("peft.fusion", says="**√d**")
def fusion_scaled(x, outputs, query, key, value):
    weights = (_compared(x, outputs, query, key) / x.shape[-1] ** 0.5).softmax(dim=0)
    return _mixed(weights, outputs @ value.T), weights


@wrong_way("peft.fusion", says="**softmax** is missing")
def fusion_raw(x, outputs, query, key, value):
    scores = _compared(x, outputs, query, key)
    return _mixed(scores, outputs @ value.T), scores


@wrong_way("peft.fusion", says="mix the **outputs** themselves")
def fusion_without_values(x, outputs, query, key, value):
    weights = _compared(x, outputs, query, key).softmax(dim=0)
    return _mixed(weights, outputs), weights


@wrong_way("peft.fusion", says="mix the **keys**")
def fusion_of_keys(x, outputs, query, key, value):
    keys = outputs @ key.T
    weights = _compared(x, outputs, query, key).softmax(dim=0)
    return _mixed(weights, keys), weights


@wrong_way("peft.fusion", says="**three matrices**")
def fusion_without_transposing(x, outputs, query, key, value):
    weights = ((x @ query) * (outputs @ key)).sum(dim=-1).softmax(dim=0)
    return _mixed(weights, outputs @ value), weights


@wrong_way("peft.fusion", says="added x")
def fusion_with_residual(x, outputs, query, key, value):
    weights = _compared(x, outputs, query, key).softmax(dim=0)
    return x + _mixed(weights, outputs @ value.T), weights


@wrong_way("peft.fusion", says="(adapter, position)")
def fusion_positions_first(x, outputs, query, key, value):
    weights = _compared(x, outputs, query, key).softmax(dim=0)
    return _mixed(weights, outputs @ value.T), weights.T


@wrong_way("peft.fusion", says="**mean** over the adapters")
def fusion_averaged(x, outputs, query, key, value):
    weights = _compared(x, outputs, query, key).softmax(dim=0)
    return (weights[..., None] * (outputs @ value.T)).mean(dim=0), weights


@wrong_way("peft.fusion", says="return the weights, after softmax")
def fusion_scores_returned(x, outputs, query, key, value):
    scores = _compared(x, outputs, query, key)
    return _mixed(scores.softmax(dim=0), outputs @ value.T), scores


@wrong_way("peft.fusion", says="each **number** on its own")
def fusion_per_number(x, outputs, query, key, value):
    weights = ((x @ query.T) * (outputs @ key.T)).softmax(dim=0)
    return (weights * (outputs @ value.T)).sum(dim=0), weights


@wrong_way("peft.fusion", says="queries are of the **outputs**")
def fusion_self_attention(x, outputs, query, key, value):
    weights = ((outputs @ query.T) * (outputs @ key.T)).sum(dim=-1).softmax(dim=0)
    return _mixed(weights, outputs @ value.T), weights


@wrong_way("peft.fusion", says="**queries** do not count")
def fusion_added(x, outputs, query, key, value):
    weights = (x @ query.T + outputs @ key.T).sum(dim=-1).softmax(dim=0)
    return _mixed(weights, outputs @ value.T), weights


@wrong_way("peft.fusion", says="one of 2 results, `mix`")
def fusion_mix_alone(x, outputs, query, key, value):
    weights = _compared(x, outputs, query, key).softmax(dim=0)
    return _mixed(weights, outputs @ value.T)


@wrong_way("peft.lora", says="divided by the rank **twice**")
def lora_rank_squared(x, weight, down, up, alpha):
    return x @ weight.T + alpha / down.shape[0] * (x @ down.T @ up.T) / down.shape[0]


@wrong_way("peft.merge", says="divided by the rank **twice**")
def merged_rank_squared(weight, down, up, alpha):
    rank = len(down)
    return weight + (alpha / rank) * (up @ down / rank)


@wrong_way("peft.adapter", says="**normalized** x first")
def adapter_normalized_first(x, down, down_bias, up, up_bias):
    normed = F.layer_norm(x, x.shape[-1:])
    return x + F.linear(F.gelu(F.linear(normed, down, down_bias)), up, up_bias)


@wrong_way("peft.importance", says="**mean** over all weights")
def importance_of_all(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    now = (weight * gradient).abs().mean()
    sensitivity = beta1 * sensitivity + (1 - beta1) * now
    uncertainty = beta2 * uncertainty + (1 - beta2) * (now - sensitivity).abs()
    return sensitivity, uncertainty, sensitivity * uncertainty


@wrong_way("peft.budget", says="At step **t_initial**")
def budget_strict(step, initial, target, t_initial, t_final, total):
    if step < t_initial:
        return initial
    if step >= total - t_final:
        return target
    return int(target + (initial - target) * (1 - (step - t_initial) / (total - t_final - t_initial)) ** 3)


@wrong_way("peft.fusion", says="other **sign**")
def fusion_of_distances(x, outputs, query, key, value):
    weights = (-_compared(x, outputs, query, key)).softmax(dim=0)
    return _mixed(weights, outputs @ value.T), weights


@wrong_way("peft.prefix_mask", says="texts with **padding**")
def prefix_first_text_for_all(real, n_prefix, causal):
    return F.pad(_text(real[:1].expand_as(real), causal), (n_prefix, 0), value=True)


@wrong_way("peft.count_trained", says="`rank` for `bottleneck`")
def counted_bottleneck_as_rank(shapes, rank, bottleneck):
    return _counts(
        shapes,
        lambda o, i: o * i + o,
        lambda o, i: bottleneck * (o + i),
        lambda o, i: 2 * o * rank + rank + o,
        lambda o, i: o,
    )
