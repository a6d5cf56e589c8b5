"""Chunks and their vectors in Chroma: kept between programs, searched by an index, filtered by what is known of them.

The store holds vectors and places, not texts: a hit names its document and characters, and `StoredHit.chunk` reads them
there.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from jaxtyping import Float
from torch import Tensor

from course.layers.sizes import require_whole
from course.messages import _
from course.rag.chroma import StoreError, connect
from course.rag.chunks import Chunk, Document
from course.rag.store_index import Hnsw, collection, require_name
from course.rag.store_rows import FIELDS, Metadata, batches, condition, distinct, metadata, require_vectors


@dataclass(frozen=True)
class StoredHit:
    """A chunk that was found: its id, its cosine similarity with the query, and where it is."""

    id: str
    score: float
    metadata: Metadata

    def chunk(self, documents: Mapping[str, Document]) -> Chunk:
        """The chunk itself, read in its document. Raises `ValueError` where that is missing or too short by now."""
        name = str(self.metadata["document"])
        if name not in documents:
            raise ValueError(
                _(
                    "The store found {id!r}, and there is no document {name!r}: give the documents that were stored."
                ).format(id=self.id, name=name)
            )
        return Chunk(documents[name], int(self.metadata["start"]), int(self.metadata["end"]))


def open_store(place: Path | str, name: str, *, index: Hnsw | None = None) -> "ChromaStore":
    """The vectors of this `name` in a folder, at the address of a server (`http://127.0.0.1:8000`) or in `":memory:"`.

    What does not exist yet is made. One program at a time may open a folder; a server answers many. What is in memory
    is gone when the last store there is closed. Without an `index`, a store keeps the one that it was made with. Raises
    `StoreError` when the place cannot be used, and `ValueError` for a name that Chroma does not allow and for a store
    that was made with another index or another measure than the cosine.
    """
    require_name(name)
    client = connect(place)
    try:
        return ChromaStore(client, collection(client, name, index))
    except Exception:
        client.close()
        raise


class ChromaStore:
    """Chunks by their vectors, in the same way wherever they are kept. `open_store` makes it; a `with` block closes it.

    Every method raises `StoreError` when the place fails, as when a server has ended.
    """

    def __init__(self, client: Any, collection: Any) -> None:
        self.name = collection.name
        self._client = client
        self._collection = collection
        self._width: int | None = None
        self._open = True

    def __enter__(self) -> "ChromaStore":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def width(self) -> int | None:
        """How many numbers a stored vector has; None while there is none."""
        if self._width is None:
            with self._answering():
                found = self._collection.get(limit=1, include=["embeddings"])["embeddings"]
            self._width = len(found[0]) if found is not None and len(found) else None
        return self._width

    def add(self, chunks: Sequence[Chunk], vectors: Float[Tensor, "chunk width"]) -> None:
        """Keep the chunks with their vectors, of any length. What is kept already is replaced.

        Raises `ValueError`, before anything is written, for another number of vectors than of chunks, for one id of two
        texts, for another width than that of the store, and for a vector of zeros or with a number that is not finite.
        What stops it later leaves a part; the same call makes it whole.
        """
        vectors = require_vectors(vectors, self.width)
        numbers = distinct(chunks, vectors)
        for some in batches(numbers, vectors.shape[1], self._client.get_max_batch_size()):
            with self._answering():
                self._collection.upsert(
                    [chunks[number].id for number in some],
                    embeddings=vectors[list(some)].numpy(),
                    metadatas=[metadata(chunks[number]) for number in some],
                )

    def search(self, vector: Float[Tensor, "width"], k: int, *, where: Metadata | None = None) -> list[StoredHit]:
        """The `k` chunks whose vectors have the largest cosine with this one, best first, as far as the index finds.

        With `where`, only chunks with these fields: `{"document": "seoul"}`. Fewer where there are no more. Raises
        `ValueError` for a `k` below 1, a field that no chunk has, and for a vector as `add` does.
        """
        require_whole(k, "k")
        [query] = require_vectors(vector[None], self.width).numpy()
        only = condition(where)
        with self._answering():
            found = self._collection.query(
                query_embeddings=[query], n_results=k, where=only, include=["distances", "metadatas"]
            )
        rows = zip(found["ids"][0], found["distances"][0], found["metadatas"][0], strict=True)
        hits = [
            StoredHit(id, 1 - distance, {field: fields[field] for field in FIELDS}) for id, distance, fields in rows
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.id))

    def count(self) -> int:
        """How many chunks are kept."""
        with self._answering():
            return self._collection.count()

    def remove(self, document: str) -> None:
        """Forget all chunks of the document of this id, as before it is cut anew; of no chunk where there is none."""
        only = condition({"document": document})
        with self._answering():
            self._collection.delete(where=only)

    def delete(self) -> None:
        """Forget everything of this name, and close. Chroma leaves the index's files until its folder is deleted."""
        with self._answering():
            self._client.delete_collection(self.name)
        self.close()

    def close(self) -> None:
        """Let go of the place. What was added stays there."""
        if self._open:
            self._open = False
            self._client.close()

    @contextmanager
    def _answering(self) -> Generator[None]:
        if not self._open:
            raise StoreError(_("The store {name} is closed: open it again.").format(name=self.name))
        try:
            yield
        except Exception as error:  # of Chroma, of the network, of Rust
            raise StoreError(
                _("The store {name} does not answer: {reason}.").format(
                    name=self.name, reason=str(error).rstrip(".") or type(error).__name__
                )
            ) from error
