"""Normalization by the root mean square. Layer normalization is PyTorch's own, `nn.LayerNorm`."""

import torch
from jaxtyping import Float
from torch import Tensor, nn


class RMSNorm(nn.Module):
    """Scale each vector to a root mean square of 1, then each of its numbers by a learned weight.

    The mean is taken in float32 at least: squares overflow in float16 and lose their digits in bfloat16.

    Source: Zhang and Sennrich 2019, equation 4.
    """

    def __init__(self, d_model: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d_model))
        self.eps = eps

    def forward(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch d_model"]:
        precise = x.to(torch.promote_types(x.dtype, torch.float32))
        scaled = precise * torch.rsqrt(precise.square().mean(dim=-1, keepdim=True) + self.eps)
        return scaled.to(x.dtype) * self.weight
