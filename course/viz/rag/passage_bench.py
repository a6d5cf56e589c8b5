"""Documents, cut and indexed once for each size of chunk, and a text of the learner's beside them."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from course.messages import _
from course.rag import (
    BM25,
    Chunk,
    Document,
    Hit,
    SentenceEncoder,
    chunk,
    chunk_all,
    exact_search,
    reciprocal_rank_fusion,
)

Method = Literal["vectors", "words", "both"]
DEPTH = 100  # of the rankings that are fused
OVERLAP = 8  # a chunk of so many times its words has one word in common with the next


class Found(NamedTuple):
    """A chunk that was found, and its score: a cosine, BM25's, or a sum of 1 / (60 + rank)."""

    chunk: Chunk
    score: float


class _Cut(NamedTuple):
    chunks: list[Chunk]
    vectors: Float[Tensor, "chunk width"]


class PassageBench:
    """Searches documents by vectors, by words, and by both."""

    def __init__(
        self, documents: Sequence[Document], encoder: SentenceEncoder, vectors: Mapping[str, Tensor] | None = None
    ) -> None:
        """`vectors` are those of chunks with their titles that are known already: they are not computed again."""
        self.documents, self.encoder, self._known = tuple(documents), encoder, dict(vectors or {})
        self._cuts: dict[int, _Cut] = {}
        self._own: tuple[tuple[str, int], _Cut] | None = None
        self._index: tuple[tuple[str, int], BM25] | None = None

    def search(self, question: str, own_text: str, words: int, k: int, method: Method) -> list[Found]:
        """The best `k` chunks, each of so many words. Raises `ValueError` for an empty question or nothing to read."""
        if not question.strip():
            raise ValueError(_("The question is empty. Ask something."))
        cut = self._all(own_text, words)
        if not cut.chunks:
            raise ValueError(_("There is nothing to search: paste a text of your own."))
        return [
            Found(cut.chunks[hit.index], hit.score) for hit in self._hits(question, cut, (own_text, words), k, method)
        ]

    def n_chunks(self, own_text: str, words: int) -> int:
        return len(self._all(own_text, words).chunks)

    def _hits(self, question: str, cut: _Cut, key: tuple[str, int], k: int, method: Method) -> list[Hit]:
        if method == "vectors":
            return self._by_vectors(question, cut, k)
        if self._index is None or self._index[0] != key:
            self._index = key, BM25([one.with_title for one in cut.chunks])
        index = self._index[1]
        if method == "words":
            return index.search(question, k)
        both = (self._by_vectors(question, cut, DEPTH), index.search(question, DEPTH))
        return reciprocal_rank_fusion([[hit.index for hit in hits] for hits in both])[:k]

    def _by_vectors(self, question: str, cut: _Cut, k: int) -> list[Hit]:
        return exact_search(self.encoder.encode([question])[0], cut.vectors, k)

    def _all(self, own_text: str, words: int) -> _Cut:
        if words not in self._cuts:
            self._cuts[words] = self._embedded(chunk_all(self.documents, words=words, overlap=words // OVERLAP))
        there = self._cuts[words]
        if not own_text.strip():
            return there
        key = (own_text, words)
        if self._own is None or self._own[0] != key:
            own = Document("your text", _("Your text"), own_text)
            self._own = key, self._embedded(chunk(own, words=words, overlap=words // OVERLAP))
        mine = self._own[1]
        return _Cut([*there.chunks, *mine.chunks], torch.cat([there.vectors, mine.vectors]))

    def _embedded(self, chunks: list[Chunk]) -> _Cut:
        if not chunks:
            return _Cut([], torch.empty(0, self.encoder.width))
        texts = [one.with_title for one in chunks]
        if unknown := [text for text in dict.fromkeys(texts) if text not in self._known]:
            self._known |= zip(unknown, self.encoder.encode(unknown), strict=True)
        return _Cut(chunks, torch.stack([self._known[text] for text in texts]))
