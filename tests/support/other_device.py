"""A second device on a machine that has none: tensors that hold their numbers and say that they are on `meta`.

PyTorch's own `meta` device holds no numbers, so that code which reads some (a check, the end of a beam search) cannot
run there. Here each tensor carries its numbers on the CPU. An operation that mixes both devices is an error, as it
would be on a GPU, but for a CPU tensor of no dimensions, which every device accepts. So the whole program runs, and
its results can be compared with those of the CPU.
"""

import copy
import functools
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._mode_utils import no_dispatch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only

OTHER = torch.device("meta")


class OtherTensor(Tensor):
    """A tensor on the other device; `numbers` holds what is in it."""

    @staticmethod
    def __new__(cls, numbers: Tensor) -> "OtherTensor":
        return Tensor._make_wrapper_subclass(
            cls,
            numbers.size(),
            strides=numbers.stride(),
            storage_offset=numbers.storage_offset(),
            dtype=numbers.dtype,
            device=OTHER,
        )

    def __init__(self, numbers: Tensor) -> None:
        self.numbers = numbers

    def __repr__(self, *, tensor_contents: object = None) -> str:
        return f"on the other device: {self.numbers}"

    def tolist(self) -> Any:
        return self.numbers.tolist()

    @classmethod
    def __torch_dispatch__(cls, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _run(function, args, kwargs or {})


class _Factories(TorchDispatchMode):
    """Makes tensors with numbers where one is asked for on the other device."""

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _run(function, args, kwargs or {})


class _FromLists(TorchFunctionMode):
    """Makes `torch.tensor` keep its numbers; it puts them where they belong before any operation can be seen."""

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        device = kwargs.get("device")
        if function in {torch.tensor, torch.as_tensor} and device is not None and torch.device(device) == OTHER:
            return OtherTensor(function(*args, **{**kwargs, "device": "cpu"}))
        return function(*args, **kwargs)


def _run(function: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """Run an operation on the numbers; its results are on the device where it ran, or that it was told."""
    places = set()

    def place(tensor: Tensor) -> None:
        if isinstance(tensor, OtherTensor):
            places.add("other")
        elif tensor.dim():
            places.add("cpu")

    tree_map_only(Tensor, place, (args, kwargs))
    wanted = kwargs.get("device")
    if "other" not in places and (wanted is None or torch.device(wanted) != OTHER):
        return function(*args, **kwargs)
    if len(places) == 2 and function not in _BETWEEN_DEVICES:
        raise RuntimeError(f"{function} got tensors of both devices")
    there = places == {"other"} if wanted is None else torch.device(wanted) == OTHER
    if function in _BETWEEN_DEVICES:
        there = isinstance(args[0], OtherTensor)
    inner = kwargs if wanted is None else {**kwargs, "device": torch.device("cpu")}
    unwrapped, inner = tree_map_only(OtherTensor, lambda tensor: tensor.numbers, (args, inner))
    with torch.inference_mode(False), torch.no_grad():
        result = function(*unwrapped, **inner)
    if torch.Tag.inplace_view in function.tags:
        with no_dispatch():  # the shape that the tensor itself says it has
            function(*args, **kwargs)
    if not there:
        return result
    if function is torch.ops.aten._pack_padded_sequence.default:
        return OtherTensor(result[0]), result[1]  # how many rows each step has: PyTorch wants it on the CPU
    changed = {id(each.numbers): each for each in tree_leaves((args, kwargs)) if isinstance(each, OtherTensor)}
    wrap = functools.partial(_wrapped, changed if function._schema.is_mutable else {})
    with torch.inference_mode(False), torch.no_grad():
        return tree_map_only(Tensor, wrap, result)


def _wrapped(known: dict[int, "OtherTensor"], numbers: Tensor) -> "OtherTensor":
    """The tensor itself where an operation returns what it has changed in place, else a new one."""
    return known[id(numbers)] if id(numbers) in known else OtherTensor(numbers)


# What PyTorch lets run between devices: a copy, an index, the lengths of packed sequences.
_BETWEEN_DEVICES = {
    torch.ops.aten.copy_.default,
    torch.ops.aten.index.Tensor,
    torch.ops.aten.index_put_.default,
    torch.ops.aten._pack_padded_sequence.default,
    torch.ops.aten._pad_packed_sequence.default,
    torch.ops.aten.lstm.data,
    torch.ops.aten.gru.data,
    torch.ops.aten._pack_padded_sequence_backward.default,
}


@contextmanager
def other_device() -> Generator[torch.device]:
    """The other device, for tensors made inside the block."""
    with _Factories(), _FromLists():
        yield OTHER


def there(value: Any) -> Any:
    """A copy of a module, or of tensors in any structure, on the other device; what was shared stays shared."""
    if not isinstance(value, nn.Module):
        return tree_map_only(Tensor, lambda tensor: OtherTensor(tensor.clone()), value)
    module, moved = copy.deepcopy(value), {}
    for part in module.modules():
        for name, weight in part._parameters.items():
            if weight is not None:
                part._parameters[name] = moved.setdefault(weight, nn.Parameter(OtherTensor(weight.detach())))
        for name, buffer in part._buffers.items():
            if buffer is not None:
                part._buffers[name] = OtherTensor(buffer)
    return module


def here(value: Any) -> Any:
    """The tensors in any structure, on the CPU."""
    return tree_map_only(OtherTensor, lambda tensor: tensor.detach().numbers, value)
