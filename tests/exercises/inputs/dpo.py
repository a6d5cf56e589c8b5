"""Arguments for the exercises of the lesson `dpo`."""

import torch

from course.exercises.dpo.drawing import drawn_pairs, pairs_of_margin
from course.exercises.peft.drawing import drawn
from tests.exercises.inputs.collected import inputs

BETAS = (0.01, 0.1, 0.1, 0.5, 1.0, 2.5)


def generator_of(random):
    return torch.Generator().manual_seed(random.randrange(1 << 30))


@inputs("dpo.reward_from_policy")
def policies_and_references(random):
    while True:
        generator, n = generator_of(random), random.randint(1, 6)
        reference = random.choice([1.0, 4.0]) * drawn(generator, n)
        policy = reference + random.choice([0.0, 1.0, 3.0]) * drawn(generator, n)
        if random.random() < 0.6:
            policy, reference = policy.log_softmax(dim=0), reference.log_softmax(dim=0)
        yield policy, reference, random.choice(BETAS)


@inputs("dpo.sequence_log_probability")
def rows_of_tokens(random):
    while True:
        rows, width, vocabulary = random.randint(1, 4), random.randint(2, 7), random.randint(2, 5)
        places, spans = torch.arange(width), []
        for _row in range(rows):
            begin = random.randint(1, width - 1)
            spans.append((places >= begin) & (places < random.randint(begin + 1, width)))
        generator = generator_of(random)
        ids = torch.randint(0, vocabulary, (rows, width), generator=generator)
        yield random.choice([1, 4]) * drawn(generator, rows, width, vocabulary), ids, torch.stack(spans)


@inputs("dpo.dpo_loss")
def pairs_for_dpo(random):
    while True:
        generator, n = generator_of(random), random.randint(1, 6)
        if random.random() < 0.2:
            yield *pairs_of_margin(generator, n, random.choice([-3000.0, -400.0, 0.0, 400.0])), random.choice(BETAS)
        yield *drawn_pairs(generator, n, moved=random.choice([0.0, 1.0, 3.0])), random.choice(BETAS)


@inputs("dpo.gradient_weights")
def pairs_for_weights(random):
    while True:
        pairs = drawn_pairs(generator_of(random), random.randint(1, 6), moved=random.choice([0.0, 1.0, 3.0]))
        yield *pairs, random.choice(BETAS)


@inputs("dpo.ipo_loss")
def pairs_for_ipo(random):
    while True:
        pairs = drawn_pairs(generator_of(random), random.randint(1, 6), moved=random.choice([0.0, 1.0, 3.0]))
        yield *pairs, random.choice(BETAS)


@inputs("dpo.simpo_loss")
def pairs_with_lengths(random):
    while True:
        generator, n = generator_of(random), random.randint(1, 6)
        lengths = torch.randint(1, 12, (2, n), generator=generator)
        log_p = -drawn(generator, 2, n).abs() * lengths - 1
        yield *log_p, *lengths, random.choice([0.5, 2.0, 2.5]), random.choice([0.0, 0.3, 0.5, 1.4])
