"""ROUGE: how many words, pairs of words, and words in the same order a summary has in common with a person's."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from course.messages import _

NOT_A_WORD, WORD = re.compile(r"[^a-z0-9]+"), re.compile(r"[a-z0-9]+")


class Rouge(NamedTuple):
    """The F-measures, from 0 to 1: of words, of pairs of words, and of the longest common subsequence."""

    rouge_1: float
    rouge_2: float
    rouge_l: float


def rouge(prediction: str, reference: str) -> Rouge:
    """ROUGE-1, ROUGE-2 and ROUGE-L of one text against one reference, without stemming.

    Words are runs of a–z and 0–9 in small letters: all else separates them, so a text in another script has no words,
    and its scores are 0. ROUGE-L takes each text as one sequence (not ROUGE-Lsum, which goes sentence by sentence).

    Source: Lin 2004, "ROUGE", sections 2 and 3.1; words and F-measure as in the package `rouge-score`.
    """
    found, wanted = (rouge_words(text) for text in (prediction, reference))
    common = longest_common_subsequence(found, wanted)
    return Rouge(ngram_f(found, wanted, 1), ngram_f(found, wanted, 2), _f(common, len(found), len(wanted)))


def rouge_l(prediction: str, reference: str) -> float:
    """ROUGE-L alone, as `rouge` gives it."""
    found, wanted = (rouge_words(text) for text in (prediction, reference))
    return _f(longest_common_subsequence(found, wanted), len(found), len(wanted))


def rouge_words(text: str) -> list[str]:
    """The words that ROUGE compares."""
    return NOT_A_WORD.sub(" ", text.lower()).split()


def rouge_spans(text: str) -> list[tuple[int, int]]:
    """Where each of the `rouge_words` of a text begins in it, and where it has ended.

    A letter whose small form is more than one letter counts as one: "İ" is an "i" and a dot above it.
    """
    small = [(place, letter) for place, character in enumerate(text) for letter in character.lower()]
    found = re.finditer(WORD, "".join(letter for _place, letter in small))
    return [(small[word.start()][0], small[word.end() - 1][0] + 1) for word in found]


def ngram_f(found: Sequence[str], wanted: Sequence[str], n: int) -> float:
    """The F-measure of n-grams; one that is there twice counts twice if both sides have it twice. 0 where none is.

    Raises `ValueError` for `n` below 1.
    """
    if n < 1:
        raise ValueError(_("n is {n}; it must be 1 or more.").format(n=n))
    ours, theirs = (
        Counter(tuple(words[place : place + n]) for place in range(len(words) - n + 1)) for words in (found, wanted)
    )
    return _f((ours & theirs).total(), ours.total(), theirs.total())


def longest_common_subsequence(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words both texts have in the same order, others between them or not.

    Source: Hunt and Szymanski 1977, "A fast algorithm for computing longest common subsequences".
    """
    places: dict[str, list[int]] = {}  # of each word of `other`, the last first
    for place, word in reversed(list(enumerate(other))):
        places.setdefault(word, []).append(place)
    ends: list[int] = []  # for each length, the first place in `other` where a common subsequence of that length ends
    for word in one:
        for place in places.get(word, ()):
            length = bisect_left(ends, place)
            ends[length : length + 1] = [place]
    return len(ends)


def common_subsequence(one: Sequence[str], other: Sequence[str]) -> list[tuple[int, int]]:
    """The places of a longest common subsequence in both texts, in order; of several, the one that ends first.

    `longest_common_subsequence` is how many there are.
    """
    lengths = [[0] * (len(other) + 1)]  # of what the beginnings of both have in common
    for word in one:
        above, row = lengths[-1], [0]
        for place, each in enumerate(other):
            row.append(above[place] + 1 if word == each else max(above[place + 1], row[place]))
        lengths.append(row)
    places, first, second = [], len(one), len(other)
    while lengths[first][second]:
        if lengths[first - 1][second] == lengths[first][second]:
            first -= 1
        elif lengths[first][second - 1] == lengths[first][second]:
            second -= 1
        else:
            first, second = first - 1, second - 1
            places.append((first, second))
    return places[::-1]


def _f(common: int, found: int, wanted: int) -> float:
    return 2 * common / (found + wanted) if common else 0.0
