"""A training run in one file: weights, optimizer, random state and history, as safetensors with a JSON header.

A checkpoint replaces the one before it whole, in one step. Nothing is unpickled.
"""

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from course.files import written_whole
from course.messages import _


def save(file: Path, model: nn.Module, optimizer: torch.optim.Optimizer, history: Mapping[str, Any]) -> None:
    """Write the present state of a run. `history` is anything that JSON can hold."""
    state = optimizer.state_dict()
    tensors = {f"model.{name}": tensor for name, tensor in _weights(model).items()}
    tensors["random.cpu"] = torch.get_rng_state()
    if torch.cuda.is_initialized():
        tensors["random.cuda"] = torch.cuda.get_rng_state()
    for index, values in state["state"].items():
        for name, value in values.items():
            tensors[f"optimizer.{index}.{name}"] = value
    header = {"history": history, "param_groups": state["param_groups"]}
    tensors = {name: tensor.detach().contiguous() for name, tensor in tensors.items()}
    file.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(file) as fresh:
        safetensors.torch.save_file(tensors, fresh, {"run": json.dumps(header)})


def history(file: Path) -> dict[str, Any]:
    """The history in a checkpoint. Raises `ValueError` when the file is damaged."""
    with _opened(file) as stored:
        return json.loads(stored.metadata()["run"])["history"]


def load(file: Path, model: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """Restore model, optimizer and random state from what `save` wrote, and return the history.

    Raises `ValueError`, before anything changes, when the file is damaged, or belongs to a model of other
    sizes or to an optimizer of other groups.
    """
    with _opened(file) as stored:
        header = json.loads(stored.metadata()["run"])
        tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118, it is no dictionary
    weights = _weights(model)
    _require_same_sizes(file, weights, tensors)
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        if name.startswith("optimizer."):
            _optimizer, index, key = name.split(".")
            state.setdefault(int(index), {})[key] = tensor
    optimizer.load_state_dict({"state": state, "param_groups": header["param_groups"]})  # before the weights: it checks
    with torch.no_grad():
        for name, weight in weights.items():
            weight.copy_(tensors[f"model.{name}"])
    torch.set_rng_state(tensors["random.cpu"])
    if "random.cuda" in tensors and torch.cuda.is_available():
        torch.cuda.set_rng_state(tensors["random.cuda"])
    return header["history"]


@contextmanager
def _opened(file: Path) -> Generator[safetensors.safe_open]:
    try:
        with safetensors.safe_open(file, framework="pt") as stored:
            yield stored
    except (safetensors.SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            _("{file} is damaged or no checkpoint ({error}). Delete it to start from the beginning.").format(
                file=file, error=error
            )
        ) from error


def _weights(model: nn.Module) -> dict[str, Tensor]:
    """Every weight and buffer that a model saves. One used in several places appears once, by its first name."""
    first: dict[int, str] = {}
    saved = model.state_dict(keep_vars=True)
    return {name: tensor for name, tensor in saved.items() if first.setdefault(id(tensor), name) == name}


def _require_same_sizes(file: Path, weights: dict[str, Tensor], tensors: dict[str, Tensor]) -> None:
    ours = {name: tuple(weight.shape) for name, weight in weights.items()}
    stored = {name.removeprefix("model."): tuple(t.shape) for name, t in tensors.items() if name.startswith("model.")}
    for name in sorted(ours.keys() | stored.keys()):
        if ours.get(name) != stored.get(name):
            raise ValueError(
                _(
                    "{file} is of another model: its {name} has the shape {stored}, this model's {ours}. "
                    "Delete it to start from the beginning, or train the model that it is of."
                ).format(file=file, name=name, stored=stored.get(name), ours=ours.get(name))
            )
