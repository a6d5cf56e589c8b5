"""From token ids to vectors."""

import math

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from course.layers.positions import Positions
from course.layers.token_ids import require_context, require_token_ids


class Embedding(nn.Module):
    """Each token's vector, with its position in it, then dropout.

    `n_positions` is the most tokens that a model can read. With `scaled`, the vectors are multiplied by √d_model before
    the positions are added.

    Source: Vaswani et al. 2017, sections 3.4, 3.5 and 5.4.
    """

    def __init__(
        self,
        vocab_size: int,
        d_model: int,
        positions: Positions,
        n_positions: int,
        *,
        dropout: float = 0.0,
        scaled: bool = True,
    ) -> None:
        super().__init__()
        weight = torch.empty(vocab_size, d_model)
        if not weight.is_meta:  # there, a draw would import PyTorch's compiler, which takes longer than loading weights
            nn.init.normal_(weight)
        self.tokens = nn.Embedding.from_pretrained(weight, freeze=False)
        self.positions = positions
        self.dropout = nn.Dropout(dropout)
        self.n_positions = n_positions
        self.scale = math.sqrt(d_model) if scaled else None

    def forward(self, ids: Int[Tensor, "batch position"], start: int = 0) -> Float[Tensor, "batch position d_model"]:
        """The first token is at position `start`.

        Raises `TypeError` when `ids` are not integers, `ValueError` when they are unknown or reach past `n_positions`.
        """
        require_token_ids(ids, self.tokens.num_embeddings)
        require_context(start + ids.shape[1], self.n_positions)
        x = self.tokens(ids)
        if self.scale is not None:
            x = x * self.scale
        return self.dropout(self.positions.add_to_embeddings(x, start))


def padding_mask(ids: Int[Tensor, "batch position"], pad_id: int) -> Bool[Tensor, "batch 1 1 position"]:
    """True where there is a token to look at, False where `pad_id` fills up the row."""
    return (ids != pad_id)[:, None, None]
