"""Which heads does a model need? Silence some and measure it again.

Source: Michel, Levy and Neubig 2019, "Are Sixteen Heads Really Better than One?", section 3.
"""

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from functools import partial
from operator import index

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course.layers.multihead import MultiHeadAttention
from course.messages import _

Head = tuple[int, int]  # the number of the attention layer in the model, the number of the head in it


def attention_layers(model: nn.Module) -> list[MultiHeadAttention]:
    """The multi-head attentions of a model, in the order in which `record_attention` gives their maps."""
    return [module for module in model.modules() if isinstance(module, MultiHeadAttention)]


@contextmanager
def without_heads(model: nn.Module, heads: Iterable[Head]) -> Generator[None]:
    """Run a model as if these heads had gathered nothing: what they hand to the output layer is 0.

    `heads` are pairs of the attention layer's number, as in `attention_layers`, and the head's. Raises `ValueError`
    for a head that is not there.
    """
    layers = attention_layers(model)
    if not layers:
        raise ValueError(_("{model} has no multi-head attention.").format(model=type(model).__name__))
    silent = {(index(layer), index(head)) for layer, head in heads}
    for layer, head in silent:
        if not (0 <= layer < len(layers) and 0 <= head < layers[layer].n_heads):
            sizes = ", ".join(f"{number}: {layer.n_heads}" for number, layer in enumerate(layers))
            raise ValueError(
                _("There is no head {head} in layer {layer}. Heads by layer: {sizes}.").format(
                    head=head, layer=layer, sizes=sizes
                )
            )
    by_layer: dict[int, list[int]] = defaultdict(list)
    for layer, head in silent:
        by_layer[layer].append(head)
    hooks = [
        layers[number].output.register_forward_pre_hook(partial(_silence, layers[number].d_head, heads))
        for number, heads in by_layer.items()
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _silence(d_head: int, heads: list[int], _output: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
    """The input of an output layer, the heads side by side, with 0 in the places of these heads."""
    (joined,) = inputs
    by_head = joined.unflatten(-1, (-1, d_head)).clone()
    for head in heads:
        by_head[..., head, :] = 0
    return (by_head.flatten(-2),)


def measure_heads(
    model: nn.Module, measure: Callable[[nn.Module], float], *, alone: bool = False
) -> Float[Tensor, "layer head"]:
    """What `measure` says of the model without each head; with `alone`, without all the others of the head's layer.

    Where layers have different numbers of heads, the entries of those that do not exist are NaN. Raises `ValueError`
    for a model without multi-head attention.
    """
    layers = attention_layers(model)
    if not layers:
        raise ValueError(_("{model} has no multi-head attention.").format(model=type(model).__name__))
    found = torch.full((len(layers), max(layer.n_heads for layer in layers)), torch.nan)
    for number, layer in enumerate(layers):
        for head in range(layer.n_heads):
            silent = {(number, each) for each in range(layer.n_heads) if (each == head) != alone}
            with without_heads(model, silent):
                found[number, head] = float(measure(model))
    return found
