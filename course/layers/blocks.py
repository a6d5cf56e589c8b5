"""The blocks that models are stacked from: one that reads, one that predicts, one that does so from a source.

All three are made of the same parts, which a model hands in: attention, a feed-forward layer, and a residual connection
around each of them.
"""

from collections.abc import Callable
from functools import partial

from jaxtyping import Bool, Float
from torch import Tensor, nn

from course.layers.kv_cache import KVCache
from course.layers.multihead import KeysAndValues, MultiHeadAttention
from course.layers.positions import AttentionPositions


class Residual(nn.Module):
    """Add a sublayer's output for `x` to `x` itself, with `norm` after the sum, or before the sublayer.

    Source: after: Vaswani et al. 2017, section 3.1; before ("pre-norm"): Xiong et al. 2020, table 1.
    """

    def __init__(self, norm: nn.Module, *, norm_first: bool, dropout: float = 0.0) -> None:
        super().__init__()
        self.norm = norm
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(
        self, x: Float[Tensor, "batch position d_model"], sublayer: Callable[[Tensor], Tensor]
    ) -> Float[Tensor, "batch position d_model"]:
        if self.norm_first:
            return x + self.dropout(sublayer(self.norm(x)))
        return self.norm(x + self.dropout(sublayer(x)))


class SelfAttentionBlock(nn.Module):
    """What the first two have in common: attention within one sequence and a feed-forward layer."""

    def __init__(
        self, attention: MultiHeadAttention, feed_forward: nn.Module, residual: Callable[[], Residual]
    ) -> None:
        super().__init__()
        self.attention = attention
        self.attention_residual = residual()
        self.feed_forward = feed_forward
        self.feed_forward_residual = residual()


class EncoderBlock(SelfAttentionBlock):
    """Self-attention, then the feed-forward layer: every position looks at every other.

    Source: Vaswani et al. 2017, section 3.1.
    """

    def forward(
        self,
        x: Float[Tensor, "batch position d_model"],
        mask: Bool[Tensor, "#batch #heads #query key"] | None = None,
        *,
        positions: AttentionPositions | None = None,
    ) -> Float[Tensor, "batch position d_model"]:
        """`mask` is True where a query may look."""
        x = self.attention_residual(x, partial(self.attention, mask=mask, positions=positions))
        return self.feed_forward_residual(x, self.feed_forward)


class CausalBlock(SelfAttentionBlock):
    """Self-attention that sees no future, then the feed-forward layer: the block of a model that only predicts.

    Source: Radford et al. 2018, "Improving Language Understanding by Generative Pre-Training", section 3.1.
    """

    def forward(
        self,
        x: Float[Tensor, "batch position d_model"],
        mask: Bool[Tensor, "#batch #heads #query key"] | None = None,
        *,
        positions: AttentionPositions | None = None,
        cache: KVCache | None = None,
    ) -> Float[Tensor, "batch position d_model"]:
        """`mask` hides more than the future; True is visible. With a cache, `x` continues what the cache holds."""
        attend = partial(self.attention, mask=mask, causal=True, positions=positions, cache=cache)
        x = self.attention_residual(x, attend)
        return self.feed_forward_residual(x, self.feed_forward)


class DecoderBlock(nn.Module):
    """Self-attention that sees no future, attention to the source, then the feed-forward layer.

    Source: Vaswani et al. 2017, section 3.1.
    """

    def __init__(
        self,
        self_attention: MultiHeadAttention,
        source_attention: MultiHeadAttention,
        feed_forward: nn.Module,
        residual: Callable[[], Residual],
    ) -> None:
        super().__init__()
        self.self_attention = self_attention
        self.self_attention_residual = residual()
        self.source_attention = source_attention
        self.source_attention_residual = residual()
        self.feed_forward = feed_forward
        self.feed_forward_residual = residual()

    def forward(
        self,
        x: Float[Tensor, "batch position d_model"],
        source: KeysAndValues,
        source_mask: Bool[Tensor, "#batch #heads #position source"] | None = None,
        mask: Bool[Tensor, "#batch #heads #position total"] | None = None,
        *,
        positions: AttentionPositions | None = None,
        cache: KVCache | None = None,
    ) -> Float[Tensor, "batch position d_model"]:
        """`source` are the `source_attention.keys_and_values` of the encoder's output.

        `source_mask` is True where a position may look at the source; `mask` hides more of its own sequence than the
        future. With a cache, `x` continues what the cache holds.
        """
        attend = partial(self.self_attention, mask=mask, causal=True, positions=positions, cache=cache)
        x = self.self_attention_residual(x, attend)
        x = self.source_attention_residual(x, partial(self.source_attention, other=source, mask=source_mask))
        return self.feed_forward_residual(x, self.feed_forward)
