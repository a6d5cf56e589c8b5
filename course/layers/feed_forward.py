"""The feed-forward layer of a block, in its first and in its modern form."""

from collections.abc import Callable

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from course.layers.linear import Linear, MakeLinear

Activation = Callable[[Tensor], Tensor]


class FeedForward(nn.Module):
    """Two linear layers with an activation between them, at every position alike. `linear` makes them.

    Source: Vaswani et al. 2017, section 3.3, equation 2.
    """

    def __init__(
        self, d_model: int, d_ff: int, activation: Activation = F.relu, *, linear: MakeLinear = nn.Linear
    ) -> None:
        super().__init__()
        self.up = linear(d_model, d_ff)
        self.down = linear(d_ff, d_model)
        self.activation = activation

    def forward(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch d_model"]:
        return self.down(self.activation(self.up(x)))


class SwiGLU(nn.Module):
    """The feed-forward layer whose one projection, passed through SiLU, opens or closes the gates of another.

    Source: Shazeer 2020, equation 6.
    """

    def __init__(self, d_model: int, d_ff: int, *, linear: MakeLinear = Linear) -> None:
        super().__init__()
        self.gate = linear(d_model, d_ff)
        self.up = linear(d_model, d_ff)
        self.down = linear(d_ff, d_model)

    def forward(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch d_model"]:
        return self.down(F.silu(self.gate(x)) * self.up(x))
