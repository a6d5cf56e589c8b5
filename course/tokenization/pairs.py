"""Words as strings with one character for each token, and the counts of neighbouring tokens kept up to date."""

from collections import defaultdict
from collections.abc import Mapping
from operator import add


class PairTable:
    """How often each pair of neighbouring tokens stands in the words, while pairs are merged one after the other.

    A word is a string in which every character is one token, so a pair is a string of two characters and a merge is
    `str.replace`. Only the words that hold the merged pair are looked at again; that makes training fast.
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
        """How many merges of the pair the words allow: `aaa` holds the pair `aa` twice, but only one can be merged."""
        return sum(self.words[index].count(pair) * self.times[index] for index in self._words_with[pair])

    def merge(self, pair: str, token: str) -> set[str]:
        """Write the one-character `token` for the pair in every word; return the pairs that this has formed."""
        formed = set()
        for index in self._words_with.pop(pair):
            before, times = self.words[index], self.times[index]
            after = before.replace(pair, token)
            if after == before:
                continue  # an earlier merge took one of the pair's tokens away
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
