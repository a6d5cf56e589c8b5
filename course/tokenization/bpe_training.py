"""Training of byte-level BPE: merge the most frequent pair of neighbouring tokens, again and again.

Source: Sennrich, Haddow and Birch 2016, section 3.2 and algorithm 1; on bytes, Radford et al. 2019, section 2.2.

Which of several equally frequent pairs is merged first is a convention. We follow the `tokenizers` library: number the
tokens, the 256 bytes first (in the order of the characters that print them), then the merged tokens in the order of
their merges; among equally frequent pairs, the smaller left token comes first, then the smaller right token.
"""

import heapq
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from course.tokenization.byte_alphabet import print_bytes
from course.tokenization.pairs import PairTable
from course.tokenization.pre_tokens import GPT2_PATTERN, PreTokenizer
from course.tokenization.tokenizer import require_count, require_text

Pair = tuple[str, str]
FIRST_MERGED = 0x10000  # merged tokens are characters above all those that print bytes


class MergeStep(NamedTuple):
    """One merge of the training: the pair, its count in the text, and the pairs it competed with.

    `candidates` are the ten most frequent pairs with their counts just before the merge, the merged pair first. `words`
    are the pre-tokens of the text in order, each as its list of tokens after the merge. Tokens are in printed form.
    """

    pair: Pair
    token: str
    count: int
    candidates: list[tuple[Pair, int]]
    words: list[list[str]]


class MergeTraining:
    """The state of the training: the words in their current tokens, the pair counts, and the merges so far.

    Internally, every token is one character (see `PairTable`): a byte is the character that prints it, the n-th merged
    token is the character with the number `FIRST_MERGED` + n. Comparing pairs as strings therefore breaks ties. No two
    merges produce the same token: a span that no merge has crossed is tokenized the same way everywhere.
    """

    def __init__(self, text: str, pattern: str = GPT2_PATTERN) -> None:
        require_text(text)
        self.pre_tokens = PreTokenizer(pattern).split(text)
        self.table = PairTable({print_bytes(word.encode()): n for word, n in Counter(self.pre_tokens).items()})
        self.merges: list[Pair] = []
        self._printed: dict[str, str] = {}  # a merged token's character -> the token in printed form
        self._heap = [(-count, pair) for pair, count in self.table.counts.items()]
        heapq.heapify(self._heap)

    def best(self) -> str | None:
        """The most frequent pair; None when no pair is left.

        A merge lowers the counts of other pairs, but the heap still holds their old counts: an entry that reaches the
        top with an old count goes back with the new one.
        """
        while self._heap:
            negative_count, pair = self._heap[0]
            count = self.table.counts.get(pair, 0)
            if count == -negative_count:
                return pair
            if count:
                heapq.heapreplace(self._heap, (-count, pair))
            else:
                heapq.heappop(self._heap)
        return None

    def merge(self, pair: str) -> None:
        left, right = self.printed_pair(pair)
        token = chr(FIRST_MERGED + len(self.merges))
        self._printed[token] = left + right
        self.merges.append((left, right))
        for formed in self.table.merge(pair, token):
            heapq.heappush(self._heap, (-self.table.counts[formed], formed))

    def printed(self, word: str) -> tuple[str, ...]:
        """The tokens of a word in printed form."""
        return tuple(self._printed.get(token, token) for token in word)

    def printed_pair(self, pair: str) -> Pair:
        """The two tokens of a pair in printed form."""
        left, right = self.printed(pair)
        return left, right


def learn_merges(text: str, n_merges: int, pattern: str = GPT2_PATTERN) -> list[Pair]:
    """The first `n_merges` merges, in order; fewer when the text has no pair left to merge."""
    require_count("n_merges", n_merges)
    training = MergeTraining(text, pattern)
    while len(training.merges) < n_merges and (pair := training.best()):
        training.merge(pair)
    return training.merges


def training_steps(text: str, n_merges: int, pattern: str = GPT2_PATTERN) -> list[MergeStep]:
    """The same merges, each with the pairs it was chosen from and the text after it."""
    require_count("n_merges", n_merges)
    return list(_steps(MergeTraining(text, pattern), n_merges))


def _steps(training: MergeTraining, n_merges: int) -> Iterator[MergeStep]:
    counts = training.table.counts
    while len(training.merges) < n_merges and (pair := training.best()):
        best = heapq.nsmallest(10, counts.items(), key=lambda item: (-item[1], item[0]))
        candidates = [(training.printed_pair(candidate), count) for candidate, count in best if count]
        count = counts[pair]
        training.merge(pair)
        left, right = training.merges[-1]
        words = [list(training.printed(word)) for word in training.table.words]
        spelled = dict(zip(dict.fromkeys(training.pre_tokens), words, strict=True))
        yield MergeStep((left, right), left + right, count, candidates, [spelled[word] for word in training.pre_tokens])
