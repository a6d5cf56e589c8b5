"""Training of WordPiece: merge pairs like BPE, but choose the pair that most increases the likelihood of the text.

Source: Schuster and Nakajima 2012, on the WordPieceModel: of all new units, take the one that increases the likelihood
of the training data the most. Google's trainer was never published. Three interpretations are in use, all three here:

- `likelihood_gain`: the paper's, for a model that draws tokens independently (to first order: it ignores that a merge
  changes the counts of the two parts and the total);
- `pair_ratio`: only the ratio inside that logarithm, as it is often printed. It ignores how often the pair occurs, so
  on real text it joins the rarest characters first and spends the vocabulary on them;
- `pair_count`: BPE's. The WordPiece trainer of the `tokenizers` library is its BPE trainer with ## before the parts
  that continue a word (its `models/wordpiece/trainer.rs`).
"""

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping

from course.messages import _
from course.tokenization.pairs import PairTable

CONTINUES = "##"
_FIRST_SYMBOL = 0x10000  # internally, token n is the character with this number plus n (see `PairTable`)

Score = Callable[[int, int, int, int], float]


def likelihood_gain(pair: int, left: int, right: int, total: int) -> float:
    """How much the log-likelihood of a text of `total` tokens rises when the two parts are merged `pair` times."""
    return pair * math.log(pair * total / (left * right))


def pair_ratio(pair: int, left: int, right: int, total: int) -> float:
    """How much more often the parts occur together than their counts predict, up to a factor."""
    return pair / (left * right)


def pair_count(pair: int, left: int, right: int, total: int) -> float:
    """How often the parts occur together."""
    return float(pair)


def spell(word: str) -> list[str]:
    """The characters of a word as tokens: `cat` is c ##a ##t."""
    return [word[0], *(CONTINUES + character for character in word[1:])]


def learn_vocabulary(words: Iterable[str], size: int, score: Score = likelihood_gain) -> list[str]:
    """The characters of the words, then the merged tokens in order: `size` in total, fewer when no pair is left.

    Among equal scores, the more frequent pair comes first, then the one whose left, then right, token is earlier in the
    vocabulary. Raises `ValueError` when there are more than `size` characters.
    """
    counts = Counter(words)
    tokens = sorted({symbol for word in counts for symbol in spell(word)})
    if len(tokens) > size:
        raise ValueError(
            _("The text has {count} distinct characters, the vocabulary has room for {size}: raise vocab_size.").format(
                count=len(tokens), size=size
            )
        )
    training = _Training(counts, tokens, score)
    while len(training.tokens) < size and (pair := training.pop_best()):
        training.merge(pair)
    return training.tokens


class _Training:
    def __init__(self, counts: Mapping[str, int], tokens: list[str], score: Score) -> None:
        self.tokens = tokens
        self._score = score
        symbols = {token: chr(_FIRST_SYMBOL + number) for number, token in enumerate(tokens)}
        self._table = PairTable(
            {"".join(symbols[token] for token in spell(word)): times for word, times in counts.items()}
        )
        self._token_counts: Counter[str] = Counter()
        for word, times in zip(self._table.words, self._table.times, strict=True):
            for symbol in word:
                self._token_counts[symbol] += times
        self._total = self._token_counts.total()
        self._pairs_with: dict[str, set[str]] = defaultdict(set)
        self._heap: list[tuple[float, int, str]] = []
        self._note(self._table.counts)

    def _entry(self, pair: str) -> tuple[float, int, str]:
        count = self._table.counts[pair]
        left, right = (self._token_counts[symbol] for symbol in pair)
        return -self._score(count, left, right, self._total), -count, pair

    def _note(self, pairs: Iterable[str]) -> None:
        for pair in pairs:
            for symbol in pair:
                self._pairs_with[symbol].add(pair)
            heapq.heappush(self._heap, self._entry(pair))

    def pop_best(self) -> str | None:
        """The pair with the highest score; None when no pair is left.

        A score rises only when a part becomes rarer, and `merge` then adds a new entry. So an old entry's score can be
        too high but never too low: an entry whose score has fallen goes back into the heap with its current score.
        """
        while self._heap:
            entry = heapq.heappop(self._heap)
            pair = entry[2]
            if not self._table.counts.get(pair):
                continue
            if self._entry(pair) <= entry:
                return pair
            heapq.heappush(self._heap, self._entry(pair))
        return None

    def merge(self, pair: str) -> None:
        left, right = (self.tokens[ord(symbol) - _FIRST_SYMBOL] for symbol in pair)
        symbol = chr(_FIRST_SYMBOL + len(self.tokens))
        self.tokens.append(left + right.removeprefix(CONTINUES))
        times = self._table.occurrences(pair)
        self._token_counts.subtract({pair[0]: times})
        self._token_counts.subtract({pair[1]: times})
        self._token_counts[symbol] += times
        self._total -= times
        formed = self._table.merge(pair, symbol)
        rarer = self._pairs_with[pair[0]] | self._pairs_with[pair[1]]
        self._note(formed | {other for other in rarer if self._table.counts.get(other)})
