"""Arguments for the exercises of the lesson `peft`."""

import torch

from course.exercises.peft.drawing import drawn, drawn_branch
from tests.exercises.inputs.collected import inputs

ALPHAS = [1, 2, 3, 8, 16]


def generator_of(random):
    return torch.Generator().manual_seed(random.randrange(1 << 30))


@inputs("peft.lora")
def vectors_and_branches(random):
    while True:
        generator, d_in, d_out = generator_of(random), random.randint(1, 5), random.randint(1, 5)
        shape = [random.randint(1, 3) for _dimension in range(random.randint(0, 2))]
        branch = drawn_branch(generator, d_out, d_in, random.randint(1, min(d_in, d_out)))
        yield drawn(generator, *shape, d_in), *branch, random.choice(ALPHAS)


@inputs("peft.merge")
def branches(random):
    while True:
        d_in, d_out = random.randint(1, 5), random.randint(1, 5)
        branch = drawn_branch(generator_of(random), d_out, d_in, random.randint(1, min(d_in, d_out)))
        yield *branch, random.choice(ALPHAS)


@inputs("peft.count_trained")
def shapes_of_layers(random):
    sizes = [1, 2, 3, 5, 8, 64, 384]
    while True:
        layers = random.choice([0, 1, 1, 2, 3, 6])
        shapes = [(random.choice(sizes), random.choice(sizes)) for _layer in range(layers)]
        yield shapes, random.choice([1, 2, 3, 8]), random.choice([1, 2, 4, 16])


@inputs("peft.adapter")
def vectors_and_bottlenecks(random):
    while True:
        generator, d_model, bottleneck = generator_of(random), random.randint(1, 5), random.randint(1, 4)
        shape = [random.randint(1, 3) for _dimension in range(random.randint(0, 2))]
        down, down_bias = drawn(generator, bottleneck, d_model), drawn(generator, bottleneck)
        up, up_bias = drawn(generator, d_model, bottleneck), drawn(generator, d_model)
        yield drawn(generator, *shape, d_model) * random.choice([1.0, 3.0]), down, down_bias, up, up_bias


@inputs("peft.prefix_mask")
def padded_texts_and_prefixes(random):
    while True:
        batch, n = random.randint(1, 3), random.randint(1, 5)
        rows = []
        for _text in range(batch):
            length = random.randint(1, n)
            before = random.choice([0, n - length])
            rows.append([before <= position < before + length for position in range(n)])
        yield torch.tensor(rows), random.randint(1, 4), random.random() < 0.5


@inputs("peft.importance")
def weights_and_averages(random):
    while True:
        generator, shape = generator_of(random), [random.randint(1, 3) for _dimension in range(random.randint(1, 2))]
        weight, gradient = drawn(generator, *shape), drawn(generator, *shape)
        sensitivity, uncertainty = drawn(generator, *shape).abs(), drawn(generator, *shape).abs()
        if random.random() < 0.1:
            sensitivity, uncertainty = torch.zeros(shape), torch.zeros(shape)
        betas = [random.choice([0.1, 0.25, 0.5, 0.85, 0.9, 0.99]) for _average in range(2)]
        yield weight, gradient, sensitivity, uncertainty, *betas


@inputs("peft.budget")
def steps_of_plans(random):
    """No budget near a whole number, where two right formulas may round differently, but where the fall ends."""
    while True:
        target = random.choice([0, 1, 4, 8, 36])
        initial = target + random.choice([1, 3, 4, 20, 64])
        t_initial, t_final, falling = random.choice([0, 2, 10]), random.choice([0, 1, 5, 20]), random.choice([0, 3, 20])
        total = t_initial + falling + t_final
        step = random.randint(0, total + 1)
        if 0 < step - t_initial < falling:
            exact = target + (initial - target) * (1 - (step - t_initial) / falling) ** 3
            if abs(exact - round(exact)) < 1e-6:
                continue
        yield step, initial, target, t_initial, t_final, total


@inputs("peft.fusion")
def outputs_of_adapters(random):
    while True:
        generator = generator_of(random)
        adapters, position, d_model = random.randint(1, 4), random.randint(1, 4), random.randint(1, 4)
        x, outputs = drawn(generator, position, d_model), drawn(generator, adapters, position, d_model)
        yield x, outputs, *(drawn(generator, d_model, d_model) for _matrix in range(3))
