"""What an order-free bag of words can tell of two segments: how many of their rare words they share."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from course.messages import _


def rarity(documents: Sequence[Sequence[int]], vocab_size: int) -> Float[np.ndarray, " vocab"]:
    """The weight of each token: the logarithm of N / n for a token in n of N documents, each one higher.

    Raises `ValueError` without documents.
    """
    if not documents:
        raise ValueError(_("There are no documents to count tokens in."))
    inside = np.zeros(vocab_size)
    for ids in documents:
        inside[np.unique(np.array(ids, dtype=int))] += 1
    return np.log((1 + len(documents)) / (1 + inside))


def overlap(first: Sequence[int], second: Sequence[int], weights: Float[np.ndarray, " vocab"]) -> float:
    """The cosine of the two bags of tokens, rare tokens weighing more. It is the same whichever comes first."""
    one, other = (np.bincount(np.array(part, dtype=int), minlength=len(weights)) * weights for part in (first, second))
    return float(one @ other / max(1e-9, np.linalg.norm(one) * np.linalg.norm(other)))


def best_threshold(
    right: Sequence[float] | Float[np.ndarray, " pair"], wrong: Sequence[float] | Float[np.ndarray, " pair"]
) -> float:
    """The score that best separates right pairs, at or above it, from wrong ones. Raises `ValueError` for none."""
    if not len(right) or not len(wrong):
        raise ValueError(_("A threshold needs scores of both kinds."))
    one, other = np.array(right), np.array(wrong)
    return float(max((*one, *other), key=lambda score: (one >= score).mean() + (other < score).mean()))
