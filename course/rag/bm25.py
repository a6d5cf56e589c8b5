"""BM25: a text matches a query by the words that both have, and rare words count more than frequent ones.

Source: the variants, with their names, are those of xhluca/bm25s (bm25s/scoring.py), after Kamphuis et al. 2020, "Which
BM25 Do You Mean? A Large-Scale Reproducibility Study of Scoring Variants".
"""

import math
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import regex
import torch
from jaxtyping import Float
from torch import Tensor

from course.fine_tuning.inputs import require_list
from course.layers.sizes import require_not_negative, require_whole
from course.messages import _
from course.rag.search import Hit, best_hits

Variant = Literal["lucene", "robertson"]
WORD = regex.compile(r"[\p{L}\p{N}][\p{L}\p{N}\p{M}]*")


def words(text: str) -> list[str]:
    """The runs of letters and digits, with the accents on them, in lower case; everything else separates.

    So "don't" is two words. Letters with accents are in their composed form (NFC), however they were typed.
    """
    return WORD.findall(unicodedata.normalize("NFC", text.lower()))


class BM25:
    """An index of texts by their words: for each word, the texts that have it, with its weight in each.

    A word in n of N texts has an idf of ln(1 + (N − n + ½) / (n + ½)) in the variant "lucene", which is positive. In
    "robertson" it is ln((N − n + ½) / (n + ½)): 0 for a word in half of the texts and negative for one in more, which
    then counts against a text. (`bm25s` has 0 in the place of negative ones.) The weight in a text that has the word t
    times is idf · t / (t + k₁ · (1 − b + b · length / mean length)): it grows with t up to the idf, at once where `k1`
    is 0, and is smaller in a long text, the more so the larger `b`.

    A text is read by `words`, unless it is already a list of words. Raises `ValueError` for no texts, for texts without
    any word, a `k1` below 0, a `b` outside 0 to 1 and another variant, `TypeError` for one text alone.
    """

    def __init__(
        self,
        texts: Sequence[str] | Sequence[Sequence[str]],
        *,
        k1: int | float = 1.2,
        b: int | float = 0.75,
        variant: Variant = "lucene",
    ) -> None:
        require_list(texts)
        require_not_negative(k1, "k1")
        if not 0 <= b <= 1:
            raise ValueError(_("b is {value}; it must be from 0 (length does not matter) to 1.").format(value=b))
        if variant not in get_args(Variant):
            raise ValueError(
                _("There is no variant {variant!r} of BM25 here. There are: {known}.").format(
                    variant=variant, known=", ".join(get_args(Variant))
                )
            )
        self.k1, self.b, self.variant = k1, b, variant
        self.n_texts = len(texts)
        self._number: dict[str, int] = {}  # of each word
        rows = [[self._number.setdefault(word, len(self._number)) for word in _as_words(text)] for text in texts]
        if not self._number:
            raise ValueError(_("None of the {n} texts has a word: BM25 has nothing to index.").format(n=self.n_texts))
        lengths = np.array([len(row) for row in rows])
        # One number for each occurrence, by word and then by text: equal ones are how often a word is in a text.
        occurrences = np.concatenate([np.array(row, dtype=np.int64) * self.n_texts + n for n, row in enumerate(rows)])
        occurrences, times = np.unique(occurrences, return_counts=True)
        of_word, self._text = np.divmod(occurrences, self.n_texts)
        self._start = np.searchsorted(of_word, np.arange(len(self._number) + 1))
        idf = np.array([self._idf(int(n)) for n in np.diff(self._start)])
        norm = k1 * (1 - b + b * lengths / lengths.mean())
        self._weight = idf[of_word] * times / (times + norm[self._text])

    def n_with(self, word: str) -> int:
        """How many texts have the word."""
        return len(self._texts_with(word)[0])

    def idf(self, word: str) -> float:
        """What the word is worth; one that no text has would be worth the most."""
        return self._idf(self.n_with(word))

    def scores(self, query: str | Sequence[str]) -> Float[Tensor, "text"]:
        """The sum of the query's weights in each text; a word that the query repeats counts as often. In float64.

        Raises `ValueError` for a query without words.
        """
        found = np.zeros(self.n_texts)
        for word, times in _count(query).items():
            texts, weights = self._texts_with(word)
            found[texts] += times * weights
        return torch.from_numpy(found)

    def search(self, query: str | Sequence[str], k: int) -> list[Hit]:
        """The `k` texts with the highest scores, of those that have a word of the query, which may be fewer.

        Of equal scores, the first text comes first. Raises `ValueError` for a `k` below 1 and a query without words.
        """
        require_whole(k, "k")
        has_word = torch.zeros(self.n_texts, dtype=torch.bool)
        for word in _count(query):
            has_word[self._texts_with(word)[0]] = True
        texts = has_word.nonzero()[:, 0]
        if not len(texts):
            return []
        return [Hit(int(texts[hit.index]), hit.score) for hit in best_hits(self.scores(query)[texts], k)]

    def contributions(self, query: str | Sequence[str], index: int) -> dict[str, float]:
        """What each word of the query adds to the score of text `index`, 0 where the text lacks it.

        Raises `ValueError` for a number that no text has, and for a query without words.
        """
        require_whole(index, "index", least=0)
        if index >= self.n_texts:
            raise ValueError(
                _("There is no text {index}: the {n} texts are counted from 0.").format(index=index, n=self.n_texts)
            )
        found = {}
        for word, times in _count(query).items():
            texts, weights = self._texts_with(word)
            place = int(np.searchsorted(texts, index))
            has_word = place < len(texts) and texts[place] == index
            found[word] = times * float(weights[place]) if has_word else 0.0
        return found

    def _texts_with(self, word: str) -> tuple[np.ndarray, np.ndarray]:
        """The texts that have the word, in their order, and its weight in each."""
        number = self._number.get(word)
        part = slice(0) if number is None else slice(self._start[number], self._start[number + 1])
        return self._text[part], self._weight[part]

    def _idf(self, n: int) -> float:
        odds = (self.n_texts - n + 0.5) / (n + 0.5)
        return math.log(1 + odds) if self.variant == "lucene" else math.log(odds)


def _as_words(text: str | Sequence[str]) -> Sequence[str]:
    return words(text) if isinstance(text, str) else text


def _count(query: str | Sequence[str]) -> Counter[str]:
    """How often each word is in the query, in its order."""
    found = Counter(_as_words(query))
    if not found:
        raise ValueError(_("The query {query!r} has no word to look for.").format(query=query))
    return found
