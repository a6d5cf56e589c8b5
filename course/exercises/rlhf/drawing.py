"""Masks for cases: responses of several lengths."""

from collections.abc import Sequence

import torch
from jaxtyping import Bool
from torch import Tensor


def mask_of(lengths: Sequence[int], width: int | None = None) -> Bool[Tensor, "row response"]:
    """True where there is a token: the first so many places of each row, of `width` or as many as the longest needs."""
    width = max(lengths) if width is None else width
    return torch.arange(width) < torch.tensor(lengths)[:, None]
