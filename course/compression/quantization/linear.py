"""Layers whose weights are whole numbers, in the place of a linear layer or an embedding."""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from course.compression.quantization.kernels import (
    EIGHT_BITS,
    PackedMatrix,
    largest_that_fits,
    longest_that_fits,
    whole_product,
)
from course.compression.quantization.rounding import Quantized
from course.messages import _


class QuantizedWeight(nn.Module):
    """The numbers and scales of a matrix as buffers: moved, saved and copied with the model, and never trained.

    `packed` is the copy of them that the fast kernel reads, made when it is first asked for.
    """

    def __init__(self, quantized: Quantized) -> None:
        super().__init__()
        self.scheme = quantized.scheme
        self.n_columns = quantized.n_columns
        self.register_buffer("values", quantized.values)
        self.register_buffer("scales", quantized.scales)
        self.register_buffer("minimums", quantized.minimums)
        self._packed: tuple[Tensor, PackedMatrix] | None = None  # the numbers that were packed, and what became of them
        self.register_load_state_dict_post_hook(forget_packed)

    @property
    def quantized(self) -> Quantized:
        """The matrix; its numbers are those of this module."""
        return Quantized(self.scheme, self.n_columns, self.values, self.scales, self.minimums)

    @property
    def packed(self) -> PackedMatrix | None:
        """None where no kernel for such products is."""
        kept = self._packed
        if kept is not None and kept[0] is self.values:  # moved to another device, they would be another tensor
            return kept[1]
        if not self.values.is_cpu or (largest := largest_that_fits()) is None:
            return None
        if self.n_columns > longest_that_fits(largest):
            return None
        packed = PackedMatrix(self.values, self.scales.float(), largest)
        self._packed = (self.values, packed)
        return packed

    @property
    def packed_bytes(self) -> int:
        """What the copy takes, once it is there."""
        return 0 if self._packed is None else self.values.nbytes


def forget_packed(matrix: Any, _keys: object) -> None:
    """Numbers were loaded, in the place of those that had been packed."""
    matrix._packed = None


class QuantizedLinear(nn.Module):
    """x·Wᵀ + b with W in whole numbers; the bias stays as it was.

    With a scheme whose products are `in_whole_numbers`, each row of activations is rounded, too, and what is multiplied
    and added up are whole numbers. With any other scheme the matrix is made anew, in float, for every product: that
    saves memory and no time. There is no gradient: what asks for one is a `RuntimeError`. Raises `ValueError` for
    inputs of another length, and `TypeError` for such as are no floating-point numbers.
    """

    def __init__(self, matrix: QuantizedWeight, bias: Float[Tensor, "d_out"] | None = None) -> None:
        super().__init__()
        self.matrix = matrix
        self.in_features, self.out_features = matrix.n_columns, len(matrix.values)
        self.register_buffer("bias", bias)

    @property
    def weight(self) -> Float[Tensor, "d_out d_in"]:
        """The matrix that the numbers stand for, made anew each time."""
        return self.matrix.quantized.dequantize()

    def forward(self, x: Float[Tensor, "*batch d_in"]) -> Float[Tensor, "*batch d_out"]:
        if x.requires_grad and torch.is_grad_enabled():
            raise RuntimeError(
                _(
                    "A quantized layer passes no gradient: rounding has none. Run it under `torch.no_grad()`, or train "
                    "the model first and quantize it then."
                )
            )
        if x.ndim < 1 or x.shape[-1] != self.in_features:
            raise ValueError(
                _("The input has the shape {shape}; its last dimension must be {in_features}.").format(
                    shape=list(x.shape), in_features=self.in_features
                )
            )
        if not x.is_floating_point():
            raise TypeError(
                _("The input is of the type {dtype}; give floating-point numbers: `x.float()`.").format(dtype=x.dtype)
            )
        matrix, bias = self.matrix, self.bias
        if not matrix.scheme.in_whole_numbers:
            return F.linear(x, self.weight.to(x.dtype), None if bias is None else bias.to(x.dtype))
        rows = x.reshape(-1, self.in_features).float()
        packed = matrix.packed
        if packed is None or len(rows) == 0:
            product = whole_product(rows, matrix.values, matrix.scales, EIGHT_BITS)
        else:
            product = packed.product(rows)
        if bias is not None:
            product += bias
        return product.view(*x.shape[:-1], self.out_features).to(x.dtype)

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class QuantizedEmbedding(nn.Module):
    """A table of vectors in whole numbers, looked up row by row. Tied to an output layer, it shares its matrix.

    Raises `ValueError` for an id that the table does not have.
    """

    def __init__(self, matrix: QuantizedWeight) -> None:
        super().__init__()
        self.matrix = matrix
        self.num_embeddings, self.embedding_dim = len(matrix.values), matrix.n_columns

    @property
    def weight(self) -> Float[Tensor, "vocab d_model"]:
        """The table that the numbers stand for, made anew each time."""
        return self.matrix.quantized.dequantize()

    def forward(self, ids: Int[Tensor, "*batch"]) -> Float[Tensor, "*batch d_model"]:
        if ids.numel() and not torch.compiler.is_compiling():  # as `require_token_ids`
            low, high = (extreme.item() for extreme in ids.aminmax())
            if low < 0 or high >= self.num_embeddings:
                raise ValueError(
                    _("The id {id} is unknown: this table has the ids 0 to {last}.").format(
                        id=low if low < 0 else high, last=self.num_embeddings - 1
                    )
                )
        return self.matrix.quantized.rows(ids.flatten()).dequantize().view(*ids.shape, self.embedding_dim)
