"""The other reference for our decoder: `transformers`' GPT-2 with the same weights."""

import torch
from torch import Tensor
from transformers import GPT2Config as TheirConfig
from transformers import GPT2LMHeadModel

from course.gpt import Decoder, GPT2Config

NAMES = {
    "embedding.tokens.": "transformer.wte.",
    "embedding.positions.table.": "transformer.wpe.",
    "blocks.": "transformer.h.",
    "attention_residual.norm.": "ln_1.",
    "feed_forward_residual.norm.": "ln_2.",
    "attention.output.": "attn.c_proj.",
    "feed_forward.up.": "mlp.c_fc.",
    "feed_forward.down.": "mlp.c_proj.",
}


def tiny_gpt2(**changes: object) -> GPT2Config:
    sizes = {"vocab_size": 61, "context_length": 48, "d_model": 32, "n_layers": 2, "n_heads": 4, "d_ff": 48}
    return GPT2Config(**{**sizes, **changes})


TINY_GPT2S = [
    tiny_gpt2(),
    tiny_gpt2(n_heads=1, n_layers=1, d_model=9, d_ff=36),  # heads of an odd size: only rotation needs pairs
    tiny_gpt2(n_heads=3, n_layers=3, d_model=24, norm_eps=1e-3),
    tiny_gpt2(n_heads=6, n_layers=4, d_model=48, d_ff=100, tied=False),
]


def their_weights(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Our weights, or their gradients, by the names and in the shapes of `transformers`: (in, out), q, k, v in one."""
    theirs: dict[str, list[Tensor]] = {}
    for name, tensor in tensors.items():
        if name == "output.weight":
            theirs["lm_head.weight"] = [tensor]
            continue
        for projection in ("query", "key", "value"):  # in this order in our state dict, and in their matrix
            name = name.replace(f"attention.{projection}.", "attn.c_attn.")
        for ours, their_name in NAMES.items():
            name = name.replace(ours, their_name)
        name = name.replace("norm.", "transformer.ln_f.") if name.startswith("norm.") else name
        theirs.setdefault(name, []).append(tensor.T if ".c_" in name and tensor.ndim == 2 else tensor)
    return {name: torch.cat(parts, dim=-1) for name, parts in theirs.items()}


def as_gpt2(model: Decoder, attention: str = "eager") -> GPT2LMHeadModel:
    """`transformers`' model of the same sizes with a copy of the same weights."""
    config = model.config
    gpt2 = GPT2LMHeadModel(
        TheirConfig(
            vocab_size=config.vocab_size,
            n_positions=config.context_length,
            n_embd=config.d_model,
            n_layer=config.n_layers,
            n_head=config.n_heads,
            n_inner=config.d_ff,
            layer_norm_epsilon=config.norm_eps,
            resid_pdrop=config.dropout,
            embd_pdrop=config.dropout,
            attn_pdrop=config.dropout,
            tie_word_embeddings=config.tied,
            bos_token_id=None,
            eos_token_id=None,
            attn_implementation=attention,
        )
    )
    gpt2.load_state_dict(their_weights(model.state_dict()))
    return gpt2.eval()
