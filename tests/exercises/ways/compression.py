"""Right answers in other styles, for the exercises of the lesson `compression`."""

import itertools
import math
import struct

import numpy as np
import torch
import torch.nn.functional as F

from tests.exercises.ways.collected import other_way


@other_way("compression.soft_targets")
def targets_by_function(logits, temperature):
    return F.softmax(logits / temperature, dim=-1)


@other_way("compression.soft_targets")
def targets_by_powers(logits, temperature):
    powers = torch.exp((logits - logits.max(dim=1, keepdim=True).values) / temperature)
    return powers / powers.sum(dim=1, keepdim=True)


@other_way("compression.soft_targets")
def targets_by_logarithms(logits, temperature):
    scaled = logits / temperature
    return (scaled - scaled.logsumexp(dim=1, keepdim=True)).exp()


@other_way("compression.soft_targets")
def targets_row_by_row(logits, temperature):
    rows = []
    for row in logits.tolist():
        powers = [math.exp((logit - max(row)) / temperature) for logit in row]
        rows.append([power / sum(powers) for power in powers])
    return rows


@other_way("compression.soft_targets")
def targets_in_numpy(logits, temperature):
    scaled = logits.numpy() / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@other_way("compression.soft_targets")
def targets_of_probabilities(logits, temperature):
    return (logits.double().log_softmax(dim=1) / temperature).softmax(dim=1)


@other_way("compression.distillation_loss")
def loss_by_kl_div(student_logits, teacher_logits, temperature):
    student = F.log_softmax(student_logits / temperature, dim=1)
    teacher = F.softmax(teacher_logits / temperature, dim=1)
    return F.kl_div(student, teacher, reduction="batchmean") * temperature**2


@other_way("compression.distillation_loss")
def loss_by_kl_div_of_logarithms(student_logits, teacher_logits, temperature):
    logs = [F.log_softmax(logits / temperature, dim=-1) for logits in (student_logits, teacher_logits)]
    return F.kl_div(*logs, log_target=True, reduction="sum") / len(student_logits) * temperature * temperature


@other_way("compression.distillation_loss")
def loss_as_a_difference_of_entropies(student_logits, teacher_logits, temperature):
    teacher = (teacher_logits.double() / temperature).softmax(dim=1)
    cross = F.cross_entropy(student_logits.double() / temperature, teacher)
    return temperature**2 * (cross - torch.special.entr(teacher).sum(dim=1).mean())


@other_way("compression.distillation_loss")
def loss_row_by_row(student_logits, teacher_logits, temperature):
    def logs(row):
        scaled = [logit / temperature for logit in row]
        total = max(scaled) + math.log(sum(math.exp(one - max(scaled)) for one in scaled))
        return [one - total for one in scaled]

    rows = [
        sum(math.exp(p) * (p - q) for p, q in zip(logs(teacher), logs(student), strict=True))
        for student, teacher in zip(student_logits.tolist(), teacher_logits.tolist(), strict=True)
    ]
    return temperature**2 * sum(rows) / len(rows)


@other_way("compression.distillation_loss")
def loss_in_numpy(student_logits, teacher_logits, temperature):
    def logs(logits):
        scaled = logits.double().numpy() / temperature
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        return scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True))

    student, teacher = logs(student_logits), logs(teacher_logits)
    return np.mean(np.sum(np.exp(teacher) * (teacher - student), axis=1)) * temperature**2


@other_way("compression.two_tasks")
def tasks_in_a_loop(question, label, rationale):
    pairs = []
    for prefix, target in (("predict", label), ("explain", rationale)):
        if prefix == "predict" or target.strip() != "":
            pairs.append((f"{prefix}: {question}", target))
    return pairs


@other_way("compression.two_tasks")
def tasks_with_a_condition(question, label, rationale):
    if not rationale or rationale.isspace():
        return [(f"predict: {question}", label)]
    return [(f"predict: {question}", label), (f"explain: {question}", rationale)]


@other_way("compression.two_tasks")
def tasks_generated(question, label, rationale):
    yield "predict: " + question, label
    if rationale.split():
        yield "explain: " + question, rationale


@other_way("compression.two_tasks")
def tasks_cut_short(question, label, rationale):
    both = (["predict: " + question, label], ["explain: " + question, rationale])
    return both[: 1 + bool(rationale.strip())]


@other_way("compression.two_tasks")
def tasks_of_a_dictionary(question, label, rationale):
    targets = {"predict: ": label}
    if any(not sign.isspace() for sign in rationale):
        targets["explain: "] = rationale
    return [(prefix + question, target) for prefix, target in targets.items()]


@other_way("compression.quantize_rows")
def rows_by_where(weight):
    largest = weight.abs().max(dim=1).values
    scales = torch.where(largest > 0, largest / 127, torch.ones_like(largest))
    return torch.round(weight / scales.unsqueeze(1)).to(torch.int8), scales


@other_way("compression.quantize_rows")
def rows_in_lists(weight):
    numbers, scales = [], []
    for row in weight.tolist():
        largest = max(abs(one) for one in row)
        scale = largest / 127 if largest else 1.0
        numbers.append([round(one / scale) for one in row])
        scales.append(scale)
    return numbers, scales


@other_way("compression.quantize_rows")
def rows_in_numpy(weight):
    array = weight.double().numpy()
    scales = np.abs(array).max(axis=1) / 127
    scales = np.where(scales == 0, 1, scales)
    return np.rint(array / scales[:, None]).astype(np.int8), scales


@other_way("compression.quantize_rows")
def rows_one_by_one(weight):
    scales = torch.ones(len(weight))
    numbers = torch.zeros(weight.shape, dtype=torch.int)
    for place, row in enumerate(weight):
        if row.any():
            scales[place] = row.abs().max() / 127
            numbers[place] = (row / scales[place]).round().int()
    return numbers, scales


@other_way("compression.quantize_rows")
def rows_by_masking(weight):
    scales = weight.norm(p=math.inf, dim=1) / 127
    scales = scales.masked_fill(scales == 0, 1.0)
    return torch.floor(weight / scales[:, None] + 0.5).clamp(-127, 127), scales


@other_way("compression.quantize_rows")
def rows_by_range(weight):
    largest = torch.maximum(weight.amax(dim=1), -weight.amin(dim=1))
    largest[largest == 0] = 127
    return (weight * 127 / largest[:, None]).round(), largest / 127


@other_way("compression.pack_nibbles")
def nibbles_by_bits(values):
    packed = []
    for place in range(0, len(values), 2):
        high = values[place + 1] if place + 1 < len(values) else 0
        packed.append((values[place] & 0x0F) | (high & 0x0F) << 4)
    return packed


@other_way("compression.pack_nibbles")
def nibbles_in_numpy(values):
    bits = np.array([*values, 0], dtype=np.int64)[: (len(values) + 1) // 2 * 2] & 15
    return bits[::2] + 16 * bits[1::2]


@other_way("compression.pack_nibbles")
def nibbles_in_a_tensor(values):
    numbers = F.pad(torch.tensor(values, dtype=torch.long), (0, len(values) % 2)) % 16
    return (numbers.reshape(-1, 2) * torch.tensor([1, 16])).sum(dim=1)


@other_way("compression.pack_nibbles")
def nibbles_pair_by_pair(values):
    pairs = itertools.zip_longest(values[::2], values[1::2], fillvalue=0)
    return [(high % 16) * 16 + low % 16 for low, high in pairs]


@other_way("compression.pack_nibbles")
def nibbles_by_recursion(values):
    if not values:
        return []
    low, *rest = values
    high, *rest = rest or [0]
    return [int(f"{high % 16:x}{low % 16:x}", 16), *nibbles_by_recursion(rest)]


@other_way("compression.pack_nibbles")
def nibbles_by_struct(values):
    halves = [struct.pack("b", value)[0] & 15 for value in values]
    return [sum(half << 4 * place for place, half in enumerate(halves[i : i + 2])) for i in range(0, len(halves), 2)]


@other_way("compression.prune_mask")
def mask_of_places(weight, share):
    mask = torch.ones(weight.numel(), dtype=torch.bool)
    order = torch.argsort(weight.abs().reshape(-1), stable=True)
    mask[order[: round(share * weight.numel())]] = False
    return mask.view(weight.shape)


@other_way("compression.prune_mask")
def mask_in_lists(weight, share):
    rows = weight.tolist()
    places = [(abs(one), i, j) for i, row in enumerate(rows) for j, one in enumerate(row)]
    mask = [[True] * len(row) for row in rows]
    for _size, i, j in sorted(places)[: round(share * len(places))]:
        mask[i][j] = False
    return mask


@other_way("compression.prune_mask")
def mask_in_numpy(weight, share):
    array = np.abs(weight.numpy())
    mask = np.full(array.size, True)
    mask[np.argsort(array, axis=None, kind="stable")[: round(share * array.size)]] = False
    return mask.reshape(array.shape)


@other_way("compression.prune_mask")
def mask_one_after_another(weight, share):
    sizes = weight.abs().flatten().tolist()
    left = list(range(len(sizes)))
    for _weight in range(round(share * len(sizes))):
        left.remove(min(left, key=lambda place: sizes[place]))
    return torch.isin(torch.arange(len(sizes)), torch.tensor(left, dtype=torch.long)).reshape(weight.shape)


@other_way("compression.prune_mask")
def mask_of_a_threshold(weight, share):
    sizes = weight.abs().flatten()
    n = int(share * len(sizes) + 0.5)
    if n == 0:
        return torch.ones_like(weight, dtype=torch.bool)
    threshold = sizes.kthvalue(n).values
    equal = sizes == threshold
    stay = (sizes > threshold) | (equal & (equal.cumsum(0) > n - (sizes < threshold).sum()))
    return stay.reshape(weight.shape)


@other_way("compression.prune_mask")
def mask_by_squares(weight, share):
    order = (weight.double() ** 2).flatten().sort(stable=True).indices
    stay = torch.zeros(weight.numel())
    stay[order[round(share * weight.numel()) :]] = 1
    return stay.reshape(weight.shape).bool()


@other_way("compression.wanda_mask")
def wanda_by_places(weight, inputs, share):
    scores = weight.abs() * inputs.square().sum(dim=0).sqrt()
    mask = torch.ones_like(weight, dtype=torch.bool)
    places = scores.argsort(dim=1, stable=True)[:, : round(share * weight.shape[1])]
    return mask.scatter(1, places, value=False)


@other_way("compression.wanda_mask")
def wanda_row_by_row(weight, inputs, share):
    norms = torch.linalg.vector_norm(inputs, dim=0)
    mask = torch.full(weight.shape, True)
    for place, row in enumerate(weight):
        mask[place, torch.argsort(row.abs() * norms, stable=True)[: round(share * len(row))]] = False
    return mask


@other_way("compression.wanda_mask")
def wanda_in_lists(weight, inputs, share):
    norms = [math.hypot(*column) for column in zip(*inputs.tolist(), strict=True)]
    mask = []
    for row in weight.tolist():
        scores = [abs(one) * norm for one, norm in zip(row, norms, strict=True)]
        order = sorted(range(len(row)), key=scores.__getitem__)
        gone = set(order[: round(share * len(row))])
        mask.append([place not in gone for place in range(len(row))])
    return mask


@other_way("compression.wanda_mask")
def wanda_in_numpy(weight, inputs, share):
    scores = np.abs(weight.double().numpy()) * np.linalg.norm(inputs.double().numpy(), axis=0)
    ranks = np.argsort(np.argsort(scores, axis=1, kind="stable"), axis=1)
    return ranks >= round(share * scores.shape[1])


@other_way("compression.wanda_mask")
def wanda_by_squares(weight, inputs, share):
    scores = weight.double() ** 2 * (inputs.double() ** 2).mean(dim=0)
    order = scores.sort(dim=1, stable=True).indices
    mask = torch.zeros_like(weight).scatter(1, order[:, round(share * weight.shape[1]) :], 1.0)
    return mask == 1


@other_way("compression.wanda_mask")
def wanda_by_comparing(weight, inputs, share):
    scores = weight.abs() * (inputs**2).sum(dim=0) ** 0.5
    place = torch.arange(weight.shape[1])
    first, second = scores[:, :, None], scores[:, None, :]
    before = (second < first) | ((second == first) & (place[None, :] < place[:, None]))
    return before.sum(dim=2) >= round(share * weight.shape[1])
