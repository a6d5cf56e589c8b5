"""Arguments for the exercises of the lesson `attention`."""

import torch

from tests.exercises.inputs.collected import inputs

SCALES = [0.1, 1.0, 1.0, 3.0]


def drawn(random, *shapes):
    """One tensor of each shape, normal numbers, with a seed from `random`."""
    generator = torch.Generator().manual_seed(random.randrange(10**6))
    return tuple(torch.randn(shape, generator=generator) for shape in shapes)


def large_scores(random, queries, keys):
    """Scores of all sizes; now and then a few are too large for `exp`."""
    (scores,) = drawn(random, (queries, keys))
    scores = scores * random.choice([0.1, 1.0, 10.0, 300.0])
    return scores + random.choice([0.0, 0.0, 1000.0, -1000.0])


@inputs("attention.dot_scores")
def queries_and_keys(random):
    yield torch.zeros(2), torch.ones(3, 2)
    while True:
        n, d = random.randint(1, 5), random.randint(1, 5)
        query, keys = drawn(random, (d,), (n, d))
        yield query * random.choice([0.1, 1.0, 100.0]), keys


@inputs("attention.attention_weights")
def scores_of_all_sizes(random):
    yield (torch.zeros(1, 1),)
    yield (torch.tensor([[5.0, 5.0], [1000.0, -1000.0]]),)
    while True:
        yield (large_scores(random, random.randint(1, 5), random.randint(1, 5)),)


@inputs("attention.weighted_sum")
def weights_and_values(random):
    yield torch.ones(1), torch.zeros(1, 3)
    yield torch.tensor([0.0, 1.0]), torch.tensor([[1.0], [2.0]])
    while True:
        n, d = random.randint(1, 5), random.randint(1, 5)
        scores, values = drawn(random, (n,), (n, d))
        yield (scores * random.choice([0.1, 1.0, 10.0])).softmax(dim=0), values * random.choice([1.0, 20.0])


@inputs("attention.attend")
def queries_keys_values_and_layers(random):
    while True:
        n, d, d_value, d_out = (random.randint(1, 5) for _size in range(4))
        query, keys, values, combine = drawn(random, (d,), (n, d), (n, d_value), (d_out, d_value + d))
        yield query, keys * random.choice([*SCALES, 300.0]), values, combine


@inputs("attention.masked_weights")
def scores_and_masks(random):
    yield torch.zeros(1, 1), torch.ones(1, 1, dtype=torch.bool)
    yield torch.tensor([[0.0, 1000.0]]), torch.tensor([[True, False]])
    while True:
        queries, keys = random.randint(1, 5), random.randint(1, 5)
        visible = torch.tensor([[random.random() < 0.6 for _key in range(keys)] for _query in range(queries)])
        visible[range(queries), random.choices(range(keys), k=queries)] = True
        yield large_scores(random, queries, keys), visible


@inputs("attention.additive_scores")
def queries_keys_and_networks(random):
    while True:
        n, d_query, d_key, d_score = (random.randint(1, 5) for _size in range(4))
        query, keys, *weights = drawn(random, (d_query,), (n, d_key), (d_score, d_query), (d_score, d_key), (d_score,))
        yield (query * random.choice(SCALES), keys, *weights)
