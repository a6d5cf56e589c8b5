"""A reference for our decoder: `transformers`' Llama with the same weights, and the required precision."""

import contextlib
from collections.abc import Iterator
from itertools import product

import torch
from torch import Tensor
from transformers import LlamaConfig as TheirConfig
from transformers import LlamaForCausalLM

from course.gpt import Architecture, Decoder, LlamaConfig

TOLERANCE = 1e-5  # float32, relative to the largest number: see `difference`
LLAMA_NAMES = {
    "embedding.tokens.": "model.embed_tokens.",
    "blocks.": "model.layers.",
    "attention_residual.norm.": "input_layernorm.",
    "feed_forward_residual.norm.": "post_attention_layernorm.",
    "attention.query.": "self_attn.q_proj.",
    "attention.key.": "self_attn.k_proj.",
    "attention.value.": "self_attn.v_proj.",
    "attention.output.": "self_attn.o_proj.",
    "feed_forward.gate.": "mlp.gate_proj.",
    "feed_forward.up.": "mlp.up_proj.",
    "feed_forward.down.": "mlp.down_proj.",
}


def tiny_config(**changes: object) -> LlamaConfig:
    sizes = {"vocab_size": 61, "context_length": 48, "d_model": 32, "n_layers": 2, "n_heads": 4, "n_kv_heads": 2}
    return LlamaConfig(**{**sizes, "d_ff": 48, **changes})


# Ten models that differ in every size: heads, key heads, layers, widths, base of the positions, tied or not.
TINY_CONFIGS = [
    tiny_config(
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
        d_model=8 * n_heads * (1 + index % 2),
        n_layers=1 + index % 4,
        d_ff=24 + 17 * index,
        rope_base=(10_000.0, 100_000.0, 500.0)[index % 3],
        norm_eps=(1e-5, 1e-6)[index % 2],
        tied=tied,
    )
    for index, ((n_heads, n_kv_heads), tied) in enumerate(
        product([(1, 1), (4, 4), (4, 2), (6, 2), (9, 3)], [True, False]),
    )
]


def random_ids(config: Architecture, batch: int = 2, length: int = 17, seed: int = 0) -> Tensor:
    return torch.randint(config.vocab_size, (batch, length), generator=torch.Generator().manual_seed(seed))


def tiny_model(config: Architecture, seed: int = 0) -> Decoder:
    """Weights five times as large as a fresh model's, norms included, so that every part of it matters."""
    generator = torch.Generator().manual_seed(seed)
    model = Decoder(config, generator)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 1:
                parameter += 0.3 * torch.randn(parameter.shape, generator=generator)
            else:
                parameter *= 5
    return model.eval()


def llama_name(name: str) -> str:
    """The name that `transformers` gives to the Decoder's parameter `name`."""
    if name == "output.weight":
        return "lm_head.weight"
    if name == "norm.weight":
        return "model.norm.weight"
    for ours, theirs in LLAMA_NAMES.items():
        name = name.replace(ours, theirs)
    return name


def as_llama(model: Decoder, attention: str = "eager") -> LlamaForCausalLM:
    """`transformers`' model of the same sizes with a copy of the same weights."""
    config = model.config
    llama = LlamaForCausalLM(
        TheirConfig(
            vocab_size=config.vocab_size,
            max_position_embeddings=config.context_length,
            hidden_size=config.d_model,
            num_hidden_layers=config.n_layers,
            num_attention_heads=config.n_heads,
            num_key_value_heads=config.n_kv_heads,
            intermediate_size=config.d_ff,
            rope_parameters={"rope_type": "default", "rope_theta": config.rope_base},
            rms_norm_eps=config.norm_eps,
            tie_word_embeddings=config.tied,
            bos_token_id=None,
            eos_token_id=None,
            attn_implementation=attention,
        )
    )
    llama.load_state_dict({llama_name(name): weight for name, weight in model.state_dict().items()})
    return llama.eval()


def difference(ours: Tensor, reference: Tensor) -> float:
    """max |ours − reference| / max |reference|."""
    assert ours.shape == reference.shape
    return ((ours - reference).abs().max() / reference.abs().max()).item()


def llama_greedy(llama: LlamaForCausalLM, ids: Tensor, n: int, streamer: object = None) -> list[int]:
    """Exactly `n` tokens from `generate` with its cache. Without a mask it would hide ids that look like padding."""
    mask = torch.ones_like(ids)
    output = llama.generate(
        ids,
        attention_mask=mask,
        min_new_tokens=n,
        max_new_tokens=n,
        do_sample=False,
        eos_token_id=None,
        pad_token_id=0,
        streamer=streamer,
    )
    return output[0, ids.shape[1] :].tolist()


@contextlib.contextmanager
def two_threads() -> Iterator[None]:
    """The single-row path of `Linear` needs more than one."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        yield
    finally:
        torch.set_num_threads(before)
