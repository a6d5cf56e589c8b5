"""What rounding does to one layer, and to the labels that a whole model gives."""

import copy
from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course.compression.quantization import Scheme, channel_errors, output_error, round_matrix
from course.compression.quantization.scheme import MOST_BITS
from course.fine_tuning import SentenceClassifier, predict_logits

SHARED_BY = ("matrix", "row", "32")  # which weights share a scale


def scheme_of(bits: int, shared_by: str) -> Scheme:
    """The scheme of a number of bits and of what shares a scale: the "matrix", a "row", or "32" neighbours in it."""
    if shared_by == "matrix":
        return Scheme(bits, per_tensor=True, weights_only=True)
    return Scheme(bits, group_size=None if shared_by == "row" else int(shared_by), weights_only=True)


class LayerRounding(NamedTuple):
    """One row of a layer before and after rounding, and the errors of the layer's outputs."""

    exact: Float[Tensor, "column"]
    rounded: Float[Tensor, "column"]
    n_levels: int
    error: float
    worst: float


def round_layer(layer: nn.Linear, x: Float[Tensor, "token d_in"], bits: int, shared_by: str) -> LayerRounding:
    """Round a layer's matrix, and compare its outputs for `x`, which it really reads.

    The row that is kept is the one whose largest weight is in the middle of all rows'.
    """
    weight = layer.weight.detach()
    rounded = round_matrix(weight, scheme_of(bits, shared_by)).dequantize()
    row = int(weight.abs().amax(dim=1).argsort()[len(weight) // 2])

    def exact_outputs(inputs: Tensor) -> Tensor:
        return inputs @ weight.mT

    def rounded_outputs(inputs: Tensor) -> Tensor:
        return inputs @ rounded.mT

    errors = channel_errors(exact_outputs, rounded_outputs, x)
    return LayerRounding(
        weight[row],
        rounded[row],
        len(rounded[row].unique()),
        output_error(exact_outputs, rounded_outputs, x),
        errors.nan_to_num(0.0).max().item(),
    )


def layer_inputs(model: SentenceClassifier, layer: nn.Linear, texts: Sequence[str]) -> Float[Tensor, "token d_in"]:
    """What a layer reads while the model reads the texts one by one, a row for each token."""
    found: list[Tensor] = []
    handle = layer.register_forward_pre_hook(lambda _layer, args: found.append(args[0].detach().flatten(0, -2)))
    try:
        for text in texts:
            predict_logits(model, [text])
    finally:
        handle.remove()
    return torch.cat(found)


def labels_by_bits(
    model: SentenceClassifier, texts: Sequence[str], shared_by: str, layers: Sequence[str], fewest: int
) -> dict[int, list[str]]:
    """The label of each text by the model with these layers rounded to 8 bits, and fewer, down to `fewest`."""
    found = {}
    for bits in range(MOST_BITS, fewest - 1, -1):
        rounded = copy.deepcopy(model)
        for place in layers:
            weight = rounded.get_submodule(place).weight
            assert isinstance(weight, Tensor)
            weight.data = round_matrix(weight, scheme_of(bits, shared_by)).dequantize()
        logits = torch.cat([predict_logits(rounded, [text]) for text in texts])
        found[bits] = [model.classes[number] for number in logits.argmax(dim=1).tolist()]
    return found


def first_flip(exact: Sequence[str], by_bits: dict[int, list[str]]) -> tuple[int, list[int]] | None:
    """At how many bits the first label differs from the exact model's, and which texts' do; None where none does."""
    for bits, labels in by_bits.items():
        if changed := [place for place, (a, b) in enumerate(zip(exact, labels, strict=True)) if a != b]:
            return bits, changed
    return None
