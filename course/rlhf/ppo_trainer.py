"""PPO: the policy learns from its own responses, and a critic says how much better than expected each token was."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course.layers.language_model import CausalLanguageModel
from course.layers.sizes import require_not_negative, require_positive
from course.rlhf.advantages import gae, require_discounts, whiten
from course.rlhf.kl import AdaptiveKL, FixedKL
from course.rlhf.policy_methods import Iteration, StepLoss, require_settings
from course.rlhf.policy_training import train_policy
from course.rlhf.ppo import policy_loss, value_loss
from course.rlhf.responses import response_log_probabilities
from course.rlhf.rewards import token_rewards
from course.rlhf.rollouts import PolicySettings, Prompt, RollOut, Rollout, Score
from course.rlhf.value_model import ValueModel


@dataclass(frozen=True)
class PPOSettings(PolicySettings):
    """`beta` weighs the KL penalty, `value_coefficient` the critic's loss; the others are those of `gae` and of PPO."""

    beta: float = 0.1
    gamma: float = 1.0
    lam: float = 0.95
    value_clip: float = 0.2
    value_coefficient: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        require_not_negative(self.beta, "beta")
        require_discounts(self.gamma, self.lam)
        require_positive(self.value_clip, "value_clip")
        require_positive(self.value_coefficient, "value_coefficient")


class Targets(NamedTuple):
    """What stays the same while the policy learns from a rollout."""

    values: Float[Tensor, "row response"]
    advantages: Float[Tensor, "row response"]
    returns: Float[Tensor, "row response"]


class PPO:
    """Proximal policy optimization for a language model; see `train_ppo`."""

    def __init__(
        self,
        policy: CausalLanguageModel,
        value_model: ValueModel,
        settings: PPOSettings,
        kl_control: FixedKL | AdaptiveKL,
    ) -> None:
        self.policy, self.value_model = policy, value_model
        self.settings, self.kl_control = settings, kl_control

    @property
    def modules(self) -> Mapping[str, nn.Module]:
        return {"policy": self.policy, "value_model": self.value_model}

    @torch.no_grad()
    def prepare(self, rollout: Rollout) -> Targets:
        """The critic's values, and the advantages, whitened over all tokens of the rollout."""
        is_token = rollout.responses.is_token
        rewards = token_rewards(rollout.scores, rollout.log_ratios, is_token, self.kl_control.beta)
        values = self.value_model(rollout.responses)
        found = gae(rewards, values, is_token, gamma=self.settings.gamma, lam=self.settings.lam)
        return Targets(values, whiten(found.advantages, is_token), found.returns)

    def loss(self, rollout: Rollout, prepared: Targets, rows: Int[Tensor, "chosen"]) -> StepLoss:
        responses, settings = rollout.responses.select(rows), self.settings
        new = response_log_probabilities(self.policy, responses, settings.temperature)
        of_policy = policy_loss(
            new, rollout.old[rows], prepared.advantages[rows], responses.is_token, clip=settings.clip
        )
        of_values = value_loss(
            self.value_model(responses),
            prepared.values[rows],
            prepared.returns[rows],
            responses.is_token,
            clip=settings.value_clip,
        )
        about = {name: value.item() for name, value in of_policy._asdict().items() if name != "loss"}
        about |= {"policy_loss": of_policy.loss.item(), "value_loss": of_values.item(), "beta": self.kl_control.beta}
        return StepLoss(of_policy.loss + settings.value_coefficient * of_values, about)

    def after(self, rollout: Rollout, kl: float) -> None:
        self.kl_control.update(kl, len(rollout.scores))

    @property
    def run(self) -> Mapping[str, Any]:
        return {"kl_control": {"kind": type(self.kl_control).__name__} | self.kl_control.settings}

    def state(self) -> dict[str, float]:
        return {"beta": self.kl_control.beta}

    def restore(self, state: Mapping[str, float]) -> None:
        self.kl_control.beta = state["beta"]


def train_ppo(
    policy: CausalLanguageModel,
    reference: CausalLanguageModel,
    value_model: ValueModel,
    score: Score,
    roll_out: RollOut,
    prompts: Sequence[Prompt],
    settings: PPOSettings,
    *,
    iterations: int,
    kl_control: FixedKL | AdaptiveKL | None = None,
    seed: int = 0,
    checkpoint: Path | str | None = None,
    after_iteration: Callable[[Iteration, Rollout], None] | None = None,
) -> list[Iteration]:
    """Train the policy and its critic on the policy's own responses to drawn prompts; see `train_policy`.

    `score` gives each response its reward, `roll_out` draws the responses. Without `kl_control` the weight of the KL
    penalty is `settings.beta` throughout.

    Source: Schulman et al. 2017, algorithm 1; for language models: Ziegler et al. 2019, section 2.
    """
    require_settings(settings, PPOSettings, "PPO")
    method = PPO(policy, value_model, settings, kl_control or FixedKL(settings.beta))
    return train_policy(
        method,
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
