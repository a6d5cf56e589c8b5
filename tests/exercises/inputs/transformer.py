"""Arguments for the exercises of the lesson `transformer`."""

import torch

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
