"""Models and results that take longer than a lesson: trained by a script in `experiments/`, kept beside this file.

A run leaves a JSON file with what it found, the command that repeats it in it; one seed of each model leaves its
weights too, as safetensors in half precision. The numbers were found with the weights as they are stored.
"""

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from jaxtyping import Float
from torch import nn

import course
from course.messages import _
from course.seq2seq import Seq2Seq, Seq2SeqConfig
from course.transformer import CausalTransformer, Transformer, TransformerConfig

FOLDER = Path(__file__).parent
KINDS = {
    "Seq2Seq": (Seq2Seq, Seq2SeqConfig),
    "Transformer": (Transformer, TransformerConfig),
    "CausalTransformer": (CausalTransformer, TransformerConfig),
}


def load(name: str) -> nn.Module:
    """The trained model `name`, "dates/lstm" for example, in eval mode, in float32, on the course's device.

    Raises `ValueError` for a name that is not there.
    """
    file = FOLDER / f"{name}.safetensors"
    if not file.is_file():
        known = sorted(str(found.relative_to(FOLDER).with_suffix("")) for found in FOLDER.glob("*/*.safetensors"))
        raise ValueError(
            _("There is no trained {name!r}. There is: {known}.").format(name=name, known=", ".join(known))
        )
    with safetensors.safe_open(file, framework="pt") as stored:
        metadata = stored.metadata()
        weights = {key: stored.get_tensor(key).float() for key in stored.keys()}  # noqa: SIM118, it is no dictionary
    make, config = KINDS[metadata["kind"]]
    model = make(config(**json.loads(metadata["config"])))
    model.load_state_dict(weights, strict=False)  # weights that are used in two places are stored once
    return model.eval().to(course.device())


def results(experiment: str) -> list[dict[str, Any]]:
    """What the runs of an experiment found, "dates" for example: a record for each model and seed, in this order.

    Raises `ValueError` for an experiment without results.
    """
    files = sorted((FOLDER / experiment).glob("*.json"))
    if not files:
        known = sorted(folder.name for folder in FOLDER.iterdir() if any(folder.glob("*.json")))
        raise ValueError(
            _("There are no results of {experiment!r}. There are: {known}.").format(
                experiment=experiment, known=", ".join(known)
            )
        )
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def curve(
    records: Sequence[Mapping[str, Any]], model: str, lengths: Sequence[range], *, test: str = "test"
) -> Float[np.ndarray, "seed length"]:
    """The error rate of a model on sources of these lengths, for each seed: edits over symbols to be written.

    Raises `ValueError` where no example has such a length, or no run is of that model.
    """
    rates = []
    for found in (one for one in records if one["model"] == model):
        groups = found["tests"][test]["by_length"]
        chosen = [[groups[str(length)] for length in some if str(length) in groups] for some in lengths]
        rates.append([sum(g["errors"] for g in some) / sum(g["symbols"] for g in some) for some in chosen if some])
        if len(rates[-1]) < len(lengths):
            raise ValueError(_("The test has no example of one of these lengths: {lengths}.").format(lengths=lengths))
    if not rates:
        raise ValueError(_("There is no run of {model!r} among these results.").format(model=model))
    return np.array(rates)


def round_weights(model: nn.Module) -> None:
    """Make the weights what `save` stores: rounded to half precision."""
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(weight.half())


def save(name: str, model: nn.Module, command: str) -> None:
    """Store a model as `name`, with the command that trained it. The file appears whole or not at all."""
    file = FOLDER / f"{name}.safetensors"
    metadata = {"kind": type(model).__name__, "config": json.dumps(asdict(model.config)), "command": command}
    weights = {key: weight.detach().cpu().half().contiguous() for key, weight in model.named_parameters()}
    file.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        fresh = Path(folder) / file.name
        safetensors.torch.save_file(weights, fresh, metadata)
        fresh.chmod(0o644)
        fresh.replace(file)


def record(experiment: str, model: str, seed: int, found: dict[str, Any]) -> None:
    """Write down what a run found."""
    file = FOLDER / experiment / f"{model}-{seed}.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"model": model, "seed": seed, **found}, indent=1) + "\n", encoding="utf-8")
