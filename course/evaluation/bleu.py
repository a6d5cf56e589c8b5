"""BLEU: how many words, pairs, triples and fours of words a translation has in common with those of people.

It is a measure of a corpus: the counts of all sentences are added up before anything is divided, so it is not the mean
of the sentences' BLEU. Compare numbers of the same signature alone: a tokenizer moves them by more than most
improvements do.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from course.evaluation.references import require_references, signature
from course.evaluation.summed import Items, SummedMeasure
from course.evaluation.words_13a import TOKENIZERS
from course.messages import _

N_MAX = 4


class Bleu(NamedTuple):
    """BLEU from 0 to 100, what it is made of, and how it was computed.

    `precisions` are those of n-grams of 1 to 4 words, after smoothing, from 0 to 100; lengths are in words.
    """

    score: float
    precisions: tuple[float, ...]
    brevity_penalty: float
    predicted_length: int
    reference_length: int
    signature: str


def corpus_bleu(
    predictions: Sequence[str],
    references: Sequence[Sequence[str]],
    *,
    tokenize: str = "13a",
    effective_order: bool = False,
) -> Bleu:
    """BLEU of a corpus; `references[i]` are one or more right translations of sentence i.

    An n-gram counts at most as often as the one reference that has it most often. Predictions that are shorter than
    their references in all are punished by exp(1 - r / c); each sentence adds the length of the reference that is
    closest to its own to r, the shorter of two. Smoothing is "exp": the first order without a match counts as half a
    match, the second as a quarter. With `effective_order`, orders for which everything is too short are left out.

    0, with a warning, where an order that counts has no n-gram: predictions of fewer than four words, or of none.
    Raises `ValueError` and `TypeError` as `require_references` does, and `ValueError` for another tokenizer.

    Source: Papineni et al. 2002, "BLEU: a Method for Automatic Evaluation of Machine Translation"; the defaults:
    sacrebleu 2.6, Post 2018; smoothing: Chen and Cherry 2014, "A Systematic Comparison of Smoothing Techniques for
    Sentence-Level BLEU" (method 3).
    """
    measure = bleu_measure(tokenize=tokenize, effective_order=effective_order)
    require_references(predictions, references)
    sums = measure.table(references, predictions).sum(axis=0)
    eff = "yes" if effective_order else "no"
    return Bleu(
        measure.value(sums),
        tuple(_precisions(sums).tolist()),
        float(_brevity_penalty(sums)),
        int(sums[0]),
        int(sums[1]),
        signature(references, eff=eff, tok=tokenize, smooth="exp"),
    )


def sentence_bleu(prediction: str, references: Sequence[str], *, tokenize: str = "13a") -> Bleu:
    """BLEU of one sentence, with `effective_order`: a short one would get 0 otherwise. Errors as `corpus_bleu`."""
    return corpus_bleu([prediction], [references], tokenize=tokenize, effective_order=True)


def bleu_measure(*, tokenize: str = "13a", effective_order: bool = False) -> SummedMeasure:
    """Corpus BLEU for resampling: `measure(references, predictions)`."""
    if tokenize not in TOKENIZERS:
        raise ValueError(
            _("tokenize is {name!r}; give one of {known}.").format(
                name=tokenize, known=", ".join(map(repr, TOKENIZERS))
            )
        )

    def of_items(references: Items, predictions: Items) -> np.ndarray:
        require_references(predictions, references)
        pairs = zip(predictions, references, strict=True)
        return np.array([_counts(prediction, each, tokenize) for prediction, each in pairs], dtype=np.float64)

    def of_sums(sums: np.ndarray) -> np.ndarray:
        totals = sums[..., 2 + N_MAX :]
        counted = totals > 0 if effective_order else np.ones_like(totals, dtype=bool)
        with np.errstate(invalid="ignore", divide="ignore"):  # the logarithm of 0 makes BLEU 0
            logs = np.where(counted, np.log(_precisions(sums)), 0).sum(axis=-1) / counted.sum(axis=-1)
        is_defined = totals[..., 0 if effective_order else -1] > 0
        return np.where(is_defined, _brevity_penalty(sums) * np.exp(logs), np.nan)

    return SummedMeasure("BLEU", of_items, of_sums)


def _counts(prediction: str, references: Sequence[str], tokenize: str) -> list[int]:
    """[predicted length, reference length, matches of each order, n-grams of each order]"""
    split = TOKENIZERS[tokenize]
    words, wanted = split(prediction), [split(reference) for reference in references]
    closest = min((abs(len(each) - len(words)), len(each)) for each in wanted)[1]
    matches, totals = [], []
    for n in range(1, N_MAX + 1):
        found, most = _ngrams(words, n), Counter[tuple[str, ...]]()
        for each in wanted:
            most |= _ngrams(each, n)
        matches.append((found & most).total())
        totals.append(found.total())
    return [len(words), closest, *matches, *totals]


def _ngrams(words: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[start : start + n]) for start in range(len(words) - n + 1))


def _precisions(sums: np.ndarray) -> np.ndarray:
    """[..., order]: smoothed, from 0 to 100; all 0 where not even a word matches, and 0 where there are no n-grams."""
    matches, totals = sums[..., 2 : 2 + N_MAX], sums[..., 2 + N_MAX :]
    smoothed = 0.5 ** np.cumsum((matches == 0) & (totals > 0), axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = 100 * np.where(matches > 0, matches, smoothed) / totals
    return np.where((totals > 0) & matches.any(axis=-1, keepdims=True), found, 0.0)


def _brevity_penalty(sums: np.ndarray) -> np.ndarray:
    predicted, reference = sums[..., 0], sums[..., 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(predicted < reference, np.exp(1 - reference / predicted), 1.0)
