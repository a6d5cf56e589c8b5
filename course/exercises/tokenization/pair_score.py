"""Exercise on WordPiece: the ratio in the score of a pair."""

import functools
import math

from course.exercises.compare import same
from course.exercises.exercise import Corner, Exercise, Mistake
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
        (("e", "r"), {("e", "r"): 10**9}, {"e": 4 * 10**9, "r": 5 * 10**9}),
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
    compare=functools.partial(same, absolute=0.0),  # a ratio may be very small
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
    corners=(
        Corner(
            lambda pair, pair_counts, symbol_counts: pair not in pair_counts,
            _("Only a pair that **never occurs** goes wrong: its count is 0, and so is its ratio."),
        ),
        Corner(
            lambda pair, pair_counts, symbol_counts: max(symbol_counts.values()) > 2**31,
            _(
                "Only **large** counts go wrong: a whole number of NumPy or PyTorch ends at 2^63, and begins again "
                "from below. Python's do not end; or divide by one count after the other."
            ),
        ),
        Corner(
            lambda pair, pair_counts, symbol_counts: pair[0] == pair[1],
            _("Only a pair of **two equal symbols** goes wrong: divide by the count of the symbol twice."),
        ),
    ),
    explanation=_(
        "The ratio compares how often two symbols occur together with how often each occurs at all. In the example "
        "`t h` is the more frequent pair, but every `q` is followed by a `u`, so `q u` has the higher ratio. The whole "
        "score is the logarithm of the ratio times the pair's count: a pair seen once does not win."
    ),
)
