"""Pretrained models and tokenizers in the course's own code, from published files.

SmolLM2 is published as GGUF: weights in 4 bits, vocabulary and settings in one file. Reading that takes several
seconds, so the first load writes what it found to the cache, as safetensors and JSON, and later loads map that file
into memory. MiniLM's safetensors are read as they are. Nothing is unpickled.
"""

import functools
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Literal, TypeVar, overload

import gguf
import safetensors
import safetensors.torch
import torch
from filelock import FileLock
from gguf import GGUFReader
from jaxtyping import Float
from torch import Tensor

import course
from course.bert import Bert
from course.bert_weights import read_bert
from course.data import AssetError, cache_dir, gpt2_ranks, path, registry
from course.gpt import Decoder, DecoderConfig
from course.messages import _
from course.tokenization import ByteLevelBPE, Tokenizer, WordPiece
from course.tokenization.pre_tokens import SMOLLM2_PATTERN

FORMAT = 2  # of the converted files: raise it when they must be written anew
SYSTEM_PROMPT = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"  # the template's own
BLOCK_NAMES = {  # in the GGUF file: in the Decoder
    "attn_norm": "attention_norm",
    "attn_q": "attention.query",
    "attn_k": "attention.key",
    "attn_v": "attention.value",
    "attn_output": "attention.output",
    "ffn_norm": "feed_forward_norm",
    "ffn_gate": "feed_forward.gate",
    "ffn_up": "feed_forward.up",
    "ffn_down": "feed_forward.down",
}

Loaded = TypeVar("Loaded")


@overload
def load(name: Literal["smollm2"] = "smollm2") -> tuple[Decoder, ByteLevelBPE]: ...
@overload
def load(name: Literal["minilm"]) -> tuple[Bert, WordPiece]: ...
def load(name: str = "smollm2") -> tuple[Decoder, ByteLevelBPE] | tuple[Bert, WordPiece]:
    """SmolLM2-135M-Instruct or the BERT all-MiniLM-L6-v2, and its tokenizer: eval mode, float32, on `course.device()`.

    Raises `AssetError` when a file cannot be had or the cache cannot be written, `ValueError` for another name.
    """
    _require_known(name, ("smollm2", "minilm"))
    if name == "minilm":
        return read_bert(path("minilm-config"), path("minilm-weights")).to(course.device()), load_tokenizer(name)
    source = functools.cache(lambda: open_gguf(path("smollm2-gguf")))  # opened once, if anything must be converted
    model = _converted("smollm2-gguf", "model.safetensors", read_model, lambda file: write_model(source(), file))
    return model.to(course.device()), _tokenizer("smollm2-gguf", lambda: read_tokenizer(source()))


def load_tokenizer(name: str) -> Tokenizer:
    """The tokenizer of "smollm2" or "gpt2" (byte-level BPE) or "minilm" (WordPiece), without any weights.

    Raises `AssetError` when its file cannot be had, `ValueError` for another name.
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
    """The ids of `chat_prompt`, in which only its own marks are control tokens: what a user types stays text."""
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


# --- The cache of converted files ---


def _converted(asset: str, filename: str, read: Callable[[Path], Loaded], write: Callable[[Path], None]) -> Loaded:
    """What `read` makes of a file converted from `asset`, which `write` makes first where it is missing or damaged.

    The file lies in a folder named by the asset's SHA-256, and appears there whole, in one step.
    """
    file = cache_dir() / "converted" / f"{asset}-{registry.asset(asset).sha256[:16]}-{FORMAT}" / filename

    def find() -> Loaded | None:
        with suppress(FileNotFoundError, ValueError, safetensors.SafetensorError):  # missing, or damaged
            return read(file)
        return None

    if (found := find()) is not None:
        return found
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(file.with_suffix(".lock")), tempfile.TemporaryDirectory(dir=file.parent) as folder:
            if (found := find()) is None:  # else another process wrote it while this one waited
                fresh = Path(folder) / filename
                write(fresh)
                fresh.chmod(0o644)  # the cache may be shared
                fresh.replace(file)
                found = read(file)
            return found
    except (OSError, safetensors.SafetensorError) as error:
        raise AssetError(
            _(
                "{file} cannot be written ({error}). It takes up to 540 MB: free some space there, "
                "or set COURSE_CACHE to a folder on another disk."
            ).format(file=file, error=error)
        ) from error


def _tokenizer(asset: str, make: Callable[[], ByteLevelBPE]) -> ByteLevelBPE:
    return _converted(asset, "tokenizer.json", ByteLevelBPE.load, lambda file: make().save(file))


# --- From GGUF ---


def open_gguf(file: Path) -> GGUFReader:
    """The GGUF file, its header read and its tensors mapped. Raises `ValueError` when it is damaged or cut short."""
    try:
        return GGUFReader(file)
    except (ValueError, IndexError, KeyError) as error:
        raise ValueError(
            _("{file} is damaged or no GGUF file ({error}). Delete it; `python -m course fetch` gets it again.").format(
                file=file, error=error
            )
        ) from error


def read_config(reader: GGUFReader) -> DecoderConfig:
    """The sizes of the Llama-like model in the file. Raises `ValueError` for another architecture."""
    architecture = reader.fields["general.architecture"].contents()
    if architecture != "llama":
        raise ValueError(
            _("The GGUF file holds a model of the architecture {name!r}; this course reads 'llama'.").format(
                name=architecture
            )
        )

    def setting(name: str) -> int | float:
        return reader.fields[f"llama.{name}"].contents()

    return DecoderConfig(
        vocab_size=setting("vocab_size"),
        context_length=setting("context_length"),
        d_model=setting("embedding_length"),
        n_layers=setting("block_count"),
        n_heads=setting("attention.head_count"),
        n_kv_heads=setting("attention.head_count_kv"),
        d_ff=setting("feed_forward_length"),
        rope_base=setting("rope.freq_base"),
        norm_eps=setting("attention.layer_norm_rms_epsilon"),
        tied=all(tensor.name != "output.weight" for tensor in reader.tensors),
    )


def read_weights(reader: GGUFReader, config: DecoderConfig) -> Iterator[tuple[str, Tensor]]:
    """Every weight in float32, with the name of the Decoder's parameter."""
    outside = {"token_embd.weight": "embedding.weight", "output_norm.weight": "norm.weight"}
    for stored in reader.tensors:
        weight = torch.tensor(gguf.dequantize(stored.data, stored.tensor_type))
        if not stored.name.startswith("blk."):
            yield outside.get(stored.name, stored.name), weight
            continue
        _blk, layer, name, _weight = stored.name.split(".")
        if name in ("attn_q", "attn_k"):
            weight = unpermute(weight, config.d_head)
        yield f"blocks.{layer}.{BLOCK_NAMES[name]}.weight", weight


def unpermute(weight: Float[Tensor, "out d_in"], d_head: int) -> Float[Tensor, "out d_in"]:
    """Rows of a query or key projection from GGUF's order to "rotate half".

    GGUF keeps the two rows of a rotary pair side by side; here they are d_head/2 apart (`RotaryPositions`).
    """
    return weight.unflatten(0, (-1, d_head // 2, 2)).transpose(1, 2).flatten(0, 2)


def read_tokenizer(reader: GGUFReader) -> ByteLevelBPE:
    """The byte-level BPE in the file."""
    vocab = reader.fields["tokenizer.ggml.tokens"].contents()
    merges = [tuple(merge.split(" ")) for merge in reader.fields["tokenizer.ggml.merges"].contents()]
    kinds = reader.fields["tokenizer.ggml.token_type"].contents()
    special = [token for token, kind in zip(vocab, kinds, strict=True) if kind == gguf.TokenType.CONTROL]
    return ByteLevelBPE(vocab, merges, SMOLLM2_PATTERN, special)


# --- As safetensors ---


def write_model(reader: GGUFReader, file: Path) -> None:
    """Write the model in the GGUF file as safetensors, its config and its source's hash in the metadata.

    A matrix with at least as many outputs as inputs is stored transposed (its name ends in `.T`), so that the model's
    lies in memory column by column: the product of one row with it is then faster on a CPU, which makes generation so.
    """
    config = read_config(reader)
    tensors = {}
    for name, weight in read_weights(reader, config):
        if weight.ndim == 2 and weight.shape[0] >= weight.shape[1]:
            tensors[f"{name}.T"] = weight.T.contiguous()
        else:
            tensors[name] = weight.contiguous()
    metadata = {"config": json.dumps(asdict(config)), "source_sha256": registry.asset("smollm2-gguf").sha256}
    safetensors.torch.save_file(tensors, file, metadata)


def read_model(file: Path) -> Decoder:
    """The model that `write_model` wrote, in eval mode. Its weights are mapped from the file, which stays as it is."""
    with safetensors.safe_open(file, framework="pt") as stored:
        config = DecoderConfig(**json.loads(stored.metadata()["config"]))
        tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118, it is no dictionary
    weights = {name.removesuffix(".T"): tensor.T if name.endswith(".T") else tensor for name, tensor in tensors.items()}
    with torch.device("meta"):  # no memory and no random numbers for weights that are replaced at once
        model = Decoder(config)
    if config.tied:
        weights["output.weight"] = weights["embedding.weight"]
    model.load_state_dict(weights, assign=True)
    if config.tied:
        model.output.weight = model.embedding.weight
    return model.eval()
