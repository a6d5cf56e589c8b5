"""How language models work: the implementations behind the lessons.

Importing `course` costs nothing: PyTorch is imported by the modules that need it. `python -m course` runs on the
standard library alone until the environment is ready.
"""

import functools
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

__version__ = "0.1.0"


@functools.lru_cache(maxsize=None)  # noqa: UP033, so that an old Python gets as far as being told that it is old
def device() -> "torch.device":
    """The device that every lesson computes on: CUDA when there is one, else the CPU. Decided once per process.

    The environment variable `COURSE_DEVICE` overrides it (`cpu`, `cuda`, `cuda:1`). Raises `ValueError` when it names
    a device that PyTorch does not know or cannot reach; the choice is never changed silently.
    """
    import torch

    from course.messages import _

    wanted = os.environ.get("COURSE_DEVICE")
    if not wanted:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(wanted)
        torch.empty(0, device=chosen)
    except Exception as error:  # PyTorch raises RuntimeError, AssertionError or NotImplementedError, by backend
        usable = "'cpu', 'cuda'" if torch.cuda.is_available() else "'cpu'"
        raise ValueError(
            _("COURSE_DEVICE={wanted!r} cannot be used here ({error}). Unset it, or set it to one of {usable}.").format(
                wanted=wanted, error=error, usable=usable
            )
        ) from error
    return chosen
