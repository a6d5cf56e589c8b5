"""GRPO: PPO without a critic. Of several responses to one prompt, each is compared with the mean of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from course.layers.language_model import CausalLanguageModel
from course.layers.sizes import require_not_negative, require_whole
from course.messages import _
from course.rlhf.kl import k3
from course.rlhf.policy_training import (
    Iteration,
    PolicySettings,
    Prompt,
    RollOut,
    Rollout,
    Score,
    StepLoss,
    train_policy,
)
from course.rlhf.ppo import PolicyLoss, clipped_objective
from course.rlhf.responses import response_log_probabilities
from course.rlhf.rewards import require_finite_scores

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
) -> PolicyLoss:
    """PPO's clipped objective with one advantage for a whole response, and β times k3 against the reference.

    The mean is over the tokens of each response, then over the responses, so that a long one counts as much as a short
    one. Raises `ValueError` for a β below 0, and for a row without tokens.

    Source: Shao et al. 2024, equation 3.
    """
    require_not_negative(beta, "beta")
    lengths = is_token.sum(dim=1)
    if not len(lengths) or (lengths == 0).any():
        raise ValueError(_("A response is empty, or there is none: each needs one token or more."))
    log_ratio = (new - old).where(is_token, 0.0)
    ratio = log_ratio.exp()
    of_tokens = advantages[:, None].expand_as(ratio)
    objective = clipped_objective(ratio, of_tokens, clip)
    losses = -objective
    if beta:
        losses = losses + beta * k3((new - reference).where(is_token, 0.0))

    def mean(values: Float[Tensor, "row response"]) -> Float[Tensor, ""]:
        return (values.where(is_token, 0.0).sum(dim=1) / lengths).mean()

    with torch.no_grad():
        clipped = (objective < ratio * of_tokens).to(ratio.dtype)
        means = (mean(part) for part in (clipped, ratio, k3(-log_ratio)))
    return PolicyLoss(mean(losses), *means)


@dataclass(frozen=True)
class GRPOSettings(PolicySettings):
    """`beta` weighs the KL term of the loss; `scale` is that of `group_advantages`."""

    group_size: int = 8
    beta: float = 0.04
    scale: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        require_not_negative(self.beta, "beta")
        require_whole(self.group_size, "group_size", least=2)


class GRPO:
    """Group relative policy optimization; see `train_grpo`."""

    def __init__(self, policy: CausalLanguageModel, settings: GRPOSettings) -> None:
        self.policy, self.settings = policy, settings

    @property
    def modules(self) -> Mapping[str, nn.Module]:
        return {"policy": self.policy}

    def prepare(self, rollout: Rollout) -> Float[Tensor, "row"]:
        return group_advantages(rollout.scores, self.settings.group_size, scale=self.settings.scale)

    def loss(self, rollout: Rollout, prepared: Float[Tensor, "row"], rows: Int[Tensor, "chosen"]) -> StepLoss:
        responses, settings = rollout.responses.select(rows), self.settings
        found = grpo_loss(
            response_log_probabilities(self.policy, responses, settings.temperature),
            rollout.old[rows],
            rollout.reference[rows],
            prepared[rows],
            responses.is_token,
            clip=settings.clip,
            beta=settings.beta,
        )
        about = {name: value.item() for name, value in found._asdict().items() if name != "loss"}
        return StepLoss(found.loss, about)

    def after(self, rollout: Rollout, kl: float) -> None:
        """Nothing changes."""

    def state(self) -> dict[str, float]:
        return {}

    def restore(self, state: Mapping[str, float]) -> None:
        """There is nothing to restore."""


def train_grpo(
    policy: CausalLanguageModel,
    reference: CausalLanguageModel,
    score: Score,
    roll_out: RollOut,
    prompts: Sequence[Prompt],
    settings: GRPOSettings,
    *,
    iterations: int,
    seed: int = 0,
    checkpoint: Path | str | None = None,
    after_iteration: Callable[[Iteration, Rollout], None] | None = None,
) -> list[Iteration]:
    """Train the policy on groups of its own responses; see `train_policy`. Source: Shao et al. 2024, algorithm 1."""
    return train_policy(
        GRPO(policy, settings),
        policy,
        reference,
        score,
        roll_out,
        prompts,
        settings,
        iterations=iterations,
        seed=seed,
        checkpoint=checkpoint,
        after_iteration=after_iteration,
    )
