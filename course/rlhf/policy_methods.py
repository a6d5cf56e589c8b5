"""What a method that trains a policy has to say for itself, and what is kept of each iteration."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

from jaxtyping import Float, Int
from torch import Tensor, nn

from course.messages import _
from course.rlhf.rollouts import PolicySettings, Rollout


class StepLoss(NamedTuple):
    """The loss of a minibatch, and numbers about it."""

    loss: Float[Tensor, ""]
    about: dict[str, float]


@runtime_checkable
class PolicyMethod(Protocol):
    """PPO, GRPO, or another way to learn from a rollout."""

    @property
    def modules(self) -> Mapping[str, nn.Module]:
        """What it trains: of each module, the parameters that require a gradient."""

    def prepare(self, rollout: Rollout) -> Any:
        """What stays the same while the policy learns from a rollout: advantages, for example."""

    def loss(self, rollout: Rollout, prepared: Any, rows: Int[Tensor, "chosen"]) -> StepLoss:
        """The loss of some of the rows."""

    def after(self, rollout: Rollout, kl: float) -> None:
        """What is done when the policy has learned from a rollout."""

    @property
    def run(self) -> Mapping[str, Any]:
        """What must be the same when a training goes on from a checkpoint, besides the settings."""

    def state(self) -> dict[str, float]:
        """The numbers that a checkpoint has to hold besides the weights."""

    def restore(self, state: Mapping[str, float]) -> None: ...


@dataclass(frozen=True)
class Iteration:
    """One iteration, from 1. `score`, `kl`, `entropy` and `length` are means over its responses, before it learned.

    `kl` is `sequence_kl`, in nats a response; `entropy` in nats a token. `about` has the method's own numbers, as means
    over its steps, and `first_ratio` and `first_clip_fraction` of the first one, where the policy is still the one that
    drew.
    """

    number: int
    score: float
    kl: float
    entropy: float
    length: float
    about: dict[str, float]
    seconds: float


def require_settings(settings: object, kind: type[PolicySettings], method: str) -> None:
    """Raises `ValueError` for the settings of another method."""
    if not isinstance(settings, kind):
        raise ValueError(
            _("{method} needs {kind}, and these are {given}: their other numbers mean other things.").format(
                method=method, kind=kind.__name__, given=type(settings).__name__
            )
        )
