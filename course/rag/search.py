"""Exact search: the query is compared with every text, so the best is always found."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from course.layers.sizes import require_whole
from course.messages import _

QUERIES_AT_ONCE = 256  # so that the scores of many queries fit into memory


@dataclass(frozen=True)
class Hit:
    """The number of a text that was found, counted from 0, and how well it matches the query."""

    index: int
    score: float


def best_hits(scores: Float[Tensor, "text"], k: int) -> list[Hit]:
    """The `k` texts with the highest scores, best first; of equal scores, the first text comes first.

    A `k` beyond the number of texts gives all of them. Raises `ValueError` for a `k` below 1, for no texts and for a
    score that is not finite.
    """
    require_whole(k, "k")
    if not len(scores):
        raise ValueError(_("There are no texts to search. Give one or more."))
    if not torch.isfinite(scores).all():
        index = int((~torch.isfinite(scores)).nonzero()[0])
        raise ValueError(
            _("Text {index} has the score {score}: its vector or the query's has a number that is not finite.").format(
                index=index, score=scores[index].item()
            )
        )
    k = min(k, len(scores))
    least = scores.topk(k).values[-1]
    candidates = (scores >= least).nonzero()[:, 0]  # k, or more where several have the least score
    order = scores[candidates].argsort(descending=True, stable=True)[:k]
    found = candidates[order]
    return [Hit(index, score) for index, score in zip(found.tolist(), scores[found].tolist(), strict=True)]


def exact_search(query: Float[Tensor, "width"], vectors: Float[Tensor, "text width"], k: int) -> list[Hit]:
    """The `k` texts whose vectors have the largest inner product with the query: of vectors of length 1, the cosine.

    `best_hits` says what becomes of equal scores and of a large `k`. Raises `ValueError` as it does, and for a query of
    another shape than a text's vector.
    """
    return exact_searches(query[None], vectors, k)[0]


def exact_searches(
    queries: Float[Tensor, "query width"], vectors: Float[Tensor, "text width"], k: int
) -> list[list[Hit]]:
    """`exact_search` for each of several queries."""
    if queries.ndim != 2 or vectors.ndim != 2 or queries.shape[1] != vectors.shape[1]:
        raise ValueError(
            _(
                "A query of the shape {query} cannot be compared with vectors of the shape {texts}: embed both alike."
            ).format(query=tuple(queries.shape[1:]), texts=tuple(vectors.shape))
        )
    found = []
    for some in queries.to(vectors).split(QUERIES_AT_ONCE):
        found += [best_hits(scores, k) for scores in some @ vectors.T]
    return found
