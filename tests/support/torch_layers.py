"""Inputs and weights for tests that hold our layers against PyTorch's, and how close the two must be."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course.layers.blocks import CausalBlock, DecoderBlock, EncoderBlock, Residual
from course.layers.feed_forward import FeedForward
from course.layers.multihead import MultiHeadAttention

EXACT = {"atol": 1e-5, "rtol": 1e-5}


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def make_block(
    kind: type,
    *,
    dropout: float = 0.0,
    attention_dropout: float = 0.0,
    norm_first: bool = False,
    eps: float = 1e-5,
    activation: Callable = F.relu,
) -> EncoderBlock | CausalBlock | DecoderBlock:
    """A block of width 24, 4 heads and an inner width of 40."""
    attentions = [MultiHeadAttention(24, 4, dropout=attention_dropout) for _ in range(1 + (kind is DecoderBlock))]
    return kind(
        *attentions,
        FeedForward(24, 40, activation),
        lambda: Residual(nn.LayerNorm(24, eps), norm_first=norm_first, dropout=dropout),
    )


def disturb(module: nn.Module, seed: int = 0) -> nn.Module:
    """Give every parameter a random part, biases and norms included, so that each of them matters."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter += 0.2 * torch.randn(parameter.shape, generator=generator)
    return module
