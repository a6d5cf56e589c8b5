"""Wrong ways to do the exercises of the lesson `tokenization`."""

import itertools
import math
import re
from collections import Counter, defaultdict

import numpy as np

from tests.exercises.wrong.collected import wrong_way

NEVER = float("-inf")


@wrong_way("tokenization.count_pairs", says="count each word **once**")
def each_word_once(words):
    return Counter(pair for word in words for pair in itertools.pairwise(word))


@wrong_way("tokenization.count_pairs", says="twice in a word counts twice")
def pairs_in_a_set(words):
    counts = Counter()
    for word, count in words.items():
        for pair in set(itertools.pairwise(word)):
            counts[pair] += count
    return counts


@wrong_way("tokenization.count_pairs", says="Move on by one symbol")
def in_steps_of_two(words):
    counts = {}
    for word, count in words.items():
        for i in range(0, len(word) - 1, 2):
            counts[word[i], word[i + 1]] = counts.get((word[i], word[i + 1]), 0) + count
    return counts


@wrong_way("tokenization.count_pairs", says="keep the order")
def without_order(words):
    counts = Counter()
    for word, count in words.items():
        for pair in itertools.pairwise(word):
            counts[tuple(sorted(pair))] += count
    return counts


@wrong_way("tokenization.count_pairs", says="**overwrites** its count")
def overwritten(words):
    counts = {}
    for word, count in words.items():
        for i in range(len(word) - 1):
            counts[word[i], word[i + 1]] = count
    return counts


@wrong_way("tokenization.count_pairs", says="border of two words")
def across_words(words):
    counts, before = Counter(), None
    for word, count in words.items():
        for _occurrence in range(count):
            for symbol in word:
                if before is not None:
                    counts[before, symbol] += 1
                before = symbol
    return counts


@wrong_way("tokenization.count_pairs", says="tuple of the two symbols")
def joined_keys(words):
    counts = defaultdict(int)
    for word, count in words.items():
        for left, right in itertools.pairwise(word):
            counts[left + right] += count
    return dict(counts)


@wrong_way("tokenization.count_pairs", says="**last pair**")
def one_place_too_early(words):
    counts = {}
    for word, count in words.items():
        for i in range(len(word) - 2):
            counts[word[i : i + 2]] = counts.get(word[i : i + 2], 0) + count
    return counts


@wrong_way("tokenization.count_pairs", says="no right neighbour")
def one_place_too_far(words):
    counts = {}
    for word, count in words.items():
        for i in range(len(word)):
            counts[word[i : i + 2]] = counts.get(word[i : i + 2], 0) + count
    return counts


@wrong_way("tokenization.count_pairs", says="The last of n items has the index n − 1")
def index_past_the_end(words):
    counts = {}
    for word, count in words.items():
        for i in range(len(word)):
            counts[word[i], word[i + 1]] = counts.get((word[i], word[i + 1]), 0) + count
    return counts


@wrong_way("tokenization.count_pairs", says="ask with `.get(key, default)`")
def without_a_beginning(words):
    counts = {}
    for word, count in words.items():
        for pair in itertools.pairwise(word):
            counts[pair] += count
    return counts


@wrong_way("tokenization.count_pairs", says="**between** them")
def any_two(words):
    counts = Counter()
    for word, count in words.items():
        for pair in itertools.combinations(word, 2):
            counts[pair] += count
    return counts


@wrong_way("tokenization.count_pairs", says="single **symbols**")
def symbols(words):
    counts = Counter()
    for word, count in words.items():
        for symbol in word:
            counts[symbol] += count
    return counts


@wrong_way("tokenization.count_pairs", says="**first word**")
def returns_in_the_loop(words):
    counts = {}
    for word, count in words.items():
        for pair in itertools.pairwise(word):
            counts[pair] = counts.get(pair, 0) + count
        return counts
    return counts


@wrong_way("tokenization.count_pairs", says="**last word**")
def made_anew_for_each_word(words):
    counts = {}
    for word, count in words.items():
        counts = {}
        for pair in itertools.pairwise(word):
            counts[pair] = counts.get(pair, 0) + count
    return counts


@wrong_way("tokenization.count_pairs", says="**several letters**")
def letters_of_the_word(words):
    counts = Counter()
    for word, count in words.items():
        for pair in itertools.pairwise("".join(word)):
            counts[pair] += count
    return counts


@wrong_way("tokenization.count_pairs", says="most frequent pair alone")
def the_winner(words):
    counts = Counter()
    for word, count in words.items():
        for pair in itertools.pairwise(word):
            counts[pair] += count
    return dict(counts.most_common(1))


@wrong_way("tokenization.apply_merge", says="`ab c` reads like `a bc`")
def joined_texts_compared(symbols, pair):
    merged, i = [], 0
    while i < len(symbols):
        if i + 1 < len(symbols) and symbols[i] + symbols[i + 1] == "".join(pair):
            merged.append(symbols[i] + symbols[i + 1])
            i += 2
        else:
            merged.append(symbols[i])
            i += 1
    return merged


@wrong_way("tokenization.apply_merge", says="Only the **first** occurrence")
def first_place_only(symbols, pair):
    word = list(symbols)
    for i in range(len(word) - 1):
        if (word[i], word[i + 1]) == pair:
            word[i : i + 2] = [word[i] + word[i + 1]]
            break
    return word


@wrong_way("tokenization.apply_merge", says="still there after it has been joined")
def forgets_to_skip(symbols, pair):
    merged = []
    for i, symbol in enumerate(symbols):
        if symbols[i : i + 2] == pair:
            merged.append("".join(pair))
        else:
            merged.append(symbol)
    return merged


@wrong_way("tokenization.apply_merge", says="still there after it has been joined")
def skips_in_a_for_loop(symbols, pair):
    merged = []
    for i in range(len(symbols)):
        if symbols[i : i + 2] == pair:
            merged.append("".join(pair))
            i += 2
        else:
            merged.append(symbols[i])
    return merged


@wrong_way("tokenization.apply_merge", says="The **last** symbol of the word is lost")
def drops_the_last(symbols, pair):
    merged, i = [], 0
    while i < len(symbols) - 1:
        if (symbols[i], symbols[i + 1]) == pair:
            merged.append(symbols[i] + symbols[i + 1])
            i += 2
        else:
            merged.append(symbols[i])
            i += 1
    return merged


@wrong_way("tokenization.apply_merge", says="Begin at the left")
def from_the_right(symbols, pair):
    merged, i = [], len(symbols) - 1
    while i >= 0:
        if i > 0 and (symbols[i - 1], symbols[i]) == pair:
            merged.insert(0, symbols[i - 1] + symbols[i])
            i -= 2
        else:
            merged.insert(0, symbols[i])
            i -= 1
    return merged


@wrong_way("tokenization.apply_merge", says="**across** longer symbols")
def in_the_text(symbols, pair):
    return " ".join(symbols).replace(" ".join(pair), "".join(pair)).split(" ") if symbols else []


@wrong_way("tokenization.apply_merge", says="The last of n items has the index n − 1")
def looks_past_the_end(symbols, pair):
    merged, i = [], 0
    while i < len(symbols):
        if symbols[i] == pair[0] and symbols[i + 1] == pair[1]:
            merged.append(symbols[i] + symbols[i + 1])
            i += 2
        else:
            merged.append(symbols[i])
            i += 1
    return merged


@wrong_way("tokenization.apply_merge", says="Its right neighbour has to fit")
def first_symbol_compared(symbols, pair):
    merged, i = [], 0
    while i < len(symbols):
        if symbols[i] == pair[0]:
            merged.append(pair[0] + pair[1])
            i += 2
        else:
            merged.append(symbols[i])
            i += 1
    return merged


@wrong_way("tokenization.apply_merge", says="A list never equals a tuple")
def list_against_tuple(symbols, pair):
    word, merged, i = list(symbols), [], 0
    while i < len(word):
        if word[i : i + 2] == pair:
            merged.append("".join(pair))
            i += 2
        else:
            merged.append(word[i])
            i += 1
    return merged


@wrong_way("tokenization.apply_merge", says="You put the **pair** into the word")
def pair_in_the_word(symbols, pair):
    merged, i = [], 0
    while i < len(symbols):
        if symbols[i : i + 2] == pair:
            merged.append(pair)
            i += 2
        else:
            merged.append(symbols[i])
            i += 1
    return merged


@wrong_way("tokenization.apply_merge", says="fall apart into letters")
def adds_letters(symbols, pair):
    merged, i = [], 0
    while i < len(symbols):
        if symbols[i : i + 2] == pair:
            merged.append("".join(pair))
            i += 2
        else:
            merged += symbols[i]
            i += 1
    return merged


@wrong_way("tokenization.apply_merge", says="Only the merged pairs are left")
def only_the_merged(symbols, pair):
    merged, i = [], 0
    while i < len(symbols):
        if symbols[i : i + 2] == pair:
            merged.append("".join(pair))
            i += 1
        i += 1
    return merged


@wrong_way("tokenization.apply_merge", says="The order of the two symbols counts")
def as_a_set(symbols, pair):
    merged, i = [], 0
    while i < len(symbols):
        if len(symbols[i : i + 2]) == 2 and set(symbols[i : i + 2]) == set(pair):
            merged.append("".join(pair))
            i += 2
        else:
            merged.append(symbols[i])
            i += 1
    return merged


@wrong_way("tokenization.apply_merge", says="still running")
def never_moves_on(symbols, pair):
    merged, i = [], 0
    while i < len(symbols):
        if symbols[i : i + 2] == pair:
            merged.append("".join(pair))
            i += 2
    return merged


@wrong_way("tokenization.apply_merge", says="a mark put between the symbols")
def with_marks_between(symbols, pair):
    text = "|" + "||".join(symbols) + "|"
    return text.replace(f"|{pair[0]}||{pair[1]}|", f"|{pair[0]}{pair[1]}|")[1:-1].split("||") if symbols else []


@wrong_way("tokenization.split_words", says="The spaces are gone")
def split_at_a_space(text):
    return text.split(" ")


@wrong_way("tokenization.split_words", says="The spaces are gone")
def split_at_white_space(text):
    return text.split()


@wrong_way("tokenization.split_words", says="an **empty** first piece")
def empty_first_piece(text):
    first, *others = text.split(" ")
    return [first] + [" " + piece for piece in others]


@wrong_way("tokenization.split_words", says="an **empty** first piece")
def marked_and_split(text):
    return text.replace(" ", "\0 ").split("\0")


@wrong_way("tokenization.split_words", says="**all** white space")
def cut_at_white_space(text):
    return re.findall(r"\s?\S+|\s", text)


@wrong_way("tokenization.split_words", says="**all** white space")
def cut_where_isspace(text):
    pieces = []
    for character in text:
        if character.isspace() or not pieces:
            pieces.append(character)
        else:
            pieces[-1] += character
    return pieces


@wrong_way("tokenization.split_words", says="stay together in one piece")
def runs_of_spaces(text):
    return re.findall(" *[^ ]+| +", text)


@wrong_way("tokenization.split_words", says="at the **end** of the pieces")
def space_behind(text):
    return re.findall("[^ ]* |[^ ]+", text)


@wrong_way("tokenization.split_words", says="a piece of its own")
def space_alone(text):
    return [piece for piece in re.split("( )", text) if piece]


@wrong_way("tokenization.split_words", says="in front of **every** piece")
def space_in_front_of_all(text):
    return [" " + word for word in text.split(" ")]


@wrong_way("tokenization.split_words", says="The **last piece** is missing")
def last_piece_forgotten(text):
    pieces, piece = [], ""
    for character in text:
        if character == " " and piece:
            pieces.append(piece)
            piece = ""
        piece += character
    return pieces


@wrong_way("tokenization.split_words", says="**beginning and end**")
def stripped(text):
    return [piece for piece in re.split("(?= )", text.strip(" ")) if piece]


@wrong_way("tokenization.split_words", says="all white space")
def words_with_a_space(text):
    words = text.split()
    return words[:1] + [" " + word for word in words[1:]]


@wrong_way("tokenization.split_words", says="index")
def no_piece_yet(text):
    pieces = []
    for character in text:
        if character == " ":
            pieces.append(character)
        else:
            pieces[-1] += character
    return pieces


@wrong_way("tokenization.split_words", says="the text may hold it too")
def with_a_mark(text):
    return [piece for piece in text.replace(" ", "| ").split("|") if piece]


@wrong_way("tokenization.byte_fallback", says="`[UNK]`, and which one it was is lost")
def unknown(text, vocabulary):
    return [c if c in vocabulary else "[UNK]" for c in text]


@wrong_way("tokenization.byte_fallback", says="**code point**")
def code_points(text, vocabulary):
    return [c if c in vocabulary else f"<0x{ord(c):02X}>" for c in text]


@wrong_way("tokenization.byte_fallback", says="the digits are **capital**")
def small_letters(text, vocabulary):
    tokens = []
    for c in text:
        tokens += [c] if c in vocabulary else [f"<0x{byte:02x}>" for byte in c.encode()]
    return tokens


@wrong_way("tokenization.byte_fallback", says="the digits are **capital**")
def with_hex(text, vocabulary):
    tokens = []
    for c in text:
        tokens += [c] if c in vocabulary else [f"<{hex(byte)}>" for byte in c.encode()]
    return tokens


@wrong_way("tokenization.byte_fallback", says="only **one** digit")
def without_a_zero(text, vocabulary):
    tokens = []
    for c in text:
        tokens += [c] if c in vocabulary else [f"<0x{byte:X}>" for byte in c.encode()]
    return tokens


@wrong_way("tokenization.byte_fallback", says="whole text into bytes")
def all_or_nothing(text, vocabulary):
    if all(c in vocabulary for c in text):
        return list(text)
    return [f"<0x{byte:02X}>" for byte in text.encode()]


@wrong_way("tokenization.byte_fallback", says="**token of its own**")
def one_text_for_a_character(text, vocabulary):
    return [c if c in vocabulary else "".join(f"<0x{byte:02X}>" for byte in c.encode()) for c in text]


@wrong_way("tokenization.byte_fallback", says="a list within your list")
def appended(text, vocabulary):
    tokens = []
    for c in text:
        if c in vocabulary:
            tokens.append(c)
        else:
            tokens.append([f"<0x{byte:02X}>" for byte in c.encode()])
    return tokens


@wrong_way("tokenization.byte_fallback", says="**UTF-16**")
def utf_16(text, vocabulary):
    return [t for c in text for t in ([c] if c in vocabulary else [f"<0x{b:02X}>" for b in c.encode("utf-16")])]


@wrong_way("tokenization.byte_fallback", says="**decimal** digits")
def decimal(text, vocabulary):
    return [t for c in text for t in ([c] if c in vocabulary else [f"<0x{b}>" for b in c.encode()])]


@wrong_way("tokenization.byte_fallback", says="as **numbers**")
def numbers(text, vocabulary):
    return [t for c in text for t in ([c] if c in vocabulary else c.encode())]


@wrong_way("tokenization.byte_fallback", says="You write **every** character as bytes")
def known_too(text, vocabulary):
    return [f"<0x{byte:02X}>" for byte in text.encode()]


@wrong_way("tokenization.byte_fallback", says="The two ways are exchanged")
def exchanged(text, vocabulary):
    return [t for c in text for t in ([c] if c not in vocabulary else [f"<0x{b:02X}>" for b in c.encode()])]


@wrong_way("tokenization.byte_fallback", says="fall apart into letters")
def extended_by_a_text(text, vocabulary):
    tokens = []
    for c in text:
        if c in vocabulary:
            tokens.append(c)
        else:
            for byte in c.encode():
                tokens += f"<0x{byte:02X}>"
    return tokens


@wrong_way("tokenization.byte_fallback", says="**capital letters**")
def in_small_letters(text, vocabulary):
    return [t for c in text.lower() for t in ([c] if c in vocabulary else [f"<0x{b:02X}>" for b in c.encode()])]


@wrong_way("tokenization.byte_fallback", says="are **left out**")
def left_out(text, vocabulary):
    return [c for c in text if c in vocabulary]


@wrong_way("tokenization.byte_fallback", says="**joined** into one")
def joined(text, vocabulary):
    return "".join(c if c in vocabulary else "".join(f"<0x{b:02X}>" for b in c.encode()) for c in text)


@wrong_way("tokenization.pair_score", says="divide by the **sum**")
def by_the_sum(pair, pair_counts, symbol_counts):
    return pair_counts.get(pair, 0) / sum(symbol_counts[symbol] for symbol in pair)


@wrong_way("tokenization.pair_score", says="Put the product in parentheses")
def without_parentheses(pair, pair_counts, symbol_counts):
    a, b = pair
    return pair_counts.get(pair, 0) / symbol_counts[a] * symbol_counts[b]


@wrong_way("tokenization.pair_score", says="**byte-pair encoding**")
def count_alone(pair, pair_counts, symbol_counts):
    return pair_counts.get(pair, 0)


@wrong_way("tokenization.pair_score", says="first symbol only")
def by_the_first(pair, pair_counts, symbol_counts):
    return pair_counts.get(pair, 0) / symbol_counts[pair[0]]


@wrong_way("tokenization.pair_score", says="second symbol only")
def by_the_second(pair, pair_counts, symbol_counts):
    return pair_counts.get(pair, 0) / symbol_counts[pair[1]]


@wrong_way("tokenization.pair_score", says="**upside down**")
def upside_down(pair, pair_counts, symbol_counts):
    if pair not in pair_counts:
        return 0
    return symbol_counts[pair[0]] * symbol_counts[pair[1]] / pair_counts[pair]


@wrong_way("tokenization.pair_score", says="**logarithm** of the ratio")
def logarithm(pair, pair_counts, symbol_counts):
    if pair not in pair_counts:
        return 0
    return math.log(pair_counts[pair]) - math.log(symbol_counts[pair[0]]) - math.log(symbol_counts[pair[1]])


@wrong_way("tokenization.pair_score", says="**times the pair's count**")
def count_times_logarithm(pair, pair_counts, symbol_counts):
    n = pair_counts.get(pair, 0)
    return n * math.log(n / (symbol_counts[pair[0]] * symbol_counts[pair[1]])) if n else 0


@wrong_way("tokenization.pair_score", says="whole score of the paper")
def gain_in_likelihood(pair, pair_counts, symbol_counts):
    n, total = pair_counts.get(pair, 0), sum(symbol_counts.values())
    return n * math.log(n * total / (symbol_counts[pair[0]] * symbol_counts[pair[1]])) if n else 0


@wrong_way("tokenization.pair_score", says="`.get(key, default)`")
def without_get(pair, pair_counts, symbol_counts):
    return pair_counts[pair] / (symbol_counts[pair[0]] * symbol_counts[pair[1]])


@wrong_way("tokenization.pair_score", says="`//` drops the fraction")
def whole_division(pair, pair_counts, symbol_counts):
    return pair_counts.get(pair, 0) // (symbol_counts[pair[0]] * symbol_counts[pair[1]])


@wrong_way("tokenization.pair_score", says="counts **once**")
def smoothed_by_accident(pair, pair_counts, symbol_counts):
    return pair_counts.get(pair, 1) / (symbol_counts[pair[0]] * symbol_counts[pair[1]])


@wrong_way("tokenization.pair_score", says="count `a b` and `b a` together")
def both_orders(pair, pair_counts, symbol_counts):
    a, b = pair
    together = sum(pair_counts.get(each, 0) for each in {(a, b), (b, a)})
    return together / (symbol_counts[a] * symbol_counts[b])


@wrong_way("tokenization.pair_score", says="divide **shares**")
def of_shares(pair, pair_counts, symbol_counts):
    symbols, pairs = sum(symbol_counts.values()), sum(pair_counts.values())
    alone = math.prod(symbol_counts[symbol] / symbols for symbol in pair)
    return pair_counts.get(pair, 0) / pairs / alone


@wrong_way("tokenization.pair_score", says="ends at 2^63")
def with_whole_numbers_of_numpy(pair, pair_counts, symbol_counts):
    return pair_counts.get(pair, 0) / np.prod([symbol_counts[symbol] for symbol in pair])


@wrong_way("tokenization.wordpiece_greedy", says="The `##` is missing")
def without_marks(word, vocabulary):
    pieces, start = [], 0
    while start < len(word):
        end = len(word)
        while end > start and word[start:end] not in vocabulary:
            end -= 1
        if end == start:
            return ["[UNK]"]
        pieces.append(word[start:end])
        start = end
    return pieces


def _greedy(word, vocabulary, *, ends=None, unknown=("[UNK]",), shown=lambda piece: piece, at_once=False):
    pieces, start = [], 0
    while start < len(word):
        for end in (ends or (lambda a, n: range(n, a, -1)))(start, len(word)):
            piece = ("##" if start else "") + word[start:end]
            if piece in vocabulary:
                pieces.append(shown(piece))
                start = end
                break
            if at_once:
                return ["[UNK]"]
        else:
            return list(unknown)
    return pieces


@wrong_way("tokenization.wordpiece_greedy", says="without their `##`")
def marks_taken_off(word, vocabulary):
    return _greedy(word, vocabulary, shown=lambda piece: piece.removeprefix("##"))


@wrong_way("tokenization.wordpiece_greedy", says="Try the longest first")
def shortest_first(word, vocabulary):
    return _greedy(word, vocabulary, ends=lambda start, length: range(start + 1, length + 1))


@wrong_way("tokenization.wordpiece_greedy", says="reaches to the end of the word")
def end_left_out(word, vocabulary):
    return _greedy(word, vocabulary, ends=lambda start, length: range(length - 1, start, -1))


@wrong_way("tokenization.wordpiece_greedy", says="**one character** is never tried")
def one_character_left_out(word, vocabulary):
    return _greedy(word, vocabulary, ends=lambda start, length: range(length, start + 1, -1))


@wrong_way("tokenization.wordpiece_greedy", says="mark only the rest as unknown")
def unknown_rest(word, vocabulary):
    pieces, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:end]
            if piece in vocabulary:
                pieces.append(piece)
                start = end
                break
        else:
            pieces.append("[UNK]")
            break
    return pieces


@wrong_way("tokenization.wordpiece_greedy", says="for the **character**")
def unknown_characters(word, vocabulary):
    pieces, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:end]
            if piece in vocabulary:
                pieces.append(piece)
                start = end
                break
        else:
            pieces.append("[UNK]")
            start += 1
    return pieces


@wrong_way("tokenization.wordpiece_greedy", says="you return **nothing**")
def nothing_for_unknown(word, vocabulary):
    return _greedy(word, vocabulary, unknown=())


@wrong_way("tokenization.wordpiece_greedy", says="stays as it is in your answer")
def word_for_unknown(word, vocabulary):
    return _greedy(word, vocabulary, unknown=(word,))


@wrong_way("tokenization.wordpiece_greedy", says="never takes a choice back")
def taken_back(word, vocabulary, start=0):
    if start == len(word):
        return []
    for end in range(len(word), start, -1):
        piece = ("##" if start else "") + word[start:end]
        if piece in vocabulary:
            rest = taken_back(word, vocabulary, end)
            if "[UNK]" not in rest:
                return [piece, *rest]
    return ["[UNK]"]


@wrong_way("tokenization.wordpiece_greedy", says="Only the **empty** word")
def unknown_when_empty(word, vocabulary):
    return _greedy(word, vocabulary) or ["[UNK]"]


@wrong_way("tokenization.wordpiece_greedy", says="still running")
def never_ends(word, vocabulary):
    pieces, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:end]
            if piece in vocabulary:
                pieces.append(piece)
                start = end
                break
    return pieces


@wrong_way("tokenization.wordpiece_greedy", says="**first** piece is marked")
def marks_everywhere(word, vocabulary):
    pieces, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            if "##" + word[start:end] in vocabulary:
                pieces.append("##" + word[start:end])
                start = end
                break
        else:
            return ["[UNK]"]
    return pieces


@wrong_way("tokenization.wordpiece_greedy", says="You cut from the **right**")
def longest_ending_first(word, vocabulary):
    pieces, end = [], len(word)
    while end > 0:
        for start in range(end):
            piece = ("##" if start else "") + word[start:end]
            if piece in vocabulary:
                pieces.insert(0, piece)
                end = start
                break
        else:
            return ["[UNK]"]
    return pieces


@wrong_way("tokenization.wordpiece_greedy", says="**Every** word is unknown")
def gives_up_at_once(word, vocabulary):
    return _greedy(word, vocabulary, at_once=True, ends=lambda start, length: range(length - 1, start, -1))


@wrong_way("tokenization.wordpiece_greedy", says="Add marks, take none off")
def marks_stripped(word, vocabulary):
    word = word.strip("#")
    return _greedy(word, vocabulary)


def _scores(end, best, score):
    return [(best[start] + score(start), start) for start in range(end)]


@wrong_way("tokenization.viterbi_step", says="add `best[start]`")
def last_piece_alone(text, end, best, log_probs):
    starts = [start for start in range(end) if text[start:end] in log_probs and best[start] > NEVER]
    start = max(starts, key=lambda start: log_probs[text[start:end]], default=-1)
    return (log_probs[text[start:end]], start) if starts else (NEVER, -1)


@wrong_way("tokenization.viterbi_step", says="keep the **lowest** score")
def lowest(text, end, best, log_probs):
    found = [s for s in _scores(end, best, lambda s: log_probs.get(text[s:end], NEVER)) if s[0] > NEVER]
    return min(found, default=(NEVER, -1))


@wrong_way("tokenization.viterbi_step", says="You multiply")
def product(text, end, best, log_probs):
    starts = [start for start in range(end) if text[start:end] in log_probs and best[start] > NEVER]
    found = [(best[start] * log_probs[text[start:end]], start) for start in starts]
    return max(found, key=lambda item: item[0], default=(NEVER, -1))


@wrong_way("tokenization.viterbi_step", says="the **length** of the last piece")
def length(text, end, best, log_probs):
    score, start = max(_scores(end, best, lambda s: log_probs.get(text[s:end], NEVER)), key=lambda item: item[0])
    return (score, end - start) if score > NEVER else (NEVER, -1)


@wrong_way("tokenization.viterbi_step", says="the **longest** piece")
def longest(text, end, best, log_probs):
    for start in range(end):
        if text[start:end] in log_probs and best[start] > NEVER:
            return best[start] + log_probs[text[start:end]], start
    return NEVER, -1


@wrong_way("tokenization.viterbi_step", says="`>` and not `>=`")
def start_of_nothing(text, end, best, log_probs):
    return max(_scores(end, best, lambda s: log_probs.get(text[s:end], NEVER)))


@wrong_way("tokenization.viterbi_step", says="`>` and not `>=`")
def not_lower(text, end, best, log_probs):
    best_score, best_start = NEVER, -1
    for start in range(end):
        score = best[start] + log_probs.get(text[start:end], NEVER)
        if score >= best_score:
            best_score, best_start = score, start
    return best_score, best_start


@wrong_way("tokenization.viterbi_step", says="the start **0**")
def start_zero_of_nothing(text, end, best, log_probs):
    return max(_scores(end, best, lambda s: log_probs.get(text[s:end], NEVER)), key=lambda item: item[0])


@wrong_way("tokenization.viterbi_step", says="this start leads nowhere")
def known_pieces_only(text, end, best, log_probs):
    found = [(best[s] + log_probs[text[s:end]], s) for s in range(end) if text[s:end] in log_probs]
    return max(found, key=lambda item: item[0]) if found else (NEVER, -1)


@wrong_way("tokenization.viterbi_step", says="in the other order")
def start_first(text, end, best, log_probs):
    best_score, best_start = NEVER, -1
    for start in range(end):
        if best[start] + log_probs.get(text[start:end], NEVER) > best_score:
            best_score, best_start = best[start] + log_probs[text[start:end]], start
    return best_start, best_score


@wrong_way("tokenization.viterbi_step", says="the last **piece** itself")
def piece_instead_of_start(text, end, best, log_probs):
    best_score, best_piece = NEVER, -1
    for start in range(end):
        if best[start] + log_probs.get(text[start:end], NEVER) > best_score:
            best_score, best_piece = best[start] + log_probs[text[start:end]], text[start:end]
    return best_score, best_piece


@wrong_way("tokenization.viterbi_step", says="the logarithm of **certainty**")
def zero_for_unknown(text, end, best, log_probs):
    best_score, best_start = NEVER, -1
    for start in range(end):
        score = best[start] + log_probs.get(text[start:end], 0)
        if score > best_score:
            best_score, best_start = score, start
    return best_score, best_start


@wrong_way("tokenization.viterbi_step", says="the **later** start")
def later_of_two(text, end, best, log_probs):
    found = [s for s in _scores(end, best, lambda s: log_probs.get(text[s:end], NEVER)) if s[0] > NEVER]
    return max(found, default=(NEVER, -1))


@wrong_way("tokenization.viterbi_step", says="no such key")
def unknown_piece_looked_up(text, end, best, log_probs):
    return max([(best[s] + log_probs[text[s:end]], s) for s in range(end)], key=lambda item: item[0])


@wrong_way("tokenization.viterbi_step", says="the first start is 0")
def from_one(text, end, best, log_probs):
    best_score, best_start = NEVER, -1
    for start in range(1, end):
        score = best[start] + log_probs.get(text[start:end], NEVER)
        if score > best_score:
            best_score, best_start = score, start
    return best_score, best_start


@wrong_way("tokenization.viterbi_step", says="the last start is `end - 1`")
def to_one_before_the_end(text, end, best, log_probs):
    best_score, best_start = NEVER, -1
    for start in range(end - 1):
        score = best[start] + log_probs.get(text[start:end], NEVER)
        if score > best_score:
            best_score, best_start = score, start
    return best_score, best_start


@wrong_way("tokenization.viterbi_step", says="begin with −inf")
def a_low_number(text, end, best, log_probs):
    best_score, best_start = -1e9, -1
    for start in range(end):
        score = best[start] + log_probs.get(text[start:end], NEVER)
        if score > best_score:
            best_score, best_start = score, start
    return (best_score, best_start) if best_start >= 0 else (NEVER, -1)


@wrong_way("tokenization.viterbi_step", says="to the very end")
def rest_of_the_text(text, end, best, log_probs):
    best_score, best_start = NEVER, -1
    for start in range(end):
        score = best[start] + log_probs.get(text[start:], NEVER)
        if score > best_score:
            best_score, best_start = score, start
    return best_score, best_start


@wrong_way("tokenization.wordpiece_greedy", says="with the **fewest** pieces")
def shortest_path(word, vocabulary):
    shortest = {0: []}
    for end in range(1, len(word) + 1):
        last = {start: ("##" if start else "") + word[start:end] for start in shortest}
        cuts = [[*shortest[start], piece] for start, piece in last.items() if piece in vocabulary]
        if cuts:
            shortest[end] = min(cuts, key=len)
    return shortest.get(len(word), ["[UNK]"])
