"""The layers of the Transformer, for models that read (encoder layers) and models that write (decoder layers)."""

import math
from collections.abc import Callable
from functools import partial

import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from course.attention import KVCache
from course.multihead import KeysAndValues, MultiHeadAttention
from course.positions import Positions
from course.token_ids import require_context, require_token_ids

Activation = Callable[[Tensor], Tensor]


class FeedForward(nn.Module):
    """Two linear layers with an activation between them, at every position alike.

    Source: Vaswani et al. 2017, section 3.3, equation 2.
    """

    def __init__(self, d_model: int, d_ff: int, activation: Activation = F.relu) -> None:
        super().__init__()
        self.up = nn.Linear(d_model, d_ff)
        self.down = nn.Linear(d_ff, d_model)
        self.activation = activation

    def forward(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch d_model"]:
        return self.down(self.activation(self.up(x)))


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


class Embedding(nn.Module):
    """Each token's vector times √d_model, with its position in it, then dropout.

    Source: Vaswani et al. 2017, sections 3.4, 3.5 and 5.4.
    """

    def __init__(self, vocab_size: int, d_model: int, positions: Positions, n_positions: int, dropout: float) -> None:
        super().__init__()
        self.tokens = nn.Embedding(vocab_size, d_model)
        self.positions = positions
        self.dropout = nn.Dropout(dropout)
        self.n_positions = n_positions

    def forward(self, ids: Int[Tensor, "batch position"], start: int = 0) -> Float[Tensor, "batch position d_model"]:
        """The first token stands at position `start`. Raises what `course.token_ids` does."""
        require_token_ids(ids, self.tokens.num_embeddings)
        require_context(start + ids.shape[1], self.n_positions)
        x = self.tokens(ids) * math.sqrt(self.tokens.embedding_dim)
        return self.dropout(self.positions.add(x, start))


def padding_mask(ids: Int[Tensor, "batch position"], pad_id: int) -> Bool[Tensor, "batch 1 1 position"]:
    """True where there is a token to look at, False where `pad_id` fills up the row."""
    return (ids != pad_id)[:, None, None]
