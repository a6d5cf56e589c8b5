"""Other right ways to do the exercises of the lesson `tokenization`."""

import functools
import itertools
import math
import re
from collections import Counter, defaultdict

import numpy as np
import torch

from course.exercises.registry import find
from tests.exercises.ways.collected import other_way


@other_way("tokenization.count_pairs")
def with_a_counter(words):
    counts = Counter()
    for word, count in words.items():
        for pair, inside in Counter(itertools.pairwise(word)).items():
            counts[pair] += inside * count
    return counts


@other_way("tokenization.count_pairs")
def with_a_defaultdict(words):
    counts = defaultdict(int)
    for word in words:
        for i, left in enumerate(word[:-1]):
            counts[left, word[i + 1]] += words[word]
    return counts


@other_way("tokenization.count_pairs")
def each_pair_looked_for(words):
    pairs = {word[i : i + 2] for word in words for i in range(len(word) - 1)}
    return {
        pair: sum(count * list(itertools.pairwise(word)).count(pair) for word, count in words.items()) for pair in pairs
    }


@other_way("tokenization.count_pairs")
def written_out_and_counted(words):
    return Counter(pair for word, count in words.items() for _ in range(count) for pair in itertools.pairwise(word))


@other_way("tokenization.count_pairs")
def symbol_after_symbol(words):
    counts = {}
    for word, count in words.items():
        before = None
        for symbol in word:
            if before is not None:
                counts.setdefault((before, symbol), 0)
                counts[before, symbol] += count
            before = symbol
    return counts


@other_way("tokenization.count_pairs")
def with_numbers_of_numpy(words):
    counts = {}
    for word, count in words.items():
        for i in range(1, len(word)):
            pair = (word[i - 1], word[i])
            counts[pair] = np.int64(counts.get(pair, 0)) + count
    return counts


@other_way("tokenization.apply_merge")
def with_an_iterator(symbols, pair):
    rest = list(symbols)
    while rest:
        if tuple(rest[:2]) == pair:
            yield rest.pop(0) + rest.pop(0)
        else:
            yield rest.pop(0)


@other_way("tokenization.apply_merge")
def skipping_what_has_been_joined(symbols, pair):
    merged, skip = [], False
    for i, symbol in enumerate(symbols):
        if skip:
            skip = False
        elif i + 1 < len(symbols) and symbol == pair[0] and symbols[i + 1] == pair[1]:
            merged.append(symbol + symbols[i + 1])
            skip = True
        else:
            merged.append(symbol)
    return merged


@other_way("tokenization.apply_merge")
def joined_to_the_last(symbols, pair):
    """Where the last symbol is the first of the pair, and has not been joined itself."""
    merged, joined = [], True
    for symbol in symbols:
        if not joined and (merged[-1], symbol) == pair:
            merged[-1], joined = merged[-1] + symbol, True
        else:
            merged.append(symbol)
            joined = False
    return tuple(merged)


@other_way("tokenization.apply_merge")
def recursively(symbols, pair):
    if len(symbols) < 2:
        return symbols
    if symbols[:2] == pair:
        return ("".join(pair), *recursively(symbols[2:], pair))
    return symbols[:1] + recursively(symbols[1:], pair)


@other_way("tokenization.apply_merge")
def in_place_of_a_copy(symbols, pair):
    word, i = list(symbols), 0
    while i < len(word) - 1:
        if word[i] == pair[0] and word[i + 1] == pair[1]:
            word[i : i + 2] = [word[i] + word[i + 1]]
        i += 1
    return word


@other_way("tokenization.apply_merge")
def by_folding(symbols, pair):
    def step(state, symbol):
        merged, joined = state
        if merged and not joined and (merged[-1], symbol) == pair:
            return (*merged[:-1], "".join(pair)), True
        return (*merged, symbol), False

    return functools.reduce(step, symbols, ((), False))[0]


@other_way("tokenization.split_words")
def with_a_pattern(text):
    return re.findall(r" ?[^ ]+| ", text)


@other_way("tokenization.split_words")
def at_the_places_of_spaces(text):
    starts = sorted({0, *(i for i, character in enumerate(text) if character == " ")})
    return [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)] if text else []


@other_way("tokenization.split_words")
def split_and_put_back(text):
    first, *others = text.split(" ")
    return ([first] if first else []) + [" " + piece for piece in others]


@other_way("tokenization.split_words")
def before_each_space(text):
    return filter(None, re.split("(?= )", text))


@other_way("tokenization.split_words")
def part_by_part(text):
    pieces, rest = (), text
    while rest:
        head, space, tail = rest[1:].partition(" ")
        pieces, rest = (*pieces, rest[0] + head), space + tail
    return pieces


@other_way("tokenization.split_words")
def from_the_end(text):
    if not text:
        return []
    start = max(text.rfind(" "), 0)
    return [*from_the_end(text[:start]), text[start:]]


@other_way("tokenization.split_words")
def grown_and_handed_over(text):
    piece = ""
    for character in text:
        if character == " " and piece:
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


@other_way("tokenization.byte_fallback")
def through_hexadecimal(text, vocabulary):
    pieces = [[c] if c in vocabulary else re.findall("..", c.encode().hex().upper()) for c in text]
    return tuple(p if p in vocabulary and len(piece) == 1 else f"<0x{p}>" for piece in pieces for p in piece)


@other_way("tokenization.byte_fallback")
def as_a_generator(text, vocabulary):
    for character in text:
        if character in vocabulary:
            yield character
        else:
            yield from ("<0x" + format(byte, "02X") + ">" for byte in bytes(character, "utf-8"))


@other_way("tokenization.byte_fallback")
def in_one_comprehension(text, vocabulary):
    return [token for c in text for token in ([c] if c in vocabulary else [f"<0x{b:>02X}>" for b in c.encode("utf8")])]


@other_way("tokenization.byte_fallback")
def with_digits_by_hand(text, vocabulary):
    tokens = []
    for character in text:
        if character in vocabulary:
            tokens += [character]
            continue
        for byte in character.encode():
            tokens += ["<0x" + "0123456789ABCDEF"[byte // 16] + "0123456789ABCDEF"[byte % 16] + ">"]
    return tokens


@other_way("tokenization.byte_fallback")
def chained(text, vocabulary):
    def tokens(character):
        return [character] if character in vocabulary else [f"<0x{byte:X}>" for byte in character.encode()]

    found = itertools.chain.from_iterable(map(tokens, text))
    return [token.replace("<0x", "<0x0") if len(token) == 5 and token.startswith("<0x") else token for token in found]


@other_way("tokenization.byte_fallback")
def with_numpy_bytes(text, vocabulary):
    tokens = []
    for character in text:
        values = np.frombuffer(character.encode(), np.uint8)
        tokens.extend([character] if character in vocabulary else [f"<0x{value:02X}>" for value in values])
    return np.array(tokens, dtype=object)


@other_way("tokenization.encode_word")
def merge_after_merge(symbols, ranks):
    """All places of a merge at once, the merges by rank."""
    tokens = list(symbols)
    for left, right in sorted(ranks, key=ranks.get):
        place = 0
        while place < len(tokens) - 1:
            if (tokens[place], tokens[place + 1]) == (left, right):
                tokens[place : place + 2] = [left + right]
            place += 1
    return tokens


@other_way("tokenization.encode_word")
def with_infinity_for_no_rank(symbols, ranks):
    symbols = tuple(symbols)
    while len(symbols) > 1:
        found = [ranks.get(pair, math.inf) for pair in itertools.pairwise(symbols)]
        place = found.index(min(found))
        if found[place] == math.inf:
            break
        symbols = (*symbols[:place], symbols[place] + symbols[place + 1], *symbols[place + 2 :])
    return symbols


@other_way("tokenization.encode_word")
def recursive(symbols, ranks):
    places = [i for i in range(len(symbols) - 1) if tuple(symbols[i : i + 2]) in ranks]
    if not places:
        return list(symbols)
    i = min(places, key=lambda i: ranks[tuple(symbols[i : i + 2])])
    return recursive([*symbols[:i], symbols[i] + symbols[i + 1], *symbols[i + 2 :]], ranks)


@other_way("tokenization.encode_word")
def with_the_function_of_another_exercise(word, merges):
    while known := set(itertools.pairwise(word)) & merges.keys():
        word = find("tokenization.apply_merge").solution(tuple(word), min(known, key=merges.__getitem__))
    return word


@other_way("tokenization.encode_word")
def ranks_counted_up(symbols, ranks):
    pairs = {rank: pair for pair, rank in ranks.items()}
    for rank in range(len(pairs)):
        joined = []
        for symbol in symbols:
            if joined and joined[-1] == pairs[rank][0] and symbol == pairs[rank][1]:
                joined[-1] += symbol
            else:
                joined.append(symbol)
        symbols = joined
    return tuple(symbols)


@other_way("tokenization.pair_score")
def differences_of_logarithms(pair, left, right, total):
    return pair * (math.log(pair) + math.log(total) - math.log(left) - math.log(right))


@other_way("tokenization.pair_score")
def with_probabilities(pair, left, right, total):
    return pair * math.log((pair / total) / ((left / total) * (right / total)))


@other_way("tokenization.pair_score")
def two_costs_subtracted(n, a, b, tokens):
    before = n * (math.log(a / tokens) + math.log(b / tokens))
    return n * math.log(n / tokens) - before


@other_way("tokenization.pair_score")
def with_numpy_numbers(pair, left, right, total):
    return np.float64(pair) * np.log(pair * total / (left * right))


@other_way("tokenization.pair_score")
def with_a_tensor(pair, left, right, total):
    counts = torch.tensor([pair, total, left, right], dtype=torch.float64).log()
    return pair * (counts @ torch.tensor([1.0, 1.0, -1.0, -1.0], dtype=torch.float64))


@other_way("tokenization.pair_score")
def logarithm_of_a_power_for_each(pair, left, right, total):
    return -math.log(left * right / pair / total) * pair


@other_way("tokenization.wordpiece_greedy")
def by_recursion(word, vocabulary, mark=""):
    if not word:
        return []
    lengths = [n for n in range(1, len(word) + 1) if mark + word[:n] in vocabulary]
    rest = by_recursion(word[max(lengths) :], vocabulary, "##") if lengths else ["[UNK]"]
    return ["[UNK]"] if "[UNK]" in rest else [mark + word[: max(lengths)], *rest]


@other_way("tokenization.wordpiece_greedy")
def two_while_loops(word, vocabulary):
    pieces = []
    start = 0
    while start < len(word):
        end = len(word)
        prefix = "##" if start > 0 else ""
        while end > start and prefix + word[start:end] not in vocabulary:
            end -= 1
        if end == start:
            return ["[UNK]"]
        pieces.append(prefix + word[start:end])
        start = end
    return pieces


@other_way("tokenization.wordpiece_greedy")
def eating_the_word(word, vocabulary):
    pieces, rest = [], word
    while rest:
        fitting = [piece for piece in vocabulary if _fits(piece, rest, inside=bool(pieces))]
        if not fitting:
            return ("[UNK]",)
        pieces.append(max(fitting, key=len))
        rest = rest[len(pieces[-1].removeprefix("##") if len(pieces) > 1 else pieces[-1]) :]
    return tuple(pieces)


def _fits(piece, rest, inside):
    if inside:
        return piece.startswith("##") and len(piece) > 2 and rest.startswith(piece[2:])
    return piece != "" and rest.startswith(piece)


@other_way("tokenization.wordpiece_greedy")
def with_next(word, vocabulary):
    pieces, start = [], 0
    while start < len(word):
        mark = "##" * (start > 0)
        ends = (end for end in range(len(word), start, -1) if mark + word[start:end] in vocabulary)
        end = next(ends, None)
        if end is None:
            return ["[UNK]"]
        pieces.append(mark + word[start:end])
        start = end
    return pieces


@other_way("tokenization.wordpiece_greedy")
def with_an_inner_generator(word, vocabulary):
    def pieces():
        start = 0
        while start < len(word):
            for end in reversed(range(start + 1, len(word) + 1)):
                piece = word[start:end] if not start else f"##{word[start:end]}"
                if piece in vocabulary:
                    yield piece
                    start = end
                    break
            else:
                raise LookupError(word)

    try:
        return list(pieces())
    except LookupError:
        return ["[UNK]"]


@other_way("tokenization.viterbi_step")
def by_piece(text, end, best, log_probs):
    scores = {}
    for piece, log_prob in log_probs.items():
        start = end - len(piece)
        if start >= 0 and text.startswith(piece, start) and best[start] > -math.inf:
            scores[start] = best[start] + log_prob
    start = max(sorted(scores), key=scores.get, default=-1)
    return [scores.get(start, -math.inf), start]


@other_way("tokenization.viterbi_step")
def with_a_list_of_candidates(text, end, best, log_probs):
    candidates = []
    for start in range(end):
        piece = text[start:end]
        if piece in log_probs and best[start] != float("-inf"):
            candidates.append((best[start] + log_probs[piece], start))
    return max(candidates, key=lambda candidate: candidate[0]) if candidates else (float("-inf"), -1)


@other_way("tokenization.viterbi_step")
def with_max_and_a_default(text, end, best, log_probs):
    starts = [s for s in range(end) if text[s:end] in log_probs and best[s] > -math.inf]
    start = max(starts, key=lambda s: best[s] + log_probs[text[s:end]], default=-1)
    return (best[start] + log_probs[text[start:end]], start) if starts else (-math.inf, -1)


@other_way("tokenization.viterbi_step")
def with_numpy_and_argmax(text, end, best, log_probs):
    scores = np.array([best[s] + log_probs.get(text[s:end], -np.inf) for s in range(end)])
    start = int(scores.argmax())
    return scores[start], start if np.isfinite(scores[start]) else -1


@other_way("tokenization.viterbi_step")
def with_a_tensor_and_max(text, end, best, log_probs):
    pieces = torch.tensor([log_probs.get(text[s:end], -math.inf) for s in range(end)], dtype=torch.float64)
    score, start = (torch.tensor(best[:end], dtype=torch.float64) + pieces).max(dim=0)
    return score, start if score > -math.inf else torch.tensor(-1)


@other_way("tokenization.viterbi_step")
def better_of_two(text, end, best, log_probs):
    def better(found, start):
        score = best[start] + log_probs.get(text[start:end], -math.inf)
        return (score, start) if score > found[0] else found

    return functools.reduce(better, range(end), (-math.inf, -1))


@other_way("tokenization.viterbi_step")
def from_the_longest_to_the_shortest(text, end, best, log_probs):
    score, start, length = -math.inf, -1, end
    while length:
        piece = text[end - length : end]
        if piece in log_probs:
            candidate = best[end - length] + log_probs[piece]
            if candidate > score:
                score, start = candidate, end - length
        length -= 1
    return score, start
