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

    def forward(
        self,
        ids: Int[Tensor, "batch position"],
        start: int = 0,
        padding: Int[Tensor, "batch"] | None = None,
        positions: Int[Tensor, "batch position"] | None = None,
    ) -> Float[Tensor, "batch position d_model"]:
        """The first token is at position `start`; the first of a row with `padding` so many places later is its first.

        With `positions`, each token is at its own, and neither of the others applies. Raises `TypeError` when `ids`
        are not integers, `ValueError` when they are unknown or reach past `n_positions`.
        """
        require_token_ids(ids, self.tokens.num_embeddings)
        require_context(start + ids.shape[1], self.n_positions)
        x = self.tokens(ids)
        if self.scale is not None:
            x = x * self.scale
        if positions is not None:
            return self.dropout(self.positions.add_places(x, positions))
        if padding is None:
            return self.dropout(self.positions.add_to_embeddings(x, start))
        end = start + ids.shape[1]
        table = self.positions.add_to_embeddings(x.new_zeros(1, end, x.shape[2]))[0]  # the same for every token
        places = torch.arange(start, end, device=ids.device) - padding[:, None]
        return self.dropout(x + table[places.clamp(min=0)])


def left_padding_mask(padding: Int[Tensor, "batch"], start: int, end: int) -> Bool[Tensor, "batch 1 query key"]:
    """True where a query from `start` up to but without `end` may look at a key before `end`: at the row's tokens.

    A place of the padding may look at itself: the softmax of a row without any key has no answer, and nobody reads this
    one.
    """
    keys = torch.arange(end, device=padding.device)
    itself = keys == keys[start:, None]
    return ((keys >= padding[:, None])[:, None] | itself)[:, None]


def padding_mask(ids: Int[Tensor, "batch position"], pad_id: int) -> Bool[Tensor, "batch 1 1 position"]:
    """True where there is a token to look at, False where `pad_id` fills up the row."""
    return (ids != pad_id)[:, None, None]
