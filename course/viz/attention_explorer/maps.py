"""The attention of a model on one text, and what drawing it needs: averages, hidden columns, links."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, UInt8
from torch import Tensor

from course.interpretability.attention_pair import AttentionInputs, PairSteps, pair_steps

AVERAGES = ("none", "heads", "layers")
BETWEEN = ("all", "a_to_b", "b_to_a", "within")


@dataclass(frozen=True)
class AttentionMaps:
    """The weights of one kind of attention for one text, as `record_attention` recorded them.

    `queries` and `keys` are the tokens as visible text; `special` are the indices of the keys that are control tokens.
    With `causal`, no query sees a later key. `inputs` is what each layer compared. `split` is the place of the first
    token of the second text where a model reads two. With `cross`, queries and keys belong to two sequences.
    """

    queries: tuple[str, ...]
    keys: tuple[str, ...]
    weights: Float[Tensor, "layer head query key"]
    special: frozenset[int] = frozenset()
    causal: bool = False
    inputs: tuple[AttentionInputs, ...] = ()
    split: int | None = None
    cross: bool = False

    @property
    def n_layers(self) -> int:
        return self.weights.shape[0]

    @property
    def n_heads(self) -> int:
        return self.weights.shape[1]

    def named(self, link: "Link") -> tuple[str, str]:
        """The query and the key of a link; a token that occurs more than once is followed by its index."""
        return self.named_pair(link.query, link.key)

    def named_pair(self, query: int, key: int) -> tuple[str, str]:
        return _told_apart(self.queries, query), _told_apart(self.keys, key)

    def chosen(self, layer: int, head: int, average: str = "none") -> Float[Tensor, "query key"]:
        """The weights of one head, the mean over the "heads" of its layer, or over all heads of all "layers"."""
        if average == "layers":
            return self.weights.mean(dim=(0, 1))
        return self.weights[layer].mean(dim=0) if average == "heads" else self.weights[layer, head]

    def steps(self, layer: int, head: int, query: int, key: int) -> PairSteps:
        """From the query and the key to their weight in one head."""
        return pair_steps(self.inputs[layer], head, query, key)

    def visible(self, hidden: Collection[int] = ()) -> Bool[Tensor, "query key"]:
        """True where the query may attend to the key and the key is not `hidden`."""
        visible = torch.ones(self.weights.shape[2:], dtype=torch.bool)
        if self.causal:
            visible = visible.tril()
        visible[:, list(hidden)] = False
        return visible


def _told_apart(tokens: Sequence[str], place: int) -> str:
    return tokens[place] if tokens.count(tokens[place]) == 1 else f"{tokens[place]} ({place})"


class Link(NamedTuple):
    """The index of a query, the index of a key, and the weight between them."""

    query: int
    key: int
    weight: float


def hide_keys(
    weights: Float[Tensor, "*map query key"], hidden: Collection[int]
) -> tuple[Float[Tensor, "*map query key"], Float[Tensor, "*map query"]]:
    """The weights without the `hidden` keys, each row rescaled to sum 1, and the weight that each row lost.

    A row without any remaining weight stays 0.
    """
    if not hidden:
        return weights, torch.zeros(weights.shape[:-1])
    shown = weights.clone()
    shown[..., list(hidden)] = 0
    left = shown.sum(dim=-1)
    lost = weights[..., list(hidden)].sum(dim=-1)
    return shown / torch.where(left > 0, left, 1)[..., None], lost


def between_segments(n_tokens: int, split: int, between: str) -> Bool[Tensor, "query key"]:
    """True where a query and a key are in the wanted segments: "a_to_b", "b_to_a", "within", or "all".

    Segment A ends before the token at `split`, where segment B begins.
    """
    second = torch.arange(n_tokens) >= split
    query, key = second[:, None], second[None]
    pairs = {"a_to_b": ~query & key, "b_to_a": query & ~key, "within": query == key}
    return pairs.get(between, torch.ones(n_tokens, n_tokens, dtype=torch.bool))


def strongest(
    weights: Float[Tensor, "query key"],
    visible: Bool[Tensor, "query key"],
    count: int,
    query: int | Sequence[int] | None = None,
) -> list[Link]:
    """The strongest links of one query or several, or else of all queries that see more than one key."""
    rows = [query] if isinstance(query, int) else list(query or ())
    rows = rows or (visible.sum(dim=1) > 1).nonzero()[:, 0].tolist()
    candidates = weights[rows]
    best, places = candidates.flatten().topk(min(count, candidates.numel()))
    n_keys = weights.shape[1]
    return [
        Link(rows[place // n_keys], place % n_keys, weight)
        for place, weight in zip(places.tolist(), best.tolist(), strict=True)
        if weight > 0
    ]


def thumbnails(weights: Float[Tensor, "layer head query key"], side: int) -> UInt8[Tensor, "layer head row column"]:
    """Every map reduced to at most `side` × `side` cells: the square root of the largest weight in a cell, times 255.

    The square root makes small weights visible: a weight of 1 % gets a tenth of the color.
    """
    rows, columns = (min(side, size) for size in weights.shape[2:])
    return (F.adaptive_max_pool2d(weights, (rows, columns)).sqrt() * 255).round().byte()


def packed(weights: Float[Tensor, "map query key"]) -> bytes:
    """The maps one after another, each weight in units of 1/65,535 as a little-endian 16-bit integer."""
    return (weights * 65_535).round().to(torch.int32).numpy().astype("<u2").tobytes()
