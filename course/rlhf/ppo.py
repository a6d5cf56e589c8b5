"""PPO's two losses: the clipped objective of the policy, and the clipped error of the critic."""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from course.layers.sizes import require_positive
from course.rlhf.advantages import masked_mean
from course.rlhf.kl import k3
from course.rlhf.shapes import require_same_shape


class PolicyLoss(NamedTuple):
    """The loss, and what says whether the policy is still near the one that drew the responses.

    `clip_fraction` is the share of tokens whose objective is the clipped one, `ratio` the mean of π / π_old,
    `approximate_kl` the mean of `k3` with the roles exchanged: an estimate of KL(π_old, π) a token, in nats.
    """

    loss: Float[Tensor, ""]
    clip_fraction: Float[Tensor, ""]
    ratio: Float[Tensor, ""]
    approximate_kl: Float[Tensor, ""]


def clipped_objective(
    ratio: Float[Tensor, "*token"], advantages: Float[Tensor, "*token"], clip: float
) -> Float[Tensor, "*token"]:
    """min(ratio · A, clipped ratio · A) of each token, where the ratio is clipped to [1 − clip, 1 + clip].

    With a positive advantage it is flat above 1 + clip, with a negative one below 1 − clip: there is nothing to gain
    by going further, but always by coming back.

    Source: Schulman et al. 2017, "Proximal Policy Optimization Algorithms", equation 7.
    """
    require_positive(clip, "clip")
    return torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)


def policy_loss(
    new: Float[Tensor, "row response"],
    old: Float[Tensor, "row response"],
    advantages: Float[Tensor, "row response"],
    is_token: Bool[Tensor, "row response"],
    *,
    clip: float = 0.2,
) -> PolicyLoss:
    """The negative clipped objective, as a mean over the tokens of all rows.

    `new` are the log-probabilities of the drawn tokens under the policy, `old` those under the policy that drew them.
    Raises `ValueError` for a `clip` that is not above 0, for shapes that differ, and where there is no token.
    """
    require_same_shape(2, new=new, old=old, advantages=advantages, is_token=is_token)
    log_ratio = (new - old).where(is_token, 0.0)
    ratio = log_ratio.exp()
    objective = clipped_objective(ratio, advantages, clip)
    with torch.no_grad():
        clipped = (objective < ratio * advantages).to(ratio.dtype)
        means = (masked_mean(part, is_token) for part in (clipped, ratio, k3(-log_ratio)))
    return PolicyLoss(-masked_mean(objective, is_token), *means)


def value_loss(
    values: Float[Tensor, "row response"],
    old: Float[Tensor, "row response"],
    returns: Float[Tensor, "row response"],
    is_token: Bool[Tensor, "row response"],
    *,
    clip: float = 0.2,
) -> Float[Tensor, ""]:
    """Half the squared error of the values; of the values clipped to within `clip` of the `old` ones if it is larger.

    The mean is over the tokens of all rows. Raises as `policy_loss` does.

    Source: Huang et al. 2024, "The N+ Implementation Details of RLHF with PPO".
    """
    require_positive(clip, "clip")
    require_same_shape(2, values=values, old=old, returns=returns, is_token=is_token)
    values, old, returns = (part.where(is_token, 0.0) for part in (values, old, returns))
    clipped = old + (values - old).clamp(-clip, clip)
    errors = torch.maximum((values - returns) ** 2, (clipped - returns) ** 2)
    return masked_mean(errors, is_token) / 2
