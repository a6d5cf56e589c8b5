"""Magnitude pruning: the smallest weights go, of each matrix or of all together."""

from collections.abc import Sequence
from typing import Literal, get_args

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from course.compression.pruning.masks import Masks, check_share, check_weight, linear_layers
from course.messages import _

Scope = Literal["layer", "global"]


def magnitude_mask(weight: Float[Tensor, "*shape"], share: float) -> Bool[Tensor, "*shape"]:
    """True where a weight stays when the round(share · n) smallest of n in magnitude go, of equal ones the first."""
    check_share(share)
    check_weight(weight)
    order = weight.detach().abs().flatten().argsort(stable=True)
    mask = torch.ones_like(order, dtype=torch.bool)
    mask[order[: round(share * weight.numel())]] = False
    return mask.reshape(weight.shape)


def magnitude_masks(model: nn.Module, share: float, *, scope: Scope = "layer", skip: Sequence[str] = ()) -> Masks:
    """Masks for all linear layers of a model: this share of each matrix, or of all of them by one common threshold.

    With the scope "global" a matrix of small weights can lose them all. Raises `ValueError` for another scope, a share
    outside 0 to 1, and as `linear_layers` does.

    Source: Han et al. 2015, "Learning both Weights and Connections for Efficient Neural Networks", section 3.
    """
    if scope not in get_args(Scope):
        raise ValueError(_("scope is {scope!r}; give layer or global.").format(scope=scope))
    weights = {f"{place}.weight": layer.weight for place, layer in linear_layers(model, skip).items()}
    if scope == "layer":
        return Masks(model, {name: magnitude_mask(weight, share) for name, weight in weights.items()})
    mask = magnitude_mask(torch.cat([weight.detach().flatten() for weight in weights.values()]), share)
    parts = mask.split([weight.numel() for weight in weights.values()])
    return Masks(
        model, {name: part.view_as(weight) for (name, weight), part in zip(weights.items(), parts, strict=True)}
    )
