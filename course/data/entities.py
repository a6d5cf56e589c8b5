"""Named entities that people marked: a sample of CoNLL-2003's news."""

from collections.abc import Iterator
from dataclasses import dataclass

from course.data.fetch import path

NEW_DOCUMENT = "-DOCSTART-"


@dataclass(frozen=True)
class TaggedSentence:
    """The words of a sentence, a label for each, and the number of its report.

    "B-PER" begins a person's name, "I-PER" continues it, "O" is outside any name; the other types are LOC, ORG, MISC.
    """

    words: tuple[str, ...]
    labels: tuple[str, ...]
    document: int


def tagged_sentences() -> list[TaggedSentence]:
    """226 sentences of 15 news reports, all on sports, with 554 entities, in the order of the file.

    They are the first of the English test set of the shared task CoNLL-2003. The texts are Reuters', all rights
    reserved: read here to train and to evaluate, never printed or published. Source: Tjong Kim Sang and De Meulder
    2003, "Introduction to the CoNLL-2003 Shared Task". Raises `AssetError` when they cannot be fetched.
    """
    return list(_sentences(path("conll").read_text(encoding="utf-8")))


def _sentences(text: str) -> Iterator[TaggedSentence]:
    """Each line has a word and, last, its label; an empty line ends a sentence."""
    document = -1
    for block in text.split("\n\n"):
        rows = [line.split() for line in block.splitlines() if line.strip()]
        if rows and rows[0][0] == NEW_DOCUMENT:
            document += 1
            rows = rows[1:]
        if rows:
            yield TaggedSentence(tuple(row[0] for row in rows), tuple(row[-1] for row in rows), document)
