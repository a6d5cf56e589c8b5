"""The layer of AdaLoRA: a frozen linear layer, and triples of which any can be switched off and come back."""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

from course.messages import _
from course.peft.budget import importance, moving_averages, triple_importance
from course.peft.merging import MergeablePart
from course.peft.step_watch import StepWatch

FIRST_STD = 0.02  # of P and Q, as in the authors' code
TRAINED = ("values", "down", "up")
AVERAGES = ("_sensitivity", "_uncertainty")


class AdaLoRALinear(MergeablePart):
    """W·x + scale · P·Λ·Q·x: `up` is P, `values` the diagonal of Λ, `down` Q (peft's B, E and A). Λ is 0 at first.

    `kept` is False for the triples that the last allocation took away, `scores` are the importances that it compared. A
    triple that was taken away is still trained, and its number grows from 0 again; so it can come back. All that the
    next allocation depends on is in buffers, and so in a checkpoint of the training.

    Raises `RuntimeError` in a training where no `RankAllocator` follows the steps: all ranks would stay as they are.
    """

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
        super().__init__(base, rank)
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
            for average in AVERAGES:
                self.register_buffer(name + average, torch.zeros_like(self.get_parameter(name)))
        self.step_watch = StepWatch()

    @property
    def rank(self) -> int:
        """How many triples the last allocation kept."""
        return int(self.kept.sum())

    def update(self) -> Float[Tensor, "d_out d_in"]:
        """ΔW, what the triples add to the matrix."""
        return self.scale * (self.up * self.values) @ self.down

    def merged_weight(self) -> Float[Tensor, "d_out d_in"]:
        return self.base.weight + self.update()

    def apart(self, x: Float[Tensor, "*batch d_in"]) -> Float[Tensor, "*batch d_out"]:
        branch = self.scale * F.linear(F.linear(self.dropout(x), self.down * self.values[:, None]), self.up)
        if self.training and torch.is_grad_enabled():
            self._require_allocation()
            self.step_watch.watch(branch, self.values)
        return self.base(x) + branch

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
    def observe(self, gradients: Mapping[str, Tensor], beta1: float, beta2: float) -> None:
        """Take the gradients of a step, by the names of `TRAINED`, into the moving averages."""
        for name, gradient in gradients.items():
            sensitivity, uncertainty = (self.get_buffer(name + average) for average in AVERAGES)
            weight = self.get_parameter(name)
            new = moving_averages(sensitivity, uncertainty, weight, gradient, beta1=beta1, beta2=beta2)
            sensitivity.copy_(new[0])
            uncertainty.copy_(new[1])

    def importance(self) -> Float[Tensor, "rank"]:
        """The importance of each triple, from the averages of now."""
        of = [importance(*(self.get_buffer(name + average).float() for average in AVERAGES)) for name in TRAINED]
        return triple_importance(*of)

    @torch.no_grad()
    def keep(self, kept: Bool[Tensor, "rank"]) -> None:
        """Set the number of every other triple to 0. Their vectors stay as they are."""
        self.kept.copy_(kept)
        self.values.masked_fill_(~kept, 0.0)

    def own(self) -> dict[str, Tensor]:
        """What is kept of a trained layer: without the moving averages, which only a training needs."""
        return {name: tensor for name, tensor in super().own().items() if not name.endswith(AVERAGES)}

    def train(self, mode: bool = True) -> "AdaLoRALinear":
        self.step_watch.pause(self.values)
        super().train(mode)
        return self


def not_orthonormal(rows: Float[Tensor, "rank width"]) -> Float[Tensor, ""]:
    """‖M·Mᵀ − 1‖ by Frobenius, of a matrix M: 0 if its rows have length 1 and are orthogonal to one another.

    The paper's penalty is the square of this, summed; that of the authors' code and of peft is not squared.

    Source: Q. Zhang et al. 2023, section 3.1; `compute_orth_regu` in the authors' code.
    """
    return torch.linalg.matrix_norm(rows @ rows.T - torch.eye(len(rows)).to(rows))
