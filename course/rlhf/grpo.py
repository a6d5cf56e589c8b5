"""GRPO's advantages and loss: of several responses to one prompt, each is compared with the mean of them."""

from typing import Literal, get_args

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from course.layers.sizes import require_not_negative, require_whole
from course.messages import _
from course.rlhf.advantages import masked_mean
from course.rlhf.kl import k3
from course.rlhf.ppo import PolicyLoss, clipped_objective
from course.rlhf.rewards import require_finite_scores
from course.rlhf.shapes import require_rows, require_same_shape

Normalization = Literal["grpo", "dapo", "dr_grpo"]
SMALLEST = 1e-4  # added to a group's standard deviation: in a group of equal scores nothing is divided by 0


def group_advantages(scores: Float[Tensor, "row"], group_size: int, *, scale: bool = True) -> Float[Tensor, "row"]:
    """Each score minus the mean of its group, divided by the group's standard deviation if `scale`.

    The responses to one prompt are `group_size` rows, one after the other. Every token of a response has its advantage.
    Raises `ValueError` for a group of one, which is always as good as its mean, for rows that do not fill the groups,
    and for a score that is not finite.

    Source: Shao et al. 2024, "DeepSeekMath", section 4.1; without the division: Liu et al. 2025, "Understanding
    R1-Zero-Like Training: A Critical Perspective".
    """
    require_whole(group_size, "group_size", least=2)
    if not len(scores) or len(scores) % group_size:
        raise ValueError(
            _("{rows} scores are no groups of {size}: give as many for each prompt.").format(
                rows=len(scores), size=group_size
            )
        )
    require_finite_scores(scores)
    groups = scores.double().view(-1, group_size)  # in float32 the mean of equal scores may differ from them
    centered = groups - groups.mean(dim=1, keepdim=True)
    if scale:
        centered = centered / (groups.std(dim=1, keepdim=True) + SMALLEST)
    return centered.flatten().to(scores.dtype if scores.is_floating_point() else torch.get_default_dtype())


def grpo_loss(
    new: Float[Tensor, "row response"],
    old: Float[Tensor, "row response"],
    reference: Float[Tensor, "row response"],
    advantages: Float[Tensor, "row"],
    is_token: Bool[Tensor, "row response"],
    *,
    clip: float = 0.2,
    beta: float = 0.0,
    normalization: Normalization = "grpo",
    max_length: int | None = None,
) -> PolicyLoss:
    """PPO's clipped objective with one advantage for a whole response, and β times k3 against the reference.

    With the `normalization` "grpo" the mean is over the tokens of each response, then over the responses, so that a
    long one counts as much as a short one, and each of its tokens less. With "dapo" it is over all tokens of these
    rows, which count alike; with "dr_grpo" their sum is divided by the number of rows times `max_length`, the most
    tokens that a response can have, so that no length that was drawn changes what a token counts. What the result says
    besides the loss is a mean over responses with "grpo", over tokens with the others.

    Raises `ValueError` for a β below 0, shapes that differ, a row without tokens, another `normalization`, and where
    "dr_grpo" has no `max_length` or one below a response's length, or another has one.

    Source: Shao et al. 2024, equation 3; Yu et al. 2025, "DAPO: An Open-Source LLM Reinforcement Learning System at
    Scale"; Liu et al. 2025, "Understanding R1-Zero-Like Training: A Critical Perspective".
    """
    require_not_negative(beta, "beta")
    require_same_shape(2, new=new, old=old, reference=reference, is_token=is_token)
    require_rows(advantages, new, name="advantages", rows_of="new")
    lengths = is_token.sum(dim=1)
    if not len(lengths) or (lengths == 0).any():
        raise ValueError(_("A response is empty, or there is none: each needs one token or more."))
    require_normalization(normalization, max_length, longest=int(lengths.max()))
    log_ratio = (new - old).where(is_token, 0.0)
    ratio = log_ratio.exp()
    of_tokens = advantages[:, None].expand_as(ratio)
    objective = clipped_objective(ratio, of_tokens, clip)
    losses = -objective
    if beta:
        losses = losses + beta * k3((new - reference).where(is_token, 0.0))

    def mean(values: Float[Tensor, "row response"]) -> Float[Tensor, ""]:
        if normalization != "grpo":
            return masked_mean(values, is_token)
        return (values.where(is_token, 0.0).sum(dim=1) / lengths).mean()

    loss = mean(losses)
    if max_length is not None:
        loss = loss * (lengths.sum() / (len(lengths) * max_length))
    with torch.no_grad():
        clipped = (objective < ratio * of_tokens).to(ratio.dtype)
        means = (mean(part) for part in (clipped, ratio, k3(-log_ratio)))
    return PolicyLoss(loss, *means)


def require_normalization(normalization: str, max_length: int | None, *, longest: int = 1) -> None:
    """Raises `ValueError` for an unknown name, and for a `max_length` that does not go with it or with `longest`."""
    if normalization not in get_args(Normalization):
        raise ValueError(
            _("normalization is {value!r}; give one of {known}.").format(
                value=normalization, known=", ".join(map(repr, get_args(Normalization)))
            )
        )
    if (max_length is not None) != (normalization == "dr_grpo"):
        raise ValueError(
            _('max_length is {value} with the normalization {name!r}: "dr_grpo" divides by it, and no other.').format(
                value=max_length, name=normalization
            )
        )
    if max_length is not None:
        require_whole(max_length, "max_length", least=longest)
