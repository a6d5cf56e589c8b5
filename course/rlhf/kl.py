"""The KL divergence of the policy from the reference: estimated from samples, and what holds it."""

import math
from dataclasses import dataclass, field

from jaxtyping import Bool, Float
from torch import Tensor

from course.layers.sizes import require_not_negative, require_positive, require_whole
from course.messages import _
from course.rlhf.shapes import require_same_shape


def k1(log_ratio: Float[Tensor, "*token"]) -> Float[Tensor, "*token"]:
    """log π − log π_ref of a token drawn from π: its mean is the KL divergence, and single ones may be below 0."""
    return log_ratio


def k2(log_ratio: Float[Tensor, "*token"]) -> Float[Tensor, "*token"]:
    """(log π − log π_ref)² / 2: biased, but as a loss its gradient is that of the KL divergence."""
    return log_ratio**2 / 2


def k3(log_ratio: Float[Tensor, "*token"]) -> Float[Tensor, "*token"]:
    """π_ref / π − 1 + log π − log π_ref: its mean is the KL divergence, too, and none is below 0.

    Source: Schulman 2020, "Approximating KL Divergence".
    """
    return (-log_ratio).expm1() + log_ratio


def sequence_kl(log_ratios: Float[Tensor, "row response"], is_token: Bool[Tensor, "row response"]) -> Float[Tensor, ""]:
    """An estimate of KL(π, π_ref) of whole responses, in nats: the mean over drawn responses of their summed k1.

    It is the one measure of distance for all methods of lessons 14 and 15. Raises `ValueError` for no rows, and for
    shapes that differ.
    """
    require_same_shape(2, log_ratios=log_ratios, is_token=is_token)
    if not len(log_ratios):
        raise ValueError(_("There are no responses: the KL divergence is a mean over one or more."))
    return k1(log_ratios).where(is_token, 0.0).sum(dim=1).mean()


@dataclass
class FixedKL:
    """The penalty's weight β, which stays as it is. Raises `ValueError` for a β below 0."""

    beta: float

    def __post_init__(self) -> None:
        require_not_negative(self.beta, "beta")

    @property
    def settings(self) -> dict[str, float]:
        """What it began with."""
        return {"beta": self.beta}

    def update(self, kl: float, n_samples: int) -> None:
        """Nothing changes."""


@dataclass
class AdaptiveKL:
    """A weight β that rises while the KL divergence is above its target, and falls while it is below.

    After `n_samples` responses with the divergence `kl`, β is multiplied by 1 + e · n_samples / `horizon`, where e is
    kl / `target` − 1, clipped to ±0.2. Raises `ValueError` for a `beta`, `target` or `horizon` that is not above 0, and
    in `update` for a `kl` that is no number.

    Source: Ziegler et al. 2019, section 2.2.
    """

    beta: float
    target: float
    horizon: int
    start: float = field(init=False, repr=False, compare=False)  # β before the first update

    def __post_init__(self) -> None:
        require_positive(self.beta, "beta")
        require_positive(self.target, "target")
        require_whole(self.horizon, "horizon")
        self.start = self.beta

    @property
    def settings(self) -> dict[str, float]:
        """What it began with."""
        return {"beta": self.start, "target": self.target, "horizon": self.horizon}

    def update(self, kl: float, n_samples: int) -> None:
        if not math.isfinite(kl):
            raise ValueError(_("The KL divergence is {kl}; it must be a finite number.").format(kl=kl))
        error = min(max(kl / self.target - 1, -0.2), 0.2)
        if n_samples >= 5 * self.horizon:  # −0.2 · n_samples / horizon is −1: β would be 0 or below, for good
            raise ValueError(
                _("horizon is {horizon}; for {n} responses at once it must be above a fifth of them.").format(
                    horizon=self.horizon, n=n_samples
                )
            )
        self.beta *= 1 + error * n_samples / self.horizon
