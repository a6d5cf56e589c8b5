"""Arguments for the exercises of the lesson `compression`."""

import torch

from course.exercises.compression.rows import clear
from course.exercises.compression.wanda import apart
from tests.exercises.inputs.collected import inputs


def normal(random, *shape):
    generator = torch.Generator().manual_seed(random.randrange(1 << 30))
    return torch.randn(*shape, generator=generator)


def share_of(random, n):
    """A share of n things that is never halfway between two counts."""
    while True:
        share = random.choice([0.0, 0.1, 0.25, 0.3, 0.5, 0.6, 0.75, 0.9, 1.0, round(random.random(), 2)])
        if abs(share * n % 1 - 0.5) > 0.01:
            return share


@inputs("compression.soft_targets")
def logits_and_temperatures(random):
    while True:
        size, moved = random.choice([0.5, 2.0, 5.0, 60.0]), random.choice([0.0, 0.0, -3.0, 300.0])
        logits = size * normal(random, random.randint(1, 4), random.randint(2, 6)) + moved
        yield logits, random.choice([0.5, 1.0, 1.5, 2.0, 4.0, 10.0])


@inputs("compression.distillation_loss")
def students_and_teachers(random):
    while True:
        rows, classes = random.randint(1, 4), random.randint(2, 6)
        student, teacher = (random.choice([0.5, 2.0, 4.0]) * normal(random, rows, classes) for _model in range(2))
        if random.random() < 0.1:
            teacher[0, 0] += 300
        if random.random() < 0.1:
            student[-1, 0] += 300
        yield student, teacher, random.choice([0.5, 1.0, 1.5, 2.0, 3.0, 5.0])


@inputs("compression.two_tasks")
def questions_labels_and_rationales(random):
    texts = ["Is 2 above 1?", "yes", "2 is 1 + 1.", " no ", "explain: why?", "predict: 3", "a\nb", "7", "É, ü.", "\tx"]
    while True:
        rationale = random.choice([*texts, "", " ", "\n\t"])
        yield random.choice(texts), random.choice(texts), rationale


@inputs("compression.quantize_rows")
def weights_to_quantize(random):
    while True:
        rows, columns = random.randint(1, 5), random.randint(1, 6)
        weight = normal(random, rows, columns) * 10.0 ** normal(random, rows, 1) + random.choice([0.0, 0.0, 2.0])
        if random.random() < 0.2:
            weight[random.randrange(rows)] = 0
        if random.random() < 0.2:
            weight[:, random.randrange(columns)] = 0
        yield (clear(weight),)


@inputs("compression.pack_nibbles")
def numbers_of_4_bits(random):
    while True:
        yield ([random.randint(-8, 7) for _value in range(random.randint(0, 9))],)


@inputs("compression.prune_mask")
def weights_and_shares(random):
    while True:
        rows, columns = random.randint(1, 5), random.randint(1, 6)
        weight = normal(random, rows, columns)
        if random.random() < 0.5:
            weight = (2 * weight).round() / 2
        yield weight, share_of(random, weight.numel())


@inputs("compression.wanda_mask")
def weights_inputs_and_shares(random):
    while True:
        rows, columns, tokens = random.randint(1, 5), random.randint(1, 6), random.randint(1, 5)
        weight, seen = normal(random, rows, columns), normal(random, tokens, columns) ** 3
        seen = seen * (torch.rand(columns, generator=torch.Generator().manual_seed(random.randrange(1 << 30))) < 0.8)
        if random.random() < 0.3:
            weight = weight * (weight.abs() > 0.7)
        yield apart(weight, seen), seen, share_of(random, columns)
