"""How a model knows the order of its tokens. Today: rotary positions."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

Rotation = tuple[Float[Tensor, "position d_head"], Float[Tensor, "position d_head"]]  # cosines and sines


class RotaryPositions(nn.Module):
    """Turn each pair of a query's or key's numbers by an angle that grows with its position.

    The product of a turned query and a turned key depends on the distance between their positions alone. Pair i joins
    the numbers i and i + d_head/2 ("rotate half") and turns by position · base^(−2i/d_head) radians. The tables of
    cosines and sines are computed once, for `n_positions` positions; they are not saved with the weights.

    Source: Su et al. 2021, section 3.2.2, equation 15; the order of the pairs as in GPT-NeoX (Black et al. 2022).
    """

    def __init__(self, n_positions: int, d_head: int, base: float = 10_000.0) -> None:
        super().__init__()
        device = torch.get_default_device()
        device = torch.device("cpu") if device.type == "meta" else device  # the tables come from no file: they are real
        frequencies = 1.0 / base ** (torch.arange(0, d_head, 2, dtype=torch.float32, device=device) / d_head)
        angles = torch.outer(torch.arange(n_positions, dtype=torch.float32, device=device), frequencies)
        self.register_buffer("cos", torch.cat((angles.cos(), angles.cos()), dim=-1), persistent=False)
        self.register_buffer("sin", torch.cat((-angles.sin(), angles.sin()), dim=-1), persistent=False)

    def forward(self, start: int, end: int) -> Rotation:
        """The rows of both tables for the positions from `start` up to but without `end`."""
        return self.cos[start:end], self.sin[start:end]


def rotate(
    x: Float[Tensor, "batch heads position d_head"],
    cos: Float[Tensor, "position d_head"],
    sin: Float[Tensor, "position d_head"],
) -> Float[Tensor, "batch heads position d_head"]:
    """Turn the pairs (x₁, x₂) of the two halves to (x₁·cos − x₂·sin, x₂·cos + x₁·sin).

    `cos` and `sin` are rows of the tables of `RotaryPositions`, where the first half of `sin` carries the minus sign.
    """
    return x * cos + x.roll(x.shape[-1] // 2, dims=-1) * sin
