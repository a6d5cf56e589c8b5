"""Autocast, under which products are computed in another precision than that of the weights."""

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor


def casts(weight: Tensor) -> bool:
    """Whether it is on, on the device of this weight."""
    kind = weight.device.type
    return torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind)


def without_casts(weight: Tensor) -> AbstractContextManager[object]:
    """A block in which it is off, on the device of this weight."""
    return torch.autocast(weight.device.type, enabled=False) if casts(weight) else nullcontext()
