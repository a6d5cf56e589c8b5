"""A matrix as small whole numbers and the scales that these count in, and back."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int, Int8, UInt8
from torch import Tensor

from course.compression.quantization.packing import pack_nibbles, unpack_nibbles
from course.compression.quantization.scheme import INT8, Scheme
from course.messages import _

SMALLEST = {torch.float32: 2.0**-100, torch.float16: 2.0**-24}  # in the place of scales of 0


@dataclass(frozen=True, eq=False)
class Quantized:
    """A matrix in whole numbers: weight ≈ number · scale, plus the group's minimum where the scheme has one.

    `values` are int8 as they are, or bytes that hold two numbers each, for a symmetric scheme shifted by its `largest`
    so that none is below 0. `scales` and `minimums` have a column for each group, and one row where all rows share it.
    """

    scheme: Scheme
    n_columns: int
    values: Int8[Tensor, "row column"] | UInt8[Tensor, "row byte"]
    scales: Float[Tensor, "#row group"]
    minimums: Float[Tensor, "#row group"] | None = None

    def numbers(self) -> Int8[Tensor, "row column"] | UInt8[Tensor, "row column"]:
        """The whole numbers, one by one."""
        if not self.scheme.two_a_byte:
            return self.values
        numbers = unpack_nibbles(self.values, self.n_columns)
        return numbers if self.scheme.minimum else numbers.to(torch.int8) - self.scheme.largest

    def dequantize(self) -> Float[Tensor, "row column"]:
        """The matrix that the numbers stand for, in float32."""
        weight = self.numbers() * self._columns(self.scales)
        return weight if self.minimums is None else weight + self._columns(self.minimums)

    def _columns(self, of_groups: Float[Tensor, "#row group"]) -> Float[Tensor, "#row #column"]:
        """What belongs to a group, for each of its columns."""
        if self.scheme.group_size is None:
            return of_groups.float()
        return of_groups.float().repeat_interleave(self.scheme.group_size, dim=1)[:, : self.n_columns]

    def rows(self, index: Int[Tensor, "chosen"]) -> "Quantized":
        """These rows of it, as they are stored."""
        n_rows = len(self.values)

        def own(part: Tensor) -> Tensor:
            return part[index] if len(part) == n_rows else part

        minimums = None if self.minimums is None else own(self.minimums)
        return Quantized(self.scheme, self.n_columns, own(self.values), own(self.scales), minimums)

    @property
    def n_bytes(self) -> int:
        """What the numbers and their scales take."""
        return sum(part.nbytes for part in (self.values, self.scales, self.minimums) if part is not None)


def round_matrix(weight: Float[Tensor, "row column"], scheme: Scheme = INT8) -> Quantized:
    """Round every weight to the nearest of the levels that its row, its group or the whole matrix has.

    The scale is the largest absolute weight over the largest number, or with a minimum the whole range over it; where
    all is 0, or so small that the scale would be, it is the smallest that its type knows. A scale for a row is in
    float32; one for a group in float16, and the weights are rounded by the scale that is stored. Half precision is
    computed in float32. Raises `ValueError` for a weight that is not finite, an empty matrix, and a group whose scale
    float16 cannot hold.
    """
    require_finite(weight)
    weight = weight.detach().float()
    groups = _groups(weight, scheme)  # (row, group, column), what fills up the last group being NaN
    low, high = groups.nan_to_num(torch.inf).amin(dim=-1), groups.nan_to_num(-torch.inf).amax(dim=-1)
    if scheme.minimum:
        scales, minimums = _stored((high - low) / scheme.largest, scheme), _stored_minimum(low, scheme)
        numbers = (groups - minimums[..., None].float()) / scales[..., None].float()
        numbers = numbers.round().clamp(0, scheme.largest)
    else:
        scales, minimums = _stored(torch.maximum(-low, high) / scheme.largest, scheme), None
        numbers = (groups / scales[..., None].float()).round().clamp(-scheme.largest, scheme.largest)
    numbers = numbers.flatten(1)[:, : weight.shape[1] if not scheme.per_tensor else None].reshape(weight.shape)
    if scheme.two_a_byte:
        values = pack_nibbles(numbers.int() if scheme.minimum else numbers.int() + scheme.largest)
    else:
        values = numbers.to(torch.uint8 if scheme.minimum else torch.int8)
    return Quantized(scheme, weight.shape[1], values, scales, minimums)


def require_finite(weight: Tensor) -> None:
    """Raises `ValueError` for a matrix without numbers, or with one that is NaN or infinite."""
    if weight.ndim != 2 or weight.numel() == 0 or not weight.is_floating_point():
        raise ValueError(
            _("Only a matrix of numbers can be rounded, not a tensor of the shape {shape} and type {dtype}.").format(
                shape=tuple(weight.shape), dtype=weight.dtype
            )
        )
    wrong = (~weight.isfinite()).nonzero()
    if len(wrong):
        row, column = wrong[0].tolist()
        raise ValueError(
            _(
                "The weight in row {row}, column {column} is {value}: one such number would take the whole scale. "
                "Repair the weights before you round them."
            ).format(row=row, column=column, value=weight[row, column].item())
        )


def _groups(weight: Float[Tensor, "row column"], scheme: Scheme) -> Float[Tensor, "rows group columns"]:
    if scheme.per_tensor:
        return weight.reshape(1, 1, -1)
    size = min(scheme.group_size or weight.shape[1], weight.shape[1])
    return F.pad(weight, (0, -weight.shape[1] % size), value=torch.nan).unflatten(1, (-1, size))


def _stored(scales: Float[Tensor, "row group"], scheme: Scheme) -> Float[Tensor, "row group"]:
    dtype = torch.float32 if scheme.group_size is None else torch.float16
    _require_range(scales, dtype)
    return scales.to(dtype).clamp(min=SMALLEST[dtype])


def _stored_minimum(low: Float[Tensor, "row group"], scheme: Scheme) -> Float[Tensor, "row group"]:
    dtype = torch.float32 if scheme.group_size is None else torch.float16
    _require_range(low, dtype)
    return low.to(dtype)


def _require_range(numbers: Tensor, dtype: torch.dtype) -> None:
    most = torch.finfo(dtype).max
    if numbers.abs().max() > most:
        raise ValueError(
            _("A group of weights needs the scale or the minimum {value:.3g}, above the {most} of {dtype}.").format(
                value=numbers.abs().max().item(), most=most, dtype=dtype
            )
        )
