"""The bottleneck that adapters are."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

ACTIVATIONS = {"relu": F.relu, "gelu": F.gelu, "swish": F.silu}


class Adapter(nn.Module):
    """A bottleneck: from N numbers down to M, an activation, and up to N again, added to what it read.

    Weights are drawn from a normal distribution with standard deviation `std`, cut off at two of them, and biases are
    0, so that an adapter changes almost nothing at first. `generator` draws them.

    Source: Houlsby et al. 2019, section 2.1; the cut: `feedforward_adapter` of the authors' code,
    google-research/adapter-bert, modeling.py.
    """

    def __init__(
        self,
        d_model: int,
        bottleneck: int,
        activation: str,
        *,
        std: int | float,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.down = nn.Linear(d_model, bottleneck)
        self.up = nn.Linear(bottleneck, d_model)
        self.activation = ACTIVATIONS[activation]
        for layer in (self.down, self.up):
            nn.init.trunc_normal_(layer.weight, std=std, a=-2 * std, b=2 * std, generator=generator)
            nn.init.zeros_(layer.bias)

    def change(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch d_model"]:
        """What the adapter adds."""
        return self.up(self.activation(self.down(x)))

    def forward(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch d_model"]:
        return x + self.change(x)
