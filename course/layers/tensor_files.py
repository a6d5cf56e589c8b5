"""Tensors by name in one file, as safetensors."""

import errno
import os
import re
from collections.abc import Mapping
from pathlib import Path

import safetensors
import safetensors.torch
from torch import Tensor


def save_tensors(tensors: Mapping[str, Tensor], file: Path, metadata: Mapping[str, str]) -> None:
    """Write the tensors and the metadata to a file. Raises `OSError` as the system does, when the disk is full say."""
    try:
        safetensors.torch.save_file(dict(tensors), file, dict(metadata))
    except safetensors.SafetensorError as error:  # "... (os error 28)"
        code = re.search(r"os error (\d+)", str(error))
        if code is None:
            raise OSError(errno.EIO, str(error)) from error
        raise OSError(int(code[1]), os.strerror(int(code[1])), str(file)) from error
