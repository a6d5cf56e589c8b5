"""The layers of the Transformer, for models that read (encoder layers) and models that write (decoder layers)."""

from collections.abc import Callable
from functools import partial

import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

from course.layers.feed_forward import Activation, FeedForward
from course.layers.kv_cache import KVCache
from course.layers.multihead import KeysAndValues, MultiHeadAttention
from course.layers.positions import Positions


class Residual(nn.Module):
    """Add what a sublayer makes of `x` to `x` itself, with layer normalization after the sum, or before the sublayer.

    Source: after: Vaswani et al. 2017, section 3.1; before ("pre-norm"): Xiong et al. 2020, table 1.
    """

    def __init__(self, d_model: int, *, dropout: float, norm_first: bool, norm_eps: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(d_model, norm_eps)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(
        self, x: Float[Tensor, "batch position d_model"], sublayer: Callable[[Tensor], Tensor]
    ) -> Float[Tensor, "batch position d_model"]:
        if self.norm_first:
            return x + self.dropout(sublayer(self.norm(x)))
        return self.norm(x + self.dropout(sublayer(x)))


class EncoderLayer(nn.Module):
    """Self-attention, then the feed-forward layer. With `causal`, the layer of a model that only writes.

    `dropout` acts on what each sublayer adds, as in the paper; `attention_dropout` on the attention weights.

    Source: Vaswani et al. 2017, section 3.1.
    """

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        d_ff: int,
        *,
        dropout: float = 0.1,
        attention_dropout: float = 0.0,
        norm_first: bool = False,
        norm_eps: float = 1e-5,
        activation: Activation = F.relu,
        layer: int = 0,
    ) -> None:
        super().__init__()
        residual = partial(Residual, d_model, dropout=dropout, norm_first=norm_first, norm_eps=norm_eps)
        self.attention = MultiHeadAttention(d_model, n_heads, dropout=attention_dropout, layer=layer)
        self.attention_residual = residual()
        self.feed_forward = FeedForward(d_model, d_ff, activation)
        self.feed_forward_residual = residual()

    def forward(
        self,
        x: Float[Tensor, "batch position d_model"],
        mask: Bool[Tensor, "#batch #heads #query key"] | None = None,
        *,
        causal: bool = False,
        positions: Positions | None = None,
        cache: KVCache | None = None,
    ) -> Float[Tensor, "batch position d_model"]:
        """`mask`, `causal`, `positions` and `cache` are those of `MultiHeadAttention`."""
        attend = partial(self.attention, mask=mask, causal=causal, positions=positions, cache=cache)
        x = self.attention_residual(x, attend)
        return self.feed_forward_residual(x, self.feed_forward)


class DecoderLayer(nn.Module):
    """Self-attention over what is written so far, attention to the source, then the feed-forward layer.

    Source: Vaswani et al. 2017, section 3.1.
    """

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        d_ff: int,
        *,
        dropout: float = 0.1,
        norm_first: bool = False,
        norm_eps: float = 1e-5,
        layer: int = 0,
    ) -> None:
        super().__init__()
        residual = partial(Residual, d_model, dropout=dropout, norm_first=norm_first, norm_eps=norm_eps)
        self.self_attention = MultiHeadAttention(d_model, n_heads, layer=layer)
        self.self_attention_residual = residual()
        self.source_attention = MultiHeadAttention(d_model, n_heads)
        self.source_attention_residual = residual()
        self.feed_forward = FeedForward(d_model, d_ff)
        self.feed_forward_residual = residual()

    def forward(
        self,
        x: Float[Tensor, "batch position d_model"],
        source: KeysAndValues,
        source_mask: Bool[Tensor, "#batch #heads #position source"] | None = None,
        mask: Bool[Tensor, "#batch #heads #position total"] | None = None,
        *,
        positions: Positions | None = None,
        cache: KVCache | None = None,
    ) -> Float[Tensor, "batch position d_model"]:
        """`source` are the `source_attention.keys_and_values` of what the encoder said.

        No position sees those after it. `mask` hides more of the written, `source_mask` of the source; True is visible.
        """
        attend = partial(self.self_attention, mask=mask, causal=True, positions=positions, cache=cache)
        x = self.self_attention_residual(x, attend)
        x = self.source_attention_residual(x, partial(self.source_attention, other=source, mask=source_mask))
        return self.feed_forward_residual(x, self.feed_forward)
