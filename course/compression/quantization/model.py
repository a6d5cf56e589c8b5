"""A model with its matrices in whole numbers: `quantize(model)`."""

import copy
from collections.abc import Sequence
from typing import TypeVar

from torch import nn

from course.compression.places import ends_in
from course.compression.quantization.linear import QuantizedEmbedding, QuantizedLinear, QuantizedWeight
from course.compression.quantization.rounding import round_matrix
from course.compression.quantization.scheme import INT8, Scheme
from course.messages import _

Model = TypeVar("Model", bound=nn.Module)


def quantize(model: Model, scheme: Scheme = INT8, *, skip: Sequence[str] = (), embeddings: bool = False) -> Model:
    """A copy of the model for prediction alone, each linear layer's matrix rounded by `scheme`.

    A matrix that an embedding shares with the output layer is rounded once, and shared again; with `embeddings`, tables
    that are tied to nothing are rounded, too. All else is copied as it is, and frozen. Layers whose place is in `skip`,
    or ends in it ("output"), stay as they are. The model itself does not change. Raises `ValueError` for a name in
    `skip` that no layer has, a model without linear layers, an embedding that shortens its vectors (`max_norm`), and
    for weights that cannot be rounded.
    """
    chosen = {
        place: module
        for place, module in model.named_modules()
        if isinstance(module, nn.Linear)
        or (isinstance(module, nn.Embedding) and (embeddings or _is_tied(module, model)))
    }
    for name in skip:
        if not any(ends_in(place, [name]) for place in chosen):
            raise ValueError(
                _("No layer to be rounded is called {name!r}. There are: {known}.").format(
                    name=name, known=", ".join(dict.fromkeys(place.rpartition(".")[2] for place in chosen))
                )
            )
    left = {id(module.weight) for place, module in chosen.items() if ends_in(place, skip)}
    layers = {place: module for place, module in chosen.items() if id(module.weight) not in left}
    if not any(isinstance(module, nn.Linear) for module in layers.values()):
        raise ValueError(_("{model} has no linear layer to be rounded.").format(model=type(model).__name__))
    for place, module in layers.items():
        if isinstance(module, nn.Embedding) and module.max_norm is not None:
            raise ValueError(
                _(
                    "The embedding {place!r} has max_norm={max_norm}: it shortens its vectors as they are looked up, "
                    "which whole numbers cannot. Shorten its weight before and set max_norm to None, or skip it."
                ).format(place=place, max_norm=module.max_norm)
            )
    matrices: dict[int, QuantizedWeight] = {}
    replaced: dict[int, nn.Module] = {}  # by the module that it replaces, which is how `deepcopy` looks it up
    for module in layers.values():
        if id(module.weight) not in matrices:
            matrices[id(module.weight)] = QuantizedWeight(round_matrix(module.weight, scheme))
        matrix = matrices[id(module.weight)]
        if isinstance(module, nn.Linear):
            bias = None if module.bias is None else module.bias.detach().clone()
            replaced[id(module)] = QuantizedLinear(matrix, bias)
        else:
            replaced[id(module)] = QuantizedEmbedding(matrix)
    return copy.deepcopy(model, replaced).requires_grad_(False)


def _is_tied(embedding: nn.Embedding, model: nn.Module) -> bool:
    return any(module.weight is embedding.weight for module in model.modules() if isinstance(module, nn.Linear))
