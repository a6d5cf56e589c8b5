"""LoRA: what fine-tuning adds to a matrix, written as the product of two thin ones."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from course.layers.sizes import require_dropout, require_positive, require_whole
from course.messages import _
from course.peft.merging import MergeablePart
from course.peft.method import Method
from course.peft.targets import QUERY_AND_VALUE, chosen, names_of


class LoRALinear(MergeablePart):
    """A frozen linear layer W and its branch: W·x + scale · B·A·x. `dropout` acts on x in the branch alone.

    A is drawn as `nn.Linear` draws its weights, B is 0, so the layer is at first what it was. (The paper's text draws A
    from a normal distribution; its code, `loralib`, as here.)
    """

    def __init__(
        self,
        base: nn.Linear,
        rank: int,
        scale: int | float,
        *,
        dropout: int | float = 0.0,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(base, rank)
        self.scale = scale
        self.dropout = nn.Dropout(dropout)
        bound = 1 / math.sqrt(base.in_features)  # Kaiming's with a = √5, as of nn.Linear
        drawn = torch.empty(rank, base.in_features).uniform_(-bound, bound, generator=generator)
        self.down = nn.Parameter(drawn.to(base.weight))  # A
        self.up = nn.Parameter(base.weight.new_zeros(base.out_features, rank))  # B

    def update(self) -> Float[Tensor, "d_out d_in"]:
        """ΔW, what the branch adds to the matrix."""
        return self.scale * self.up @ self.down

    def merged_weight(self) -> Float[Tensor, "d_out d_in"]:
        return self.base.weight + self.update()

    def apart(self, x: Float[Tensor, "*batch d_in"]) -> Float[Tensor, "*batch d_out"]:
        return self.base(x) + self.branch(self.dropout(x))

    def branch(self, x: Float[Tensor, "*batch d_in"]) -> Float[Tensor, "*batch d_out"]:
        """ΔW·x, without ΔW itself, which is as large as W."""
        return self.scale * F.linear(F.linear(x, self.down), self.up)


@dataclass(frozen=True)
class LoRA(Method):
    """h = W·x + (α/r) · B·A·x on the layers named in `targets`, W frozen; `dropout` acts on x in the branch alone.

    `rank` is r, `alpha` is α, by default r, so that the branch counts as it is. With `rank_stabilized` the factor is
    α/√r instead. Raises `ValueError` for numbers out of their range, `TypeError` for targets in no list.

    Source: Hu et al. 2022, section 4.1; the factor α/√r: Kalajdzievski 2023 ("rsLoRA").
    """

    layer: ClassVar[type[LoRALinear]] = LoRALinear
    rank: int = 8
    alpha: int | float | None = None
    targets: Sequence[str] = QUERY_AND_VALUE
    dropout: int | float = 0.0
    rank_stabilized: bool = False

    def __post_init__(self) -> None:
        require_whole(self.rank, "rank")
        if self.alpha is not None:
            require_positive(self.alpha, "alpha")
        require_dropout(self.dropout)
        object.__setattr__(self, "targets", names_of(self.targets))

    @property
    def scale(self) -> float:
        """What the branch is multiplied by."""
        alpha = self.rank if self.alpha is None else self.alpha
        return alpha / (math.sqrt(self.rank) if self.rank_stabilized else self.rank)

    def parts(self, body: nn.Module, generator: torch.Generator | None = None) -> Mapping[str, LoRALinear]:
        """Raises `ValueError` for a target that the body does not have, and a rank that one of them cannot have."""
        layers = chosen(body, self.targets)
        for place, layer in layers.items():
            require_rank(self.rank, place, layer)
        return {
            place: self.layer(layer, self.rank, self.scale, dropout=self.dropout, generator=generator)
            for place, layer in layers.items()
        }


def require_rank(rank: int, place: str, layer: nn.Linear) -> None:
    """Raises `ValueError` for a rank above the smaller side of the layer's matrix."""
    largest = min(layer.weight.shape)
    if rank > largest:
        raise ValueError(
            _(
                "Rank {rank} is above that of {place}, whose matrix is {rows} × {columns}: choose at most {largest}."
            ).format(rank=rank, place=place, rows=layer.out_features, columns=layer.in_features, largest=largest)
        )
