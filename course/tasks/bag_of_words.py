"""What an order-free bag of words can tell of two segments: how many of their rare words they share."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from course.messages import _


def rarity(documents: Sequence[Sequence[int]], vocab_size: int) -> Float[np.ndarray, " vocab"]:
    """The weight of each token: the logarithm of N / n for a token in n of N documents, each one higher.

    Raises `ValueError` without documents, and for an id that is not in the vocabulary.
    """
    if not documents:
        raise ValueError(_("There are no documents to count tokens in."))
    inside = np.zeros(vocab_size)
    for ids in documents:
        inside[np.unique(_known(ids, vocab_size))] += 1
    return np.log((1 + len(documents)) / (1 + inside))


def overlap(first: Sequence[int], second: Sequence[int], weights: Float[np.ndarray, " vocab"]) -> float:
    """The cosine of the two bags of tokens, rare tokens weighing more. It is the same whichever comes first.

    Raises `ValueError` for an id that has no weight.
    """
    n = len(weights)
    one, other = (np.bincount(_known(part, n), minlength=n) * weights for part in (first, second))
    return float(one @ other / max(1e-9, np.linalg.norm(one) * np.linalg.norm(other)))


def best_threshold(
    right: Sequence[float] | Float[np.ndarray, " pair"], wrong: Sequence[float] | Float[np.ndarray, " pair"]
) -> float:
    """The score that best separates right pairs, at or above it, from wrong ones. Raises `ValueError` for none."""
    if not len(right) or not len(wrong):
        raise ValueError(_("A threshold needs scores of both kinds."))
    one, other = np.array(right), np.array(wrong)
    return float(max((*one, *other), key=lambda score: (one >= score).mean() + (other < score).mean()))


def _known(ids: Sequence[int], vocab_size: int) -> Int[np.ndarray, " token"]:
    found = np.array(ids, dtype=int)
    if len(found) and (found.min() < 0 or found.max() >= vocab_size):
        raise ValueError(
            _("Token id {id} is unknown: this vocabulary has the ids 0 to {last}.").format(
                id=found.min() if found.min() < 0 else found.max(), last=vocab_size - 1
            )
        )
    return found
