"""Whether a tokenizer cuts a word where its parts meet: at the end of a prefix, at the beginning of a suffix."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from course.messages import _
from course.tokenization.tokenizer import Tokenizer

PREFIXES = ("un", "re", "dis", "inter")
SUFFIXES = ("ing", "ment", "ness", "able", "ly", "ed")


def affixed_words(words: Iterable[str]) -> dict[str, int]:
    """The words that are another of the words and an affix: each with the place where the two meet.

    Of a word with both kinds of affix the place of the suffix counts. The order is that of the alphabet, first by
    prefix, then by suffix.

    >>> affixed_words(["do", "undo", "doing", "thing"])
    {'undo': 2, 'doing': 2}
    """
    words = sorted(set(words))
    known = set(words)
    places = {
        word: len(affix)
        for word in words
        for affix in PREFIXES
        if word.startswith(affix) and word[len(affix) :] in known
    }
    return places | {
        word: len(word) - len(affix)
        for word in words
        for affix in SUFFIXES
        if word.endswith(affix) and word[: -len(affix)] in known
    }


def cuts(tokenizer: Tokenizer, word: str) -> set[int]:
    """Where the tokenizer splits the word inside a sentence: the numbers of letters before a cut."""
    before = "a "
    ends = {piece.end - len(before) for piece in tokenizer.explain(before + word)}
    return {end for end in ends if 0 < end < len(word)}


class AffixCuts(NamedTuple):
    """Shares from 0 to 1: of all words those without a cut; of the others, those cut at the affix, and by chance."""

    uncut: float
    at_affix: float
    by_chance: float


def affix_cuts(tokenizer: Tokenizer, words: Mapping[str, int]) -> AffixCuts:
    """How often a tokenizer cuts the words of `affixed_words` at the affix.

    Chance is as many cuts as the tokenizer makes, at positions drawn at random between the letters of the same words.
    Without a cut word, both are 0. Raises `ValueError` when there are no words.
    """
    if not words:
        raise ValueError(_("There are no words with an affix to look at."))
    cut = [(where, place, len(word)) for word, place in words.items() if (where := cuts(tokenizer, word))]
    n_cut = max(1, len(cut))
    return AffixCuts(
        uncut=1 - len(cut) / len(words),
        at_affix=sum(place in where for where, place, _length in cut) / n_cut,
        by_chance=sum(len(where) / (length - 1) for where, _place, length in cut) / n_cut,
    )
