"""Arguments for the exercises of the lesson `positions`."""

import itertools

from tests.exercises.inputs.collected import inputs


@inputs("positions.is_equivariant")
def outputs_before_and_after(random):
    """A quarter of the outputs moved as they should, up to rounding; the others differ in one number, or are random."""
    yield [[1.0]], [[1.0]], [0]
    yield [[1.0], [1.0]], [[1.0], [1.0]], [1, 0]
    while True:
        n_tokens, width = random.randint(1, 6), random.randint(1, 4)
        order = random.sample(range(n_tokens), n_tokens)
        values = random.choice([[0.0, 1.0], [-1.0, 0.5, 3.0], [random.uniform(-3, 3) for _value in range(9)]])
        outputs = [random.choices(values, k=width) for _row in range(n_tokens)]
        moved = [[value + random.uniform(-6e-5, 6e-5) for value in outputs[place]] for place in order]
        match random.randrange(4):
            case 0:
                row, column = random.randrange(n_tokens), random.randrange(width)
                moved[row][column] = outputs[order[row]][column] + random.choice([-1, 1]) * random.choice(
                    [2e-4, 2e-3, 1]
                )
            case 1:
                moved = [list(row) for row in outputs]
            case 2:
                random.shuffle(moved)
        yield outputs, moved, order


@inputs("positions.sinusoidal_vector")
def positions_and_widths(random):
    yield 0, 2, 10.0
    while True:
        yield random.randint(0, 60), 2 * random.randint(1, 8), random.choice([10.0, 100.0, 1_000.0, 10_000.0])


@inputs("positions.apply_rotary")
def vectors_and_positions(random):
    while True:
        numbers = random.choice([[0.0, 1.0], [-1.0, 0.5, 2.0], [random.uniform(-3, 3) for _number in range(9)]])
        vector = random.choices(numbers, k=2 * random.randint(1, 5))
        yield vector, random.randint(0, 40), random.choice([10.0, 100.0, 10_000.0])


@inputs("positions.alibi_slopes")
def numbers_of_heads(random):
    for n_heads in itertools.cycle([1, 2, 4, 8, 16, 32, 64, 128, 256]):
        yield (n_heads,)


@inputs("positions.alibi_bias")
def queries_keys_and_slopes(random):
    while True:
        n_keys = random.randint(1, 8)
        yield random.randint(1, n_keys), n_keys, random.choice([2.0, 1.0, 0.5, 0.25, random.uniform(0.01, 1)])
