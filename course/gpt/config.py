"""GPT-2's architecture and the modern one, side by side: the same sizes, and four layers that differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch.nn.functional as F
from torch import nn

from course.layers.embedding import Embedding
from course.layers.feed_forward import FeedForward, SwiGLU
from course.layers.linear import Linear
from course.layers.multihead import MultiHeadAttention
from course.layers.norm import RMSNorm
from course.layers.positions import LearnedPositions, RotaryPositions
from course.layers.sizes import (
    require_dropout,
    require_heads,
    require_kv_heads,
    require_positive,
    require_sizes,
    require_windows,
)

LinearWithBias = partial(Linear, bias=True)
tanh_gelu = partial(F.gelu, approximate="tanh")  # what GPT-2 was trained with: `F.gelu` alone is the exact form


@dataclass(frozen=True)
class GPT2Config:
    """The sizes of a GPT-2, and its layers. Raises `ValueError` when the sizes don't fit together.

    Learned positions, layer normalization, GELU, biases everywhere. `context_length` is the most tokens it can read;
    `d_ff` is the width inside the feed-forward layer; `dropout` acts on embeddings, attention weights and residual
    connections; with `tied`, the output layer uses the embedding's weights. `windows` are the most keys that a query
    sees (None: all before it), in the first layer, the second, and so on, from the beginning again where there are more
    layers: `(None, 128)` alternates dense layers with locally banded ones, as GPT-3 does.

    Source: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", section 2.3; the form of GELU:
    `gelu` in the authors' code, openai/gpt-2, src/model.py; alternating layers: Brown et al. 2020, section 2.1.
    """

    vocab_size: int
    context_length: int
    d_model: int
    n_layers: int
    n_heads: int
    d_ff: int
    norm_eps: float = 1e-5
    dropout: float = 0.0
    tied: bool = True
    windows: Sequence[int | None] = (None,)

    def __post_init__(self) -> None:
        object.__setattr__(self, "windows", require_windows(self.windows))
        sizes = ("vocab_size", "context_length", "d_model", "n_layers", "n_heads", "d_ff")
        require_sizes(self, *sizes)
        require_positive(self.norm_eps, "norm_eps")
        require_heads(self.d_model, self.n_heads)
        require_dropout(self.dropout)

    def embedding(self) -> Embedding:
        positions = LearnedPositions(self.context_length, self.d_model)
        return Embedding(
            self.vocab_size, self.d_model, positions, self.context_length, dropout=self.dropout, scaled=False
        )

    def norm(self) -> nn.LayerNorm:
        return nn.LayerNorm(self.d_model, self.norm_eps)

    def attention(self, layer: int) -> MultiHeadAttention:
        return MultiHeadAttention(
            self.d_model,
            self.n_heads,
            dropout=self.dropout,
            layer=layer,
            linear=LinearWithBias,
            window=self.windows[layer % len(self.windows)],
        )

    def feed_forward(self) -> FeedForward:
        return FeedForward(self.d_model, self.d_ff, tanh_gelu, linear=LinearWithBias)


GPT2_SMALL = GPT2Config(vocab_size=50257, context_length=1024, d_model=768, n_layers=12, n_heads=12, d_ff=3072)


@dataclass(frozen=True)
class LlamaConfig:
    """The sizes of a model as Llama and SmolLM2 are, and its layers. Raises `ValueError` when they don't fit together.

    Rotary positions, normalization by the root mean square, grouped-query attention, SwiGLU, no biases. `n_kv_heads`
    key and value heads serve `n_heads` query heads; all else as in `GPT2Config`.

    Source: Touvron et al. 2023, "LLaMA: Open and Efficient Foundation Language Models", section 2.2; shared key heads:
    Ainslie et al. 2023, section 2.2.
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
    dropout: float = 0.0
    tied: bool = True
    windows: Sequence[int | None] = (None,)

    def __post_init__(self) -> None:
        object.__setattr__(self, "windows", require_windows(self.windows))
        sizes = ("vocab_size", "context_length", "d_model", "n_layers", "n_heads", "n_kv_heads", "d_ff")
        require_sizes(self, *sizes)
        require_positive(self.rope_base, "rope_base")
        require_positive(self.norm_eps, "norm_eps")
        require_heads(self.d_model, self.n_heads, even=True)
        require_kv_heads(self.n_heads, self.n_kv_heads)
        require_dropout(self.dropout)

    @property
    def d_head(self) -> int:
        return self.d_model // self.n_heads

    def embedding(self) -> Embedding:
        positions = RotaryPositions(self.context_length, self.d_head, self.rope_base)
        return Embedding(
            self.vocab_size, self.d_model, positions, self.context_length, dropout=self.dropout, scaled=False
        )

    def norm(self) -> RMSNorm:
        return RMSNorm(self.d_model, self.norm_eps)

    def attention(self, layer: int) -> MultiHeadAttention:
        return MultiHeadAttention(
            self.d_model,
            self.n_heads,
            n_kv_heads=self.n_kv_heads,
            dropout=self.dropout,
            layer=layer,
            linear=Linear,
            window=self.windows[layer % len(self.windows)],
        )

    def feed_forward(self) -> SwiGLU:
        return SwiGLU(self.d_model, self.d_ff)
