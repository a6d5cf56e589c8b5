"""A published GPT-2, two files by the names of Hugging Face, in the course's own class.

The weights are those of openai-community/gpt2 and its larger siblings. Their linear layers are `Conv1D`, whose matrices
are (inputs, outputs), where PyTorch's are (outputs, inputs); queries, keys and values are in one matrix, side by side.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor

import course
from course.gpt import Decoder, GPT2Config
from course.messages import _

FILES = ("config.json", "model.safetensors")
NAMES = {  # in the file: in `Decoder`
    "wte.": "embedding.tokens.",
    "wpe.weight": "embedding.positions.table.weight",
    "h.": "blocks.",
    "ln_f.": "norm.",
    "lm_head.": "output.",
    "ln_1.": "attention_residual.norm.",
    "ln_2.": "feed_forward_residual.norm.",
    "attn.c_proj.": "attention.output.",
    "mlp.c_fc.": "feed_forward.up.",
    "mlp.c_proj.": "feed_forward.down.",
}
MASKS = (".attn.bias", ".attn.masked_bias")  # the causal mask, which older files hold
EXPECTED = {  # settings that change what a GPT-2 computes, and which the course's has no other form of
    "model_type": "gpt2",
    "activation_function": "gelu_new",  # the tanh form
    "scale_attn_weights": True,
    "scale_attn_by_inverse_layer_idx": False,
    "add_cross_attention": False,
}


def load_gpt2(folder: Path | str) -> Decoder:
    """The GPT-2 in `folder`, which holds `config.json` and `model.safetensors` of a repository on the Hugging Face hub.

    In eval mode, float32, on `course.device()`. `load_tokenizer("gpt2")` is its tokenizer. Raises `FileNotFoundError`
    where a file is missing, `ValueError` for a damaged one, or one of another kind of model.
    """
    folder = Path(folder)
    for name in FILES:
        if not (folder / name).is_file():
            raise FileNotFoundError(
                _(
                    "There is no {name} in {folder}. Download {files} of openai-community/gpt2 from the Hugging Face "
                    "hub (548 MB) into one folder, and give that folder."
                ).format(name=name, folder=folder, files=" and ".join(FILES))
            )
    return read_gpt2(folder / FILES[0], folder / FILES[1]).to(course.device())


def read_gpt2(config_file: Path, weights_file: Path) -> Decoder:
    """The model in eval mode, its weights from the file. Raises `ValueError` for a file that holds no such model."""
    config = read_gpt2_config(config_file)
    try:
        stored = safetensors.torch.load_file(weights_file)
    except safetensors.SafetensorError as error:
        raise ValueError(
            _("{file} is damaged ({error}). Fetch it again.").format(file=weights_file, error=error)
        ) from error
    weights = dict(_our_weights(stored))
    with torch.device("meta"):  # no memory and no random numbers for weights that are replaced at once
        model = Decoder(config)
    if config.tied:
        weights["output.weight"] = weights.get("embedding.tokens.weight", torch.empty(0))
    shapes = {name: tuple(parameter.shape) for name, parameter in model.state_dict().items()}
    found = {name: tuple(weight.shape) for name, weight in weights.items()}
    if shapes != found:
        wrong = sorted(name for name in shapes.keys() | found.keys() if shapes.get(name) != found.get(name))
        raise ValueError(
            _(
                "{file} does not fit {config}: {name} should have the shape {expected}, and has {found}. "
                "The two files must be of one model."
            ).format(
                file=weights_file,
                config=config_file,
                name=wrong[0],
                expected=shapes.get(wrong[0]),
                found=found.get(wrong[0]),
            )
        )
    model.load_state_dict(weights, assign=True)
    if config.tied:
        model.output.weight = model.embedding.tokens.weight
    return model.eval()


def read_gpt2_config(file: Path) -> GPT2Config:
    """The sizes in a `config.json`. Raises `ValueError` for a model that computes something else than a GPT-2."""
    settings: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    for name, expected in EXPECTED.items():
        if settings.get(name, expected) != expected:
            raise ValueError(
                _("{file} describes a model whose {name} is {value!r}; this course reads {expected!r}.").format(
                    file=file, name=name, value=settings[name], expected=expected
                )
            )
    return GPT2Config(
        vocab_size=settings["vocab_size"],
        context_length=settings["n_positions"],
        d_model=settings["n_embd"],
        n_layers=settings["n_layer"],
        n_heads=settings["n_head"],
        d_ff=settings.get("n_inner") or 4 * settings["n_embd"],
        norm_eps=settings.get("layer_norm_epsilon", 1e-5),
        dropout=settings.get("resid_pdrop", 0.1),
        tied=settings.get("tie_word_embeddings", True),
    )


def _our_weights(stored: dict[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """Every weight in float32, with the name and in the shape of the Decoder's."""
    for full_name, tensor in stored.items():
        name = full_name.removeprefix("transformer.")
        if name.endswith(MASKS):
            continue
        weight = tensor.float()
        if ".c_" in name and weight.ndim == 2:
            weight = weight.T.contiguous()
        ours = name
        for theirs, our_part in NAMES.items():
            if theirs in ours and (ours.startswith(theirs) or f".{theirs}" in ours):
                ours = ours.replace(theirs, our_part, 1)
        if "attn.c_attn." in ours:
            for projection, part in zip(("query", "key", "value"), weight.chunk(3), strict=True):
                yield ours.replace("attn.c_attn.", f"attention.{projection}."), part.contiguous()
        else:
            yield ours, weight
