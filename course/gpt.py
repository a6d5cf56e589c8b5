"""The decoder: a causal language model of the modern form, as SmolLM2 and Llama are.

Normalization before each sublayer by root mean square, rotary positions, grouped-query attention, a SwiGLU feed-forward
layer, no biases.
"""

from dataclasses import dataclass

import torch
from torch import nn

from course.layers.blocks import CausalBlock, Residual
from course.layers.embedding import Embedding
from course.layers.feed_forward import SwiGLU
from course.layers.language_model import CausalLanguageModel
from course.layers.linear import Linear
from course.layers.multihead import MultiHeadAttention
from course.layers.norm import RMSNorm
from course.layers.positions import RotaryPositions
from course.layers.sizes import require_heads, require_kv_heads, require_positive, require_sizes


@dataclass(frozen=True)
class DecoderConfig:
    """The sizes of a decoder. Raises `ValueError` when they don't fit together.

    `n_kv_heads` key and value heads serve `n_heads` query heads; `d_ff` is the width inside the feed-forward layer;
    `context_length` is the most tokens it can read; with `tied`, the output layer uses the embedding's weights.
    """

    vocab_size: int
    context_length: int
    d_model: int
    n_layers: int
    n_heads: int
    n_kv_heads: int
    d_ff: int
    rope_base: float = 10_000.0
    norm_eps: float = 1e-5
    tied: bool = True

    def __post_init__(self) -> None:
        sizes = ("vocab_size", "context_length", "d_model", "n_layers", "n_heads", "n_kv_heads", "d_ff")
        require_sizes(self, *sizes)
        require_positive(self.rope_base, "rope_base")
        require_positive(self.norm_eps, "norm_eps")
        require_heads(self.d_model, self.n_heads, even=True)
        require_kv_heads(self.n_heads, self.n_kv_heads)

    @property
    def d_head(self) -> int:
        return self.d_model // self.n_heads

    def norm(self) -> RMSNorm:
        return RMSNorm(self.d_model, self.norm_eps)

    def block(self, layer: int) -> CausalBlock:
        """Attention, then the feed-forward layer, each on a normalized copy and added to its input."""
        return CausalBlock(
            MultiHeadAttention(self.d_model, self.n_heads, n_kv_heads=self.n_kv_heads, layer=layer, linear=Linear),
            SwiGLU(self.d_model, self.d_ff),
            lambda: Residual(self.norm(), norm_first=True),
        )


class Decoder(CausalLanguageModel):
    """A causal language model. `generator` draws the first weights: normal, standard deviation 0.02."""

    def __init__(self, config: DecoderConfig, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.config = config
        positions = RotaryPositions(config.context_length, config.d_head, config.rope_base)
        self.embedding = Embedding(config.vocab_size, config.d_model, positions, config.context_length, scaled=False)
        self.blocks = nn.ModuleList(config.block(layer) for layer in range(config.n_layers))
        self.norm = config.norm()
        self.output = Linear(config.d_model, config.vocab_size)
        if config.tied:
            self.output.weight = self.embedding.tokens.weight
        for parameter in self.parameters():
            if parameter.ndim == 2 and not parameter.is_meta:
                nn.init.normal_(parameter, std=0.02, generator=generator)
