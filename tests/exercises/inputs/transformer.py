"""Arguments for the exercises of the lesson `transformer`."""

import torch

from course.exercises.transformer.formulas import (
    CENTERED,
    DOUBLED,
    HALVED,
    MEAN_OF_ALL,
    NEXT_ONE,
    POSITIVE,
    REVERSED,
    SHIFTED,
    SQUARED,
    SUM_SO_FAR,
    UNIT,
    random_layers,
)
from tests.exercises.inputs.collected import inputs


@inputs("transformer.softmax_entropy")
def lists_of_scores(random):
    yield ([0.0],)
    yield ([-1000.0, -1000.0],)
    yield ([1000.0, 1000.0, 0.0],)
    while True:
        spread, middle = random.choice([0.1, 1.0, 5.0, 200.0]), random.choice([0.0, 0.0, 3.0, -3.0, 900.0, -900.0])
        scores = [middle + random.uniform(-spread, spread) for _score in range(random.randint(1, 8))]
        yield (scores + random.choice([[], [max(scores)], [0.0]]),)


@inputs("transformer.split_heads")
def batches_and_heads(random):
    while True:
        n_heads, d_head = random.randint(1, 4), random.randint(1, 4)
        shape = (random.randint(1, 3), random.randint(1, 4), n_heads * d_head)
        yield torch.tensor(random.sample(range(1000), shape[0] * shape[1] * shape[2])).view(shape), n_heads


@inputs("transformer.causal_mask")
def queries_and_keys(random):
    while True:
        n_keys = random.randint(1, 9)
        yield random.randint(1, n_keys), n_keys


@inputs("transformer.layer_norm")
def vectors_and_gains(random):
    while True:
        n, size = random.randint(2, 6), random.choice([0.1, 1.0, 10.0])
        x, gain, bias = (
            [random.choice([0.0, 1.0, random.gauss(0, 1)]) for _number in range(n)] for _vector in range(3)
        )
        yield [size * number for number in x], gain, bias, random.choice([1e-5, 0.01, 0.5])


@inputs("transformer.smoothed_target")
def tokens_and_smoothing(random):
    while True:
        vocab_size = random.randint(2, 12)
        yield random.randrange(vocab_size), vocab_size, random.choice([0.0, 0.1, 0.2, 1.0, random.random()])


@inputs("transformer.warmup_rate")
def steps_and_widths(random):
    while True:
        warmup_steps = random.choice([1, 4, 10, 100, 1000, 4000])
        step = random.choice([1, random.randint(1, 20), warmup_steps, random.randint(1, 4 * warmup_steps), 100_000])
        yield step, random.choice([1, 4, 16, 64, 512, 100]), warmup_steps


@inputs("transformer.attention")
def queries_keys_values_and_masks(random):
    generator = torch.Generator().manual_seed(random.randrange(1000))
    while True:
        before = random.choice([(), (), (2,), (2, 3)])
        n_queries, n_keys, d, d_value = (random.randint(1, 4) for _size in range(4))
        scale = random.choice([0.5, 1.0, 3.0, 100.0])
        query, key = (scale * torch.randn(*before, n, d, generator=generator) for n in (n_queries, n_keys))
        mask = torch.rand(*random.choice([(), before]), n_queries, n_keys, generator=generator) < 0.7
        mask[..., random.randrange(n_keys)] = True
        yield query, key, torch.randn(*before, n_keys, d_value, generator=generator), mask


def drawn_from(random):
    return torch.Generator().manual_seed(random.randrange(1000))


@inputs("transformer.multi_head")
def sequences_layers_and_masks(random):
    generator = drawn_from(random)
    while True:
        batch, positions, n_heads, d_head = (random.randint(1, 3) for _size in range(4))
        mask = torch.rand(positions, positions, generator=generator) < 0.7
        mask.fill_diagonal_(True)
        x = torch.randn(batch, positions, n_heads * d_head, generator=generator)
        yield x, random_layers(n_heads * d_head, generator), n_heads, mask


@inputs("transformer.cross_attention")
def sequences_memories_layers_and_masks(random):
    generator = drawn_from(random)
    while True:
        batch, positions, source, n_heads, d_head = (random.randint(1, 3) for _size in range(5))
        x, memory = (torch.randn(batch, n, n_heads * d_head, generator=generator) for n in (positions, source))
        mask = torch.rand(batch, 1, 1, source, generator=generator) < 0.7
        mask[..., random.randrange(source)] = True
        yield x, memory, random_layers(n_heads * d_head, generator), n_heads, mask


SUBLAYERS = (DOUBLED, SQUARED, SHIFTED, REVERSED, POSITIVE)
ATTENTIONS = (MEAN_OF_ALL, SUM_SO_FAR, NEXT_ONE)
NORMS = (CENTERED, UNIT, HALVED)


@inputs("transformer.residual")
def sublayers_and_norms(random):
    generator = drawn_from(random)
    while True:
        shape = [random.randint(1, 4) for _dimension in range(random.randint(1, 3))]
        x = torch.randn(shape, generator=generator)
        yield x, random.choice(SUBLAYERS), random.choice(NORMS), random.random() < 0.5


@inputs("transformer.encoder_layer")
def layers_of_two_sublayers(random):
    generator = drawn_from(random)
    while True:
        x = torch.randn([random.randint(1, 4) for _dimension in range(random.randint(2, 3))], generator=generator)
        norms = tuple(random.choice(NORMS) for _norm in range(2))
        yield x, random.choice(ATTENTIONS), random.choice(SUBLAYERS), norms, random.random() < 0.5
