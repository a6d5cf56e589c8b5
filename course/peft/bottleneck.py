"""The bottleneck that adapters are."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from course.layers.sizes import require_positive, require_whole
from course.messages import _

ACTIVATIONS = {"relu": F.relu, "gelu": F.gelu, "swish": F.silu}


def require_bottleneck(bottleneck: int, activation: str, std: int | float) -> None:
    """Raises `ValueError` for numbers out of their range and an unknown activation."""
    require_whole(bottleneck, "bottleneck")
    require_positive(std, "std")
    if activation not in list(ACTIVATIONS):
        raise ValueError(
            _("activation is {value!r}; give one of {known}.").format(
                value=activation, known=", ".join(map(repr, ACTIVATIONS))
            )
        )


class Adapter(nn.Module):
    """A bottleneck: from N numbers down to M, an activation, and up to N again, added to what it read.

    Weights are drawn from a normal distribution with standard deviation `std`, cut off at two of them, and biases are
    0, so that an adapter changes almost nothing at first. `generator` draws them. Raises `ValueError` for sizes that
    are no whole numbers above 0, a `std` that is no number above 0, and an unknown activation.

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
        require_whole(d_model, "d_model")
        require_bottleneck(bottleneck, activation, std)
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
