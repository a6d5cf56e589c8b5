"""Arguments for the exercises of the lesson `looking_inside`."""

import torch

from tests.exercises.inputs.collected import inputs


@inputs("looking_inside.remove_head")
def joined_heads(random):
    while True:
        n_heads, d_head = random.randint(1, 4), random.randint(1, 4)
        shape = (random.randint(1, 3), random.randint(1, 4), n_heads * d_head)
        numbers = [random.gauss(0, 1) for _number in range(shape[0] * shape[1] * shape[2])]
        yield torch.tensor(numbers).view(shape), random.randrange(n_heads), n_heads


@inputs("looking_inside.paired_difference")
def items_before_and_after(random):
    while True:
        n = random.choice([2, 2, 3, 4, 6, 10])
        before = [random.choice([0.0, 1.0, random.uniform(-3, 9)]) for _item in range(n)]
        size = random.choice([0.0, 0.1, 1.0, 5.0])
        yield before, [value + random.choice([0.0, 1.0, random.gauss(0.3, size)]) for value in before]


@inputs("looking_inside.induction_score")
def attention_in_repetitions(random):
    while True:
        period = random.choice([2, 2, 3, 4, 7])
        size = 1 + 2 * period
        scores = torch.tensor([[random.gauss(0, 2) for _key in range(size)] for _query in range(size)])
        hidden = torch.ones(size, size, dtype=torch.bool).triu(1)
        yield scores.masked_fill(hidden, -torch.inf).softmax(dim=-1), period
