"""Wrong answers as learners give them, for the exercises of the lesson `compression`."""

import itertools

import numpy as np
import torch
import torch.nn.functional as F

from tests.exercises.wrong.collected import wrong_way


@wrong_way("compression.soft_targets", says="do not use the **temperature**")
def targets_without_temperature(logits, temperature):
    return F.softmax(logits, dim=-1)


@wrong_way("compression.soft_targets", says="**multiply** by the temperature")
def targets_multiplied(logits, temperature):
    return F.softmax(logits * temperature, dim=-1)


@wrong_way("compression.soft_targets", says="divide the **probabilities**")
def targets_divided_after(logits, temperature):
    return F.softmax(logits, dim=-1) / temperature


@wrong_way("compression.soft_targets", says="over the **rows**")
def targets_over_rows(logits, temperature):
    return F.softmax(logits / temperature, dim=0)


@wrong_way("compression.soft_targets", says="**All** rows share 1")
def targets_of_one_sum(logits, temperature):
    powers = torch.exp((logits - logits.max()) / temperature)
    return powers / powers.sum()


@wrong_way("compression.soft_targets", says="Only **large** logits go wrong")
def targets_that_overflow(logits, temperature):
    powers = torch.exp(logits / temperature)
    return powers / powers.sum(dim=-1, keepdim=True)


@wrong_way("compression.soft_targets", says="**add up to 1**")
def targets_not_shared(logits, temperature):
    return torch.exp(logits / temperature)


@wrong_way("compression.soft_targets", says="**logarithms**")
def targets_as_logarithms(logits, temperature):
    return F.log_softmax(logits / temperature, dim=1)


@wrong_way("compression.soft_targets", says="**two** softmaxes")
def targets_softened_twice(logits, temperature):
    return F.softmax(F.softmax(logits, dim=1) / temperature, dim=1)


@wrong_way("compression.soft_targets", says="**sigmoid**")
def targets_by_sigmoid(logits, temperature):
    return torch.sigmoid(logits / temperature)


@wrong_way("compression.soft_targets", says="powers of probabilities")
def targets_of_powers(logits, temperature):
    return F.softmax(logits, dim=1).pow(1 / temperature)


@wrong_way("compression.soft_targets", says="**hard** label")
def targets_as_labels(logits, temperature):
    return (logits == logits.max(dim=1, keepdim=True).values) & (
        torch.arange(logits.shape[1]) == logits.argmax(dim=1, keepdim=True)
    )


@wrong_way("compression.soft_targets", says="a softmax is missing")
def targets_as_logits(logits, temperature):
    return logits / temperature


@wrong_way("compression.distillation_loss", says="factor **T²** is missing")
def loss_without_factor(student_logits, teacher_logits, temperature):
    student = F.log_softmax(student_logits / temperature, dim=1)
    return F.kl_div(student, F.softmax(teacher_logits / temperature, dim=1), reduction="batchmean")


@wrong_way("compression.distillation_loss", says="mean over the **classes**, too")
def loss_by_default_mean(student_logits, teacher_logits, temperature):
    student = F.log_softmax(student_logits / temperature, dim=1)
    return F.kl_div(student, F.softmax(teacher_logits / temperature, dim=1), reduction="none").mean() * temperature**2


@wrong_way("compression.distillation_loss", says="**add up** over the rows")
def loss_as_a_sum(student_logits, teacher_logits, temperature):
    student = F.log_softmax(student_logits / temperature, dim=1)
    return F.kl_div(student, F.softmax(teacher_logits / temperature, dim=1), reduction="sum") * temperature**2


@wrong_way("compression.distillation_loss", says="KL(student ‖ teacher)")
def loss_the_other_way_round(student_logits, teacher_logits, temperature):
    teacher = F.log_softmax(teacher_logits / temperature, dim=1)
    return F.kl_div(teacher, F.softmax(student_logits / temperature, dim=1), reduction="batchmean") * temperature**2


@wrong_way("compression.distillation_loss", says="`F.kl_div` takes **logarithms**")
def loss_of_probabilities(student_logits, teacher_logits, temperature):
    student = F.softmax(student_logits / temperature, dim=1)
    return F.kl_div(student, F.softmax(teacher_logits / temperature, dim=1), reduction="batchmean") * temperature**2


@wrong_way("compression.distillation_loss", says="**cross-entropy**, which is not 0")
def loss_as_cross_entropy(student_logits, teacher_logits, temperature):
    return F.cross_entropy(student_logits / temperature, F.softmax(teacher_logits / temperature, dim=1)) * (
        temperature**2
    )


@wrong_way("compression.distillation_loss", says="as a **label**")
def loss_of_hard_labels(student_logits, teacher_logits, temperature):
    return F.cross_entropy(student_logits, teacher_logits.argmax(dim=-1))


@wrong_way("compression.distillation_loss", says="**student's** logits alone")
def loss_with_a_cold_teacher(student_logits, teacher_logits, temperature):
    student = F.log_softmax(student_logits / temperature, dim=1)
    return F.kl_div(student, F.softmax(teacher_logits, dim=1), reduction="batchmean") * temperature**2


@wrong_way("compression.distillation_loss", says="do not use the **temperature**")
def loss_without_temperature(student_logits, teacher_logits, temperature):
    return F.kl_div(F.log_softmax(student_logits, -1), F.softmax(teacher_logits, -1), reduction="batchmean")


@wrong_way("compression.distillation_loss", says="0 · ∞ no number")
def loss_of_naive_logarithms(student_logits, teacher_logits, temperature):
    p, q = (teacher_logits / temperature).softmax(1), (student_logits / temperature).softmax(1)
    return temperature**2 * (p * (p.log() - q.log())).sum(1).mean()


@wrong_way("compression.distillation_loss", says="for **each row**")
def loss_of_each_row(student_logits, teacher_logits, temperature):
    student = F.log_softmax(student_logits / temperature, dim=1)
    teacher = F.softmax(teacher_logits / temperature, dim=1)
    return F.kl_div(student, teacher, reduction="none").sum(dim=1) * temperature**2


@wrong_way("compression.distillation_loss", says="**squared** differences of logits")
def loss_of_squares(student_logits, teacher_logits, temperature):
    return F.mse_loss(student_logits, teacher_logits)


@wrong_way("compression.two_tasks", says="**prefixes** are missing")
def tasks_without_prefixes(question, label, rationale):
    pairs = [(question, label)]
    if rationale.strip():
        pairs.append((question, rationale))
    return pairs


@wrong_way("compression.two_tasks", says="**without text** has a pair")
def tasks_that_are_always_two(question, label, rationale):
    return [(f"predict: {question}", label), (f"explain: {question}", rationale)]


@wrong_way("compression.two_tasks", says="Only questions **without a rationale** go wrong")
def tasks_with_an_empty_test(question, label, rationale):
    pairs = [(f"predict: {question}", label)]
    if not rationale:
        return pairs + pairs
    return [*pairs, ("explain: " + question, rationale)] if rationale.strip() else [*pairs, ("", "")]


@wrong_way("compression.two_tasks", says="**chain of thought**")
def tasks_as_a_chain(question, label, rationale):
    return [("predict: " + question, (rationale + " " + label).strip())]


@wrong_way("compression.two_tasks", says="**reads** the rationale in the first task")
def tasks_with_steps_read(question, label, rationale):
    pairs = [
        (("predict: " + question + " " + rationale).rstrip() if rationale.strip() else "predict: " + question, label)
    ]
    return pairs + [("explain: " + question, rationale)] * bool(rationale.strip())


@wrong_way("compression.two_tasks", says="**targets** are exchanged")
def tasks_with_exchanged_targets(question, label, rationale):
    if not rationale.strip():
        return [("predict: " + question, label)]
    return [("predict: " + question, rationale), ("explain: " + question, label)]


@wrong_way("compression.two_tasks", says="**space** after the colon")
def tasks_without_a_space(question, label, rationale):
    pairs = [("predict:" + question, label)]
    return [*pairs, ("explain:" + question, rationale)] if rationale.strip() else pairs


@wrong_way("compression.two_tasks", says="a list of pairs")
def tasks_as_a_dictionary(question, label, rationale):
    tasks = {"predict: " + question: label}
    if rationale.strip():
        tasks["explain: " + question] = rationale
    return tasks


@wrong_way("compression.two_tasks", says="**strip** the texts")
def tasks_stripped(question, label, rationale):
    pairs = [("predict: " + question.strip(), label.strip())]
    return [*pairs, ("explain: " + question.strip(), rationale.strip())] if rationale.strip() else pairs


@wrong_way("compression.two_tasks", says="**Both** tasks have the prefix `predict: `")
def tasks_of_one_prefix(question, label, rationale):
    return [("predict: " + question, target) for target in (label, rationale) if target.strip()]


@wrong_way("compression.two_tasks", says="The task of the **rationale** is missing")
def tasks_of_labels(question, label, rationale):
    return [("predict: " + question, label)]


@wrong_way("compression.two_tasks", says="comes **first** in yours")
def tasks_in_the_other_order(question, label, rationale):
    pairs = [("predict: " + question, label)]
    if rationale.strip():
        pairs.insert(0, ("explain: " + question, rationale))
    return pairs


@wrong_way("compression.quantize_rows", says="**one** scale")
def rows_of_one_scale(weight):
    scale = weight.abs().max() / 127
    scale = scale if scale > 0 else torch.tensor(1.0)
    return torch.round(weight / scale), scale.repeat(len(weight))


@wrong_way("compression.quantize_rows", says="**zeros**")
def rows_with_nan(weight):
    scales = weight.abs().amax(dim=1) / 127
    return torch.round(weight / scales[:, None]), scales


@wrong_way("compression.quantize_rows", says="divide by **128**")
def rows_of_128(weight):
    scales = weight.abs().amax(dim=1) / 128
    scales[scales == 0] = 1
    return torch.round(weight / scales[:, None]), scales


@wrong_way("compression.quantize_rows", says="**fraction**")
def rows_cut_off(weight):
    scales = weight.abs().amax(dim=1) / 127
    scales[scales == 0] = 1
    return (weight / scales[:, None]).to(torch.int8), scales


@wrong_way("compression.quantize_rows", says="each **column**")
def rows_by_column(weight):
    scales = weight.abs().amax(dim=0) / 127
    scales[scales == 0] = 1
    return torch.round(weight / scales), scales


@wrong_way("compression.quantize_rows", says="with its **sign**")
def rows_of_signed_largest(weight):
    scales = weight.max(dim=1).values / 127
    scales[scales == 0] = 1
    return torch.round(weight / scales[:, None]), scales


@wrong_way("compression.quantize_rows", says="**exchanged**")
def rows_exchanged(weight):
    scales = weight.abs().amax(dim=1) / 127
    scales[scales == 0] = 1
    return scales, torch.round(weight / scales[:, None])


@wrong_way("compression.quantize_rows", says="are a **column**")
def rows_with_a_column(weight):
    scales = weight.abs().amax(dim=1, keepdim=True) / 127
    scales[scales == 0] = 1
    return torch.round(weight / scales), scales


@wrong_way("compression.quantize_rows", says="**range** over 255")
def rows_of_a_range(weight):
    scales = (weight.max(dim=1).values - weight.min(dim=1).values) / 255
    scales[scales == 0] = 1
    return torch.round(weight / scales[:, None]), scales


@wrong_way("compression.quantize_rows", says="not **rounded**")
def rows_not_rounded(weight):
    scales = weight.abs().amax(dim=1) / 127
    scales[scales == 0] = 1
    return weight / scales[:, None], scales


@wrong_way("compression.quantize_rows", says="**small** weights")
def rows_with_a_smallest_scale(weight):
    scales = (weight.abs().amax(dim=1) / 127).clamp(min=1e-3)
    scales[~weight.any(dim=1)] = 1
    return torch.round(weight / scales[:, None]), scales


@wrong_way("compression.quantize_rows", says="multiply the numbers by their scale **again**")
def rows_dequantized(weight):
    scales = weight.abs().amax(dim=1) / 127
    scales[scales == 0] = 1
    return torch.round(weight / scales[:, None]) * scales[:, None], scales


@wrong_way("compression.pack_nibbles", says="is the **upper** half")
def nibbles_upper_first(values):
    padded = values + [0] * (len(values) % 2)
    return [(padded[i] & 15) << 4 | padded[i + 1] & 15 for i in range(0, len(padded), 2)]


@wrong_way("compression.pack_nibbles", says="You **add 8**")
def nibbles_moved_by_8(values):
    moved = [value + 8 for value in values] + [0] * (len(values) % 2)
    return [moved[i] | moved[i + 1] << 4 for i in range(0, len(moved), 2)]


@wrong_way("compression.pack_nibbles", says="is missing: it has a byte, too")
def nibbles_of_whole_pairs(values):
    bits = [value % 16 for value in values]
    return [low + 16 * high for low, high in zip(bits[::2], bits[1::2], strict=False)]


@wrong_way("compression.pack_nibbles", says="Only lists of **odd** length go wrong")
def nibbles_without_the_last_half(values):
    bits = [value % 16 for value in values]
    return [bits[i] + 16 * bits[i + 1] for i in range(0, len(bits), 2)]


@wrong_way("compression.pack_nibbles", says="**as they are**")
def nibbles_of_signed_numbers(values):
    padded = values + [0] * (len(values) % 2)
    return [padded[i] + 16 * padded[i + 1] for i in range(0, len(padded), 2)]


@wrong_way("compression.pack_nibbles", says="**spread**")
def nibbles_whose_signs_spread(values):
    padded = np.array(values + [0] * (len(values) % 2), dtype=np.int8)
    return ((padded[::2] | padded[1::2] << 4).astype(np.uint8)).tolist()


@wrong_way("compression.pack_nibbles", says="**overlap**")
def nibbles_of_all_neighbours(values):
    bits = [value % 16 for value in values]
    return [low | high << 4 for low, high in itertools.pairwise(bits)]


@wrong_way("compression.pack_nibbles", says="return a list of numbers")
def nibbles_as_bytes(values):
    padded = [value % 16 for value in values] + [0] * (len(values) % 2)
    return bytes(padded[i] | padded[i + 1] << 4 for i in range(0, len(padded), 2))


@wrong_way("compression.pack_nibbles", says="go from **-128** to 127")
def nibbles_as_int8(values):
    padded = [value % 16 for value in values] + [0] * (len(values) % 2)
    packed = [padded[i] | padded[i + 1] << 4 for i in range(0, len(padded), 2)]
    return np.array(packed, dtype=np.uint8).astype(np.int8)


@wrong_way("compression.pack_nibbles", says="first **half** of the list")
def nibbles_of_two_halves(values):
    padded = [value % 16 for value in values] + [0] * (len(values) % 2)
    half = len(padded) // 2
    return [padded[i] | padded[half + i] << 4 for i in range(half)]


@wrong_way("compression.pack_nibbles", says="drop the **sign**")
def nibbles_of_sizes(values):
    padded = [abs(value) for value in values] + [0] * (len(values) % 2)
    return [padded[i] | padded[i + 1] << 4 for i in range(0, len(padded), 2)]


@wrong_way("compression.pack_nibbles", says="the **same** bits: move one by four")
def nibbles_on_top_of_each_other(values):
    padded = [value % 16 for value in values] + [0] * (len(values) % 2)
    return [padded[i] | padded[i + 1] for i in range(0, len(padded), 2)]


@wrong_way("compression.prune_mask", says="A **quantile** is a threshold")
def mask_of_a_quantile(weight, share):
    return weight.abs() > torch.quantile(weight.abs(), share)


@wrong_way("compression.prune_mask", says="**all** weights that equal the largest pruned one")
def mask_of_the_kth_value(weight, share):
    n = round(share * weight.numel())
    if n == 0:
        return torch.ones_like(weight).bool()
    return weight.abs() > weight.abs().flatten().kthvalue(n).values


@wrong_way("compression.prune_mask", says="True where a weight is **pruned**")
def mask_turned_round(weight, share):
    mask = torch.zeros(weight.numel(), dtype=torch.bool)
    mask[weight.abs().flatten().argsort(stable=True)[: round(share * weight.numel())]] = True
    return mask.view_as(weight)


@wrong_way("compression.prune_mask", says="with their **sign**")
def mask_of_signed_weights(weight, share):
    mask = torch.ones(weight.numel(), dtype=torch.bool)
    mask[weight.flatten().argsort(stable=True)[: round(share * weight.numel())]] = False
    return mask.view_as(weight)


@wrong_way("compression.prune_mask", says="each **row**")
def mask_row_by_row(weight, share):
    mask = torch.ones_like(weight, dtype=torch.bool)
    for place, row in enumerate(weight):
        mask[place, row.abs().argsort(stable=True)[: round(share * len(row))]] = False
    return mask


@wrong_way("compression.prune_mask", says="the **largest** weights")
def mask_of_the_largest(weight, share):
    mask = torch.ones(weight.numel(), dtype=torch.bool)
    mask[weight.abs().flatten().argsort(descending=True, stable=True)[: round(share * weight.numel())]] = False
    return mask.view_as(weight)


@wrong_way("compression.prune_mask", says="the part that **stays**")
def mask_of_what_stays(weight, share):
    mask = torch.ones(weight.numel(), dtype=torch.bool)
    mask[weight.abs().flatten().argsort(stable=True)[: weight.numel() - round(share * weight.numel())]] = False
    return mask.view_as(weight)


@wrong_way("compression.prune_mask", says="not the rank of each")
def mask_by_argsort_alone(weight, share):
    return (weight.abs().flatten().argsort(stable=True) >= round(share * weight.numel())).view_as(weight)


@wrong_way("compression.prune_mask", says="**down**")
def mask_of_int(weight, share):
    mask = torch.ones(weight.numel(), dtype=torch.bool)
    mask[weight.abs().flatten().argsort(stable=True)[: int(share * weight.numel())]] = False
    return mask.view_as(weight)


@wrong_way("compression.prune_mask", says="share of the **largest** weight")
def mask_relative_to_the_largest(weight, share):
    return weight.abs() > share * weight.abs().max()


@wrong_way("compression.prune_mask", says="the pruned **weights**")
def mask_applied(weight, share):
    pruned = weight.clone().flatten()
    pruned[weight.abs().flatten().argsort(stable=True)[: round(share * weight.numel())]] = 0
    return pruned.view_as(weight)


@wrong_way("compression.prune_mask", says="Your mask is **flat**")
def mask_without_shape(weight, share):
    mask = torch.ones(weight.numel(), dtype=torch.bool)
    mask[weight.abs().flatten().argsort(stable=True)[: round(share * weight.numel())]] = False
    return mask


def wanda_of(scores, share):
    """The mask of scores, each row by itself."""
    mask = torch.ones_like(scores, dtype=torch.bool)
    return mask.scatter(1, scores.argsort(dim=1, stable=True)[:, : round(share * scores.shape[1])], value=False)


@wrong_way("compression.wanda_mask", says="by the **weights** alone")
def wanda_without_inputs(weight, inputs, share):
    return wanda_of(weight.abs(), share)


@wrong_way("compression.wanda_mask", says="by the **inputs** alone")
def wanda_without_weights(weight, inputs, share):
    return wanda_of(inputs.norm(dim=0).repeat(len(weight), 1), share)


@wrong_way("compression.wanda_mask", says="whole **matrix**")
def wanda_of_the_matrix(weight, inputs, share):
    scores = (weight.abs() * inputs.norm(dim=0)).flatten()
    mask = torch.ones(len(scores), dtype=torch.bool)
    mask[scores.argsort(stable=True)[: round(share * len(scores))]] = False
    return mask.view_as(weight)


@wrong_way("compression.wanda_mask", says="with their **sign**")
def wanda_of_signed_weights(weight, inputs, share):
    return wanda_of(weight * inputs.norm(dim=0), share)


@wrong_way("compression.wanda_mask", says="a root is missing")
def wanda_of_squared_norms(weight, inputs, share):
    return wanda_of(weight.abs() * (inputs**2).sum(dim=0), share)


@wrong_way("compression.wanda_mask", says="**absolute** inputs")
def wanda_of_sums(weight, inputs, share):
    return wanda_of(weight.abs() * inputs.abs().sum(0), share)


@wrong_way("compression.wanda_mask", says="**absolute** inputs")
def wanda_of_mean_sizes(weight, inputs, share):
    return wanda_of(weight.abs() * inputs.abs().mean(0), share)


@wrong_way("compression.wanda_mask", says="**mean** of each column")
def wanda_of_means(weight, inputs, share):
    return wanda_of(weight.abs() * inputs.mean(0).abs(), share)


@wrong_way("compression.wanda_mask", says="**largest** input")
def wanda_of_the_largest(weight, inputs, share):
    return wanda_of(weight.abs() * inputs.abs().max(dim=0).values, share)


@wrong_way("compression.wanda_mask", says="the **highest** scores")
def wanda_upside_down(weight, inputs, share):
    return wanda_of(-weight.abs() * inputs.norm(dim=0), share)


@wrong_way("compression.wanda_mask", says="True where a weight is **pruned**")
def wanda_turned_round(weight, inputs, share):
    return ~wanda_of(weight.abs() * inputs.norm(dim=0), share)


@wrong_way("compression.wanda_mask", says="each **column**")
def wanda_column_by_column(weight, inputs, share):
    return wanda_of((weight.abs() * inputs.norm(dim=0)).mT, share).mT


@wrong_way("compression.wanda_mask", says="A **quantile** is a threshold")
def wanda_of_a_quantile(weight, inputs, share):
    scores = weight.abs() * inputs.norm(dim=0)
    return scores > torch.quantile(scores, share, dim=1, keepdim=True)


@wrong_way("compression.wanda_mask", says="not the rank of each")
def wanda_by_argsort_alone(weight, inputs, share):
    order = (weight.abs() * inputs.norm(dim=0)).argsort(dim=1, stable=True)
    return order >= round(share * weight.shape[1])
