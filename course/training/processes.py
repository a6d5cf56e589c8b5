"""Several processes that train one model together, as `torchrun` starts them: one for each GPU, or on CPU.

`replicated` gives each process the whole model (DDP); `sharded` gives each a part of every weight, of its gradient and
of the optimizer's state (FSDP), for a model that outgrows one GPU.
"""

import os
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any, cast

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

import course


def number() -> int:
    """Which of the processes this is, from 0."""
    return dist.get_rank() if _together() else 0


def count() -> int:
    """How many processes train together."""
    return dist.get_world_size() if _together() else 1


def _together() -> bool:
    return dist.is_available() and dist.is_initialized()


@contextmanager
def joined() -> Generator[torch.device]:
    """In the block, this process is one of those that `torchrun` started. Gives its device.

    On GPUs each process has its own and they speak by NCCL, on CPU by Gloo. Without `torchrun` it is the one process.
    """
    device = course.device()
    if "RANK" not in os.environ:
        yield device
        return
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield device
    finally:
        dist.destroy_process_group()


def replicated(model: nn.Module) -> nn.Module:
    """The model, whose gradients are the means over the processes after each backward pass. One process: the model."""
    return DistributedDataParallel(model) if count() > 1 else model


def sharded(model: nn.Module, blocks: Iterable[nn.Module]) -> nn.Module:
    """The model with every weight shared out over the processes; a block's weights are gathered while it computes.

    Make the optimizer afterwards. One process: the model as it was.
    """
    if count() > 1:
        from torch.distributed.fsdp import fully_shard  # here, since it takes half a second to import

        for block in blocks:
            fully_shard(block)
        fully_shard(model)
    return model


def bare(model: nn.Module) -> nn.Module:
    """The model itself, where `replicated` wrapped it."""
    return model.module if isinstance(model, DistributedDataParallel) else model


@contextmanager
def gradients_kept_back(model: nn.Module, kept_back: bool) -> Generator[None]:
    """In the block, where `kept_back`, gradients only add up in each process; the next pass outside exchanges them."""
    if kept_back and isinstance(model, DistributedDataParallel):
        with model.no_sync():
            yield
    elif hasattr(model, "set_requires_gradient_sync"):  # sharded
        cast(Any, model).set_requires_gradient_sync(not kept_back)
        yield
    else:
        yield


def wait() -> None:
    """Until all processes have come here."""
    if count() > 1:
        dist.barrier()


def mean(value: Tensor) -> Tensor:
    """The mean over the processes of a number that each has."""
    if count() > 1:
        value = value.clone()
        dist.all_reduce(value)
        value /= count()
    return value


def whole(tensor: Tensor) -> Tensor:
    """A tensor that is shared out, put together: every process must ask for it. Any other tensor as it is."""
    return tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor


def shared_like(tensor: Tensor, other: Tensor) -> Tensor:
    """The tensor shared out over the processes as `other` is, where it is."""
    if not hasattr(other, "device_mesh"):
        return tensor
    shared = cast(Any, other)
    from torch.distributed.tensor import distribute_tensor

    return distribute_tensor(tensor.to(other.device), shared.device_mesh, shared.placements)
