"""One ranking out of several: by ranks, which need no common scale, or by scores that are brought to one."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from course.layers.sizes import require_not_negative
from course.messages import _
from course.rag.search import Hit

RRF_K = 60


def reciprocal_rank_fusion(rankings: Sequence[Sequence[int]], *, k: int | float = RRF_K) -> list[Hit]:
    """Every text that a ranking has, best first: its score is the sum of 1 / (k + rank), with ranks from 1.

    A ranking is the texts' numbers, best first; one that lacks a text adds nothing to it. The larger `k`, the less the
    first ranks stand out. Of equal scores, the lower number comes first. Raises `ValueError` for no rankings, a text
    that is twice in a ranking and a `k` below 0.

    Source: Cormack et al. 2009, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning Methods".
    """
    require_not_negative(k, "k")
    if not rankings:
        raise ValueError(_("There are no rankings to fuse. Give one or more."))
    scores: dict[int, float] = {}
    for number, ranking in enumerate(rankings):
        if len(set(ranking)) < len(ranking):
            twice = next(text for place, text in enumerate(ranking) if text in ranking[:place])
            raise ValueError(
                _("Ranking {number} has text {text} twice: keep its best rank alone.").format(number=number, text=twice)
            )
        for rank, text in enumerate(ranking, start=1):
            scores[text] = scores.get(text, 0.0) + 1 / (k + rank)
    return [Hit(text, score) for text, score in sorted(scores.items(), key=lambda item: (-item[1], item[0]))]


def score_fusion(
    scores: Sequence[Float[Tensor, "text"]], weights: Sequence[int | float] | None = None
) -> Float[Tensor, "text"]:
    """The weighted mean of several systems' scores of all texts for one query, each first brought to the range 0 to 1.

    The lowest score of a system becomes 0 and its highest 1; where all are equal, all become 0. `weights` are equal by
    default. `best_hits` makes a ranking of the result. Raises `ValueError` for no scores, scores that are not finite or
    not of as many texts, and for weights that are not one a system, negative or all 0.
    """
    weights = [1.0] * len(scores) if weights is None else weights
    if not scores or len(weights) != len(scores) or not sum(weights) > 0:
        raise ValueError(
            _("There are scores of {systems} systems and the weights {weights}: give each one, not all 0.").format(
                systems=len(scores), weights=", ".join(map(str, weights)) or _("(none)")
            )
        )
    for number, (of_system, weight) in enumerate(zip(scores, weights, strict=True)):
        require_not_negative(weight, "weight")
        if not len(of_system) or of_system.shape != scores[0].shape or not torch.isfinite(of_system).all():
            raise ValueError(
                _("System {number} must have one finite score for each of the {n} texts; it has {found}.").format(
                    number=number, n=len(scores[0]), found=int(torch.isfinite(of_system).sum())
                )
            )
    scaled = torch.stack([_from_0_to_1(of_system.double()) for of_system in scores])
    return torch.tensor(weights, dtype=torch.double) @ scaled / sum(weights)


def _from_0_to_1(scores: Float[Tensor, "text"]) -> Float[Tensor, "text"]:
    lowest, highest = scores.aminmax()
    return (scores - lowest) / (highest - lowest) if highest > lowest else torch.zeros_like(scores)
