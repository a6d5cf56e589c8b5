"""Advantages: how much better a token was than the critic expected, from the rewards that followed it."""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from course.messages import _
from course.rlhf.shapes import require_same_shape


class Advantages(NamedTuple):
    """Of each token its advantage, and the return that the critic is to predict; 0 where there is no token."""

    advantages: Float[Tensor, "row response"]
    returns: Float[Tensor, "row response"]


@torch.no_grad()
def gae(
    rewards: Float[Tensor, "row response"],
    values: Float[Tensor, "row response"],
    is_token: Bool[Tensor, "row response"],
    *,
    gamma: float = 1.0,
    lam: float = 0.95,
) -> Advantages:
    """Generalized advantage estimation: A_t = δ_t + γλ · A_{t+1}, where δ_t = r_t + γ · V_{t+1} − V_t.

    `values[:, t]` is V before the token t; after the last token it is 0. The return is the advantage plus the value.
    With λ = 1 the advantage is the sum of all later rewards minus the value, with λ = 0 it is δ alone. Raises
    `ValueError` for a γ or λ outside [0, 1], and for shapes that differ.

    Source: Schulman et al. 2016, "High-Dimensional Continuous Control Using Generalized Advantage Estimation",
    equation 16.
    """
    require_discounts(gamma, lam)
    require_same_shape(2, rewards=rewards, values=values, is_token=is_token)
    rewards, values = rewards.where(is_token, 0.0), values.where(is_token, 0.0)
    advantages = torch.zeros_like(rewards)
    later_value = later_advantage = rewards.new_zeros(len(rewards))
    for place in reversed(range(rewards.shape[1])):
        delta = rewards[:, place] + gamma * later_value - values[:, place]
        later_advantage = delta + gamma * lam * later_advantage
        later_value = values[:, place]
        advantages[:, place] = later_advantage
    advantages = advantages.where(is_token, 0.0)
    return Advantages(advantages, advantages + values)


def require_discounts(gamma: float, lam: float) -> None:
    """Raises `ValueError` for a γ or λ outside [0, 1]."""
    for name, value in (("gamma", gamma), ("lam", lam)):
        if not 0 <= value <= 1:
            raise ValueError(_("{name} is {value}; it must be from 0 to 1.").format(name=name, value=value))


def masked_mean(values: Float[Tensor, "row response"], is_token: Bool[Tensor, "row response"]) -> Float[Tensor, ""]:
    """The mean over the tokens; what is in other places does not count, whatever it is.

    Raises `ValueError` where there is no token, and for shapes that differ.
    """
    require_same_shape(2, values=values, is_token=is_token)
    n_tokens = is_token.sum()
    if n_tokens == 0:
        raise ValueError(_("There is no token in these rows: a mean over none is no number."))
    return values.where(is_token, 0.0).sum() / n_tokens


def whiten(
    values: Float[Tensor, "row response"], is_token: Bool[Tensor, "row response"], *, shift_mean: bool = True
) -> Float[Tensor, "row response"]:
    """The values of the tokens divided by their standard deviation, with mean 0; 0 where there is no token.

    Without `shift_mean` the mean stays what it was, as rewards need it: shifted, they would reward or punish length.
    Raises `ValueError` for fewer than two tokens, which have no standard deviation.
    """
    n_tokens = is_token.sum()
    if n_tokens < 2:
        raise ValueError(_("{n} token has no standard deviation: give two or more.").format(n=int(n_tokens)))
    mean = masked_mean(values, is_token)
    variance = ((values - mean).where(is_token, 0.0) ** 2).sum() / (n_tokens - 1)
    whitened = (values - mean) * (variance + 1e-8).rsqrt()
    return (whitened if shift_mean else whitened + mean).where(is_token, 0.0)
