"""How many bytes a model takes, in memory and in a file: counted, not computed from bits a weight."""

import tempfile
from itertools import chain
from pathlib import Path

from torch import Tensor, nn

from course.compression.quantization.linear import QuantizedWeight
from course.layers.tensor_files import save_tensors


def memory_bytes(model: nn.Module) -> int:
    """Of all parameters and buffers, tables of positions among them; what two layers share counts once.

    A quantized model that has run holds each matrix twice: as it is stored, and packed for the kernel.
    """
    storages = [tensor.untyped_storage() for tensor in chain(model.parameters(), model.buffers())]
    packed = sum(module.packed_bytes for module in model.modules() if isinstance(module, QuantizedWeight))
    return packed + sum({storage.data_ptr(): storage.nbytes() for storage in storages}.values())


def file_bytes(model: nn.Module) -> int:
    """Of the safetensors file that holds the model's state, in the types that it has; written, measured and deleted."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.safetensors"
        save_tensors(stored_tensors(model), file, {})
        return file.stat().st_size


def stored_tensors(model: nn.Module) -> dict[str, Tensor]:
    """The model's state by name; of tensors that share their memory, the first."""
    named: dict[int, tuple[str, Tensor]] = {}
    for name, tensor in model.state_dict().items():
        named.setdefault(tensor.data_ptr(), (name, tensor.contiguous()))
    return dict(named.values())
