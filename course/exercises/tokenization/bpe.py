"""Exercises on byte-pair encoding: count the pairs, apply a merge."""

import itertools
import random

from course.exercises.exercise import Exercise, Mistake
from course.messages import _


def count_pairs(words: dict[tuple[str, ...], int]) -> dict[tuple[str, str], int]:
    """How often each pair of neighbouring symbols occurs in a text.

    `words` gives each different word of the text, as a tuple of symbols, and how often the word
    occurs. A pair lies within one word; a pair that does not occur is not in the answer.

    >>> count_pairs({("h", "u", "g"): 10, ("h", "u", "m"): 5})
    {('h', 'u'): 15, ('u', 'g'): 10, ('u', 'm'): 5}
    """
    counts = {}
    for word, count in words.items():
        for i in range(len(word) - 1):
            pair = word[i : i + 2]
            counts[pair] = counts.get(pair, 0) + count
    return counts


def _count_pairs_cases() -> list[tuple]:
    generator = random.Random(2)
    cases = [
        {("h", "u", "g"): 10, ("h", "u", "m"): 5},
        {("b", "a", "n", "a", "n", "a"): 3},
        {("a", "b"): 2, ("b", "a"): 7},
        {("l", "ow"): 4, ("l", "ow", "er"): 2, ("s", "l", "ow"): 1},
        {("a", "a", "a"): 2},
        {("a",): 9},
        {},
    ]
    for _case in range(3):
        cases.append({tuple(generator.choices("abc", k=length)): generator.randint(2, 9) for length in (2, 3, 5, 6)})
    return [(words,) for words in cases]


def _each_word_once(words):
    return count_pairs(dict.fromkeys(words, 1))


def _each_pair_once_in_a_word(words):
    counts = {}
    for word, count in words.items():
        for pair in dict.fromkeys(itertools.pairwise(word)):
            counts[pair] = counts.get(pair, 0) + count
    return counts


def _without_overlap(words):
    counts = {}
    for word, count in words.items():
        for i in range(0, len(word) - 1, 2):
            pair = word[i : i + 2]
            counts[pair] = counts.get(pair, 0) + count
    return counts


def _without_order(words):
    counts = {}
    for pair, count in count_pairs(words).items():
        counts[tuple(sorted(pair))] = counts.get(tuple(sorted(pair)), 0) + count
    return counts


COUNT_PAIRS = Exercise(
    name="tokenization.count_pairs",
    title=_("Count the pairs"),
    solution=count_pairs,
    cases=_count_pairs_cases,
    hints=(
        _("The neighbours in a word are first and second, second and third, and so on: `word[i : i + 2]`."),
        _(
            "For each pair in each word, add the word's count to what the pair has so far: "
            "`counts[pair] = counts.get(pair, 0) + count`."
        ),
    ),
    mistakes=(
        Mistake(
            _each_word_once,
            _(
                "You count each word **once**, however often it occurs in the text. "
                "A pair occurs as often as its word does: add the word's count, not 1."
            ),
        ),
        Mistake(
            _each_pair_once_in_a_word,
            _(
                "A pair that stands twice in a word counts twice: `banana` holds `a n` at two places. "
                "Go over the places in the word, not over its different pairs."
            ),
        ),
        Mistake(
            _without_overlap,
            _(
                "You cut the word into pairs, so each symbol belongs to one pair only. Neighbours overlap: "
                "`h u g` holds `h u` and `u g`. Move on by one symbol, not by two."
            ),
        ),
        Mistake(
            _without_order,
            _("You count `a b` and `b a` as one pair. They make different tokens, `ab` and `ba`: keep the order."),
        ),
    ),
    explanation=_(
        "A word that occurs a thousand times is looked at once, and its pairs are counted a thousand times. "
        "A word of one symbol has no pair: `range(0)` is empty, and the loop does nothing."
    ),
)


def apply_merge(symbols: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    """The word after a merge: where the two symbols of `pair` stand side by side, they become one.

    Goes from left to right; a symbol that has been joined is not joined again in the same merge.

    >>> apply_merge(("h", "u", "g", "h", "u"), ("h", "u"))
    ('hu', 'g', 'hu')
    >>> apply_merge(("a", "a", "a"), ("a", "a"))
    ('aa', 'a')
    """
    merged, position = [], 0
    while position < len(symbols):
        if symbols[position : position + 2] == pair:
            merged.append(pair[0] + pair[1])
            position += 2
        else:
            merged.append(symbols[position])
            position += 1
    return tuple(merged)


def _apply_merge_cases() -> list[tuple]:
    generator = random.Random(2)
    cases: list[tuple] = [
        (("h", "u", "g", "h", "u"), ("h", "u")),
        (("h", "u", "g"), ("u", "g")),
        (("a", "a", "a"), ("a", "a")),
        (("b", "an", "an", "a"), ("an", "an")),
        (("a", "a", "b", "a", "a", "a"), ("a", "a")),
        (("b", "a", "a", "a", "a", "a"), ("a", "a")),
        (("a", "b", "a", "b", "a", "b"), ("a", "b")),
        (("ba", "n", "a", "n"), ("a", "n")),
        (("n", "a", "n", "a"), ("a", "n")),
        (("h", "u", "g"), ("g", "s")),
        (("h",), ("h", "u")),
        ((), ("h", "u")),
    ]
    for length in (9, 12, 15):
        cases.append((tuple(generator.choices(["a", "b", "ba"], k=length)), ("a", "b")))
    return cases


def _first_only(symbols, pair):
    for i in range(len(symbols) - 1):
        if symbols[i : i + 2] == pair:
            return (*symbols[:i], pair[0] + pair[1], *symbols[i + 2 :])
    return symbols


def _keeps_the_second(symbols, pair):
    return tuple(pair[0] + pair[1] if symbols[i : i + 2] == pair else symbols[i] for i in range(len(symbols)))


def _from_the_right(symbols, pair):
    return apply_merge(symbols[::-1], pair[::-1])[::-1] if pair[0] == pair[1] else apply_merge(symbols, pair)


def _replaces_text(symbols, pair):
    return tuple(" ".join(symbols).replace(" ".join(pair), "".join(pair)).split())


APPLY_MERGE = Exercise(
    name="tokenization.apply_merge",
    title=_("Apply a merge"),
    solution=apply_merge,
    cases=_apply_merge_cases,
    hints=(
        _("Walk along the word with a position of your own, in a `while` loop: a `for` loop cannot skip a symbol."),
        _(
            "At each position look at `symbols[position : position + 2]`. If it is the pair, append the joined symbol "
            "and move on by two; if not, append the one symbol and move on by one."
        ),
    ),
    mistakes=(
        Mistake(
            _first_only,
            _("Only the **first** place is merged. A merge joins the pair at every place in the word: go on after it."),
        ),
        Mistake(
            _keeps_the_second,
            _(
                "The second symbol of the pair is still there after it has been joined, so it is in the word twice. "
                "After a merge, move on by **two** symbols."
            ),
        ),
        Mistake(
            _from_the_right,
            _("You merge from right to left, which makes `a a a` into `a aa`. Begin at the left: `aa a`."),
        ),
        Mistake(
            _replaces_text,
            _(
                "You replace text, and the pair is found **across** longer symbols: the text of `ba n` holds `a n`, "
                "but `a` is not one of its symbols. Compare whole symbols."
            ),
        ),
    ),
    explanation=_(
        "A slice makes the end easy: at the last symbol `symbols[position : position + 2]` is that one symbol, which "
        "is never a pair. Moving on by two after a merge is what keeps a symbol from being joined twice."
    ),
)
