"""Wrong ways to do the exercises of the lesson `tokenization`."""

import itertools
import math
import re
from collections import Counter, defaultdict

import numpy as np

from course.exercises.registry import find
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


@wrong_way("tokenization.encode_word", says="how WordPiece encodes")
def greedy_longest_match(symbols, ranks):
    word, tokens = "".join(symbols), []
    known = {a + b for a, b in ranks}
    while word:
        size = max(n for n in range(1, len(word) + 1) if n == 1 or word[:n] in known)
        tokens.append(word[:size])
        word = word[size:]
    return tuple(tokens)


@wrong_way("tokenization.encode_word", says="first pair **in the word**")
def first_pair_in_the_text(symbols, ranks):
    tokens, i = list(symbols), 0
    while i < len(tokens) - 1:
        if (tokens[i], tokens[i + 1]) in ranks:
            tokens[i : i + 2] = [tokens[i] + tokens[i + 1]]
            i = 0
        else:
            i += 1
    return tuple(tokens)


@wrong_way("tokenization.encode_word", says="after **one** merge")
def if_instead_of_while(symbols, ranks):
    known = [pair for pair in itertools.pairwise(symbols) if pair in ranks]
    if known:
        i = list(itertools.pairwise(symbols)).index(min(known, key=ranks.get))
        return (*symbols[:i], symbols[i] + symbols[i + 1], *symbols[i + 2 :])
    return symbols


@wrong_way("tokenization.encode_word", says="**highest** rank")
def maximum(symbols, ranks):
    tokens = list(symbols)
    while known := [pair for pair in itertools.pairwise(tokens) if pair in ranks]:
        i = list(itertools.pairwise(tokens)).index(max(known, key=ranks.get))
        tokens[i : i + 2] = [tokens[i] + tokens[i + 1]]
    return tuple(tokens)


@wrong_way("tokenization.encode_word", says="dictionary **lists** them")
def in_the_order_of_the_dictionary(symbols, ranks):
    tokens = list(symbols)
    for left, right in ranks:
        i = 0
        while i < len(tokens) - 1:
            if tokens[i] == left and tokens[i + 1] == right:
                tokens[i : i + 2] = [left + right]
            i += 1
    return tuple(tokens)


@wrong_way("tokenization.encode_word", says="rank **0** is never applied")
def zero_is_false(symbols, ranks):
    tokens = list(symbols)
    while True:
        best = None
        for i in range(len(tokens) - 1):
            rank = ranks.get((tokens[i], tokens[i + 1]))
            if rank and (best is None or rank < best[0]):
                best = rank, i
        if best is None:
            return tuple(tokens)
        i = best[1]
        tokens[i : i + 2] = [tokens[i] + tokens[i + 1]]


@wrong_way("tokenization.encode_word", says="further **right**")
def last_of_equals(symbols, ranks):
    tokens = list(symbols)
    while True:
        best = None
        for i in range(len(tokens) - 1):
            rank = ranks.get((tokens[i], tokens[i + 1]))
            if rank is not None and (best is None or rank <= best[0]):
                best = rank, i
        if best is None:
            return tuple(tokens)
        i = best[1]
        tokens[i : i + 2] = [tokens[i] + tokens[i + 1]]


@wrong_way("tokenization.encode_word", says="single symbols are joined")
def only_the_first_symbols(symbols, ranks):
    tokens = list(symbols)
    while True:
        known = [
            (ranks[pair], i)
            for i, pair in enumerate(itertools.pairwise(tokens))
            if pair in ranks and len(pair[0]) == len(pair[1]) == 1
        ]
        if not known:
            return tuple(tokens)
        _rank, i = min(known)
        tokens[i : i + 2] = [tokens[i] + tokens[i + 1]]


@wrong_way("tokenization.encode_word", says="replaces **both**")
def second_symbol_kept(symbols, ranks):
    tokens = list(symbols)
    while known := [(ranks[pair], i) for i, pair in enumerate(itertools.pairwise(tokens)) if pair in ranks]:
        i = min(known)[1]
        tokens[i] = tokens[i] + tokens[i + 1]
    return tuple(tokens)


@wrong_way("tokenization.encode_word", says="Its keys are tuples")
def list_as_a_key(symbols, ranks):
    tokens = list(symbols)
    while known := [i for i in range(len(tokens) - 1) if "".join(tokens[i : i + 2]) in ranks]:
        i = known[0]
        tokens[i : i + 2] = ["".join(tokens[i : i + 2])]
    return tuple(tokens)


@wrong_way("tokenization.encode_word", says="You join **everything**")
def whole_word_back(symbols, ranks):
    return ("".join(symbols),)


@wrong_way("tokenization.encode_word", says="Return the symbols that they leave")
def the_ranks_used(symbols, ranks):
    tokens, used = list(symbols), []
    while known := [(ranks[pair], i) for i, pair in enumerate(itertools.pairwise(tokens)) if pair in ranks]:
        rank, i = min(known)
        used.append(rank)
        tokens[i : i + 2] = [tokens[i] + tokens[i + 1]]
    return used


@wrong_way("tokenization.encode_word", says="still running")
def joins_nothing_and_goes_on(symbols, ranks):
    tokens = list(symbols)
    while any(pair in ranks for pair in itertools.pairwise(tokens)):
        min(pair for pair in itertools.pairwise(tokens) if pair in ranks)
    return tuple(tokens)


@wrong_way("tokenization.pair_score", says="**ratio of the counts** alone")
def as_in_tutorials(pair, left, right, total):
    return pair / (left * right)


@wrong_way("tokenization.pair_score", says="**ratio** itself")
def ratio_of_probabilities(pair, left, right, total):
    return (pair / total) / (left / total * right / total)


@wrong_way("tokenization.pair_score", says="**one** occurrence")
def for_one_occurrence(pair, left, right, total):
    return math.log(pair / total) - math.log(left / total) - math.log(right / total)


@wrong_way("tokenization.pair_score", says="The **total** is missing. p(a)")
def counts_for_probabilities(pair, left, right, total):
    return pair * (math.log(pair) - math.log(left) - math.log(right))


@wrong_way("tokenization.pair_score", says="**byte-pair encoding**")
def count_alone(pair, left, right, total):
    return pair


@wrong_way("tokenization.pair_score", says="Put the product in parentheses")
def without_parentheses(pair, left, right, total):
    return pair * math.log(pair * total / left * right)


@wrong_way("tokenization.pair_score", says="**sum** of the two counts")
def by_the_sum(pair, left, right, total):
    return pair * math.log(pair * total / (left + right))


@wrong_way("tokenization.pair_score", says="**upside down**")
def what_it_costs(pair, left, right, total):
    return pair * (math.log(left / total) + math.log(right / total) - math.log(pair / total))


@wrong_way("tokenization.pair_score", says="base **2**")
def in_bits(pair, left, right, total):
    return pair * math.log2(pair * total / (left * right))


@wrong_way("tokenization.pair_score", says="base **10**")
def to_the_base_ten(pair, left, right, total):
    return pair * np.log10(pair * total / (left * right))


@wrong_way("tokenization.pair_score", says="becomes 0")
def never_negative(pair, left, right, total):
    gain = pair * math.log(pair * total / (left * right))
    return gain if gain > 0 else 0


@wrong_way("tokenization.pair_score", says="in front of** the logarithm")
def weighted_by_probability(pair, left, right, total):
    share = pair / total
    return share * math.log(share / (left / total * right / total))


@wrong_way("tokenization.pair_score", says="subtract the logarithms")
def the_pair_alone(pair, left, right, total):
    return pair * math.log(pair / total)


@wrong_way("tokenization.pair_score", says="**left** token is missing")
def forgot_the_left(pair, left, right, total):
    return pair * math.log(pair * total / right)


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


@wrong_way("tokenization.split_words", says="**a space alone** are missing")
def no_piece_of_a_space_alone(text):
    return [piece for piece in re.findall(r" [^ ]*|[^ ]+", text) if piece != " "]


@wrong_way("tokenization.split_words", says="at the **end** of the text are lost")
def spaces_and_then_a_word(text):
    return re.findall(r" *[^ ]+", text)


@wrong_way("tokenization.split_words", says="begins with the space itself")
def the_space_as_it_is_printed(text):
    pieces = re.findall(r" [^ ]*|[^ ]+", text)
    return ["Ġ" + piece[1:] if piece.startswith(" ") else piece for piece in pieces]


@wrong_way("tokenization.split_words", says="Punctuation is **lost**")
def words_of_letters(text):
    return re.findall(r" ?\w+", text)


@wrong_way("tokenization.count_pairs", says="Begin anew with each word")
def one_text_of_all_words(words):
    counts, symbols = defaultdict(int), [(symbol, count) for word, count in words.items() for symbol in word]
    for (left, _count), (right, count) in itertools.pairwise(symbols):
        counts[left, right] += count
    return counts


@wrong_way("tokenization.count_pairs", says="keeps its **first** count")
def only_if_it_is_new(words):
    counts = {}
    for word, count in words.items():
        for pair in itertools.pairwise(word):
            if pair not in counts:
                counts[pair] = count
    return counts


@wrong_way("tokenization.count_pairs", says="new counts as **1**")
def a_new_pair_is_one(words):
    counts = {}
    for word, count in words.items():
        for pair in itertools.pairwise(word):
            if pair in counts:
                counts[pair] += count
            else:
                counts[pair] = 1
    return counts


@wrong_way("tokenization.apply_merge", says="**joined** is joined again")
def joined_to_what_has_been_joined(symbols, pair):
    merged = []
    for symbol in symbols:
        if merged and merged[-1].endswith(pair[0]) and symbol == pair[1]:
            merged[-1] = merged[-1] + symbol
        else:
            merged.append(symbol)
    return merged


@wrong_way("tokenization.encode_word", says="`ranks.get(pair, 0)`")
def no_rank_is_rank_zero(symbols, ranks):
    tokens = list(symbols)
    while len(tokens) > 1:
        places = range(len(tokens) - 1)
        place = min(places, key=lambda i: ranks.get((tokens[i], tokens[i + 1]), 0))
        if (tokens[place], tokens[place + 1]) not in ranks:
            break
        tokens[place : place + 2] = [tokens[place] + tokens[place + 1]]
    return tokens


@wrong_way("tokenization.byte_fallback", says="entries of **several** characters")
def known_inside_an_entry(text, vocabulary):
    known = "".join(vocabulary)
    return [token for c in text for token in ([c] if c in known else [f"<0x{byte:02X}>" for byte in c.encode()])]


@wrong_way("tokenization.byte_fallback", says="entries of **several** characters")
def longest_entry_first(text, vocabulary):
    tokens = []
    while text:
        end = next((end for end in range(len(text), 0, -1) if text[:end] in vocabulary), 0)
        tokens += [text[:end]] if end else [f"<0x{byte:02X}>" for byte in text[0].encode()]
        text = text[max(end, 1) :]
    return tokens


@wrong_way("tokenization.byte_fallback", says="are in **one** token")
def all_bytes_after_one_0x(text, vocabulary):
    return [c if c in vocabulary else f"<0x{c.encode().hex().upper()}>" for c in text]


@wrong_way("tokenization.byte_fallback", says="becomes `<unk>`")
def unk_in_angle_brackets(text, vocabulary):
    return [c if c in vocabulary else "<unk>" for c in text]


@wrong_way("tokenization.byte_fallback", says="whether a character is **ASCII**")
def ascii_stays(text, vocabulary):
    return [token for c in text for token in ([c] if c.isascii() else [f"<0x{byte:02X}>" for byte in c.encode()])]


@wrong_way("tokenization.pair_score", says="Put p(a) p(b) in parentheses")
def shares_without_parentheses(pair, left, right, total):
    return pair * math.log(pair / total / (left / total) * right / total)


@wrong_way("tokenization.wordpiece_greedy", says="**capital** letters")
def uncased(word, vocabulary):
    return find("tokenization.wordpiece_greedy").solution(word.lower(), vocabulary)


@wrong_way("tokenization.wordpiece_greedy", says="an entry **without** `##`")
def either_entry(word, vocabulary):
    pieces, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            if start and "##" + word[start:end] in vocabulary:
                pieces.append("##" + word[start:end])
            elif word[start:end] in vocabulary:
                pieces.append(word[start:end])
            else:
                continue
            start = end
            break
        else:
            return ["[UNK]"]
    return pieces


@wrong_way("tokenization.wordpiece_greedy", says="Is a second piece looked up")
def whole_words_alone(word, vocabulary):
    return [word] if word in vocabulary else [] if not word else ["[UNK]"]


@wrong_way("tokenization.viterbi_step", says="give one above")
def product_with_minus_infinity(text, end, best, log_probs):
    best_score, best_start = NEVER, -1
    for start in range(end):
        score = best[start] * log_probs.get(text[start:end], NEVER)
        if score > best_score:
            best_score, best_start = score, start
    return best_score, best_start
