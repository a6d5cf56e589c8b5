"""A trained method in one file: its own tensors, the model's head and the method's numbers, as safetensors.

The head was trained together with the method. Without it, a loaded classifier would answer by a random one. The frozen
model is not stored; a few of its numbers are, to tell it from others of the same sizes.
"""

import errno
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from course.files import written_whole
from course.layers.tensor_files import in_type, save_tensors
from course.messages import _
from course.peft.attaching import Attached, body_of
from course.peft.method import Method, Part
from course.peft.settings import as_json, from_json

SAMPLE = "base"  # the tensor with numbers of the frozen model
ALIKE = 0.9  # least cosine of two models' samples; in another precision they are nearly 1, of another model about 0


def save(attached: Attached, file: str | Path, dtype: torch.dtype | None = None) -> None:
    """Write the method's own tensors, the model's head and what the method and the classifier are.

    Those of floating point are stored as `dtype`, or as what they are. `load` brings them back to the type of the
    model. Raises `TypeError` for a method with a field that is neither a number, a text, another method nor a list of
    these, and for a `dtype` that is not floating point; `ValueError` for numbers that are too large for it.
    """
    file, method = Path(file), as_json(attached.method)
    tensors = {name: in_type(dtype, name, tensor) for name, tensor in _tensors(attached).items()}
    tensors[SAMPLE] = _sample(body_of(attached.model))
    stored = {name: tensor.cpu().clone(memory_format=torch.contiguous_format) for name, tensor in tensors.items()}
    file.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(file) as fresh:
        save_tensors(stored, fresh, {"method": method, "model": json.dumps(_kind(attached.model))})


def load(file: str | Path, model: nn.Module) -> Attached:
    """Put a stored method on a model like the one it was trained on, with its head. Nothing is frozen by it.

    Raises `ValueError`, before anything changes, for a file that is damaged or has a method that is not known, and for
    a model with another base, head or classes, or with another method in one of the places.
    """
    file = Path(file)
    method, kind, tensors = _read(file)
    body = body_of(model)
    _require_same_model(file, kind, _kind(model))
    _require_same_base(file, tensors.pop(SAMPLE), _sample(body))
    on_gpus = {weight.device for weight in body.parameters() if weight.is_cuda}
    with torch.random.fork_rng(devices=on_gpus), torch.inference_mode(False):
        attached = Attached(model, method, method.parts(body))
    _require_same_shapes(file, tensors, _tensors(attached))
    attached.on()
    for name, tensor in _tensors(attached).items():
        tensor.copy_(tensors[name])
    return attached


def _tensors(attached: Attached) -> dict[str, Tensor]:
    """What is stored of a method on a model, by name: its own tensors, and those of the head."""
    head = {} if body_of(attached.model) is attached.model else attached.model.get_submodule("head").state_dict()
    parts = {f"part.{name}": tensor for name, tensor in attached.state().items()}
    return parts | {f"head.{name}": tensor for name, tensor in head.items()}


def _kind(model: nn.Module) -> dict[str, Any]:
    """What must be the same for a head to mean the same."""
    classes = getattr(model, "classes", None)
    return {
        "kind": type(model).__name__,
        "classes": None if classes is None else list(classes),
        "pooling": getattr(model, "pooling", None),
    }


def _sample(body: nn.Module) -> Float[Tensor, " number"]:
    """The first four numbers of each matrix of the model itself, whatever is on it."""
    own = {id(tensor) for part in body.modules() if isinstance(part, Part) for tensor in part.own().values()}
    matrices = [weight for weight in body.parameters() if weight.ndim > 1 and id(weight) not in own]
    return torch.cat([matrix[0].detach().flatten()[:4].float().cpu() for matrix in matrices])


def _read(file: Path) -> tuple[Method, dict[str, Any], dict[str, Tensor]]:
    """The method, the kind of model and the tensors. Raises `ValueError` for what `save` did not write."""
    if file.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(file))
    try:
        with safetensors.safe_open(file, framework="pt") as stored:
            metadata = stored.metadata()
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118, it is no dictionary
        method, kind = from_json(metadata["method"]), json.loads(metadata["model"])
        if SAMPLE not in tensors or not isinstance(kind, dict):
            raise ValueError(_("a part of it is missing"))
    except (safetensors.SafetensorError, AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(
            _("{file} is damaged, or no method that can be read here ({error}). Save it again.").format(
                file=file, error=error
            )
        ) from error
    return method, kind, tensors


def _require_same_model(file: Path, stored: Mapping[str, Any], ours: Mapping[str, Any]) -> None:
    for name in ("kind", "classes", "pooling"):
        if stored.get(name) != ours[name]:
            raise ValueError(
                _(
                    "{file} has the head of another model: its {name} is {stored!r}, this model's {ours!r}. "
                    "Load it onto a model like the one that it was trained on."
                ).format(file=file, name=name, stored=stored.get(name), ours=ours[name])
            )


def _require_same_base(file: Path, stored: Tensor, ours: Tensor) -> None:
    if stored.shape != ours.shape or not F.cosine_similarity(stored.float(), ours, dim=0) >= ALIKE:  # NaN is not
        raise ValueError(
            _("{file} was trained on another base: its frozen weights differ from this model's.").format(file=file)
        )


def _require_same_shapes(file: Path, stored: Mapping[str, Tensor], ours: Mapping[str, Tensor]) -> None:
    for name in sorted(stored.keys() | ours.keys()):
        shapes = [tuple(tensors[name].shape) if name in tensors else None for tensors in (stored, ours)]
        if shapes[0] != shapes[1]:
            raise ValueError(
                _("{file} does not fit the model: its {name} has the shape {stored}, this model's {ours}.").format(
                    file=file, name=name, stored=shapes[0], ours=shapes[1]
                )
            )
