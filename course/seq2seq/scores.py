"""How well a decoder state matches each encoder state: four score functions, and the attention layer that uses one."""

import math
from collections.abc import Callable

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from course.layers.attention import Attention, precise_softmax, require_mask
from course.messages import _


def dot_scores(
    query: Float[Tensor, "*batch query d_hidden"], key: Float[Tensor, "*batch key d_hidden"]
) -> Float[Tensor, "*batch query key"]:
    """query · key. Source: Luong, Pham and Manning 2015, section 3.1, the list after equation 7."""
    return query @ key.mT


def scaled_dot_scores(
    query: Float[Tensor, "*batch query d_hidden"], key: Float[Tensor, "*batch key d_hidden"]
) -> Float[Tensor, "*batch query key"]:
    """query · key / √d_hidden. Source: Vaswani et al. 2017, section 3.2.1, equation 1."""
    return query @ key.mT / math.sqrt(query.shape[-1])


def general_scores(
    query: Float[Tensor, "*batch query d_query"],
    key: Float[Tensor, "*batch key d_key"],
    weight: Float[Tensor, "d_query d_key"],
) -> Float[Tensor, "*batch query key"]:
    """query · weight · key. Source: Luong, Pham and Manning 2015, section 3.1, the list after equation 7."""
    return query @ weight @ key.mT


def additive_scores(
    query: Float[Tensor, "*batch query d_query"],
    key: Float[Tensor, "*batch key d_key"],
    query_weight: Float[Tensor, "d_score d_query"],
    key_weight: Float[Tensor, "d_score d_key"],
    vector: Float[Tensor, "d_score"],
) -> Float[Tensor, "*batch query key"]:
    """vector · tanh(query_weight · query + key_weight · key). Source: Bahdanau, Cho and Bengio 2015, appendix A.1.2."""
    # (*batch, query, 1, d_score) + (*batch, 1, key, d_score)
    sums = (query @ query_weight.T)[..., :, None, :] + (key @ key_weight.T)[..., None, :, :]
    return sums.tanh() @ vector


SCORES: dict[str, Callable[..., Tensor]] = {
    "dot": dot_scores,
    "scaled_dot": scaled_dot_scores,
    "general": general_scores,
    "additive": additive_scores,
}


class SourceAttention(Attention):
    """Single-head attention with any score function of `SCORES`. `record_attention` records it like any other.

    `score_weights` are the weights that the score function takes after query and key.
    """

    def __init__(self, score: str, d_hidden: int) -> None:
        super().__init__()
        if score not in SCORES:
            raise ValueError(
                _("attention is {value!r}; it must be one of {known}, or None.").format(
                    value=score, known=", ".join(SCORES)
                )
            )
        self.score = score
        square = (d_hidden, d_hidden)
        shapes = {"general": [square], "additive": [square, square, (d_hidden,)]}.get(score, [])
        self.score_weights = nn.ParameterList(torch.empty(shape) for shape in shapes)
        self.init_weights()

    def forward(
        self,
        query: Float[Tensor, "batch heads query d_hidden"],
        key: Float[Tensor, "batch heads key d_hidden"],
        value: Float[Tensor, "batch heads key d_value"],
        mask: Bool[Tensor, "#batch #heads #query key"],
    ) -> Float[Tensor, "batch heads query d_value"]:
        """Mix the values by how well each query matches each key; `mask` is True where a query may look.

        Raises `TypeError` for a mask that is not bool, `ValueError` when a row has nothing to look at.
        """
        require_mask(mask)
        scores = SCORES[self.score](query, key, *self.score_weights)
        weights = precise_softmax(scores.masked_fill(~mask, -math.inf))
        if self.keep_weights is not None:
            self.keep_weights(weights)
        return weights @ value

    def init_weights(self, generator: torch.Generator | None = None) -> None:
        """Glorot and Bengio's uniform; the vector of the additive score counts as a matrix with one row."""
        for weight in self.score_weights:
            nn.init.xavier_uniform_(weight.view(-1, weight.shape[-1]), generator=generator)
