"""Masks over the weights of a model, which hold through training."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Bool
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from course.compression.places import ends_in
from course.messages import _


class Masks:
    """Which weights of a model stay: a mask for each pruned matrix, by the name of its parameter, True where it stays.

    A matrix that two layers share has one mask. `apply` sets all others to 0, and `hold` does so after each step of an
    optimizer. Without it they come back: AdamW's running means of earlier gradients move a weight whose gradient is 0,
    and a pruned weight has a gradient like any other.
    """

    def __init__(self, model: nn.Module, masks: Mapping[str, Bool[Tensor, "rows columns"]]) -> None:
        if not masks:
            raise ValueError(_("There is no mask: give one for a parameter or more."))
        known = dict(model.named_parameters(remove_duplicate=False))
        for name, mask in masks.items():
            if name not in known:
                raise ValueError(_("The model has no parameter {name!r} to be masked.").format(name=name))
            if mask.shape != known[name].shape:
                raise ValueError(
                    _("The mask of {name} has shape {shape}, the parameter {expected}.").format(
                        name=name, shape=tuple(mask.shape), expected=tuple(known[name].shape)
                    )
                )
            if mask.dtype != torch.bool:
                raise ValueError(
                    _("The mask of {name} is of {dtype}; give one of bool.").format(name=name, dtype=mask.dtype)
                )
        self.masks = dict(masks)
        self._parameters = {name: known[name] for name in masks}

    @property
    def pruned_share(self) -> float:
        """The share of the masked matrices' weights that are pruned, from 0 to 1."""
        pruned = sum(int((~mask).sum()) for mask in self.masks.values())
        return pruned / sum(mask.numel() for mask in self.masks.values())

    @torch.no_grad()
    def apply(self) -> None:
        """Set the pruned weights of the model to 0."""
        for name, mask in self.masks.items():
            self._parameters[name].masked_fill_(~mask, 0.0)

    def hold(self, optimizer: torch.optim.Optimizer) -> RemovableHandle:
        """Apply the masks now, and after each step of the optimizer until the handle's `remove`."""
        self.apply()

        def again(_optimizer: torch.optim.Optimizer, _args: tuple[Any, ...], _kwargs: dict[str, Any]) -> None:
            self.apply()

        return optimizer.register_step_post_hook(again)


def linear_layers(model: nn.Module, skip: Sequence[str] = ()) -> dict[str, nn.Linear]:
    """The linear layers of a model, by place, without those whose place is in `skip` or ends in it ("output").

    Of layers that share a matrix, the first alone. Raises `ValueError` for a name in `skip` that no layer has, and
    where no layer is left.
    """
    layers: dict[int, tuple[str, nn.Linear]] = {}
    found = [(place, module) for place, module in model.named_modules() if isinstance(module, nn.Linear)]
    for name in skip:
        if not any(ends_in(place, [name]) for place, _module in found):
            raise ValueError(
                _("No linear layer is called {name!r}. There are: {known}.").format(
                    name=name, known=", ".join(dict.fromkeys(place.rpartition(".")[2] for place, _module in found))
                )
            )
    for place, module in found:
        if not ends_in(place, skip):
            layers.setdefault(id(module.weight), (place, module))
    if not layers:
        raise ValueError(_("{model} has no linear layer to be pruned.").format(model=type(model).__name__))
    return dict(layers.values())


def check_weight(weight: Tensor) -> None:
    """Raise `ValueError` unless all weights are finite numbers, which have a rank."""
    if not torch.isfinite(weight).all():
        raise ValueError(_("A weight is NaN or infinite: there is no smallest among them."))


def check_share(share: float) -> None:
    """Raise `ValueError` unless the share is a number from 0 to 1."""
    if not 0.0 <= share <= 1.0:
        raise ValueError(_("share is {share}; give a number from 0 to 1.").format(share=share))
