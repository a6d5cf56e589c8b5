"""A published model in GGUF, the format of llama.cpp: its weights, sizes and tokenizer in the course's own classes."""

from collections.abc import Iterator
from pathlib import Path

import gguf
import torch
from gguf import GGUFReader
from jaxtyping import Float
from torch import Tensor

from course.gpt import LlamaConfig
from course.messages import _
from course.tokenization import ByteLevelBPE
from course.tokenization.pre_tokens import SMOLLM2_PATTERN

BLOCK_NAMES = {  # in the GGUF file: in the Decoder
    "attn_norm": "attention_residual.norm",
    "attn_q": "attention.query",
    "attn_k": "attention.key",
    "attn_v": "attention.value",
    "attn_output": "attention.output",
    "ffn_norm": "feed_forward_residual.norm",
    "ffn_gate": "feed_forward.gate",
    "ffn_up": "feed_forward.up",
    "ffn_down": "feed_forward.down",
}


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


def read_config(reader: GGUFReader) -> LlamaConfig:
    """The sizes of the Llama-like model in the file. Raises `ValueError` for another architecture."""
    architecture = reader.fields["general.architecture"].contents()
    if architecture != "llama":
        raise ValueError(
            _("The GGUF file holds a model of the architecture {name!r}; this course reads 'llama'.").format(
                name=architecture
            )
        )

    def size(name: str) -> int:
        return reader.fields[f"llama.{name}"].contents()

    def number(name: str) -> float:
        return reader.fields[f"llama.{name}"].contents()

    return LlamaConfig(
        vocab_size=size("vocab_size"),
        context_length=size("context_length"),
        d_model=size("embedding_length"),
        n_layers=size("block_count"),
        n_heads=size("attention.head_count"),
        n_kv_heads=size("attention.head_count_kv"),
        d_ff=size("feed_forward_length"),
        rope_base=number("rope.freq_base"),
        norm_eps=number("attention.layer_norm_rms_epsilon"),
        tied=all(tensor.name != "output.weight" for tensor in reader.tensors),
    )


def read_weights(reader: GGUFReader, config: LlamaConfig) -> Iterator[tuple[str, Tensor]]:
    """Every weight in float32, with the name of the Decoder's parameter."""
    outside = {"token_embd.weight": "embedding.tokens.weight", "output_norm.weight": "norm.weight"}
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
