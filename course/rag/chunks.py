"""Documents cut into chunks that are small enough to embed, each with its place in the document.

A chunk is a document and two offsets, not a copy of a text: whatever is found in it, a citation for example, points at
the document's own characters.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from course.layers.sizes import require_whole
from course.messages import _
from course.tokenization.tokenizer import SURROGATE

WORD = re.compile(r"\S+")
SENTENCE_END = re.compile(r"[.!?][\"'”’)\]]*\Z")  # of a word
LAST_QUARTER = 0.75  # of a window begins here


@dataclass(frozen=True)
class Document:
    """A text to look things up in. `id` identifies it; `address` is where it opens, a file or a link.

    Raises `ValueError` for an empty id, and for a text or title with half a character (a lone surrogate) in it.
    """

    id: str
    title: str
    text: str
    address: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError(_("A document has an empty id: give each its own, such as its file's name."))
        for name in ("id", "title", "text", "address"):
            if half := SURROGATE.search(getattr(self, name)):
                raise ValueError(
                    _(
                        "The {name} of document {id!r} has half a character (a lone surrogate) at {place}: replace it, "
                        "since no file can store it."
                    ).format(name=name, id=self.id, place=half.start())
                )


@dataclass(frozen=True)
class Chunk:
    """The characters of `document` from `start` to before `end`. Raises `ValueError` where there are none."""

    document: Document
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= len(self.document.text):
            raise ValueError(
                _("Document {id!r} has {length} characters, and none from {start} to before {end}.").format(
                    id=self.document.id, length=len(self.document.text), start=self.start, end=self.end
                )
            )

    @property
    def id(self) -> str:
        return f"{self.document.id}:{self.start}-{self.end}"

    @property
    def text(self) -> str:
        return self.document.text[self.start : self.end]

    @property
    def with_title(self) -> str:
        """What is embedded and searched: the text alone may not say what it is about."""
        return f"{self.document.title}: {self.text}" if self.document.title else self.text


def chunk(document: Document, *, words: int = 100, overlap: int = 0) -> list[Chunk]:
    """The document in windows of up to `words` words, of which neighbors have `overlap` words in common.

    A window ends with a sentence where one ends in its last quarter. Every character but white space is in a chunk; a
    document without any has none. A word is what is between white space: a script without spaces is not cut. Raises
    `ValueError` for fewer than 1 word and for an overlap below 0, or of as many words as a window has.
    """
    require_whole(words, "words")
    require_whole(overlap, "overlap", least=0)
    if overlap >= words:
        raise ValueError(
            _("An overlap of {overlap} words leaves a window of {words} nothing new: choose {most} or fewer.").format(
                overlap=overlap, words=words, most=words - 1
            )
        )
    found = list(WORD.finditer(document.text))
    chunks: list[Chunk] = []
    first = end = 0
    while end < len(found):
        end = min(first + words, len(found))
        if end < len(found):
            earliest = max(first + int(LAST_QUARTER * words), first + overlap)  # a window goes beyond its overlap
            ends = (word + 1 for word in reversed(range(earliest, end)) if SENTENCE_END.search(found[word].group()))
            end = next(ends, end)
        chunks.append(Chunk(document, found[first].start(), found[end - 1].end()))
        first = end - overlap
    return chunks


def chunk_all(documents: Iterable[Document], *, words: int = 100, overlap: int = 0) -> list[Chunk]:
    """The chunks of all documents, in their order. Raises `ValueError` for an id given twice and as `chunk` does."""
    chunks: list[Chunk] = []
    seen: set[str] = set()
    for document in documents:
        if document.id in seen:
            raise ValueError(
                _("Two documents have the id {id!r}: a citation could mean either. Give each its own.").format(
                    id=document.id
                )
            )
        seen.add(document.id)
        chunks += chunk(document, words=words, overlap=overlap)
    return chunks


def without_overlaps(ranked: Sequence[Chunk]) -> list[Chunk]:
    """The chunks, best first, each without the characters that a better one has: nothing is read or counted twice.

    Of a chunk may be left one part, two (around a better one), or none.
    """
    kept: list[Chunk] = []
    for candidate in ranked:
        parts = [candidate]
        for better in kept:
            parts = [rest for part in parts for rest in _outside(part, better)]
        kept += parts
    return kept


def _outside(part: Chunk, better: Chunk) -> list[Chunk]:
    """What of `part` is before and after `better`."""
    if part.document.id != better.document.id or part.end <= better.start or better.end <= part.start:
        return [part]
    sides = ((part.start, better.start), (better.end, part.end))
    return [side for start, end in sides for side in _stripped(part.document, start, end)]


def _stripped(document: Document, start: int, end: int) -> list[Chunk]:
    """The characters as a chunk without white space at its ends; none where there is nothing else."""
    text = document.text[start:end] if start < end else ""
    if not text.strip():
        return []
    return [Chunk(document, start + len(text) - len(text.lstrip()), start + len(text.rstrip()))]
