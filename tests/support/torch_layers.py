"""Inputs and weights for tests that hold our layers against PyTorch's, and how close the two must be."""

import torch
from torch import Tensor, nn

EXACT = {"atol": 1e-5, "rtol": 1e-5}


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def disturb(module: nn.Module, seed: int = 0) -> nn.Module:
    """Give every parameter a random part, biases and norms included, so that each of them matters."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter += 0.2 * torch.randn(parameter.shape, generator=generator)
    return module
