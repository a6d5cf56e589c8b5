"""Losses on pairs of answers: DPO and its smoothed form, IPO, SimPO. None of them needs a reward model."""

from typing import Literal, get_args

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from course.dpo.log_ratios import PairLogProbabilities, require_pairs
from course.layers.sizes import require_not_negative, require_positive
from course.messages import _

Per = Literal["sequence", "token"]


def dpo_loss(pairs: PairLogProbabilities, beta: float, *, label_smoothing: float = 0.0) -> Float[Tensor, ""]:
    """−log σ(β · margin): the binary cross-entropy of "the chosen answer wins", whose logit is β times the margin.

    At the start, where policy and reference are equal, it is ln 2. With `label_smoothing` ε, each label is taken to be
    wrong with that probability (cDPO). Raises `ValueError` for a β that is not above 0, an ε outside [0, 0.5), and no
    pairs.

    Source: Rafailov et al. 2023, equation 7; smoothing: Mitchell 2023, "A note on DPO with noisy preferences",
    equation 3.
    """
    require_positive(beta, "beta")
    require_pairs(pairs)
    if not 0 <= label_smoothing < 0.5:
        raise ValueError(
            _("label_smoothing is {value}; it must be 0 or more, and below 0.5, where labels say nothing.").format(
                value=label_smoothing
            )
        )
    logits = beta * pairs.margin
    losses = -(1 - label_smoothing) * F.logsigmoid(logits)
    if label_smoothing:
        losses = losses - label_smoothing * F.logsigmoid(-logits)
    return losses.mean()


def ipo_loss(pairs: PairLogProbabilities, beta: float, *, per: Per = "sequence") -> Float[Tensor, ""]:
    """(margin − 1 / (2β))²: the margin has a goal, so a pair that is always won does not drive it on without end.

    Per "sequence" log-ratios are summed over an answer's tokens, as in the paper; per "token" each is divided by its
    answer's number of tokens, as `trl` does. Raises `ValueError` for a β that is not above 0, another `per`, and
    no pairs.

    Source: Azar et al. 2023, "A General Theoretical Paradigm to Understand Learning from Human Preferences",
    equation 17.
    """
    require_positive(beta, "beta")
    require_pairs(pairs)
    if per not in get_args(Per):
        raise ValueError(
            _("per is {value!r}; give one of {known}.").format(value=per, known=", ".join(map(repr, get_args(Per))))
        )
    margin = pairs.margin
    if per == "token":
        margin = pairs.chosen_log_ratio / pairs.n_chosen - pairs.rejected_log_ratio / pairs.n_rejected
    return ((margin - 1 / (2 * beta)) ** 2).mean()


def simpo_loss(pairs: PairLogProbabilities, beta: float, margin: float = 0.0) -> Float[Tensor, ""]:
    """−log σ(β · (mean log-probability of a token, chosen minus rejected) − margin). It has no reference.

    Raises `ValueError` for a β that is not above 0, a `margin` below 0, and no pairs.

    Source: Meng et al. 2024, "SimPO: Simple Preference Optimization with a Reference-Free Reward".
    """
    require_positive(beta, "beta")
    require_pairs(pairs)
    require_not_negative(margin, "margin")
    difference = pairs.chosen / pairs.n_chosen - pairs.rejected / pairs.n_rejected
    return -F.logsigmoid(beta * difference - margin).mean()


def gradient_weights(pairs: PairLogProbabilities, beta: float) -> Float[Tensor, "pair"]:
    """σ(−β · margin): how much each pair counts in DPO's gradient, from 1 where it is ordered wrongly to 0.

    The gradient of a pair's loss is −β · weight · (∇ log π of the chosen − ∇ log π of the rejected answer). Raises
    `ValueError` for a β that is not above 0, and for no pairs.

    Source: Rafailov et al. 2023, section 4, "What does the DPO update do?".
    """
    require_positive(beta, "beta")
    require_pairs(pairs)
    return (-beta * pairs.margin).sigmoid()
