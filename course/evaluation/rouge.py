"""ROUGE: how many words, pairs of words, and words in the same order a summary has in common with a person's."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
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

    Source: Allison and Dix 1986, "A bit-string longest-common-subsequence algorithm" (the idea).
    """
    *_shorter, row = [0, *_rows(one, other)]
    return row.bit_count()


def common_subsequence(one: Sequence[str], other: Sequence[str]) -> list[tuple[int, int]]:
    """The places of a longest common subsequence in both texts, in order; of several, the one that ends first.

    `longest_common_subsequence` is how many there are. It keeps a bit for each pair of places: 50 MB for two texts of
    20,000 words.
    """
    rows = [0, *_rows(one, other)]
    places, first, second = [], len(one), len(other)
    while length := _up_to(rows[first], second):
        if _up_to(rows[first - 1], second) == length:
            first -= 1
        elif _up_to(rows[first], second - 1) == length:
            second -= 1
        else:
            first, second = first - 1, second - 1
            places.append((first, second))
    return places[::-1]


def _rows(one: Sequence[str], other: Sequence[str]) -> Iterator[int]:
    """For each beginning of `one`, the places of `other` where the common subsequence gets longer, as bits.

    The longest one with the first n words of `other` is as long as there are bits among the first n. All places are
    worked on at once: in the complement, an addition carries past each run of places that get no longer.
    """
    places: dict[str, int] = {}
    for place, word in enumerate(other):
        places[word] = places.get(word, 0) | 1 << place
    every = (1 << len(other)) - 1
    rest = every
    for word in one:
        matches = rest & places.get(word, 0)
        rest = (rest + matches | rest - matches) & every
        yield every ^ rest


def _up_to(row: int, n: int) -> int:
    return (row & (1 << n) - 1).bit_count()


def _f(common: int, found: int, wanted: int) -> float:
    return 2 * common / (found + wanted) if common else 0.0
