"""From token ids to vectors."""

import math

from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from course.layers.positions import Positions
from course.layers.token_ids import require_context, require_token_ids


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
        """The first token stands at position `start`. Raises what `course.layers.token_ids` does."""
        require_token_ids(ids, self.tokens.num_embeddings)
        require_context(start + ids.shape[1], self.n_positions)
        x = self.tokens(ids) * math.sqrt(self.tokens.embedding_dim)
        return self.dropout(self.positions.add(x, start))


def padding_mask(ids: Int[Tensor, "batch position"], pad_id: int) -> Bool[Tensor, "batch 1 1 position"]:
    """True where there is a token to look at, False where `pad_id` fills up the row."""
    return (ids != pad_id)[:, None, None]
