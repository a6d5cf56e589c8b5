"""Arguments for the exercises of the lesson `seq2seq`."""

import torch

from tests.exercises.inputs.collected import inputs

SOUNDS = ["AH", "B", "K", "N", "IH", "T", "S", "AE"]


def sounds(random, least, most, alphabet=None):
    return random.choices(alphabet or random.choice([SOUNDS[:2], SOUNDS[:3], SOUNDS]), k=random.randint(least, most))


@inputs("seq2seq.rnn_step")
def vectors_states_and_weights(random):
    generator = torch.Generator().manual_seed(random.randrange(1000))
    yield torch.zeros(1, 1), torch.zeros(1, 1), torch.zeros(1, 1), torch.zeros(1, 1), torch.zeros(1)
    yield tuple(torch.full(shape, 30.0) for shape in ((2, 2), (2, 2), (2, 2), (2, 2), (2,)))
    while True:
        batch, d_input, d_hidden = (random.randint(1, 4) for _size in range(3))
        shapes = ((batch, d_input), (batch, d_hidden), (d_hidden, d_input), (d_hidden, d_hidden), (d_hidden,))
        scale = random.choice([0.1, 1.0, 1.0, 4.0])
        yield tuple(scale * torch.randn(shape, generator=generator) for shape in shapes)


@inputs("seq2seq.lstm_step")
def gates_and_cells(random):
    yield torch.zeros(1, 4), torch.zeros(1, 1)
    yield torch.full((2, 8), 50.0), torch.full((2, 2), 100.0)
    yield torch.full((2, 8), -50.0), torch.full((2, 2), -100.0)
    generator = torch.Generator().manual_seed(random.randrange(1000))
    while True:
        batch, d_hidden = random.randint(1, 5), random.randint(1, 5)
        scale = random.choice([0.1, 1.0, 3.0, 20.0])
        gates = scale * torch.randn(batch, 4 * d_hidden, generator=generator)
        yield gates, random.choice([1.0, 5.0]) * torch.randn(batch, d_hidden, generator=generator)


@inputs("seq2seq.pad_batch")
def rows_of_all_lengths(random):
    yield [[], [1]], 0
    yield [[3, 3], [3]], 3
    yield [[0, 0, 0], [0]], 0
    while True:
        token_ids = random.choice([[0], [1, 2], range(1, 10), range(-3, 3)])
        longest = random.randint(1, 6)
        rows = [random.choices(token_ids, k=random.randint(0, longest)) for _row in range(random.randint(1, 5))]
        if any(rows):
            yield rows, random.choice([0, 1, -1, 9, -100])


@inputs("seq2seq.shift_target")
def targets_of_all_lengths(random):
    yield ([],)
    while True:
        yield (sounds(random, 0, 8),)


@inputs("seq2seq.greedy")
def small_decoders(random):
    yield {"<s>": {"</s>": 1.0}}, 1
    yield {"<s>": {"A": 1.0}, "A": {"A": 0.9, "</s>": 0.1}}, 3
    while True:
        symbols = SOUNDS[: random.randint(1, 6)]
        order = random.sample([*symbols, "</s>"], len(symbols) + 1)
        chances = {}
        for last in ("<s>", *symbols):
            following = order if random.random() < 0.7 else random.sample(order, random.randint(1, len(order)))
            weights = [random.random() ** 3 + 1e-3 for _symbol in following]
            chances[last] = {symbol: weight / sum(weights) for symbol, weight in zip(following, weights, strict=True)}
        if all(symbol in chances for of_last in chances.values() for symbol in of_last if symbol != "</s>"):
            yield chances, random.choice([0, 1, 2, 3, 5, 12])


@inputs("seq2seq.beam_step")
def beams(random):
    yield [((), 0.0)], [{"K": -0.5}], 1
    yield [(("K",), -0.5)], [{"K": -0.5, "S": -2.0}], 5
    while True:
        length = random.randint(0, 3)
        outputs = {tuple(sounds(random, length, length)): random.uniform(-8, -0.1) for _output in range(4)}
        beam = random.sample(list(outputs.items()), random.randint(1, len(outputs)))
        following = [
            {symbol: random.uniform(-9, -0.01) for symbol in random.sample(SOUNDS, random.randint(1, 4))}
            for _of in beam
        ]
        yield beam, following, random.randint(1, 6)


@inputs("seq2seq.edit_distance")
def pairs_of_outputs(random):
    yield [], []
    yield ["K"], []
    yield [], ["K", "S"]
    while True:
        alphabet = random.choice([["A"], ["A", "B"], ["A", "AB", "B"], SOUNDS])
        yield sounds(random, 0, 7, alphabet), sounds(random, 0, 7, alphabet)
