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
    """What a tokenizer does to `n_words` words with an affix; the two lists have an item for each word that it cuts.

    `hit` is 1.0 where a cut lies at the affix, else 0.0. `chance` is the probability of that if as many cuts were
    placed at random between the word's letters.
    """

    n_words: int
    hit: list[float]
    chance: list[float]

    @property
    def uncut(self) -> float:
        """The share of words that are one token."""
        return 1 - len(self.hit) / self.n_words


def affix_cuts(tokenizer: Tokenizer, words: Mapping[str, int]) -> AffixCuts:
    """Where a tokenizer cuts the words of `affixed_words`. Raises `ValueError` when there are no words.

    Bostrom and Durrett 2020 compare BPE and Unigram with the morphemes of words in a similar way.
    """
    if not words:
        raise ValueError(_("There are no words with an affix to look at."))
    cut = [(where, place, len(word)) for word, place in words.items() if (where := cuts(tokenizer, word))]
    hit = [float(place in where) for where, place, _length in cut]
    return AffixCuts(len(words), hit, [len(where) / (length - 1) for where, _place, length in cut])
