"""Other right ways to do the exercises of the lesson `tokenization`."""

import itertools
import math
import re
from collections import Counter, defaultdict

from tests.exercises.ways.collected import other_way


@other_way("tokenization.count_pairs")
def with_a_counter(words):
    counts = Counter()
    for word, count in words.items():
        for pair, inside in Counter(itertools.pairwise(word)).items():
            counts[pair] += inside * count
    return counts


@other_way("tokenization.apply_merge")
def with_an_iterator(symbols, pair):
    rest = list(symbols)
    while rest:
        if tuple(rest[:2]) == pair:
            yield rest.pop(0) + rest.pop(0)
        else:
            yield rest.pop(0)


@other_way("tokenization.split_words")
def with_a_pattern(text):
    return re.findall(r" ?[^ ]+| ", text)


@other_way("tokenization.byte_fallback")
def through_hexadecimal(text, vocabulary):
    pieces = [[c] if c in vocabulary else re.findall("..", c.encode().hex().upper()) for c in text]
    return tuple(p if p in vocabulary and len(piece) == 1 else f"<0x{p}>" for piece in pieces for p in piece)


@other_way("tokenization.pair_score")
def through_logarithms(pair, pair_counts, symbol_counts):
    if pair not in pair_counts:
        return 0
    return math.exp(math.log(pair_counts[pair]) - sum(math.log(symbol_counts[symbol]) for symbol in pair))


@other_way("tokenization.wordpiece_greedy")
def by_recursion(word, vocabulary, mark=""):
    if not word:
        return []
    lengths = [n for n in range(1, len(word) + 1) if mark + word[:n] in vocabulary]
    rest = by_recursion(word[max(lengths) :], vocabulary, "##") if lengths else ["[UNK]"]
    return ["[UNK]"] if "[UNK]" in rest else [mark + word[: max(lengths)], *rest]


@other_way("tokenization.viterbi_step")
def by_piece(text, end, best, log_probs):
    scores = defaultdict(lambda: -math.inf, {-1: -math.inf})
    for piece, log_prob in log_probs.items():
        start = end - len(piece)
        if start >= 0 and text.startswith(piece, start) and best[start] > -math.inf:
            scores[start] = best[start] + log_prob
    start = max(scores, key=scores.get)
    return [scores[start], start]
