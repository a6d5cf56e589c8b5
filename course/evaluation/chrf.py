"""chrF: how many runs of characters a text has in common with a reference; with pairs of words it is chrF++.

It needs no tokenizer, and a word with another ending still counts for what it shares: it suits Korean, Finnish and
other languages that say much by endings better than BLEU.
"""

import string
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np

from course.evaluation.references import require_references, signature
from course.evaluation.summed import Items, SummedMeasure
from course.layers.sizes import require_whole

CHARACTER_ORDER = 6
WORD_ORDER = 2  # of chrF++
PUNCTUATION = frozenset(string.punctuation)


class Chrf(NamedTuple):
    """chrF from 0 to 100, the name that says its β and words ("chrF2++"), and how it was computed."""

    score: float
    name: str
    signature: str


def corpus_chrf(
    predictions: Sequence[str], references: Sequence[Sequence[str]], *, word_order: int = 0, beta: int = 2
) -> Chrf:
    """chrF of a corpus; `references[i]` are one or more right texts for item i, of which the closest one counts.

    Precision and recall are the means over runs of 1 to 6 characters, white space left out, and over n-grams of up to
    `word_order` words: 0 is chrF, 2 is chrF++. Orders for which a side is too short are left out. chrF is their
    F-measure, in which recall counts `beta` times as much as precision.

    0, with a warning, where no order is left, as of empty predictions. Raises `ValueError` and `TypeError` as
    `require_references` does, and `ValueError` for a `word_order` below 0 and a `beta` below 1.

    Source: Popović 2015, "chrF: character n-gram F-score for automatic MT evaluation"; Popović 2017, "chrF++: words
    helping character n-grams"; the defaults: sacrebleu 2.6.
    """
    measure = chrf_measure(word_order=word_order, beta=beta)
    require_references(predictions, references)
    score = measure(references, predictions)
    name = f"chrF{beta}" + "+" * word_order
    return Chrf(score, name, signature(references, eff="yes", nc=CHARACTER_ORDER, nw=word_order, space="no"))


def sentence_chrf(prediction: str, references: Sequence[str], *, word_order: int = 0, beta: int = 2) -> Chrf:
    """chrF of one text, as `corpus_chrf`."""
    return corpus_chrf([prediction], [references], word_order=word_order, beta=beta)


def chrf_measure(*, word_order: int = 0, beta: int = 2) -> SummedMeasure:
    """chrF of a corpus for resampling: `measure(references, predictions)`."""
    require_whole(word_order, "word_order", least=0)
    require_whole(beta, "beta")

    def of_sums(sums: np.ndarray) -> np.ndarray:
        found, wanted, common = np.moveaxis(sums.reshape(*sums.shape[:-1], -1, 3), -1, 0)
        counted = (found > 0) & (wanted > 0)
        with np.errstate(invalid="ignore", divide="ignore"):
            precision, recall = (
                np.where(counted, common / side, 0).sum(axis=-1) / counted.sum(axis=-1) for side in (found, wanted)
            )
            f = (1 + beta**2) * precision * recall / (beta**2 * precision + recall)
        nothing = counted.any(axis=-1) & (precision + recall == 0)
        return np.where(nothing, 0.0, 100 * f)

    def of_items(references: Items, predictions: Items) -> np.ndarray:
        require_references(predictions, references)
        rows = []
        for prediction, each in zip(predictions, references, strict=True):
            orders = _orders(prediction, word_order)
            tables = np.array([_counts(orders, _orders(reference, word_order)) for reference in each], dtype=np.float64)
            rows.append(tables[np.nan_to_num(of_sums(tables)).argmax()])
        return np.array(rows)

    return SummedMeasure("chrF", of_items, of_sums)


def _counts(found: Sequence[Counter[Hashable]], wanted: Sequence[Counter[Hashable]]) -> list[int]:
    """Of each order: n-grams of the prediction (none where the reference has none), of the reference, of both."""
    return [
        number
        for ours, theirs in zip(found, wanted, strict=True)
        for number in (ours.total() if theirs else 0, theirs.total(), (ours & theirs).total())
    ]


def _orders(text: str, word_order: int) -> list[Counter[Hashable]]:
    letters, words = "".join(text.split()), [part for word in text.split() for part in _without_sign(word)]
    of_letters = [_ngrams(letters, n) for n in range(1, CHARACTER_ORDER + 1)]
    return of_letters + [_ngrams(words, n) for n in range(1, word_order + 1)]


def _ngrams(items: Sequence[str], n: int) -> Counter[Hashable]:
    return Counter(tuple(items[start : start + n]) for start in range(len(items) - n + 1))


def _without_sign(word: str) -> list[str]:
    """A word and the sign at its end, or else at its beginning, apart; of "(hi)" the first bracket stays."""
    if len(word) > 1 and word[-1] in PUNCTUATION:
        return [word[:-1], word[-1]]
    if len(word) > 1 and word[0] in PUNCTUATION:
        return [word[0], word[1:]]
    return [word]
