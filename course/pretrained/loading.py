"""Pretrained models and tokenizers in the course's own code, from published files.

SmolLM2 is published as GGUF: weights in 4 bits, vocabulary and settings in one file. Reading that takes several
seconds, so the first load writes what it found to the cache (`course.data.conversions`), as safetensors and JSON, and
later loads map that file into memory. MiniLM's safetensors are read as they are. Nothing is unpickled.
"""

import functools
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Literal, overload

import safetensors
import torch
from gguf import GGUFReader

import course
from course.bert import Bert
from course.data import converted, gpt2_ranks, path, registry
from course.gpt import Decoder, LlamaConfig
from course.layers.tensor_files import save_tensors
from course.messages import _
from course.pretrained.bert_files import read_bert
from course.pretrained.gguf_files import open_gguf, read_config, read_tokenizer, read_weights
from course.tokenization import ByteLevelBPE, Tokenizer, WordPiece

SYSTEM_PROMPT = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"  # the template's own


@overload
def load(name: Literal["smollm2"] = "smollm2") -> tuple[Decoder, ByteLevelBPE]: ...
@overload
def load(name: Literal["minilm"]) -> tuple[Bert, WordPiece]: ...
def load(name: str = "smollm2") -> tuple[Decoder, ByteLevelBPE] | tuple[Bert, WordPiece]:
    """SmolLM2-135M-Instruct or the BERT all-MiniLM-L6-v2, and its tokenizer: eval mode, float32, on `course.device()`.

    Raises `AssetError` when a file cannot be fetched or the cache cannot be written, `ValueError` for another name.
    """
    _require_known(name, ("smollm2", "minilm"))
    if name == "minilm":
        return read_bert(path("minilm-config"), path("minilm-weights")).to(course.device()), load_tokenizer(name)
    source = functools.cache(lambda: open_gguf(path("smollm2-gguf")))  # opened once, if anything must be converted
    model = converted("smollm2-gguf", "model.safetensors", read_model, lambda file: write_model(source(), file))
    return model.to(course.device()), _tokenizer("smollm2-gguf", lambda: read_tokenizer(source()))


@overload
def load_tokenizer(name: Literal["minilm"]) -> WordPiece: ...
@overload
def load_tokenizer(name: Literal["smollm2", "gpt2"]) -> ByteLevelBPE: ...
@overload
def load_tokenizer(name: str) -> Tokenizer: ...
def load_tokenizer(name: str) -> Tokenizer:
    """The tokenizer of "smollm2" or "gpt2" (byte-level BPE) or "minilm" (WordPiece), without any weights.

    Raises `AssetError` when its file cannot be fetched, `ValueError` for another name.
    """
    _require_known(name, ("smollm2", "minilm", "gpt2"))
    if name == "minilm":
        return WordPiece.from_vocab(path("minilm-vocab"))
    if name == "gpt2":
        return _tokenizer("gpt2-vocab", lambda: ByteLevelBPE.from_ranks(gpt2_ranks()))
    return _tokenizer("smollm2-gguf", lambda: read_tokenizer(open_gguf(path("smollm2-gguf"))))


def chat_prompt(text: str, system: str = SYSTEM_PROMPT) -> str:
    """What SmolLM2 reads when a user says `text`: one turn of its chat format (ChatML), open for the answer.

    `chat_ids` encodes it; the answer ends with `<|im_end|>`.
    """
    return f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n"


def chat_ids(tokenizer: ByteLevelBPE, text: str, system: str = SYSTEM_PROMPT) -> list[int]:
    """The ids of `chat_prompt`, in which only its own special tokens count as such: what a user types stays text.

    Raises `ValueError` for a tokenizer without these special tokens.
    """
    if missing := [mark for mark in ("<|im_start|>", "<|im_end|>") if mark not in tokenizer.special.ids]:
        raise ValueError(
            _("A chat needs the special token {token!r}, which the tokenizer lacks. It has: {known}.").format(
                token=missing[0], known=", ".join(tokenizer.special.ids) or _("none")
            )
        )
    start, end = (tokenizer.special.ids[mark] for mark in ("<|im_start|>", "<|im_end|>"))
    encode = tokenizer.encode
    system_turn = [start, *encode("system\n" + system), end, *encode("\n")]
    user_turn = [start, *encode("user\n" + text), end, *encode("\n")]
    return [*system_turn, *user_turn, start, *encode("assistant\n")]


def _require_known(name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        raise ValueError(
            _("There is no pretrained {name!r} here. There is: {known}.").format(name=name, known=", ".join(known))
        )


def convert_all() -> None:
    """Make every converted file that is missing, for a class whose students may only read the cache.

    Raises `AssetError` as `load` does.
    """
    load("smollm2")
    load_tokenizer("gpt2")


def _tokenizer(asset: str, make: Callable[[], ByteLevelBPE]) -> ByteLevelBPE:
    return converted(asset, "tokenizer.json", ByteLevelBPE.load, lambda file: make().save(file))


# --- As safetensors ---


def write_model(reader: GGUFReader, file: Path) -> None:
    """Write the model in the GGUF file as safetensors, its config and its source's hash in the metadata.

    A matrix with at least as many outputs as inputs is stored transposed (its name ends in `.T`), so that the model's
    is in memory column by column: the product of one row with it is then faster on a CPU, which makes generation so.
    Raises `OSError` when it cannot be written.
    """
    config = read_config(reader)
    tensors = {}
    for name, weight in read_weights(reader, config):
        if weight.ndim == 2 and weight.shape[0] >= weight.shape[1]:
            tensors[f"{name}.T"] = weight.T.contiguous()
        else:
            tensors[name] = weight.contiguous()
    metadata = {"config": json.dumps(asdict(config)), "source_sha256": registry.asset("smollm2-gguf").sha256}
    save_tensors(tensors, file, metadata)


def read_model(file: Path) -> Decoder:
    """The model that `write_model` wrote, in eval mode. Its weights are mapped from the file, which stays as it is.

    Raises `ValueError` when the file is damaged.
    """
    try:
        with safetensors.safe_open(file, framework="pt") as stored:
            config = LlamaConfig(**json.loads(stored.metadata()["config"]))
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118, it is no dictionary
    except safetensors.SafetensorError as error:
        raise ValueError(_("{file} is damaged ({error}).").format(file=file, error=error)) from error
    weights = {name.removesuffix(".T"): tensor.T if name.endswith(".T") else tensor for name, tensor in tensors.items()}
    with torch.device("meta"):  # no memory and no random numbers for weights that are replaced at once
        model = Decoder(config)
    if config.tied:
        weights["output.weight"] = weights["embedding.tokens.weight"]
    model.load_state_dict(weights, assign=True)
    if config.tied:
        model.output.weight = model.embedding.tokens.weight
    return model.eval()
