"""How good a ranking is, for one question: whether what is relevant was found, how much of it, and how far up.

A ranking is the ids of the texts that were found, best first, each once. `relevant` are the ids of all texts that would
have been right, found or not. All measures are from 0 to 1.
"""

import math
from collections.abc import Collection, Hashable, Mapping, Sequence
from numbers import Integral

from course.messages import _


def hit_at(ranking: Sequence[Hashable], relevant: Collection[Hashable], k: int) -> float:
    """1 where any of the first `k` is relevant, else 0. Raises `ValueError` as `recall_at` does."""
    return float(recall_at(ranking, relevant, k) > 0)


def recall_at(ranking: Sequence[Hashable], relevant: Collection[Hashable], k: int) -> float:
    """The share of the relevant texts that are among the first `k`.

    It is the same as `hit_at` where one text is relevant. Raises `ValueError` for a `k` below 1, a text that is twice
    in the ranking, and where nothing is relevant: there is then nothing to find, and no share of it.
    """
    wanted = _require_relevant(ranking, relevant)
    _require_k(k)
    return len(wanted.intersection(ranking[:k])) / len(wanted)


def reciprocal_rank(ranking: Sequence[Hashable], relevant: Collection[Hashable]) -> float:
    """1 / the rank of the first relevant text, counted from 1; 0 where there is none. Raises as `recall_at` does."""
    wanted = _require_relevant(ranking, relevant)
    return next((1 / rank for rank, text in enumerate(ranking, start=1) if text in wanted), 0.0)


def ndcg_at(
    ranking: Sequence[Hashable], gains: Mapping[Hashable, int | float], k: int, *, exponential: bool = False
) -> float:
    """The gain of the first `k`, divided by that of the best order: each text's gain counts 1 / log₂(1 + rank).

    `gains` says how relevant each text is; one that it lacks has a gain of 0. With `exponential`, a gain g counts as
    2ᵍ − 1, which is the same for gains of 0 and 1 and sets the best apart for others. Raises `ValueError` for a gain
    that is negative or not finite, where none is above 0, and as `recall_at` does.

    Source: Järvelin and Kekäläinen 2002, "Cumulated gain-based evaluation of IR techniques"; the discount of the first
    rank as well: scikit-learn's `ndcg_score`.
    """
    for text, gain in gains.items():
        if not (math.isfinite(gain) and gain >= 0):
            raise ValueError(
                _("The gain of {text!r} is {gain}; it must be a finite number, 0 or more.").format(text=text, gain=gain)
            )
    _require_relevant(ranking, [text for text, gain in gains.items() if gain > 0])
    _require_k(k)
    of_each = {text: 2.0**gain - 1 if exponential else float(gain) for text, gain in gains.items()}
    found = _discounted([of_each.get(text, 0.0) for text in ranking[:k]])
    return found / _discounted(sorted(of_each.values(), reverse=True)[:k])


def _discounted(gains: Sequence[float]) -> float:
    return math.fsum(gain / math.log2(1 + rank) for rank, gain in enumerate(gains, start=1))


def _require_relevant(ranking: Sequence[Hashable], relevant: Collection[Hashable]) -> set[Hashable]:
    """Raises `ValueError` for a text that is twice in the ranking, and where nothing is relevant."""
    if isinstance(ranking, str) or isinstance(relevant, str):
        raise TypeError(_("The ranking and the relevant texts are lists of ids: put a single id into a list."))
    if len(set(ranking)) < len(ranking):
        twice = next(text for place, text in enumerate(ranking) if text in ranking[:place])
        raise ValueError(
            _("The ranking has {text!r} twice: keep its best rank alone, or it counts twice.").format(text=twice)
        )
    if not len(relevant):
        raise ValueError(_("No text is relevant to this question: leave it out, there is nothing to find."))
    return set(relevant)


def _require_k(k: int) -> None:
    if isinstance(k, bool) or not isinstance(k, Integral) or k < 1:
        raise ValueError(_("k is {k!r}; it must be a whole number, 1 or more.").format(k=k))
