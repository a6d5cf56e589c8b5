"""Random numbers for cases, in quarters, which no precision rounds."""

import torch
from torch import Tensor


def drawn(generator: torch.Generator, *shape: int) -> Tensor:
    """A tensor of this shape, from the standard normal distribution, rounded to quarters."""
    return (4 * torch.randn(*shape, generator=generator)).round() / 4
