"""AdaLoRA: LoRA that starts with more rank than it may keep, and takes it away where it counts least.

The update of a matrix is P·Λ·Q, with Λ diagonal: a sum of triples, each a column of P, a number of Λ and a row of Q. In
training, `course.peft.rank_allocator` measures how important each triple is and sets the number of the least important
ones to 0, in all matrices together, so that some matrices end with a higher rank than others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from course.layers.sizes import require_dropout, require_not_negative, require_positive, require_whole
from course.messages import _
from course.peft.adalora_linear import AdaLoRALinear
from course.peft.lora import require_rank
from course.peft.method import Method
from course.peft.targets import QUERY_AND_VALUE, chosen, names_of


@dataclass(frozen=True)
class AdaLoRA(Method):
    """h = W·x + α/(r + 10⁻⁵) · P·Λ·Q·x with W frozen: of r = `initial_rank` triples, `target_rank` are kept on average.

    Train it with a `RankAllocator`. `steps` are those of the training (`recipe.steps(len(texts))` with `fine_tune`);
    in the first `initial_steps` nothing is taken away, in the last `final_steps` the choice is fixed, and between them
    it is made every `interval` steps. `beta1` and `beta2` are the decays of the averages that importance is computed
    from. `orthogonality` is the weight of the penalty on columns of P and rows of Q that are not orthonormal; the
    authors' code has 0.1, peft 0.5. `alpha` is α, by default r, and `dropout` acts on x in the branch alone. The
    divisor stays the initial rank, whatever a matrix keeps, as in both codes. Raises `ValueError` for numbers out of
    their range, `TypeError` for targets in no list.

    Source: Q. Zhang et al. 2023, section 3; the divisor: github.com/QingruZhang/AdaLoRA, `loralib/adalora.py`.
    """

    steps: int
    initial_rank: int = 12
    target_rank: int = 8
    targets: Sequence[str] = QUERY_AND_VALUE
    alpha: int | float | None = None
    dropout: int | float = 0.0
    initial_steps: int = 0
    final_steps: int = 0
    interval: int = 1
    beta1: float = 0.85
    beta2: float = 0.85
    orthogonality: int | float = 0.5

    def __post_init__(self) -> None:
        for name in ("steps", "initial_rank", "target_rank", "interval"):
            require_whole(getattr(self, name), name)
        for name in ("initial_steps", "final_steps"):
            require_whole(getattr(self, name), name, least=0)
        if self.alpha is not None:
            require_positive(self.alpha, "alpha")
        object.__setattr__(self, "targets", names_of(self.targets))
        require_dropout(self.dropout)
        require_not_negative(self.orthogonality, "orthogonality")
        for name in ("beta1", "beta2"):
            value = getattr(self, name)
            if not (isinstance(value, int | float) and 0 < value < 1):
                raise ValueError(
                    _("{name} is {value!r}; it must be above 0 and below 1.").format(name=name, value=value)
                )
        if self.target_rank > self.initial_rank:
            message = _("The target rank {target} is above the initial rank {initial}: ranks only become smaller.")
            raise ValueError(message.format(target=self.target_rank, initial=self.initial_rank))
        if self.initial_steps + self.final_steps >= self.steps:
            raise ValueError(
                _("{initial} initial and {final} final steps leave none of {steps} to take ranks away in.").format(
                    initial=self.initial_steps, final=self.final_steps, steps=self.steps
                )
            )

    @property
    def scale(self) -> float:
        """What the branch is multiplied by."""
        return (self.initial_rank if self.alpha is None else self.alpha) / (self.initial_rank + 1e-5)

    def parts(self, body: nn.Module, generator: torch.Generator | None = None) -> Mapping[str, AdaLoRALinear]:
        """Raises `ValueError` for a target that the body does not have, and a rank that one of them cannot have."""
        layers = chosen(body, self.targets)
        for place, layer in layers.items():
            require_rank(self.initial_rank, place, layer)
        return {
            place: AdaLoRALinear(layer, self.initial_rank, self.scale, dropout=self.dropout, generator=generator)
            for place, layer in layers.items()
        }
