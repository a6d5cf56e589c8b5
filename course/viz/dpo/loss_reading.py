"""The losses of one pair against its margin, by the functions that train on pairs."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from course.dpo import PairLogProbabilities, dpo_loss, gradient_weights, ipo_loss, simpo_loss

MOST_RATIO = 20.0  # nats, of each answer
MOST_MARGIN = 2 * MOST_RATIO
N_POINTS = 161
Loss = Callable[[PairLogProbabilities], Float[Tensor, ""]]


class PairState(NamedTuple):
    """A pair by its log-ratios, the reference's log-probabilities of both answers, and their numbers of tokens."""

    chosen: int | float
    rejected: int | float
    reference: tuple[int | float, int | float]
    lengths: tuple[int, int]

    def log_probabilities(self) -> PairLogProbabilities:
        """What the losses take."""
        of_reference = [torch.tensor([value], dtype=torch.double) for value in self.reference]
        ratios = [torch.tensor([value], dtype=torch.double) for value in (self.chosen, self.rejected)]
        policy = [base + ratio for base, ratio in zip(of_reference, ratios, strict=True)]
        return PairLogProbabilities(*policy, *of_reference, *(torch.tensor([n]) for n in self.lengths))


class LossReading(NamedTuple):
    """One loss: its value for the pair, its slope against the chosen answer's log-ratio, and its curve over the margin.

    The curve moves the chosen answer's log-ratio and leaves the rejected one's as it is; it ends where the chosen
    answer's log-probability is 0. `minimum` is the margin at which the loss is lowest, or None where it falls without
    end. `even` is the margin at which a logistic loss is ln 2.
    """

    name: str
    loss: int | float
    slope: int | float
    curve: tuple[tuple[int | float, int | float], ...]
    minimum: int | float | None
    even: int | float | None


class PairReading(NamedTuple):
    """One pair under the three losses."""

    state: PairState
    beta: int | float
    margin: int | float
    weight: int | float
    mean_difference: int | float
    losses: tuple[LossReading, ...]


def read_pair(state: PairState, beta: int | float, simpo_beta: int | float, simpo_margin: int | float) -> PairReading:
    """Compute all of it. Raises `ValueError` as the losses do."""
    pair = state.log_probabilities()
    losses: dict[str, Loss] = {
        "DPO": lambda some: dpo_loss(some, beta),
        "IPO": lambda some: ipo_loss(some, beta),
        "SimPO": lambda some: simpo_loss(some, simpo_beta, simpo_margin),
    }
    chosen, rejected = (value / n for value, n in zip((pair.chosen, pair.rejected), state.lengths, strict=True))
    # The chosen answer's log-ratio where β · (its mean − the other's mean) is γ, less the rejected one's log-ratio.
    wanted = state.lengths[0] * (rejected.item() + simpo_margin / simpo_beta)
    simpo_even = wanted - state.reference[0] - state.rejected
    known = {"DPO": (None, 0.0), "IPO": (1 / (2 * beta), None), "SimPO": (None, simpo_even)}
    return PairReading(
        state,
        beta,
        pair.margin.item(),
        gradient_weights(pair, beta).item(),
        (chosen - rejected).item(),
        tuple(_read_loss(name, loss, state, *known[name]) for name, loss in losses.items()),
    )


def _read_loss(
    name: str, loss: Loss, state: PairState, minimum: int | float | None, even: int | float | None
) -> LossReading:
    pair = state.log_probabilities()
    chosen = pair.chosen.clone().requires_grad_()
    value = loss(pair._replace(chosen=chosen))
    (slope,) = torch.autograd.grad(value, chosen)
    last = min(MOST_MARGIN, -state.reference[0] - state.rejected)
    margins = torch.linspace(-MOST_MARGIN, last, N_POINTS, dtype=torch.double).tolist()
    curve = []
    for margin in margins:
        moved = state._replace(chosen=state.rejected + margin).log_probabilities()
        curve.append((margin, loss(moved).item()))
    return LossReading(name, value.item(), slope.item() + 0.0, tuple(curve), minimum, even)
