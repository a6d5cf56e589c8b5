"""Attention within a band: each query sees the `window` keys that end with its own, and no others are computed."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from course.layers.sizes import require_whole


def banded_attention(
    query: Float[Tensor, "batch heads position d_head"],
    key: Float[Tensor, "batch kv_heads position d_head"],
    value: Float[Tensor, "batch kv_heads position d_value"],
    window: int,
    *,
    dropout: float = 0.0,
) -> Float[Tensor, "batch heads position d_value"]:
    """What masked causal attention with this window gives, at a cost that grows with the length, not with its square.

    The queries are cut into blocks of `window`. A block sees its own keys and those of the block before: 2 · window
    keys, whatever the length, of which a mask hides half. Masking alone would hide the rest of a row, too, after it has
    been computed. Raises `ValueError` for a window that is not whole or below 1.

    Source: the pattern and blocks that overlap: Beltagy et al. 2020, "Longformer: The Long-Document Transformer".
    """
    require_whole(window, "window")
    n = query.shape[2]
    grouped = query.shape[1] != key.shape[1]
    first = min(window, n)
    outputs = [
        F.scaled_dot_product_attention(
            query[:, :, :first],
            key[:, :, :first],
            value[:, :, :first],
            dropout_p=dropout,
            is_causal=True,
            enable_gqa=grouped,
        )
    ]
    if n > window:
        n_blocks = -(-(n - window) // window)  # after the first, the last one filled up
        filler = (n_blocks + 1) * window - n
        queries = F.pad(query[:, :, window:], (0, 0, 0, filler)).unflatten(2, (n_blocks, window))
        blocks = [queries.transpose(1, 2).flatten(0, 1)]  # a block is a row of the batch
        for x in (key, value):
            pairs = F.pad(x, (0, 0, 0, filler)).unfold(2, 2 * window, window)  # (batch, kv_heads, block, d, 2 · window)
            blocks.append(pairs.permute(0, 2, 1, 4, 3).flatten(0, 1))
        band = torch.ones(window, 2 * window, dtype=torch.bool, device=query.device).tril(window).triu(1)
        mixed = F.scaled_dot_product_attention(*blocks, attn_mask=band, dropout_p=dropout, enable_gqa=grouped)
        mixed = mixed.unflatten(0, (-1, n_blocks)).transpose(1, 2).flatten(2, 3)
        outputs.append(mixed[:, :, : n - window])
    return torch.cat(outputs, dim=2)
