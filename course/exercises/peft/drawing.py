"""Random numbers for cases, of one decimal, so that they can be read."""

import torch
from torch import Tensor


def drawn(generator: torch.Generator, *shape: int) -> Tensor:
    """A tensor of this shape, from the standard normal distribution, rounded."""
    return torch.randn(*shape, generator=generator).round(decimals=1)


def drawn_branch(generator: torch.Generator, d_out: int, d_in: int, rank: int) -> tuple[Tensor, Tensor, Tensor]:
    """A matrix (d_out, d_in), and what LoRA adds to it: A (rank, d_in) and B (d_out, rank)."""
    return drawn(generator, d_out, d_in), drawn(generator, rank, d_in), drawn(generator, d_out, rank)
