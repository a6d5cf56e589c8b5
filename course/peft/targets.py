"""Which layers of a model a method can be put on, by the names that the course's models give them."""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from torch import nn

from course.layers.feed_forward import FeedForward, SwiGLU
from course.layers.multihead import MultiHeadAttention
from course.messages import _
from course.peft.method import Part

QUERY_AND_VALUE = ("query", "value")
Layer = TypeVar("Layer", bound=nn.Module)


def linear_layers(body: nn.Module) -> dict[str, nn.Linear]:
    """The linear layers inside attention and feed-forward layers, by their place: what LoRA can be put on.

    A layer that already has a part on it counts as the layer that it was.
    """
    found = {}
    for place, module in body.named_modules():
        if isinstance(module, MultiHeadAttention | FeedForward | SwiGLU):
            for name, child in module.named_children():
                layer = bare(child)
                if isinstance(layer, nn.Linear):
                    found[f"{place}.{name}" if place else name] = layer
    return found


def layers_of(body: nn.Module, kind: type[Layer] | tuple[type[Layer], ...], prefix: str = "") -> dict[str, Layer]:
    """The modules of this kind, by their place. What has parts on it counts as the module that it was."""
    found: dict[str, Layer] = {}
    for name, child in body.named_children():
        layer = bare(child)
        if isinstance(layer, kind):
            found[prefix + name] = layer
        found |= layers_of(layer, kind, f"{prefix}{name}.")
    return found


def bare(module: nn.Module) -> nn.Module:
    """The module of the model in this place, below all parts."""
    while isinstance(module, Part):
        module = module.base
    return module


def names_of(targets: Sequence[str]) -> tuple[str, ...]:
    """The targets, to be kept. Raises `TypeError` for a name that is in no list, and for what holds no names."""
    if isinstance(targets, str):
        raise TypeError(_("The targets are one name: put it into a list, ({name!r},).").format(name=targets))
    if not isinstance(targets, Collection) or not all(isinstance(name, str) for name in targets):
        raise TypeError(_("targets is {value!r}; give a list of names of layers.").format(value=targets))
    return tuple(targets)


def chosen(body: nn.Module, targets: Sequence[str]) -> Mapping[str, nn.Linear]:
    """The linear layers with these names, in every block.

    Raises `ValueError` for no name, and for one that no layer of the body has.
    """
    layers = linear_layers(body)
    known = dict.fromkeys(place.rpartition(".")[2] for place in layers)
    for name in targets:
        if name not in known:
            raise ValueError(
                _("{model} has no layer {name!r} in its blocks. It has: {known}.").format(
                    model=type(body).__name__, name=name, known=", ".join(known) or _("none that could be adapted")
                )
            )
    if not targets:
        raise ValueError(_("There are no targets. Give one or more of: {known}.").format(known=", ".join(known)))
    return {place: layer for place, layer in layers.items() if place.rpartition(".")[2] in targets}
