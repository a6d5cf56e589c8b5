"""PPO's clipped objective of one token, by the loss that trains the policy, and its slope."""

from typing import NamedTuple

import torch

from course.rlhf import clipped_objective, policy_loss

LEAST_RATIO, MOST_RATIO = 0.05, 2.0
N_POINTS = 81  # of the curve, besides its corners


class ClipReading(NamedTuple):
    """One token: its objective, what it would be without the clip, and the gradient with respect to the ratio.

    `is_flat` is true on the side where the objective does not change; `at_corner` where that side begins. `curve` are
    the points (ratio, objective).
    """

    advantage: int | float
    ratio: int | float
    clip: int | float
    objective: int | float
    unclipped: int | float
    gradient: int | float
    is_flat: bool
    at_corner: bool
    curve: tuple[tuple[int | float, int | float], ...]

    @property
    def flat_from(self) -> int | float | None:
        """The ratio at which the flat side begins; None for an advantage of 0."""
        if self.advantage == 0:
            return None
        return 1 + self.clip if self.advantage > 0 else 1 - self.clip


def read_clip(advantage: int | float, ratio: int | float, clip: int | float) -> ClipReading:
    """Everything by `policy_loss`, whose loss is the negative objective. Raises `ValueError` as it does."""
    old, one = torch.zeros(1, 1, dtype=torch.double), torch.ones(1, 1, dtype=torch.bool)
    of_token = torch.full((1, 1), advantage, dtype=torch.double)
    leaf = torch.full((1, 1), ratio, dtype=torch.double, requires_grad=True)
    found = policy_loss(leaf.log(), old, of_token, one, clip=clip)
    (slope,) = torch.autograd.grad(-found.loss, leaf)
    corners = [1 - clip, 1 + clip]
    ratios = torch.linspace(0, MOST_RATIO, N_POINTS, dtype=torch.double)
    ratios = torch.cat((ratios, torch.tensor(corners, dtype=torch.double))).sort().values
    objectives = clipped_objective(ratios, torch.full_like(ratios, advantage), clip)
    corner = corners[advantage > 0]
    return ClipReading(
        advantage,
        ratio,
        clip,
        -found.loss.item() + 0.0,
        ratio * advantage,
        slope.item() + 0.0,
        bool(found.clip_fraction.item()),
        advantage != 0 and abs(ratio - corner) < 1e-6,
        tuple(zip(ratios.tolist(), objectives.tolist(), strict=True)),
    )
