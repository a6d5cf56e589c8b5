"""DoRA: LoRA on the direction of a matrix's rows alone; how long each row is, is trained apart."""

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from course.peft.lora import LoRA, LoRALinear


class DoRALinear(LoRALinear):
    """m · (W + ΔW) / ‖W + ΔW‖, a length for each output, with LoRA's ΔW. `magnitude` is m, at first the rows' length.

    The norm is a constant for the gradients, which saves memory; `dropout` acts on x in all that is added to W·x.
    """

    def __init__(self, base: nn.Linear, rank: int, scale: int | float, **options: Any) -> None:
        super().__init__(base, rank, scale, **options)
        self.magnitude = nn.Parameter(base.weight.detach().norm(dim=1))

    def merged_weight(self) -> Float[Tensor, "d_out d_in"]:
        return self.ratio()[:, None] * super().merged_weight()

    def ratio(self) -> Float[Tensor, " d_out"]:
        """m / ‖W + ΔW‖ for each output; the norm gets no gradient."""
        with torch.no_grad():
            norm = super().merged_weight().norm(dim=1)
        return self.magnitude / norm.clamp(min=torch.finfo(norm.dtype).tiny)  # a row of zeros has no direction

    def branch(self, x: Float[Tensor, "*batch d_in"]) -> Float[Tensor, "*batch d_out"]:
        """What is added to W·x."""
        ratio = self.ratio()
        return (ratio - 1) * F.linear(x, self.base.weight) + ratio * super().branch(x)


@dataclass(frozen=True)
class DoRA(LoRA):
    """LoRA's settings, on layers whose rows have a trained length each.

    Source: Liu et al. 2024, "DoRA: Weight-Decomposed Low-Rank Adaptation", equation 5; the norm without a gradient:
    section 4.3.
    """

    layer: ClassVar[type[LoRALinear]] = DoRALinear
