"""Words as strings of one character per token, with up-to-date counts of neighbouring tokens."""

from collections import defaultdict
from collections.abc import Mapping
from operator import add


class PairTable:
    """How often each pair of neighbouring tokens occurs in the words, while pairs are merged one after another.

    A word is a string in which every character is one token, so a pair is a string of two characters and a merge is
    `str.replace`. A merge only revisits the words that contain its pair, which makes training fast.
    """

    def __init__(self, words: Mapping[str, int]) -> None:
        self.words = list(words)
        self.times = list(words.values())
        self.counts: dict[str, int] = defaultdict(int)
        self._words_with: dict[str, set[int]] = defaultdict(set)
        for index, (word, times) in enumerate(zip(self.words, self.times, strict=True)):
            for pair in map(add, word, word[1:]):
                self.counts[pair] += times
                self._words_with[pair].add(index)

    def occurrences(self, pair: str) -> int:
        """How many times the pair can be merged: `aaa` contains the pair `aa` twice, but only one can be merged."""
        return sum(self.words[index].count(pair) * self.times[index] for index in self._words_with[pair])

    def merge(self, pair: str, token: str) -> set[str]:
        """Replace the pair by the one-character `token` in every word; return the new pairs that contain `token`."""
        formed = set()
        for index in self._words_with.pop(pair):
            before, times = self.words[index], self.times[index]
            after = before.replace(pair, token)
            if after == before:
                continue  # an earlier merge consumed one of the pair's tokens
            self.words[index] = after
            for old in map(add, before, before[1:]):
                self.counts[old] -= times
            for new in map(add, after, after[1:]):
                self.counts[new] += times
                if token in new:
                    formed.add(new)
                    self._words_with[new].add(index)
        self.counts.pop(pair)
        return formed
