"""The layer of AdaLoRA: a frozen linear layer, and triples of which any can be switched off and come back."""

import copy
from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

from course.messages import _
from course.peft.attaching import Part
from course.peft.budget import importance, moving_averages, triple_importance
from course.peft.step_watch import StepWatch

FIRST_STD = 0.02  # of P and Q, as in the authors' code
TRAINED = ("values", "down", "up")


class AdaLoRALinear(Part):
    """W·x + scale · P·Λ·Q·x: `up` is P, `values` the diagonal of Λ, `down` Q (peft's B, E and A). Λ is 0 at first.

    `kept` is False for the triples that the last allocation took away, `scores` are the importances that it compared. A
    triple that was taken away is still trained, and its number grows from 0 again; so it can come back. All that the
    next allocation depends on is in buffers, and so in a checkpoint. In eval mode, without gradients, the layer
    computes with one matrix, as LoRA's does.

    Raises `RuntimeError` in a training where no `RankAllocator` follows the steps: all ranks would stay as they are.
    """

    base: nn.Linear
    kept: Bool[Tensor, "rank"]
    scores: Float[Tensor, "rank"]

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
        self.values = nn.Parameter(base.weight.new_zeros(rank))
        self.down = nn.Parameter(base.weight.new_empty(rank, base.in_features))
        self.up = nn.Parameter(base.weight.new_empty(base.out_features, rank))
        nn.init.normal_(self.down, std=FIRST_STD, generator=generator)
        nn.init.normal_(self.up, std=FIRST_STD, generator=generator)
        self.register_buffer("kept", torch.ones_like(self.values, dtype=torch.bool))
        self.register_buffer("scores", torch.zeros_like(self.values))
        for name in TRAINED:
            for average in ("sensitivity", "uncertainty"):
                self.register_buffer(f"{name}_{average}", torch.zeros_like(self.get_parameter(name)))
        self._merged: tuple[tuple[int, ...], nn.Linear] | None = None
        self.step_watch = StepWatch()

    @property
    def rank(self) -> int:
        """How many triples the last allocation kept."""
        return int(self.kept.sum())

    def update(self) -> Float[Tensor, "d_out d_in"]:
        """ΔW, what the triples add to the matrix."""
        return self.scale * (self.up * self.values) @ self.down

    def forward(self, x: Float[Tensor, "*batch d_in"]) -> Float[Tensor, "*batch d_out"]:
        if not torch.is_grad_enabled():
            return self.base(x) + self._branch(x) if self.training else self.merged()(x)
        branch = self._branch(x)
        if self.training:
            self._require_allocation()
            self.step_watch.watch(branch, self.values)
        return self.base(x) + branch

    def _branch(self, x: Float[Tensor, "*batch d_in"]) -> Float[Tensor, "*batch d_out"]:
        return self.scale * F.linear(F.linear(self.dropout(x), self.down * self.values[:, None]), self.up)

    def _require_allocation(self) -> None:
        if self.step_watch.missed(self.values):
            raise RuntimeError(
                _(
                    "A training step was made, and no ranks were allocated after it. With "
                    "`allocator = RankAllocator(attached)`, give `train` and `fine_tune` the argument "
                    "`after_step=allocator.after_step`; in a loop of your own, call `allocator.after_step(step)` after "
                    "`optimizer.step()` and before `zero_grad()`."
                )
            )

    @torch.no_grad()
    def merged(self) -> nn.Linear:
        """One linear layer that computes the same: a copy of the frozen one with W + ΔW."""
        versions = (*(self.get_parameter(name)._version for name in TRAINED), self.base.weight._version)
        if self._merged is None or self._merged[0] != versions:
            layer = copy.deepcopy(self.base)
            layer.weight += self.update()
            self._merged = (versions, layer)
        return self._merged[1]

    @torch.no_grad()
    def observe(self, gradients: Mapping[str, Tensor], beta1: float, beta2: float) -> None:
        """Take the gradients of a step, by the names of `TRAINED`, into the moving averages."""
        for name, gradient in gradients.items():
            averages = self.get_buffer(f"{name}_sensitivity"), self.get_buffer(f"{name}_uncertainty")
            new = moving_averages(*averages, self.get_parameter(name), gradient, beta1=beta1, beta2=beta2)
            for average, value in zip(averages, new, strict=True):
                average.copy_(value)

    def importance(self) -> Float[Tensor, "rank"]:
        """The importance of each triple, from the averages of now."""
        return triple_importance(
            *(
                importance(
                    self.get_buffer(f"{name}_sensitivity").float(), self.get_buffer(f"{name}_uncertainty").float()
                )
                for name in TRAINED
            )
        )

    @torch.no_grad()
    def keep(self, kept: Bool[Tensor, "rank"]) -> None:
        """Set the number of every other triple to 0. Their vectors stay as they are."""
        self.kept.copy_(kept)
        self.values.masked_fill_(~kept, 0.0)

    def train(self, mode: bool = True) -> "AdaLoRALinear":
        self.step_watch.pause(self.values)
        self._merged = None
        return super().train(mode)

    def __getstate__(self) -> dict[str, Any]:
        """What is copied: without the merged layer, which belongs to the versions of tensors that the copy lacks."""
        return vars(self) | {"_merged": None}
