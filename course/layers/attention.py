"""Scaled dot-product attention: the plain form that lessons show, the fused form that models run, a way to watch it."""

import math
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

from course.layers.banded import banded_attention
from course.layers.sizes import require_dropout, require_whole
from course.messages import _


def scaled_dot_product_attention(
    query: Float[Tensor, "batch heads query d_head"],
    key: Float[Tensor, "batch heads key d_head"],
    value: Float[Tensor, "batch heads key d_value"],
    mask: Bool[Tensor, "#batch #heads #query key"] | None = None,
) -> tuple[Float[Tensor, "batch heads query d_value"], Float[Tensor, "batch heads query key"]]:
    """Mix the values by how well each query matches each key.

    `mask` is True where a query may look. Returns the mix and the weights; each row of weights sums to 1, and is 0
    wherever the mask is False. Raises `TypeError` for a mask that is not bool, `ValueError` for one that does not
    broadcast to the scores and when a row has nothing to look at.

    Source: Vaswani et al. 2017, section 3.2.1, equation 1.
    """
    weights = attention_weights(query, key, mask)
    return weights @ value, weights


def attention_weights(
    query: Float[Tensor, "batch heads query d_head"],
    key: Float[Tensor, "batch heads key d_head"],
    mask: Bool[Tensor, "#batch #heads #query key"] | None = None,
    bias: Float[Tensor, "#batch #heads #query key"] | None = None,
) -> Float[Tensor, "batch heads query key"]:
    """How each query shares itself out over the keys: softmax of query · key / √d_head + bias, over the keys.

    The softmax is taken in float32 whatever the queries are; the weights have their type.
    """
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    if bias is not None:
        scores = scores + bias
    if mask is not None:
        require_mask(mask)
        require_shape(mask, scores.shape)
        scores = scores.masked_fill(~mask, -math.inf)
    return precise_softmax(scores)


def precise_softmax(scores: Float[Tensor, "*batch key"]) -> Float[Tensor, "*batch key"]:
    """Softmax over the last dimension, computed in float32 at least: half precision would lose small weights."""
    return scores.softmax(dim=-1, dtype=torch.promote_types(scores.dtype, torch.float32)).to(scores.dtype)


def require_bool(mask: Tensor) -> None:
    """Raises `TypeError` for a mask that is not bool: 0 and 1 mean the opposite in some libraries."""
    if mask.dtype is not torch.bool:
        raise TypeError(
            _(
                "A mask must be bool, True where a query may look, not {dtype}. "
                "Write `mask == 1` or `mask == 0`, whichever of them means visible."
            ).format(dtype=mask.dtype)
        )


def require_shape(mask: Bool[Tensor, "..."], scores: torch.Size) -> None:
    """Raises `ValueError` for a mask that does not broadcast to the scores, whose shape is given."""
    sizes = zip(reversed(mask.shape), reversed(scores), strict=False)
    if mask.ndim > len(scores) or any(size not in (1, wanted) for size, wanted in sizes):
        raise ValueError(
            _(
                "The mask has the shape {mask} and does not fit the scores, whose shape is {scores}: "
                "batch, heads, queries, keys. Each size of a mask is that of the scores, or 1."
            ).format(mask=tuple(mask.shape), scores=tuple(scores))
        )


def require_mask(mask: Bool[Tensor, "*batch query key"]) -> None:
    """Raises `TypeError` for a mask that is not bool, and `ValueError` naming the first row that is False everywhere.

    The softmax of a row without any key has no answer.
    """
    require_bool(mask)
    blind = ~mask.any(dim=-1)
    if blind.any():
        batch, head, query = [0, 0, 0, *blind.nonzero()[0].tolist()][-3:]  # a mask of fewer dimensions serves all alike
        raise ValueError(
            _(
                "The mask hides every key from query {query} (batch {batch}, head {head}). "
                "Each query must see at least one key: let it see itself, or leave the row out."
            ).format(query=query, batch=batch, head=head)
        )


def causal_mask(
    n_queries: int, n_keys: int, device: torch.device | None = None, window: int | None = None
) -> Bool[Tensor, "query key"]:
    """True where a query may look: at itself and at every key before it. The queries are the last of the keys.

    With a `window` it sees only that many keys, itself the last of them. Raises `ValueError` for more queries than
    keys, and for numbers of them that are not whole or below 0.
    """
    require_whole(n_queries, "n_queries", least=0)
    require_whole(n_keys, "n_keys", least=0)
    if n_queries > n_keys:
        raise ValueError(
            _("{queries} queries cannot be the last of {keys} keys: between two sequences there is no future.").format(
                queries=n_queries, keys=n_keys
            )
        )
    before = n_keys - n_queries  # query i is key before + i
    visible = torch.ones(n_queries, n_keys, dtype=torch.bool, device=device).tril(diagonal=before)
    return visible if window is None else visible.triu(diagonal=before - window + 1)


class Attention(nn.Module):
    """The step between the projections, without parameters: every attention layer of the course calls one of these.

    It runs PyTorch's fused kernel, which never holds the weights in memory. While `record_attention` watches, it runs
    the plain form, whose weights can be kept. `dropout` is the share of weights set to 0 in training. With a `window`,
    causal attention sees so many keys at most: the query's own and those just before it. Raises `ValueError` for a
    dropout outside [0, 1) and a window below 1.
    """

    def __init__(self, dropout: float = 0.0, window: int | None = None) -> None:
        super().__init__()
        require_dropout(dropout)
        if window is not None:
            require_whole(window, "window")
        self.dropout = dropout
        self.window = window
        self.keep_weights: Callable[[Tensor], None] | None = None  # set by record_attention

    def forward(
        self,
        query: Float[Tensor, "batch heads query d_head"],
        key: Float[Tensor, "batch key_heads key d_head"],
        value: Float[Tensor, "batch key_heads key d_value"],
        mask: Bool[Tensor, "#batch #heads #query key"] | None = None,
        *,
        causal: bool = False,
        bias: Float[Tensor, "#batch #heads #query key"] | None = None,
    ) -> Float[Tensor, "batch heads query d_value"]:
        """Mix the values by how well each query matches each key.

        `mask` is True where a query may look. `causal` also hides from each query the keys after it, the queries being
        the last of the keys. `bias` is added to the scores before softmax. Where there are fewer key heads than query
        heads, each key head serves the same number of neighbouring query heads (grouped-query attention, Ainslie et al.
        2023, section 2.2). Raises `TypeError` for a mask that is not bool, `ValueError` for one that does not broadcast
        to the scores and when a row has nothing to look at.
        """
        n_queries, n_keys = query.shape[-2], key.shape[-2]
        if mask is not None:
            require_bool(mask)
            require_shape(mask, torch.Size((*query.shape[:-1], n_keys)))
        recording = self.keep_weights is not None
        window = self.window if causal and self.window is not None and self.window < n_keys else None
        causal_kernel = causal and mask is None and bias is None and n_queries == n_keys and not recording
        dropout = self.dropout if self.training else 0.0
        if causal_kernel and window is not None and n_keys > 2 * window:
            return banded_attention(query, key, value, window, dropout=dropout)
        causal_kernel &= window is None
        if causal and not causal_kernel and (n_queries > 1 or window is not None):  # a single query is the last key's
            visible = causal_mask(n_queries, n_keys, query.device, window)[None, None]
            mask = visible if mask is None else mask & visible
        if recording:
            return self._plain(query, key, value, mask, bias)
        if mask is not None:
            require_mask(mask)
        if bias is not None:  # the kernel takes one table: what is hidden, or what is added
            mask = bias if mask is None else bias.masked_fill(~mask, -math.inf)
        return F.scaled_dot_product_attention(
            query,
            key,
            value,
            attn_mask=mask,
            dropout_p=dropout,
            is_causal=causal_kernel,
            enable_gqa=query.shape[1] != key.shape[1],
        )

    def _plain(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, bias: Tensor | None) -> Tensor:
        group = query.shape[1] // key.shape[1]
        weights = attention_weights(query, key.repeat_interleave(group, dim=1), mask, bias)
        if self.keep_weights is not None:
            self.keep_weights(weights)
        return F.dropout(weights, self.dropout, self.training) @ value.repeat_interleave(group, dim=1)


@contextmanager
def record_attention(model: nn.Module) -> Generator[list[Float[Tensor, "batch heads query key"] | None]]:
    """Watch the attention of `model`: `with record_attention(model) as maps:` and run it.

    `maps[i]` holds the weights of the i-th attention layer in its latest forward pass (None before the first): the very
    weights that the pass used, before dropout. Each row sums to 1; masked entries are 0. They stay part of the graph
    where the pass computes gradients. Raises `ValueError` when `model` has no attention layer.
    """
    layers = [module for module in model.modules() if isinstance(module, Attention)]
    if not layers:
        raise ValueError(_("{model} has no attention layer to watch.").format(model=type(model).__name__))
    maps: list[Tensor | None] = [None] * len(layers)
    before = [layer.keep_weights for layer in layers]
    try:
        for index, layer in enumerate(layers):
            layer.keep_weights = partial(maps.__setitem__, index)
        yield maps
    finally:
        for layer, keep_weights in zip(layers, before, strict=True):
            layer.keep_weights = keep_weights
