"""Two numbers of 4 bits in a byte: no type of PyTorch's is smaller than a byte."""

import torch
import torch.nn.functional as F
from jaxtyping import Int, UInt8
from torch import Tensor

from course.messages import _


def pack_nibbles(numbers: Int[Tensor, "*rows column"]) -> UInt8[Tensor, "*rows byte"]:
    """Neighbours in a byte, the first in the lower half; the half that an odd row leaves over is 0.

    Raises `ValueError` for a number below 0 or above 15.
    """
    if numbers.numel() and not (numbers.min() >= 0 and numbers.max() <= 15):
        raise ValueError(
            _("Half a byte holds 0 to 15, and the numbers go from {low} to {high}. Shift them first.").format(
                low=numbers.min().item(), high=numbers.max().item()
            )
        )
    lower, upper = F.pad(numbers.to(torch.uint8), (0, numbers.shape[-1] % 2)).unflatten(-1, (-1, 2)).unbind(-1)
    return lower | upper << 4


def unpack_nibbles(packed: UInt8[Tensor, "*rows byte"], n_columns: int) -> UInt8[Tensor, "*rows {n_columns}"]:
    """The numbers again, in rows of `n_columns`. Raises `ValueError` where the rows of bytes have another length."""
    if packed.shape[-1] != (n_columns + 1) // 2:
        raise ValueError(
            _("{columns} numbers take {wanted} bytes, and a row has {found}.").format(
                columns=n_columns, wanted=(n_columns + 1) // 2, found=packed.shape[-1]
            )
        )
    return torch.stack((packed & 15, packed >> 4), dim=-1).flatten(-2)[..., :n_columns]
