"""Training of byte-level BPE: merge the most frequent pair of neighbouring tokens, again and again.

Source: Sennrich, Haddow and Birch 2016, section 3.2 and algorithm 1; on bytes, Radford et al. 2019, section 2.2.

Which pair is merged when several are equally frequent is a convention. Ours is that of the `tokenizers` library: number
the tokens, the 256 bytes first (in the order of the characters that print them), then the merges as they were made;
of equal pairs, the one with the smaller left token comes first, then the one with the smaller right token.
"""

import heapq
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from course.tokenization.byte_alphabet import print_bytes
from course.tokenization.pairs import PairTable
from course.tokenization.pre_tokens import GPT2_PATTERN, PreTokenizer
from course.tokenization.tokenizer import require_text

Pair = tuple[str, str]
FIRST_MERGED = 0x10000  # merged tokens are numbered by characters above all those that print bytes


class MergeStep(NamedTuple):
    """One merge of the training: which pair, how often it stood in the text, and what it competed with.

    `candidates` are the ten best pairs with their counts just before the merge, the merged one first. `words` are the
    pre-tokens of the text, in order, each as its list of tokens after the merge. Tokens are in printed form.
    """

    pair: Pair
    token: str
    count: int
    candidates: list[tuple[Pair, int]]
    words: list[list[str]]


class MergeTraining:
    """The state of a training: the words so far, their pairs, and the merges made.

    Inside, every token is one character (see `PairTable`): a byte is the character that prints it, the n-th merged
    token is character number `FIRST_MERGED` + n. Comparing pairs as strings is therefore the tie rule. No two merges
    make the same token: where no merge has crossed its ends, a stretch of text is cut the same way everywhere.
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
        """The most frequent pair, None when no pair is left.

        A merge makes counts of other pairs fall, and the heap still holds them as they were: an entry that comes to
        the top with an old count goes back with the new one.
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
    training = MergeTraining(text, pattern)
    while len(training.merges) < n_merges and (pair := training.best()):
        training.merge(pair)
    return training.merges


def training_steps(text: str, n_merges: int, pattern: str = GPT2_PATTERN) -> list[MergeStep]:
    """The same merges, each with what there was to choose from and what it made of the text."""
    return list(_steps(MergeTraining(text, pattern), n_merges))


def _steps(training: MergeTraining, n_merges: int) -> Iterator[MergeStep]:
    counts = training.table.counts
    while len(training.merges) < n_merges and (pair := training.best()):
        best = heapq.nsmallest(10, counts.items(), key=lambda item: (-item[1], item[0]))
        candidates = [(training.printed_pair(other), count) for other, count in best if count]
        count = counts[pair]
        training.merge(pair)
        left, right = training.merges[-1]
        words = [list(training.printed(word)) for word in training.table.words]
        spelled = dict(zip(dict.fromkeys(training.pre_tokens), words, strict=True))
        yield MergeStep((left, right), left + right, count, candidates, [spelled[word] for word in training.pre_tokens])
