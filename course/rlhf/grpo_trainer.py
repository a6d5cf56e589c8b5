"""GRPO: PPO without a critic. The mean of several responses to one prompt takes its place."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaxtyping import Float, Int
from torch import Tensor, nn

from course.layers.language_model import CausalLanguageModel
from course.layers.sizes import require_not_negative, require_whole
from course.rlhf.grpo import Normalization, group_advantages, grpo_loss, require_normalization
from course.rlhf.policy_methods import Iteration, StepLoss, require_settings
from course.rlhf.policy_training import train_policy
from course.rlhf.responses import response_log_probabilities
from course.rlhf.rollouts import PolicySettings, Prompt, RollOut, Rollout, Score


@dataclass(frozen=True)
class GRPOSettings(PolicySettings):
    """`beta` weighs the KL term of the loss; `scale` is that of `group_advantages`, the last two are of `grpo_loss`."""

    group_size: int = 8
    beta: float = 0.04
    scale: bool = True
    normalization: Normalization = "grpo"
    max_length: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        require_not_negative(self.beta, "beta")
        require_whole(self.group_size, "group_size", least=2)
        require_normalization(self.normalization, self.max_length)


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
            normalization=settings.normalization,
            max_length=settings.max_length,
        )
        about = {name: value.item() for name, value in found._asdict().items() if name != "loss"}
        return StepLoss(found.loss, about)

    def after(self, rollout: Rollout, kl: float) -> None:
        """Nothing changes."""

    @property
    def run(self) -> Mapping[str, Any]:
        return {}

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
    require_settings(settings, GRPOSettings, "GRPO")
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
