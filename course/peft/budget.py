"""Which triples AdaLoRA keeps: how important each one is, how many may stay, and which those are.

A triple is what one number of Λ stands for in P·Λ·Q: a column of P, a number, a row of Q. These are the formulas alone;
`course.peft.rank_allocator` uses them.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from course.messages import _

Weights = Float[Tensor, "*shape"]


def moving_averages(
    sensitivity: Weights, uncertainty: Weights, weight: Weights, gradient: Weights, *, beta1: float, beta2: float
) -> tuple[Weights, Weights]:
    """Both averages of a weight, of any shape, after one more step.

    The sensitivity of one step is |weight · gradient|, about how much the loss would change if the weight were 0. It
    differs from batch to batch, so its average Ī is kept, and Ū, the average distance of one step's sensitivity from Ī,
    which is updated first: Ī ← β₁·Ī + (1 − β₁)·I, then Ū ← β₂·Ū + (1 − β₂)·|I − Ī|. Both averages start at 0, and are
    not corrected for that as Adam's are.

    Source: Q. Zhang et al. 2023, section 3.2.
    """
    of_this_step = (weight * gradient).abs()
    sensitivity = beta1 * sensitivity + (1 - beta1) * of_this_step
    uncertainty = beta2 * uncertainty + (1 - beta2) * (of_this_step - sensitivity).abs()
    return sensitivity, uncertainty


def importance(sensitivity: Weights, uncertainty: Weights) -> Weights:
    """Of each weight, Ī·Ū: it counts when the loss depends on it, and more when it is not yet known how much.

    Source: Q. Zhang et al. 2023, section 3.2.
    """
    return sensitivity * uncertainty


def triple_importance(
    values: Float[Tensor, "rank"], down: Float[Tensor, "rank d_in"], up: Float[Tensor, "d_out rank"]
) -> Float[Tensor, "rank"]:
    """The importance of each triple, from that of each weight of Λ, Q and P: the sum of the three, of vectors the mean.

    With sums in place of means the two vectors would outweigh the number, and large matrices small ones.

    Source: Q. Zhang et al. 2023, section 3.2.
    """
    return values + down.mean(dim=1) + up.mean(dim=0)


def budget(step: int, *, initial: int, target: int, steps: int, initial_steps: int = 0, final_steps: int = 0) -> int:
    """How many triples all matrices together may keep after this step of `steps`, from 1.

    All `initial` ones for the first `initial_steps`; then fewer by a cubic curve, fast at first and slowly later;
    `target` from `final_steps` before the end on. The number is rounded down.

    Source: Q. Zhang et al. 2023, section 3.3 and appendix A.
    """
    if step <= initial_steps:
        return initial
    if step >= steps - final_steps:
        return target
    left = 1 - (step - initial_steps) / (steps - final_steps - initial_steps)
    return int((initial - target) * left**3 + target)


def keep_mask(scores: Float[Tensor, "triple"], n: int) -> Bool[Tensor, "triple"]:
    """True for the `n` triples with the highest scores, wherever they are.

    Among equal scores, those that come first are kept, so that it is `n` also where all are equal. (peft 0.21.2 and the
    authors' code drop all that are not above the highest score to be dropped: of equal ones all, and with nothing to
    drop they raise an error.) Raises `ValueError` for a number below 0 or above that of the triples, and a score that
    is NaN.
    """
    if scores.isnan().any():
        raise ValueError(_("A score is NaN, so the scores have no order: the training diverged."))
    if not 0 <= n <= len(scores):
        raise ValueError(_("{n} of {all} triples cannot be kept.").format(n=n, all=len(scores)))
    first = scores.argsort(descending=True, stable=True)[:n]
    return torch.zeros_like(scores, dtype=torch.bool).index_fill(0, first, True)
