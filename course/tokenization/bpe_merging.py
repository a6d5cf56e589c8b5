"""Apply learned merges to one word: always the merge that was learned first, at its leftmost occurrence."""

import heapq
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

NEVER = sys.maxsize  # the rank of a pair that no merge joins


class EncodingStep(NamedTuple):
    """A word while it is encoded: its tokens, the neighbours that have a rank, and the pair that is joined next.

    `ranked` is in the order of the word. `joined` is None in the last step, where no neighbours have a rank.
    """

    tokens: tuple[str, ...]
    ranked: dict[tuple[str, str], int]
    joined: tuple[str, str] | None


def encoding_steps(symbols: tuple[str, ...], ranks: Mapping[tuple[str, str], int]) -> list[EncodingStep]:
    """How `merge_word` goes from single symbols to tokens, here in printed form, one merge at a time."""
    steps, tokens = [], tuple(symbols)
    while True:
        pairs = list(pairwise(tokens))
        ranked = {pair: ranks[pair] for pair in pairs if pair in ranks}
        joined = min(ranked, key=ranked.__getitem__, default=None)
        steps.append(EncodingStep(tokens, ranked, joined))
        if joined is None:
            return steps
        at = pairs.index(joined)
        tokens = (*tokens[:at], "".join(joined), *tokens[at + 2 :])


def merge_word(ids: list[int], ranks: Mapping[tuple[int, int], int], products: Sequence[int]) -> list[int]:
    """The tokens of a word, given the ids of its bytes. `ids` is modified in place.

    `ranks` numbers the mergeable pairs in the order they were learned; merge r produces the token `products[r]`.
    Time grows with the square of the word's length; `merge_long_word` is for very long words.
    """
    pair_ranks = [ranks.get(pair, NEVER) for pair in pairwise(ids)]
    while pair_ranks and (rank := min(pair_ranks)) != NEVER:
        at = pair_ranks.index(rank)
        ids[at : at + 2] = [products[rank]]
        del pair_ranks[at]
        if at > 0:
            pair_ranks[at - 1] = ranks.get((ids[at - 1], ids[at]), NEVER)
        if at < len(pair_ranks):
            pair_ranks[at] = ranks.get((ids[at], ids[at + 1]), NEVER)
    return ids


def merge_long_word(ids: list[int], ranks: Mapping[tuple[int, int], int], products: Sequence[int]) -> list[int]:
    """The same tokens as `merge_word`, in time n log n: a heap holds the merges, a linked list the remaining tokens.

    A heap entry is stale when one of its two tokens has since been merged; the pair at its position then has a
    different rank. `gone` marks merged positions, and one extra position that ends the word on both sides: no pair that
    contains it has a rank.
    """
    gone = -1
    ids = [*ids, gone]
    end = len(ids) - 1
    following = [*range(1, len(ids)), end]
    previous = [end, *range(len(ids) - 1)]
    heap = [(ranks[pair], at) for at, pair in enumerate(pairwise(ids)) if pair in ranks]
    heapq.heapify(heap)
    while heap:
        rank, at = heapq.heappop(heap)
        right = following[at]
        if ranks.get((ids[at], ids[right])) != rank:
            continue
        ids[at], ids[right] = products[rank], gone
        following[at] = following[right]
        previous[following[at]] = at
        for left in (previous[at], at):
            pair = (ids[left], ids[following[left]])
            if pair in ranks:
                heapq.heappush(heap, (ranks[pair], left))
    return [token for token in ids if token != gone]
