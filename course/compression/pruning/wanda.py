"""Wanda: weights are pruned by their magnitude times the size of what they are multiplied with, output by output."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from course.compression.pruning.masks import Masks, check_share, check_weight, linear_layers
from course.messages import _


def wanda_mask(
    weight: Float[Tensor, "d_out d_in"], norms: Float[Tensor, "d_in"], share: float
) -> Bool[Tensor, "d_out d_in"]:
    """True where a weight stays when round(share · d_in) of each row go: those of the lowest |weight| · norm.

    `norms` are the Euclidean norms of the input columns over all tokens. Of equal scores the first goes.

    Source: Sun et al. 2023, "A Simple and Effective Pruning Approach for Large Language Models", section 3.
    """
    check_share(share)
    check_weight(weight)
    if norms.shape != weight.shape[1:]:
        raise ValueError(
            _("The norms have shape {shape}; a weight of {columns} columns needs ({columns},).").format(
                shape=tuple(norms.shape), columns=weight.shape[1]
            )
        )
    if not (torch.isfinite(norms) & (norms >= 0)).all():
        raise ValueError(_("A norm is negative, NaN or infinite: the inputs that were read are no finite numbers."))
    order = (weight.detach().abs() * norms).argsort(dim=1, stable=True)
    return torch.ones_like(weight, dtype=torch.bool).scatter(1, order[:, : round(share * weight.shape[1])], value=False)


def input_norms(
    model: nn.Module, run: Callable[[], Any], *, skip: Sequence[str] = ()
) -> dict[str, Float[Tensor, "d_in"]]:
    """Of each linear layer, by place, the norms of its input columns over all tokens that it reads while `run()` runs.

    `run` calls the model on some texts; no labels are needed. Padding counts like text, so give texts of one length, or
    one by one. Raises `ValueError` where a layer read nothing.
    """
    layers = linear_layers(model, skip)
    squares: dict[str, Tensor] = {}

    def add(place: str) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
        def hook(_layer: nn.Module, args: tuple[Tensor, ...]) -> None:
            found = args[0].detach().flatten(0, -2).double().square().sum(dim=0)
            squares[place] = squares[place] + found if place in squares else found

        return hook

    handles = [layer.register_forward_pre_hook(add(place)) for place, layer in layers.items()]
    try:
        with torch.no_grad():
            run()
    finally:
        for handle in handles:
            handle.remove()
    for place in layers:
        if place not in squares:
            raise ValueError(_("The layer {place} read nothing while the texts ran.").format(place=place))
    return {place: found.sqrt().float() for place, found in squares.items()}


def wanda_masks(model: nn.Module, share: float, norms: Mapping[str, Float[Tensor, "_"]]) -> Masks:
    """Masks for the linear layers that `norms` has, as `input_norms` returns them.

    All norms are those of the whole model. The paper prunes block by block, and each block reads what the pruned ones
    before it write.
    """
    layers = linear_layers(model)
    for place in norms:
        if place not in layers:
            raise ValueError(_("The model has no linear layer {place!r}.").format(place=place))
    return Masks(
        model, {f"{place}.weight": wanda_mask(layers[place].weight, found, share) for place, found in norms.items()}
    )
