"""A corpus dirtied in known ways, and a filter as GPT-3's, whose precision and recall are therefore known.

GPT-3's authors kept a document of the web when a classifier found it to be like curated text: logistic regression on
hashed word counts, curated documents against raw ones, of which no one knows which are bad. A bag of words does not see
the order of words, nor that a document was there before: see `QualityClassifier` with pairs of words, and `distinct`.
The authors drew documents by their scores (`drawn_by_score`), which leaves too little of a small corpus; `kept` has a
threshold instead.

Source: Brown et al. 2020, "Language Models are Few-Shot Learners", appendix A.
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

from course.messages import _
from course.tasks.corpus import WORD, runs


class Dirt(Enum):
    """What was done to a document."""

    NONE = "clean"
    MARKUP = "markup"
    SHUFFLED = "shuffled words"
    DUPLICATE = "duplicate"


@dataclass(frozen=True)
class RawDocument:
    text: str
    dirt: Dirt


TAGS = ("div", "span", "li", "td", "a")
ATTRIBUTES = ('class="nav-item"', 'href="/index.php?id={n}"', 'style="margin:{n}px"', 'id="c{n}"', 'data-ref="{n}"')
SHARE = 0.5  # of the documents that are dirty
PARETO = 9  # α of GPT-3's draw


def dirtied(documents: Sequence[str], seed: int = 0, share: float = SHARE) -> list[RawDocument]:
    """The documents in their order, `share` of them spoiled: with markup, with their words shuffled, or by a copy.

    Each kind is a third of the dirt. A duplicate replaces a document by a clean one before it (by the first clean one,
    where none is), so that there are as many documents as before. Raises `ValueError` for a share outside 0 to 1.
    """
    if not 0 <= share <= 1:
        raise ValueError(_("share is {value}; it must be from 0 to 1.").format(value=share))
    rng = np.random.default_rng(seed)
    kinds = [list(Dirt)[1 + number % 3] for number in rng.permutation(round(share * len(documents)))]
    at = rng.permutation(len(documents))
    dirt = dict(zip(at[: len(kinds)].tolist(), kinds, strict=True))
    clean = at[len(kinds) :]
    found = []
    for number, text in enumerate(documents):
        kind = dirt.get(number, Dirt.NONE)
        if kind is Dirt.MARKUP:
            text = _with_markup(text, rng)
        elif kind is Dirt.SHUFFLED:
            text = " ".join(rng.permutation(text.split()).tolist())
        elif kind is Dirt.DUPLICATE and len(clean):
            text = documents[rng.choice(clean[clean < number]) if clean.min() < number else clean.min()]
        found.append(RawDocument(text, kind))
    return found


def _with_markup(text: str, rng: np.random.Generator) -> str:
    """Tags between some of the words, as in a page that was not cleaned."""
    parts = []
    for word in text.split():
        if rng.random() < 0.15:
            tag = TAGS[rng.integers(len(TAGS))]
            attribute = ATTRIBUTES[rng.integers(len(ATTRIBUTES))].format(n=rng.integers(1000))
            word = f"<{tag} {attribute}>{word}</{tag}>"
        parts.append(word)
    return " ".join(parts)


class QualityClassifier:
    """How much a document is like curated ones: logistic regression on hashed counts of words, or of pairs of words.

    `n_words` is 1 as in GPT-3's classifier, which does not see the order of the words; 2 for neighboring pairs as well.
    The counts are divided by their number, so that length says nothing.
    """

    BUCKETS = 1 << 16

    def __init__(self, n_words: int = 1) -> None:
        if n_words not in (1, 2):
            raise ValueError(_("n_words is {value}; it must be 1 or 2.").format(value=n_words))
        self.n_words = n_words
        self.weights = nn.EmbeddingBag(self.BUCKETS, 1, mode="mean")
        self.bias = nn.Parameter(torch.zeros(()))
        nn.init.zeros_(self.weights.weight)

    def fit(self, curated: Sequence[str], raw: Sequence[str], *, epochs: int = 6, seed: int = 0) -> "QualityClassifier":
        """Learn to tell curated documents from raw ones, both weighed alike. Returns itself."""
        features = [self._features(text) for text in (*curated, *raw)]
        labels = torch.tensor([1.0] * len(curated) + [0.0] * len(raw))
        weight = torch.where(labels == 1, len(labels) / (2 * len(curated)), len(labels) / (2 * len(raw)))
        optimizer = torch.optim.Adam([*self.weights.parameters(), self.bias], lr=0.5)
        generator = torch.Generator().manual_seed(seed)
        for _epoch in range(epochs):
            for part in torch.randperm(len(labels), generator=generator).split(512):
                logits = self._logits([features[i] for i in part.tolist()])
                loss = F.binary_cross_entropy_with_logits(logits, labels[part], weight[part])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        return self

    @torch.no_grad()
    def scores(self, texts: Iterable[str]) -> Float[Tensor, "document"]:
        """The probability that each document is a curated one."""
        return torch.sigmoid(self._logits([self._features(text) for text in texts]))

    def _logits(self, features: Sequence[Tensor]) -> Float[Tensor, "document"]:
        starts = torch.tensor([0, *(len(each) for each in features)][:-1]).cumsum(0)
        return self.weights(torch.cat(list(features)), starts)[:, 0] + self.bias

    def _features(self, text: str) -> Tensor:
        """The bucket of each word, or sign, and with `n_words` 2 of each pair."""
        words = text.casefold().split()
        terms = words if self.n_words == 1 else [*words, *(f"{a} {b}" for a, b in pairwise(words))]
        return torch.tensor([zlib.crc32(term.encode()) % self.BUCKETS for term in terms or [""]])


def drawn_by_score(scores: Float[Tensor, "document"], seed: int = 0) -> Bool[np.ndarray, "document"]:
    """Which documents GPT-3's draw keeps: a number from a Pareto distribution is above 1 − score.

    A few with low scores are kept, so that not all text is alike. Even of documents with the score 0.67 it keeps one of
    thirteen: no loss where the web is the source, too much of a small corpus.
    """
    return np.random.default_rng(seed).pareto(PARETO, size=len(scores)) > 1 - scores.numpy()


def kept(
    curated: Sequence[str], raw: Sequence[str], *, n_words: int = 1, share: float = 0.95, seed: int = 0
) -> Bool[np.ndarray, "document"]:
    """Which raw documents have a score that this share of curated documents reach or exceed.

    Each half of both is scored by a classifier that learned from the other halves: it knows the documents that it
    learned from by their rare words, and would call every raw one raw.
    """
    found = np.zeros(len(raw), dtype=bool)
    of_curated, of_raw = halves(len(curated), len(raw), seed)
    for learned, judged in ((0, 1), (1, 0)):
        classifier = QualityClassifier(n_words).fit(
            [curated[i] for i in of_curated[learned]], [raw[i] for i in of_raw[learned]], seed=seed
        )
        least = classifier.scores(curated[i] for i in of_curated[judged]).quantile(1 - share)
        scores = classifier.scores(raw[i] for i in of_raw[judged])
        found[of_raw[judged]] = (scores >= least).numpy()
    return found


def halves(n_curated: int, n_raw: int, seed: int = 0) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The numbers of the curated documents in two halves, and those of the raw ones: `kept` learns from one each."""
    rng = np.random.default_rng(seed)
    of_curated, of_raw = (np.array_split(rng.permutation(n), 2) for n in (n_curated, n_raw))
    return of_curated, of_raw


def distinct(texts: Sequence[str]) -> Bool[np.ndarray, "document"]:
    """False for a document most of whose runs of 13 words were in documents before it: a copy, or nearly one.

    GPT-3's authors removed near copies too, found by MinHash.
    """
    seen: set[int] = set()
    found = []
    for text in texts:
        of_text = set(runs(text)) or {hash(tuple(WORD.findall(text.casefold())))}
        found.append(len(of_text & seen) <= len(of_text) / 2)
        seen |= of_text
    return np.array(found, dtype=bool)


def removed(raw: Sequence[RawDocument], kept: Bool[np.ndarray, "document"]) -> Mapping[str, tuple[int, int]]:
    """Of each kind of document, how many were removed and how many there were.

    Recall is the removed of a kind by its number; precision is the dirty among all that were removed.
    """
    return {
        kind.value: (
            sum(not keep for document, keep in zip(raw, kept, strict=True) if document.dirt is kind),
            sum(document.dirt is kind for document in raw),
        )
        for kind in Dirt
    }


def removed_duplicates(
    raw: Sequence[RawDocument], kept: Bool[np.ndarray, "document"], half: Sequence[np.ndarray]
) -> Mapping[bool, tuple[int, int]]:
    """How many duplicates were removed, and how many there were: where the same text is in the other `half`, or not.

    A classifier that judges one half has learned from the other; a text that is there, too, it has seen.
    """
    side = np.zeros(len(raw), dtype=int)
    side[half[1]] = 1
    sides: dict[str, set[int]] = {}
    for document, of_document in zip(raw, side.tolist(), strict=True):
        sides.setdefault(document.text, set()).add(of_document)
    duplicates = [
        (len(sides[document.text]) == 2, not keep)
        for document, keep in zip(raw, kept, strict=True)
        if document.dirt is Dirt.DUPLICATE
    ]
    return {
        seen: (sum(gone for there, gone in duplicates if there is seen), sum(there is seen for there, _ in duplicates))
        for seen in (True, False)
    }


def precision(counts: Mapping[str, tuple[int, int]]) -> float:
    """The share of the removed documents that are dirty; 0 where none was removed."""
    of_all = sum(gone for gone, _all in counts.values())
    return (of_all - counts[Dirt.NONE.value][0]) / of_all if of_all else 0.0
