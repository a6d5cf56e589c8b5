"""Exercises on WordPiece: the ratio in a pair's score, and cutting a word by the longest match."""

import math
import random

from course.exercises.exercise import Exercise, Mistake
from course.messages import _


def pair_score(
    pair: tuple[str, str],
    pair_counts: dict[tuple[str, str], int],
    symbol_counts: dict[str, int],
) -> float:
    """How strongly two symbols attract each other: the ratio inside WordPiece's score of a pair.

    It is the count of the pair, divided by the count of its first symbol times the count of its
    second. A pair that does not occur has a ratio of 0.

    >>> pair_score(("q", "u"), {("q", "u"): 6, ("t", "h"): 30}, {"q": 6, "u": 20, "t": 90, "h": 50})
    0.05
    """
    first, second = pair
    return pair_counts.get(pair, 0) / (symbol_counts[first] * symbol_counts[second])


def _pair_score_cases() -> list[tuple]:
    text = {("q", "u"): 6, ("t", "h"): 30}, {"q": 6, "u": 20, "t": 90, "h": 50}
    marked = {("e", "##s"): 4, ("s", "s"): 3}, {"e": 120, "##s": 40, "s": 60}
    mirrored = {("a", "b"): 7, ("b", "a"): 2}, {"a": 9, "b": 16}
    once = {("z", "y"): 1}, {"z": 1, "y": 1, "x": 3}
    return [
        (("q", "u"), *text),
        (("t", "h"), *text),
        (("q", "h"), *text),
        (("e", "##s"), *marked),
        (("s", "s"), *marked),
        (("##s", "e"), *marked),
        (("a", "b"), *mirrored),
        (("b", "a"), *mirrored),
        (("z", "y"), *once),
        (("y", "x"), *once),
        (("i", "n"), {("i", "n"): 2}, {"i": 3, "n": 7}),
    ]


def _inverted(pair, pair_counts, symbol_counts):
    ratio = pair_score(pair, pair_counts, symbol_counts)
    return 1 / ratio if ratio else 0.0


def _logarithm(pair, pair_counts, symbol_counts):
    ratio = pair_score(pair, pair_counts, symbol_counts)
    return math.log(ratio) if ratio else 0.0


def _logarithm_times_count(pair, pair_counts, symbol_counts):
    ratio = pair_score(pair, pair_counts, symbol_counts)
    return pair_counts[pair] * math.log(ratio) if ratio else 0.0


def _likelihood_gain(pair, pair_counts, symbol_counts):
    total = sum(symbol_counts.values())
    ratio = pair_score(pair, pair_counts, symbol_counts)
    return pair_counts[pair] * math.log(ratio * total) if ratio else 0.0


def _of_shares(pair, pair_counts, symbol_counts):
    total = sum(symbol_counts.values())
    together = pair_counts.get(pair, 0) / sum(pair_counts.values())
    return together / (symbol_counts[pair[0]] / total * symbol_counts[pair[1]] / total)


def _count_alone(pair, pair_counts, symbol_counts):
    return float(pair_counts.get(pair, 0))


def _product_alone(pair, pair_counts, symbol_counts):
    return symbol_counts[pair[0]] * symbol_counts[pair[1]]


def _multiplied(pair, pair_counts, symbol_counts):
    return pair_counts.get(pair, 0) * symbol_counts[pair[0]] * symbol_counts[pair[1]]


def _divided_by_sum(pair, pair_counts, symbol_counts):
    return pair_counts.get(pair, 0) / (symbol_counts[pair[0]] + symbol_counts[pair[1]])


def _divided_by_first(pair, pair_counts, symbol_counts):
    return pair_counts.get(pair, 0) / symbol_counts[pair[0]]


def _divided_by_second(pair, pair_counts, symbol_counts):
    return pair_counts.get(pair, 0) / symbol_counts[pair[1]]


def _divided_by_the_rarer(pair, pair_counts, symbol_counts):
    return pair_counts.get(pair, 0) / min(symbol_counts[symbol] for symbol in pair)


def _divided_by_the_root(pair, pair_counts, symbol_counts):
    return pair_counts.get(pair, 0) / math.sqrt(symbol_counts[pair[0]] * symbol_counts[pair[1]])


def _divided_by_all_pairs(pair, pair_counts, symbol_counts):
    return pair_counts.get(pair, 0) / sum(pair_counts.values())


def _divided_then_multiplied(pair, pair_counts, symbol_counts):
    return pair_counts.get(pair, 0) / symbol_counts[pair[0]] * symbol_counts[pair[1]]


def _rounded_down(pair, pair_counts, symbol_counts):
    return pair_counts.get(pair, 0) // (symbol_counts[pair[0]] * symbol_counts[pair[1]])


def _pair_in_any_order(pair, pair_counts, symbol_counts):
    together = pair_counts.get(pair, 0) + (pair_counts.get(pair[::-1], 0) if pair[0] != pair[1] else 0)
    return together / (symbol_counts[pair[0]] * symbol_counts[pair[1]])


def _pair_backwards(pair, pair_counts, symbol_counts):
    return pair_score(pair[::-1], pair_counts, symbol_counts)


def _one_for_a_pair_never_seen(pair, pair_counts, symbol_counts):
    return pair_counts.get(pair, 1) / (symbol_counts[pair[0]] * symbol_counts[pair[1]])


PAIR_SCORE = Exercise(
    name="tokenization.pair_score",
    title=_("The ratio in WordPiece's score"),
    solution=pair_score,
    cases=_pair_score_cases,
    hints=(
        _("`pair_counts.get(pair, 0)` is the count of a pair, and 0 for one that does not occur."),
        _("Unpack the pair, `first, second = pair`, and divide by the product of the two symbols' counts."),
    ),
    mistakes=(
        Mistake(
            _count_alone,
            _(
                "This is the count of the pair, which is how **byte-pair encoding** chooses. "
                "WordPiece divides it by the counts of both symbols."
            ),
        ),
        Mistake(
            _divided_by_sum,
            _("You divide by the **sum** of the two counts. The ratio divides by their product: `first * second`."),
        ),
        Mistake(
            _divided_by_first,
            _(
                "You divide by the count of the first symbol only: how often the second follows the first. "
                "Divide by the count of the second as well, or a frequent second symbol wins everywhere."
            ),
        ),
        Mistake(
            _divided_then_multiplied,
            _("`a / b * c` divides by `b` and multiplies by `c`. Put the product in parentheses: `a / (b * c)`."),
        ),
        Mistake(
            _divided_by_second,
            _(
                "You divide by the count of the second symbol only: how often the first precedes the second. "
                "Divide by the count of the first as well, or a frequent first symbol wins everywhere."
            ),
        ),
        Mistake(
            _divided_by_the_rarer,
            _("You divide by the count of the **rarer** symbol. Divide by the product of the two counts."),
        ),
        Mistake(
            _divided_by_the_root,
            _("You divide by the **root** of the product. Divide by the product itself."),
        ),
        Mistake(
            _divided_by_all_pairs,
            _("This is the pair's share of **all pairs**. Divide by the counts of its two symbols instead."),
        ),
        Mistake(
            _inverted,
            _("The fraction is **upside down**: divide the count of the pair by the product, not the other way round."),
        ),
        Mistake(
            _product_alone,
            _("This is the product of the two symbols' counts. The count of the pair is divided by it."),
        ),
        Mistake(
            _multiplied,
            _("You **multiply** by the counts of the symbols, so frequent symbols win everywhere. Divide by them."),
        ),
        Mistake(_logarithm, _("This is the **logarithm** of the ratio. Here the ratio itself is asked for.")),
        Mistake(
            _logarithm_times_count,
            _("This is the logarithm of the ratio **times the pair's count**. Here the ratio alone is asked for."),
        ),
        Mistake(
            _likelihood_gain,
            _(
                "This is the whole score of the paper, the gain in log-likelihood. "
                "Here the ratio inside its logarithm is asked for, without the total."
            ),
        ),
        Mistake(
            _of_shares,
            _("You divide **shares** of the whole text. Take the counts as they are: no total is needed."),
        ),
        Mistake(_rounded_down, _("Your ratio is rounded down to a whole number, mostly 0: `//` drops the fraction.")),
        Mistake(
            _pair_in_any_order,
            _("You count `a b` and `b a` together. They are two pairs, and would make two different tokens."),
        ),
        Mistake(
            _pair_backwards,
            _("You look up the pair **backwards**: `(first, second)` is its order in `pair_counts` too."),
        ),
        Mistake(
            _one_for_a_pair_never_seen,
            _("A pair that never occurs counts **once** in your answer. Its count is 0, and so is its ratio."),
        ),
    ),
    explanation=_(
        "The ratio compares how often two symbols stand together with how often each occurs at all. In the example "
        "`t h` is the more frequent pair, but every `q` stands before a `u`, so `q u` has the higher ratio. The whole "
        "score is the logarithm of the ratio times the pair's count: a pair seen once does not win."
    ),
)


def wordpiece_greedy(word: str, vocabulary: set[str]) -> list[str]:
    """Cut a word into pieces of the vocabulary: from left to right, the longest that fits.

    A piece that does not begin the word is written with `##` in front, in the vocabulary and in
    the answer. When no piece fits somewhere, the answer for the whole word is `["[UNK]"]`. An empty
    word has no pieces.

    >>> wordpiece_greedy("unhugs", {"u", "un", "hug", "##hug", "##h", "##s"})
    ['un', '##hug', '##s']
    >>> wordpiece_greedy("unhugx", {"u", "un", "hug", "##hug", "##h", "##s"})
    ['[UNK]']
    """
    pieces, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = word[start:end] if start == 0 else "##" + word[start:end]
            if piece in vocabulary:
                pieces.append(piece)
                start = end
                break
        else:
            return ["[UNK]"]
    return pieces


def _wordpiece_cases() -> list[tuple]:
    generator = random.Random(2)
    small = {"u", "un", "hug", "##hug", "##h", "##s", "s", "p", "##u", "##g", "##ug"}
    nested = {"a", "ab", "abc", "##a", "##b", "##c", "##bc", "b", "bc", "c"}
    cases = [
        ("unhugs", small),
        ("hugs", small),
        ("pug", small),
        ("unhugx", small),
        ("hugsx", small),
        ("xhug", small),
        ("abcbc", nested),
        ("abab", {"ab", "aba", "##ab", "##b"}),
        ("abab", {"ab", "aba", "##ab"}),
        ("", small),
        ("newest", {"n", "new", "newe", "##est", "##st"}),
        ("lowest", {"low", "##e", "##est", "##es", "##t"}),
        ("lower", {"lowe", "low", "##er"}),
        ("tokens", {"token", "tokens", "##s"}),
        ("hugging", {"hug", "##ging", "##g", "##in", "##ing"}),
        ("walked", {"walk", "walke", "##ed", "##e"}),
        ("a", {"b", "##a"}),
    ]
    for length in (4, 6, 8, 8):
        cases.append(("".join(generator.choices("abc", k=length)), nested))
    return cases


def _cut(word, vocabulary, *, mark_lookup="##", mark_answer="##", mark_first="", ends=None, unknown=None):
    """The solution with a part of it done wrong. `unknown(pieces, rest)` is the answer where nothing fits."""
    pieces, start = [], 0
    while start < len(word):
        for end in (ends or _longest_first)(start, len(word)):
            if (mark_lookup if start else mark_first) + word[start:end] in vocabulary:
                pieces.append((mark_answer if start else mark_first) + word[start:end])
                start = end
                break
        else:
            return unknown(pieces, word[start:]) if unknown else ["[UNK]"]
    return pieces


def _longest_first(start, length):
    return range(length, start, -1)


def _no_mark(word, vocabulary):
    return _cut(word, vocabulary, mark_lookup="", mark_answer="")


def _no_mark_in_answer(word, vocabulary):
    return _cut(word, vocabulary, mark_answer="")


def _mark_in_answer_alone(word, vocabulary):
    return _cut(word, vocabulary, mark_lookup="")


def _mark_on_the_first(word, vocabulary):
    return _cut(word, vocabulary, mark_first="##")


def _marks_exchanged(word, vocabulary):
    return _cut(word, vocabulary, mark_first="##", mark_lookup="", mark_answer="")


def _one_sign_as_mark(word, vocabulary):
    return _cut(word, vocabulary, mark_lookup="#", mark_answer="#")


def _shortest_first(word, vocabulary):
    return _cut(word, vocabulary, ends=lambda start, length: range(start + 1, length + 1))


def _never_to_the_end(word, vocabulary):
    return _cut(word, vocabulary, ends=lambda start, length: range(length - 1, start, -1))


def _never_one_character(word, vocabulary):
    return _cut(word, vocabulary, ends=lambda start, length: range(length, start + 1, -1))


def _one_character_only(word, vocabulary):
    return _cut(word, vocabulary, ends=lambda start, length: [start + 1])


def _unknown_rest(word, vocabulary):
    return _cut(word, vocabulary, unknown=lambda pieces, rest: [*pieces, "[UNK]"])


def _rest_dropped(word, vocabulary):
    return _cut(word, vocabulary, unknown=lambda pieces, rest: pieces)


def _nothing_for_unknown(word, vocabulary):
    return _cut(word, vocabulary, unknown=lambda pieces, rest: [])


def _word_for_unknown(word, vocabulary):
    return _cut(word, vocabulary, unknown=lambda pieces, rest: [word])


def _unknown_in_small_letters(word, vocabulary):
    return _cut(word, vocabulary, unknown=lambda pieces, rest: ["[unk]"])


def _unknown_without_brackets(word, vocabulary):
    return _cut(word, vocabulary, unknown=lambda pieces, rest: ["UNK"])


def _unknown_character_by_character(word, vocabulary):
    pieces, start = [], 0
    while start < len(word):
        mark = "##" if start else ""
        end = next((end for end in _longest_first(start, len(word)) if mark + word[start:end] in vocabulary), None)
        pieces.append(mark + word[start:end] if end else "[UNK]")
        start = end or start + 1
    return pieces


def _always_unknown(word, vocabulary):
    return ["[UNK]"] if word else []


def _first_piece_only(word, vocabulary):
    return wordpiece_greedy(word, vocabulary)[:1]


def _last_piece_only(word, vocabulary):
    return wordpiece_greedy(word, vocabulary)[-1:]


def _choices_taken_back(word, vocabulary, start=0):
    """Also tries the shorter pieces where the longest leads to nothing."""
    if start == len(word):
        return []
    for end in _longest_first(start, len(word)):
        piece = ("##" if start else "") + word[start:end]
        if piece in vocabulary and (rest := _choices_taken_back(word, vocabulary, end)) != ["[UNK]"]:
            return [piece, *rest]
    return ["[UNK]"]


def _from_the_right(word, vocabulary):
    pieces, end = [], len(word)
    while end:
        for start in range(end):
            piece = ("##" if start else "") + word[start:end]
            if piece in vocabulary:
                pieces.insert(0, piece)
                end = start
                break
        else:
            return ["[UNK]"]
    return pieces


def _every_piece_inside(word, vocabulary):
    """All pieces that occur, overlapping ones too."""
    places = [(start, end) for start in range(len(word)) for end in _longest_first(start, len(word))]
    pieces = [("##" if start else "") + word[start:end] for start, end in places]
    return [piece for piece in pieces if piece in vocabulary]


WORDPIECE_GREEDY = Exercise(
    name="tokenization.wordpiece_greedy",
    title=_("Cut a word by the longest match"),
    solution=wordpiece_greedy,
    cases=_wordpiece_cases,
    hints=(
        _("From a start, try the ends from the far one to the near one: `for end in range(len(word), start, -1)`."),
        _(
            "When a piece fits, keep it and go on with `start = end`. A `for` loop may have an `else`: "
            "it runs when no `break` ended the loop, which is here the case of the unknown word."
        ),
    ),
    mistakes=(
        Mistake(
            _no_mark,
            _(
                "The `##` is missing. A piece inside a word is another entry of the vocabulary than the same letters "
                "at its beginning: look for `'##' + word[start:end]` when `start` is not 0."
            ),
        ),
        Mistake(
            _no_mark_in_answer,
            _(
                "You look up the right pieces but return them without their `##`. The answer holds entries of the "
                "vocabulary as they stand in it."
            ),
        ),
        Mistake(
            _shortest_first,
            _("You take the **shortest** piece that fits. Try the longest first: count the end down from `len(word)`."),
        ),
        Mistake(
            _unknown_rest,
            _(
                "You keep the pieces that were found and mark only the rest as unknown. "
                "In WordPiece one place without a match makes the **whole** word `[UNK]`."
            ),
        ),
        Mistake(
            _mark_in_answer_alone,
            _(
                "You look up a piece inside the word **without** its `##`, which is added afterwards. "
                "`hug` and `##hug` are two entries: look up the piece as you return it."
            ),
        ),
        Mistake(
            _mark_on_the_first,
            _("Your **first** piece is marked with `##` as well. It begins the word, so it is looked up without."),
        ),
        Mistake(
            _marks_exchanged,
            _("The mark is at the wrong pieces: `##` belongs to those **inside** a word, not to the first one."),
        ),
        Mistake(_one_sign_as_mark, _("The mark of a piece inside a word is **two** signs, `##`.")),
        Mistake(
            _never_to_the_end,
            _(
                "A piece that reaches to the **end** of the word is never tried: the end of a slice is not part of it, "
                "so the longest is `word[start:len(word)]`."
            ),
        ),
        Mistake(
            _never_one_character,
            _("A piece of **one character** is never tried: the last end to try is `start + 1`."),
        ),
        Mistake(
            _one_character_only,
            _("You cut into single **characters**. Try the longest piece first: from `start` to the end of the word."),
        ),
        Mistake(
            _rest_dropped,
            _("Where no piece fits, you return the pieces found **until there**. The whole word is then `[UNK]`."),
        ),
        Mistake(
            _nothing_for_unknown,
            _("For a word that cannot be cut you return **nothing**. The answer is `['[UNK]']`."),
        ),
        Mistake(
            _word_for_unknown,
            _("A word that cannot be cut stays as it is in your answer, and is no entry: write `['[UNK]']`."),
        ),
        Mistake(
            _unknown_in_small_letters,
            _("The unknown word is written `[UNK]`, in **capital** letters."),
        ),
        Mistake(
            _unknown_without_brackets,
            _("The unknown word is written `[UNK]`, **with** its brackets."),
        ),
        Mistake(
            _unknown_character_by_character,
            _(
                "You write `[UNK]` for the **character** that fits nothing and go on behind it. "
                "In WordPiece one such place makes the whole word `[UNK]`, once."
            ),
        ),
        Mistake(
            _always_unknown,
            _(
                "**Every** word is unknown to your code. Is a word given up at the first piece that does not fit? "
                "Give up when the shortest has been tried as well."
            ),
        ),
        Mistake(
            _first_piece_only,
            _("Your answer ends with the **first** piece. Is `return` inside the loop, or the loop an `if`?"),
        ),
        Mistake(
            _last_piece_only,
            _("Of all pieces only the **last** is returned. Is the list made anew for each piece?"),
        ),
        Mistake(
            _choices_taken_back,
            _(
                "You go back and try a shorter piece when the longest leads to nothing. That finds more words, "
                "and is not WordPiece: it is greedy, and never takes a choice back."
            ),
        ),
        Mistake(
            _from_the_right,
            _("You cut from the **right**, the longest ending first. WordPiece begins at the left."),
        ),
        Mistake(
            _every_piece_inside,
            _("Your pieces **overlap**: go on where the last piece ended, not at the next character."),
        ),
    ),
    explanation=_(
        "Greedy means that a choice is never taken back: `abab` with the pieces `ab`, `aba` and `##ab` is unknown, "
        "because `aba` is taken first and leaves a `b`, though `ab ##ab` would fit."
    ),
)
