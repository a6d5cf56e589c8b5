"""What two texts have in common for ROUGE-L: each in pieces, those in the longest common subsequence marked."""

from collections.abc import Sequence
from typing import NamedTuple

from course.evaluation.rouge import common_subsequence, rouge_spans, rouge_words


class Piece(NamedTuple):
    """A part of a text; a shared one is a word of the common subsequence."""

    text: str
    is_shared: bool


class SharedWords(NamedTuple):
    """Both texts in pieces, which joined are the texts, and how many words ROUGE finds in each and in common."""

    one: list[Piece]
    other: list[Piece]
    n_one: int
    n_other: int
    n_shared: int


def shared_words(one: str, other: str) -> SharedWords:
    """The texts, cut at the words that ROUGE-L counts."""
    places = common_subsequence(rouge_words(one), rouge_words(other))
    first, second = rouge_spans(one), rouge_spans(other)
    return SharedWords(
        _pieces(one, [first[place] for place, _other in places]),
        _pieces(other, [second[place] for _one, place in places]),
        len(first),
        len(second),
        len(places),
    )


def _pieces(text: str, shared: Sequence[tuple[int, int]]) -> list[Piece]:
    pieces, at = [], 0
    for start, end in shared:
        pieces += [Piece(text[at:start], False), Piece(text[start:end], True)]
        at = end
    return [piece for piece in (*pieces, Piece(text[at:], False)) if piece.text]
