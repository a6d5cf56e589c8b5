"""Log-probabilities for cases: of the two answers of each pair, under the policy and under the reference."""

import torch
from torch import Tensor

from course.exercises.peft.drawing import drawn


def drawn_pairs(generator: torch.Generator, n: int, moved: float = 2.0) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Chosen and rejected under the policy, chosen and rejected under the reference, as sums over tokens.

    `moved` is the standard deviation of the policy's log-probabilities around the reference's.
    """
    chosen, rejected = 4 * drawn(generator, 2, n) - 20
    steps = moved * drawn(generator, 2, n)
    return chosen + steps[0], rejected + steps[1], chosen, rejected


def pairs_of_margin(generator: torch.Generator, n: int, margin: float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """As `drawn_pairs`; in the last pair the chosen answer has gained so much more than the rejected one."""
    chosen, rejected, chosen_reference, rejected_reference = drawn_pairs(generator, n)
    chosen[-1] = chosen_reference[-1] + rejected[-1] - rejected_reference[-1] + margin
    return chosen, rejected, chosen_reference, rejected_reference
