"""Tensors by name in one file, as safetensors."""

import errno
import os
import re
from collections.abc import Mapping
from pathlib import Path

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from course.messages import _


def save_tensors(tensors: Mapping[str, Tensor], file: Path, metadata: Mapping[str, str]) -> None:
    """Write the tensors and the metadata to a file. Raises `OSError` as the system does, when the disk is full say."""
    try:
        safetensors.torch.save_file(dict(tensors), file, dict(metadata))
    except safetensors.SafetensorError as error:  # "... (os error 28)"
        code = re.search(r"os error (\d+)", str(error))
        if code is None:
            raise OSError(errno.EIO, str(error)) from error
        raise OSError(int(code[1]), os.strerror(int(code[1])), str(file)) from error


def in_type(dtype: torch.dtype | None, name: str, tensor: Tensor) -> Tensor:
    """A tensor of floating point as `dtype`; others, and with None all, as they are. `name` is for errors.

    Raises `TypeError` for a type that is not floating point, `ValueError` for numbers that are too large for it.
    """
    if dtype is None or not tensor.is_floating_point():
        return tensor
    if not dtype.is_floating_point:
        raise TypeError(_("dtype is {dtype}; give a floating-point type, torch.float16 say.").format(dtype=dtype))
    stored = tensor.to(dtype)
    if not torch.equal(stored.float().isfinite(), tensor.isfinite()):
        raise ValueError(
            _("{name} has numbers up to {most:.3g}, too large for {dtype}: store it as another type.").format(
                name=name, most=tensor[tensor.isfinite()].abs().max().item(), dtype=dtype
            )
        )
    return stored
