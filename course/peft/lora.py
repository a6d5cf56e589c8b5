"""LoRA: what fine-tuning adds to a matrix, written as the product of two thin ones."""

import copy
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from course.layers.sizes import require_dropout, require_positive, require_whole
from course.messages import _
from course.peft.attaching import Method, Part
from course.peft.targets import QUERY_AND_VALUE, chosen


@dataclass(frozen=True)
class LoRA(Method):
    """h = W·x + (α/r) · B·A·x on the layers named in `targets`, W frozen; `dropout` acts on x in the branch alone.

    `rank` is r, `alpha` is α, by default r, so that the branch counts as it is. With `rank_stabilized` the factor is
    α/√r instead. Raises `ValueError` for numbers out of their range.

    Source: Hu et al. 2022, section 4.1; the factor α/√r: Kalajdzievski 2023 ("rsLoRA").
    """

    rank: int = 8
    alpha: int | float | None = None
    targets: Sequence[str] = QUERY_AND_VALUE
    dropout: int | float = 0.0
    rank_stabilized: bool = False

    def __post_init__(self) -> None:
        require_whole(self.rank, "rank")
        require_positive(self.scale, "alpha")
        require_dropout(self.dropout)

    @property
    def scale(self) -> float:
        """What the branch is multiplied by."""
        alpha = self.rank if self.alpha is None else self.alpha
        return alpha / (math.sqrt(self.rank) if self.rank_stabilized else self.rank)

    def parts(self, body: nn.Module, generator: torch.Generator | None = None) -> Mapping[str, "LoRALinear"]:
        """Raises `ValueError` for a target that the body does not have, and a rank that one of them cannot have."""
        layers = chosen(body, self.targets)
        for place, layer in layers.items():
            require_rank(self.rank, place, layer)
        return {
            place: LoRALinear(layer, self.rank, self.scale, dropout=self.dropout, generator=generator)
            for place, layer in layers.items()
        }


def require_rank(rank: int, place: str, layer: nn.Linear) -> None:
    """Raises `ValueError` for a rank above the smaller side of the layer's matrix."""
    largest = min(layer.weight.shape)
    if rank > largest:
        raise ValueError(
            _(
                "The rank {rank} is above that of {place}, whose matrix is {rows} × {columns}: choose at most {largest}."
            ).format(rank=rank, place=place, rows=layer.out_features, columns=layer.in_features, largest=largest)
        )


class LoRALinear(Part):
    """A frozen linear layer and its branch.

    While gradients are recorded the branch is computed apart. Without, in eval mode, its product is added to a copy of
    the frozen matrix, so that a prediction takes no longer than before; the copy is made again when A or B has changed.

    A is drawn as `nn.Linear` draws its weights, B is 0, so the layer is at first what it was. (The paper's text draws A
    from a normal distribution; its code, `loralib`, as here.)
    """

    base: nn.Linear

    def __init__(
        self,
        base: nn.Linear,
        rank: int,
        scale: int | float,
        *,
        dropout: int | float = 0.0,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(base)
        self.scale = scale
        self.dropout = nn.Dropout(dropout)
        self.down = nn.Parameter(base.weight.new_empty(rank, base.in_features))  # A
        self.up = nn.Parameter(base.weight.new_zeros(base.out_features, rank))  # B
        bound = 1 / math.sqrt(base.in_features)  # Kaiming's with a = √5, as of nn.Linear
        nn.init.uniform_(self.down, -bound, bound, generator=generator)
        self._merged: tuple[tuple[int, ...], nn.Linear] | None = None

    def update(self) -> Float[Tensor, "d_out d_in"]:
        """ΔW, what the branch adds to the matrix."""
        return self.scale * self.up @ self.down

    def forward(self, x: Float[Tensor, "*batch d_in"]) -> Float[Tensor, "*batch d_out"]:
        if not self.training and not torch.is_grad_enabled():
            return self.merged()(x)
        branch = F.linear(F.linear(self.dropout(x), self.down), self.up)
        return self.base(x) + self.scale * branch

    @torch.no_grad()
    def merged(self) -> nn.Linear:
        """One linear layer that computes the same: a copy of the frozen one with W + ΔW."""
        versions = (self.down._version, self.up._version, self.base.weight._version)
        if self._merged is None or self._merged[0] != versions:
            layer = copy.deepcopy(self.base)
            layer.weight += self.update()
            self._merged = (versions, layer)
        return self._merged[1]
