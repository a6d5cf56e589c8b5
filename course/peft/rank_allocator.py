"""AdaLoRA's part in a training: after each step, measure what is important, and take away what is not."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from course.messages import _
from course.peft.adalora import AdaLoRA
from course.peft.adalora_linear import TRAINED, AdaLoRALinear, not_orthonormal
from course.peft.attaching import Attached
from course.peft.budget import budget, keep_mask


@dataclass(frozen=True)
class Allocation:
    """What was kept after a step: `budget` triples in all, by the name of each place how many, and all importances."""

    step: int
    budget: int
    ranks: dict[str, int]
    importance: dict[str, Float[Tensor, "rank"]]


class RankAllocator:
    """Follows the training of an AdaLoRA that is on a model.

        attached = attach(model, AdaLoRA(steps=recipe.steps(len(training.texts))))
        allocator = RankAllocator(attached)
        fine_tune(model, training, recipe, after_step=allocator.after_step, penalty=allocator.penalty)

    The order of a step is that of both codes: backward, `optimizer.step()`, `after_step`, `zero_grad()`. So importance
    is the product of the new weights with the gradients of the old ones, and Λ has been updated before it is masked. In
    the paper's algorithm 1 both factors are from before the update; the masking is the same.

    `allocations` has one entry for each allocation, the first one for step 0, when everything is kept. In a training
    that is resumed in another process it begins anew there; the ranks themselves are in the model's buffers. Raises
    `TypeError` for another method than AdaLoRA.

    Source: Q. Zhang et al. 2023, algorithm 1; the order: github.com/QingruZhang/AdaLoRA,
    `NLU/src/transformers/trainer.py`, and peft 0.21.2, `AdaLoraModel.update_and_allocate`.
    """

    def __init__(self, attached: Attached) -> None:
        if not isinstance(attached.method, AdaLoRA):
            raise TypeError(
                _("Ranks are allocated for AdaLoRA, not for {method}: that needs no allocator.").format(
                    method=type(attached.method).__name__
                )
            )
        self.attached = attached
        self.method: AdaLoRA = attached.method
        self.parts = {place: part for place, part in attached.parts.items() if isinstance(part, AdaLoRALinear)}
        self.allocations = [self._allocation(0)]
        self._penalty_asked = False

    @property
    def ranks(self) -> dict[str, int]:
        """How many triples each place has kept; 0 is possible."""
        return {place: part.rank for place, part in self.parts.items()}

    @property
    def ranks_over_steps(self) -> list[tuple[int, dict[str, int]]]:
        """The ranks after each allocation, with its step, for a picture."""
        return [(allocation.step, allocation.ranks) for allocation in self.allocations]

    def penalty(self) -> Float[Tensor, ""]:
        """What is added to the loss: the mean of `not_orthonormal` over Q and Pᵀ of all places, times the weight."""
        self._penalty_asked = True
        each = [not_orthonormal(rows) for part in self.parts.values() for rows in (part.down, part.up.T)]
        return self.method.orthogonality * torch.stack(each).mean()

    def after_step(self, step: int) -> None:
        """Take step `step`, from 1, into the importances, and where it is time, allocate the ranks.

        Raises `RuntimeError`, before anything changes, when the penalty was not a part of the step's loss, and
        `ValueError` for a place without gradients, and `FloatingPointError` for one that is infinite or NaN.
        """
        method, last = self.method, self.method.steps - self.method.final_steps
        if method.orthogonality and not self._penalty_asked:
            raise RuntimeError(
                _(
                    "The loss was computed without `allocator.penalty()`. Give `fine_tune` the argument "
                    "`penalty=allocator.penalty`, or add it to your loss; `AdaLoRA(orthogonality=0)` needs none."
                )
            )
        self._penalty_asked = False
        if step < last:
            gradients = {place: _gradients(place, part) for place, part in self.parts.items()}
            for place, part in self.parts.items():
                part.observe(gradients[place], method.beta1, method.beta2)
        if step > last:
            for part in self.parts.values():
                part.keep(part.kept)  # what was taken away has grown again in the step
        elif step == last or (step > method.initial_steps and step % method.interval == 0):
            self._allocate(step)
        for part in self.parts.values():
            part.step_watch.followed()

    def budget(self, step: int) -> int:
        """How many triples all places together may keep after this step."""
        method, n = self.method, len(self.parts)
        return budget(
            step,
            initial=n * method.initial_rank,
            target=n * method.target_rank,
            steps=method.steps,
            initial_steps=method.initial_steps,
            final_steps=method.final_steps,
        )

    @torch.no_grad()
    def _allocate(self, step: int) -> None:
        for part in self.parts.values():
            part.scores.copy_(part.importance())
        scores = torch.cat([part.scores for part in self.parts.values()])
        masks = keep_mask(scores, self.budget(step)).split(self.method.initial_rank)
        for part, kept in zip(self.parts.values(), masks, strict=True):
            part.keep(kept)
        self.allocations = [earlier for earlier in self.allocations if earlier.step < step] + [self._allocation(step)]

    def _allocation(self, step: int) -> Allocation:
        importance = {place: part.scores.cpu().clone() for place, part in self.parts.items()}
        return Allocation(step, sum(self.ranks.values()), self.ranks, importance)


def _gradients(place: str, part: AdaLoRALinear) -> dict[str, Tensor]:
    """Those of what is trained in a part, by name. Raises as `after_step` says."""
    found = {}
    for name in TRAINED:
        gradient = part.get_parameter(name).grad
        if gradient is None:
            raise ValueError(
                _(
                    "{name} has no gradient. Importance is measured with those of the step: after the backward pass "
                    "and `optimizer.step()`, before `zero_grad()`."
                ).format(name=f"{place}.{name}")
            )
        if not gradient.isfinite().all():
            raise FloatingPointError(
                _(
                    "The gradient of {name} is infinite or NaN, and would stay in every average. Where no weight was "
                    "changed by the step, leave `after_step` out as well."
                ).format(name=f"{place}.{name}")
            )
        found[name] = gradient
    return found
