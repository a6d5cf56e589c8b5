"""What a head's weights look like, in one number each: how spread, how far, how much on the first token."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor


def entropy(weights: Float[Tensor, "*head query key"]) -> Float[Tensor, "*head"]:
    """In bits, the mean over the queries: 0 when each looks at one key alone, log2(n) when at n keys alike.

    Source: Clark et al. 2019, "What Does BERT Look At?", section 3.3.
    """
    return -torch.special.xlogy(weights, weights).sum(dim=-1).mean(dim=-1) / torch.log(torch.tensor(2.0))


def mean_distance(weights: Float[Tensor, "*head query key"]) -> Float[Tensor, "*head"]:
    """How many positions are between a query and where it looks, weighted, the mean over the queries.

    Between two sequences, positions are counted from the beginning of each.

    Source: Vig and Belinkov 2019, "Analyzing the Structure of Attention", section 4.3.
    """
    queries, keys = (torch.arange(size, device=weights.device) for size in weights.shape[-2:])
    return (weights * (queries[:, None] - keys).abs()).sum(dim=-1).mean(dim=-1)


def first_token_share(weights: Float[Tensor, "*head query key"]) -> Float[Tensor, "*head"]:
    """The weight on the first key, the mean over the queries.

    Source: Xiao et al. 2024, "Efficient Streaming Language Models with Attention Sinks", section 3.1.
    """
    return weights[..., 0].mean(dim=-1)


MEASURES: dict[str, Callable[[Tensor], Tensor]] = {
    "entropy": entropy,
    "distance": mean_distance,
    "first": first_token_share,
}
