"""Arguments for the exercises of the lesson `gpt`."""

import torch

from course.exercises.gpt.gated import random_gated_layers
from course.exercises.gpt.nucleus import of_sixty_fourths
from tests.exercises.inputs.collected import inputs


@inputs("gpt.rms_norm")
def vectors_with_gains(random):
    while True:
        n = random.choice([1, 2, 2, 3, 5, 8])
        size = random.choice([0.1, 1.0, 20.0])
        x = [random.choice([0.0, 1.0, random.gauss(0.2, size)]) for _number in range(n)]
        gain = [random.choice([1.0, 0.0, random.gauss(1.0, 0.5)]) for _number in range(n)]
        yield x, gain, random.choice([0.25, 1e-5, 1.0, 3.0])


@inputs("gpt.share_heads")
def key_heads(random):
    while True:
        kv_heads, times = random.randint(1, 4), random.randint(1, 4)
        shape = (random.randint(1, 3), kv_heads, random.randint(1, 3), random.randint(1, 3))
        numbers = [random.gauss(0, 1) for _number in range(shape[0] * shape[1] * shape[2] * shape[3])]
        yield torch.tensor(numbers).view(shape), kv_heads * times


@inputs("gpt.swiglu")
def vectors_and_gated_layers(random):
    while True:
        generator = torch.Generator().manual_seed(random.randrange(1 << 30))
        shape = [random.randint(1, 3) for _dimension in range(random.randint(0, 2))]
        d_model, d_ff = random.randint(1, 4), random.randint(1, 5)
        x = torch.randn(*shape, d_model, generator=generator) * random.choice([0.5, 1.0, 3.0])
        yield x.round(decimals=1), random_gated_layers(d_model, d_ff, generator)


@inputs("gpt.bits_per_byte")
def losses_and_bytes(random):
    while True:
        n = random.choice([1, 2, 3, 5, 9])
        sizes = [random.choice([0, 1, 1, 2, 4, 9]) for _token in range(n - 1)] + [random.choice([1, 2, 5])]
        random.shuffle(sizes)
        yield [random.choice([0.0, 1.0, random.expovariate(0.3)]) for _token in range(n)], sizes


@inputs("gpt.top_p")
def distributions(random):
    while True:
        n = random.choice([1, 2, 3, 4, 6, 9])
        yield of_sixty_fourths(random, n), random.choice([1 / 64, 0.25, 0.3, 0.5, 0.625, 0.75, 0.9, 1.0])


@inputs("gpt.repeated_share")
def texts_that_repeat(random):
    while True:
        n = random.choice([1, 2, 2, 3, 4])
        letters = random.choice(["a", "ab", "abc", "abcdefgh"])
        yield [random.choice(letters) for _token in range(n + random.choice([0, 1, 2, 4, 8, 12]))], n


@inputs("gpt.band_mask")
def queries_keys_and_windows(random):
    while True:
        n_keys = random.randint(1, 8)
        yield random.randint(1, n_keys), n_keys, random.choice([1, 2, 2, 3, 5, 9])
