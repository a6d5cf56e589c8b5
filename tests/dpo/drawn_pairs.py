"""Pairs of answers of several lengths, and log-probabilities of them, as tests of DPO need them."""

import torch

from course.dpo import PairLogProbabilities
from course.rlhf import PreferencePair

END, PAD = 2, 60
PAIRS = [
    PreferencePair((3, 1, 4, 1, 5), (7, END), (9, 9, 8, 30, END)),
    PreferencePair((27,), (18, 28, 18, END), (END,)),
    PreferencePair((18, 28, 18), (5, 5, END), (5, 6, END)),
]


def drawn(n: int = 5, seed: int = 0) -> PairLogProbabilities:
    """Numbers as they could be, of both signs of the margin."""
    generator = torch.Generator().manual_seed(seed)
    chosen, rejected, *reference = (-10 * torch.rand(n, generator=generator, dtype=torch.float64) - 1 for _ in range(4))
    lengths = (torch.randint(1, 9, (n,), generator=generator) for _ in range(2))
    return PairLogProbabilities(chosen, rejected, *reference, *lengths)


def equal(n: int = 5, seed: int = 0) -> PairLogProbabilities:
    """The policy is the reference."""
    found = drawn(n, seed)
    return found._replace(chosen_reference=found.chosen, rejected_reference=found.rejected)
