"""Which heads does a model need? Silence some and measure it again.

Source: Michel, Levy and Neubig 2019, "Are Sixteen Heads Really Better than One?", section 3.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

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
def without_heads(model: nn.Module, heads: Iterable[Head]) -> Iterator[None]:
    """Run a model as if these heads had gathered nothing: what they hand to the output layer is 0.

    `heads` are pairs of the attention layer's number, as in `attention_layers`, and the head's. Raises `ValueError`
    for a head that is not there.
    """
    layers = attention_layers(model)
    silent = set(heads)
    for layer, head in silent:
        if not (0 <= layer < len(layers) and 0 <= head < layers[layer].n_heads):
            sizes = ", ".join(f"{number}: {one.n_heads}" for number, one in enumerate(layers))
            raise ValueError(
                _("There is no head {head} in layer {layer}. Heads by layer: {sizes}.").format(
                    head=head, layer=layer, sizes=sizes
                )
            )
    before = [layer.head_mask for layer in layers]
    try:
        for number, layer in enumerate(layers):
            head_mask = torch.tensor([(number, head) not in silent for head in range(layer.n_heads)])
            head_mask = head_mask[:, None, None].to(layer.output.weight.device)
            layer.head_mask = head_mask if layer.head_mask is None else layer.head_mask & head_mask
        yield
    finally:
        for layer, head_mask in zip(layers, before, strict=True):
            layer.head_mask = head_mask


def measure_heads(
    model: nn.Module, measure: Callable[[nn.Module], float], *, alone: bool = False
) -> Float[Tensor, "layer head"]:
    """What `measure` says of the model without each head; with `alone`, without all the others of the head's layer.

    Where layers have different numbers of heads, the places of those that are not there hold NaN.
    """
    layers = attention_layers(model)
    found = torch.full((len(layers), max(layer.n_heads for layer in layers)), torch.nan)
    for number, layer in enumerate(layers):
        for head in range(layer.n_heads):
            silent = {(number, each) for each in range(layer.n_heads) if (each == head) != alone}
            with without_heads(model, silent):
                found[number, head] = measure(model)
    return found
