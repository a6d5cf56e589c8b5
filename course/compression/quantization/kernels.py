"""Products of whole numbers: written out, and in the packed kernel that PyTorch has for x86 processors.

Such a kernel multiplies unsigned by signed bytes. A processor without VNNI instructions adds each two neighbouring
products in 16 bits, where 32,767 is the end: a larger sum is cut off there, without a word. 2 · 255 · 127 is 64,770; it
fits where activations have 7 bits instead of 8. What fits here is asked of the kernel itself.
"""

import functools
import warnings

import torch
from jaxtyping import Float, Int, Int8, UInt8
from torch import Tensor

ENGINE = "fbgemm"
INT16 = torch.iinfo(torch.int16)
EIGHT_BITS, SEVEN_BITS = 127, 63  # the largest activation


def whole_product(
    x: Float[Tensor, "row inner"], weight: Int8[Tensor, "out inner"], scales: Float[Tensor, "#out 1"], largest: int
) -> Float[Tensor, "row out"]:
    """x·Wᵀ, each row of `x` rounded to whole numbers up to `largest` by a scale of its own, in plain steps.

    The range of activations is only known once they are there, hence "dynamic" quantization. A row with a number that
    is not finite gives what is not finite.
    """
    x_scales = (x.abs().amax(dim=-1, keepdim=True) / largest).clamp(min=TINY)
    numbers = (x / x_scales).round()
    return (numbers @ weight.T.float()) * x_scales * scales.T


def saturated_product(x: UInt8[Tensor, "row inner"], weight: Int8[Tensor, "out inner"]) -> Int[Tensor, "row out"]:
    """What AVX2 without VNNI computes: the products of two neighbours are added in 16 bits, and the sum cut off there.

    Written out, to see where it differs from `x @ weight.T`. `inner` must be even.
    """
    products = x[:, None].int() * weight.int()
    return products.unflatten(-1, (-1, 2)).sum(dim=-1).clamp(INT16.min, INT16.max).sum(dim=-1)


TINY = 2.0**-100  # in the place of a scale of 0; its reciprocal is finite, too


class PackedMatrix:
    """A matrix of whole numbers in the order in which the kernel reads it: a copy, as large as the matrix."""

    def __init__(self, weight: Int8[Tensor, "out inner"], scales: Float[Tensor, "#out 1"], largest: int) -> None:
        self.largest = largest
        zeros = torch.zeros(len(weight), dtype=torch.long)
        of_rows = scales[:, 0].double().expand(len(weight)).contiguous()
        before = torch.backends.quantized.engine
        try:
            torch.backends.quantized.engine = ENGINE
            with warnings.catch_warnings(action="ignore"):  # PyTorch means to move its quantized tensors
                matrix = torch._make_per_channel_quantized_tensor(weight, of_rows, zeros, 0)
                self._packed = torch.ops.quantized.linear_prepack(matrix, None)
        finally:
            torch.backends.quantized.engine = before

    def product(self, x: Float[Tensor, "row inner"]) -> Float[Tensor, "row out"]:
        """What `whole_product` gives, its sums exact. The kernel knows one scale, so rows are divided by theirs before.

        It shifts the numbers up to be unsigned, by 128 or 64, and takes the shift off the sums again.
        """
        kernel = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32
        if len(x) == 1:
            scale = max(torch.linalg.vector_norm(x, torch.inf).item() / self.largest, TINY)
            if scale < torch.inf:  # False for NaN, too
                return kernel(x, scale, self.largest + 1, self._packed)
        most = torch.linalg.vector_norm(x, torch.inf, dim=-1, keepdim=True).clamp_min_(TINY)
        return kernel(x / most, 1 / self.largest, self.largest + 1, self._packed).mul_(most)


@functools.cache
def largest_that_fits() -> int | None:
    """The largest activation with which the kernel's sums are exact here: 127 or 63. None where there is no kernel."""
    if ENGINE not in torch.backends.quantized.supported_engines:
        return None
    return next((largest for largest in (EIGHT_BITS, SEVEN_BITS) if _adds_exactly(largest)), None)


def longest_that_fits(largest: int) -> int:
    """How many numbers a row may have: the kernel adds up in 32 bits, where a larger sum turns negative."""
    return torch.iinfo(torch.int32).max // (EIGHT_BITS * largest)


def _adds_exactly(largest: int) -> bool:
    """Whether the worst case comes out right: all numbers as large as they can be."""
    inner = 64
    for sign in (1, -1):
        weight = torch.full((16, inner), 127 * sign, dtype=torch.int8)
        packed = PackedMatrix(weight, torch.ones(1, 1), largest)
        found = packed.product(torch.full((1, inner), float(largest)))
        if not torch.allclose(found, torch.full_like(found, sign * 127.0 * largest * inner)):
            return False
    return True
