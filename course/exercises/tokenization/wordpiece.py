"""Exercises on WordPiece: the ratio in a pair's score, and cutting a word by the longest match."""

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
    pairs = {("q", "u"): 6, ("t", "h"): 30, ("h", "e"): 25, ("e", "##s"): 4, ("s", "s"): 3, ("z", "z"): 1}
    symbols = {"q": 6, "u": 20, "t": 90, "h": 50, "e": 120, "##s": 40, "s": 60, "z": 20}
    return [(pair, pairs, symbols) for pair in pairs] + [(("h", "t"), pairs, symbols)]


def _count_alone(pair, pair_counts, symbol_counts):
    return float(pair_counts.get(pair, 0))


def _divided_by_sum(pair, pair_counts, symbol_counts):
    return pair_counts.get(pair, 0) / (symbol_counts[pair[0]] + symbol_counts[pair[1]])


def _divided_by_first(pair, pair_counts, symbol_counts):
    return pair_counts.get(pair, 0) / symbol_counts[pair[0]]


def _divided_then_multiplied(pair, pair_counts, symbol_counts):
    return pair_counts.get(pair, 0) / symbol_counts[pair[0]] * symbol_counts[pair[1]]


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
    the answer. When no piece fits somewhere, the answer for the whole word is `["[UNK]"]`.

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
    ]
    for length in (4, 6, 8, 8):
        cases.append(("".join(generator.choices("abc", k=length)), nested))
    return cases


def _cut(word, vocabulary, *, mark_lookup="##", mark_answer="##", shortest=False, keep_beginning=False):
    """The solution with a part of it done wrong."""
    pieces, start = [], 0
    while start < len(word):
        ends = range(len(word), start, -1)
        for end in reversed(ends) if shortest else ends:
            if (mark_lookup if start else "") + word[start:end] in vocabulary:
                pieces.append((mark_answer if start else "") + word[start:end])
                start = end
                break
        else:
            return [*pieces, "[UNK]"] if keep_beginning else ["[UNK]"]
    return pieces


def _no_mark(word, vocabulary):
    return _cut(word, vocabulary, mark_lookup="", mark_answer="")


def _no_mark_in_answer(word, vocabulary):
    return _cut(word, vocabulary, mark_answer="")


def _shortest_first(word, vocabulary):
    return _cut(word, vocabulary, shortest=True)


def _unknown_rest(word, vocabulary):
    return _cut(word, vocabulary, keep_beginning=True)


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
    ),
    explanation=_(
        "Greedy means that a choice is never taken back: `abab` with the pieces `ab`, `aba` and `##ab` is unknown, "
        "because `aba` is taken first and leaves a `b`, though `ab ##ab` would fit."
    ),
)
