"""Trained models: one seed of each, as safetensors in half precision."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import safetensors
import torch
from torch import nn

import course
from course import peft
from course.bert import Bert, BertConfig, MaskedLanguageModel
from course.files import written_whole
from course.fine_tuning import LinearClassifier, SentenceClassifier, train_only, trained_parameters
from course.gpt import Decoder, GPT2Config, LlamaConfig
from course.layers.tensor_files import in_type, save_tensors
from course.messages import _
from course.peft import Attached
from course.pretrained import load as load_pretrained
from course.prompting import InContextRegressor, RegressorConfig
from course.seq2seq import Seq2Seq, Seq2SeqConfig
from course.trained import place
from course.training import processes
from course.transformer import CausalTransformer, Transformer, TransformerConfig

Model = (
    Seq2Seq
    | Transformer
    | CausalTransformer
    | Decoder
    | SentenceClassifier
    | LinearClassifier
    | MaskedLanguageModel
    | InContextRegressor
)


def classifier(config: Mapping[str, Any]) -> SentenceClassifier:
    """A head on MiniLM, whose own weights are those that are not stored."""
    model = SentenceClassifier(
        *load_pretrained("minilm"), config["classes"], pooling=config["pooling"], limit=config["limit"]
    )
    if config["n_trained_blocks"] is not None:
        train_only(model, config["n_trained_blocks"])
    return model


def masked_language_model(config: Mapping[str, Any]) -> MaskedLanguageModel:
    """A BERT of the course, or MiniLM with a head."""
    if config["base"] is not None:
        body, _tokenizer = load_pretrained("minilm")
        return MaskedLanguageModel(body, base=config["base"], n_trained_blocks=config["n_trained_blocks"])
    return MaskedLanguageModel(Bert(BertConfig(**config["body"])))


KINDS: dict[str, Callable[[dict[str, Any]], Model]] = {  # what `_kind` says → the model of a stored configuration
    "Seq2Seq": lambda config: Seq2Seq(Seq2SeqConfig(**config)),
    "Transformer": lambda config: Transformer(TransformerConfig(**config)),
    "CausalTransformer": lambda config: CausalTransformer(TransformerConfig(**config)),
    "SentenceClassifier": classifier,
    "MaskedLanguageModel": masked_language_model,
    "LinearClassifier": lambda config: LinearClassifier(**config),
    "InContextRegressor": lambda config: InContextRegressor(RegressorConfig(**config)),
    "GPT2Config": lambda config: Decoder(GPT2Config(**config)),
    "LlamaConfig": lambda config: Decoder(LlamaConfig(**config)),
}


def load(name: str) -> Model:
    """The trained model `name`, "dates/lstm" for example, in eval mode, in float32, on the course's device.

    Raises `ValueError` for a name that is not there, and for weights of other names than the model's.
    """
    return load_from(_file(name))


def load_method(name: str, model: nn.Module) -> Attached:
    """Put a stored method, "peft_methods/lora" for example, on a model like the one that it was trained on.

    The head that was trained with it takes the place of the model's. Raises `ValueError` for a name that is not there
    or is a whole model's, and as `course.peft.load` does.
    """
    file = _file(name)
    with safetensors.safe_open(file, framework="pt") as stored:
        if "kind" in stored.metadata():
            raise ValueError(_("{file} has a whole model: load it with `load(name)`.").format(file=file))
    return peft.load(file, model)


def _file(name: str) -> Path:
    """Raises `ValueError` for a name that is not there."""
    file = place.FOLDER / f"{name}.safetensors"
    if not file.is_file():
        known = sorted(
            str(found.relative_to(place.FOLDER).with_suffix("")) for found in place.FOLDER.glob("*/*.safetensors")
        )
        raise ValueError(
            _("There is no trained {name!r}. There is: {known}.").format(name=name, known=", ".join(known))
        )
    return file


def load_from(file: Path) -> Model:
    """The model that `save_to` stored in a file, as `load` gives it. Raises `ValueError` as `load` does."""
    with safetensors.safe_open(file, framework="pt") as stored:
        metadata = stored.metadata()
        if "method" in metadata:
            raise ValueError(
                _("{file} has a method that belongs on a model: load it with `load_method(name, model)`.").format(
                    file=file
                )
            )
        weights = {key: stored.get_tensor(key).float() for key in stored.keys()}  # noqa: SIM118, it is no dictionary
    model = KINDS[metadata["kind"]](json.loads(metadata["config"]))
    named = trained_parameters(model)  # a weight that is used in two places has one name here, as in the file
    if weights.keys() != named.keys():
        raise ValueError(
            _("{file} does not fit the model: {names}. Train it again: {command}.").format(
                file=file, names=", ".join(sorted(weights.keys() ^ named.keys())), command=metadata["command"]
            )
        )
    model.load_state_dict(weights, strict=False)
    return model.eval().to(course.device())


def round_weights(model: nn.Module) -> None:
    """Make the weights what `save` stores: those that were trained, rounded to half precision."""
    with torch.no_grad():
        for weight in trained_parameters(model).values():
            weight.copy_(weight.half())


def save(name: str, model: Model, command: str) -> None:
    """Store a model as `name`, with the command that trained it: the weights that are not frozen."""
    save_to(place.FOLDER / f"{name}.safetensors", model, command)


def save_to(file: Path, model: Model, command: str) -> None:
    """Store a model in a file, with the command that trained it. Of several processes, all must call this.

    Raises `ValueError` for a model with a method on it, whose parts `load_from` could not put back, and for numbers
    that are too large for half precision.
    """
    for part in model.modules():
        if isinstance(part, peft.Part):
            raise ValueError(
                _("The model has {kind} on it: store the method, `peft.save(attached, file)`, or take it off.").format(
                    kind=type(part).__name__
                )
            )
    metadata = {"kind": _kind(model), "config": json.dumps(asdict(model.config)), "command": command}
    weights = {
        key: in_type(torch.float16, key, processes.whole(weight.detach()).cpu()).contiguous()
        for key, weight in trained_parameters(model).items()
    }
    if processes.number() > 0:
        return
    file.parent.mkdir(exist_ok=True)
    with written_whole(file) as fresh:
        save_tensors(weights, fresh, metadata)


def _kind(model: Model) -> str:
    """A model's class; of a decoder, which may have either architecture, its config's."""
    return type(model.config if isinstance(model, Decoder) else model).__name__
