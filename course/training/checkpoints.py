"""A training run in one file: weights, optimizer, random state and history, as safetensors with a JSON header.

A checkpoint replaces the one before it whole, in one step. Nothing is unpickled.
"""

import json
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import torch
from torch import Tensor, nn

from course.files import written_whole
from course.layers.tensor_files import save_tensors
from course.messages import _


def save(
    file: Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    history: Mapping[str, Any],
    random_state: Mapping[str, Tensor] | None = None,
) -> None:
    """Write the present state of a run, with the random state of now or the one given.

    `history` is anything that JSON can hold.
    """
    tensors = {f"model.{name}": tensor for name, tensor in _weights(model).items()}
    tensors |= random_numbers() if random_state is None else random_state
    header = {
        "history": history,
        "optimizer": _kind(optimizer),
        "optimizer_state": _packed(optimizer.state_dict(), "optimizer", tensors),
    }
    tensors = {name: tensor.detach().contiguous() for name, tensor in tensors.items()}
    file.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(file) as fresh:
        save_tensors(tensors, fresh, {"run": json.dumps(header)})


def history(file: Path) -> dict[str, Any]:
    """The history in a checkpoint. Raises `ValueError` when the file is damaged."""
    with _opened(file) as stored:
        return json.loads(stored.metadata()["run"])["history"]


def load(
    file: Path, model: nn.Module, optimizer: torch.optim.Optimizer, *, scheduled: Collection[str] = ()
) -> dict[str, Any]:
    """Restore model, optimizer and random state from what `save` wrote, and return the history.

    `scheduled` names settings of the optimizer that a schedule sets at each step, such as "lr": they may differ from
    those stored. Raises `ValueError`, before anything changes, when the file is damaged, or belongs to a model of other
    sizes, to an optimizer of another kind, with other groups or with other settings.
    """
    with _opened(file) as stored:
        header = json.loads(stored.metadata()["run"])
        tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118, it is no dictionary
        kind, state = header["optimizer"], _unpacked(header["optimizer_state"], tensors)
        groups, random_state = state["param_groups"], tensors["random.cpu"]
    weights = _weights(model)
    _require_same_sizes(file, weights, tensors)
    _require_same_optimizer(file, optimizer, kind, groups, scheduled)
    optimizer.load_state_dict(state)
    with torch.no_grad():
        for name, weight in weights.items():
            weight.copy_(tensors[f"model.{name}"])
    torch.set_rng_state(random_state)
    if "random.cuda" in tensors and torch.cuda.is_available():
        torch.cuda.set_rng_state(tensors["random.cuda"])
    return header["history"]


def random_numbers() -> dict[str, Tensor]:
    """The present random state, under the names that a checkpoint gives it."""
    state = {"random.cpu": torch.get_rng_state()}
    if torch.cuda.is_initialized():
        state["random.cuda"] = torch.cuda.get_rng_state()
    return state


def _packed(value: Any, name: str, tensors: dict[str, Tensor]) -> Any:
    """The value for JSON, which knows no tensors (they go to `tensors`), no tuples, and only text as a key."""
    if isinstance(value, Tensor):
        tensors[name] = value
        return {"tensor": name}
    if isinstance(value, dict):
        return {"dict": [[key, _packed(each, f"{name}.{key}", tensors)] for key, each in value.items()]}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Sequence) and not isinstance(value, str):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_packed(each, f"{name}.{i}", tensors) for i, each in enumerate(value)]}
    return value


def _unpacked(value: Any, tensors: Mapping[str, Tensor]) -> Any:
    """What `_packed` was given."""
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "tensor":
        return tensors[content]
    if kind == "dict":
        return {key: _unpacked(each, tensors) for key, each in content}
    values = [_unpacked(each, tensors) for each in content]
    return tuple(values) if kind == "tuple" else values


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
                    "{file} belongs to another model: its {name} has the shape {stored}, this model's {ours}. "
                    "Delete it to start from the beginning, or train the model that it belongs to."
                ).format(file=file, name=name, stored=stored.get(name), ours=ours.get(name))
            )


def _kind(optimizer: torch.optim.Optimizer) -> str:
    return type(optimizer).__qualname__


def _require_same_optimizer(
    file: Path,
    optimizer: torch.optim.Optimizer,
    kind: str,
    groups: Sequence[Mapping[str, Any]],
    scheduled: Collection[str],
) -> None:
    ours = optimizer.param_groups
    if kind != _kind(optimizer):
        difference = _("its optimizer is {stored}, this one {ours}").format(stored=kind, ours=_kind(optimizer))
    elif len(groups) != len(ours):
        difference = _("its optimizer has {stored} groups of weights, this one {ours}").format(
            stored=len(groups), ours=len(ours)
        )
    else:
        difference = next(_differences(ours, groups, scheduled), "")
    if difference:
        raise ValueError(
            _(
                "{file} belongs to another training: {difference}. "
                "Delete it to start from the beginning, or train with its optimizer."
            ).format(file=file, difference=difference)
        )


def _differences(
    ours: Sequence[Mapping[str, Any]], stored: Sequence[Mapping[str, Any]], scheduled: Collection[str]
) -> Iterator[str]:
    """A clause for each setting in which the optimizer's groups differ from the stored ones."""
    for number, (group, other) in enumerate(zip(ours, stored, strict=True)):
        if len(group["params"]) != len(other["params"]):
            yield _("group {number} of its optimizer has {stored} weights, this one {ours}").format(
                number=number, stored=len(other["params"]), ours=len(group["params"])
            )
        for name in sorted((group.keys() | other.keys()) - {"params", "param_names", *scheduled}):
            if group.get(name) != other.get(name):
                yield _("its {name} is {stored}, this one {ours}").format(
                    name=name, stored=other.get(name), ours=group.get(name)
                )
