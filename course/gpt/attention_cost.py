"""What attention costs at a length: the pairs that count, the pairs that are computed, and the time that it takes."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

import course
from course.layers.attention import causal_mask
from course.layers.banded import banded_attention
from course.layers.sizes import require_whole
from course.training.timing import fastest_of


class AttentionCost(NamedTuple):
    """One way to compute one head of causal attention: `computed` pairs of query and key, `seen` of which count."""

    way: str
    n_tokens: int
    seen: int
    computed: int
    seconds: float


def seen_pairs(n_tokens: int, window: int | None = None) -> int:
    """How many pairs of a query and a key it may look at there are: query i sees min(i + 1, window) keys.

    Raises `ValueError` for less than 0 tokens and for a window below 1.
    """
    require_whole(n_tokens, "n_tokens", least=0)
    if window is not None:
        require_whole(window, "window")
    full = n_tokens if window is None else min(n_tokens, window)
    return full * (full + 1) // 2 + (n_tokens - full) * full


@torch.no_grad()
def attention_costs(
    lengths: Sequence[int], window: int, *, n_heads: int = 4, d_head: int = 64, turns: int = 3
) -> list[AttentionCost]:
    """Time three ways on random numbers at every length: dense, a band that is masked, a band in blocks.

    "dense" is PyTorch's fused kernel, which leaves out the future; "masked" is the same kernel with the band as a mask;
    "blocks" is `banded_attention`. `computed` counts what must be multiplied where nothing is skipped within a block;
    the fused kernel's own blocks, at the diagonal, are not counted. `seconds` is the least of `turns` times, the ways
    taking turns, for one text and all heads, on `course.device()`. Raises `ValueError` for any number below 1.
    """
    for name, value in (("window", window), ("n_heads", n_heads), ("d_head", d_head), ("turns", turns)):
        require_whole(value, name)
    return [cost for n in lengths for cost in _costs_at(n, window, n_heads, d_head, turns)]


def _costs_at(n: int, window: int, n_heads: int, d_head: int, turns: int) -> list[AttentionCost]:
    require_whole(n, "n_tokens")
    generator = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(1, n_heads, n, d_head, generator=generator).to(course.device()) for _part in range(3))
    band = causal_mask(n, n, q.device, window)[None, None]
    ways: dict[str, Callable[[], Tensor]] = {
        "dense": lambda: F.scaled_dot_product_attention(q, k, v, is_causal=True),
        "masked": lambda: F.scaled_dot_product_attention(q, k, v, attn_mask=band),
        "blocks": lambda: banded_attention(q, k, v, window),
    }
    seen = {way: seen_pairs(n, None if way == "dense" else window) for way in ways}
    n_blocks = -(-max(n - window, 0) // window)  # after the first, which is dense
    computed = {
        "dense": seen_pairs(n),
        "masked": n * n,
        "blocks": seen_pairs(min(n, window)) + n_blocks * window * 2 * window,
    }
    seconds = fastest_of({way: _finished(run) for way, run in ways.items()}, turns=turns)
    return [AttentionCost(way, n, seen[way], computed[way], seconds[way]) for way in ways]


def _finished(run: Callable[[], Tensor]) -> Callable[[], None]:
    """The same, returning when it is done: a GPU works on while Python goes on."""

    def finished() -> None:
        if run().is_cuda:
            torch.cuda.synchronize()

    return finished
