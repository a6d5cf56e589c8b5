"""What rounding does to a layer's outputs, on inputs that the layer really gets."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor


@torch.no_grad()
def channel_errors(
    layer: Callable[[Tensor], Tensor], quantized: Callable[[Tensor], Tensor], x: Float[Tensor, "*batch d_in"]
) -> Float[Tensor, "d_out"]:
    """Of each output channel: ‖rounded − exact‖ / ‖exact‖ over all rows of `x`. Of a channel that is always 0, NaN.

    Errors of weights say little: an input of 0 hides any of them, and one of 100 makes a small one large.
    """
    exact, rounded = (of(x).flatten(0, -2).double() for of in (layer, quantized))
    return ((rounded - exact).norm(dim=0) / exact.norm(dim=0)).float()


@torch.no_grad()
def output_error(
    layer: Callable[[Tensor], Tensor], quantized: Callable[[Tensor], Tensor], x: Float[Tensor, "*batch d_in"]
) -> float:
    """The same of all outputs together: ‖rounded − exact‖ / ‖exact‖."""
    exact, rounded = (of(x).double() for of in (layer, quantized))
    return ((rounded - exact).norm() / exact.norm()).item()
