"""Exercise on repetition: the share of n-grams that occurred in a text before."""

import random
from collections import Counter
from itertools import combinations, pairwise, takewhile

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def repeated_share(tokens: list[str], n: int) -> float:
    """The share of a text's n-grams that occurred in it before: 0 when all differ, near 1 in a loop.

    An n-gram is n tokens in a row, in their order; they overlap. The first of several equal ones is
    not repeated, all others are. The text has n tokens or more.

    >>> repeated_share(["on", "and", "on", "and", "on"], n=2)
    0.5
    >>> repeated_share(["a", "rose", "is", "red"], n=2)
    0.0
    """
    ngrams = [tuple(tokens[start : start + n]) for start in range(len(tokens) - n + 1)]
    return 1 - len(set(ngrams)) / len(ngrams)


def _repeated_share_cases() -> list[tuple]:
    draw = random.Random(7)
    cases: list[tuple] = [(["on", "and", "on", "and", "on"], 2), (["a", "rose", "is", "red"], 2), (["a"], 1)]
    cases += [(list("aaaaaa"), 2), (["a", "rose", "is", "a", "rose", "is", "a", "rose"], 3), (list("abbaab"), 1)]
    cases += [(list("xyxyxyz"), 4), (list("abcabdabe"), 2), (list("abac"), 4)]
    cases += [(["1", "23", "12", "3", "1", "23"], 2), (["a", "ba", "ab", "a"], 2), (["ab", "c", "a", "bc"], 2)]
    cases += [(["The", "cat", "the", "cat", "The"], 2), (["rose", " is", " a", " rose", " is", " a"], 2)]
    cases += [(["A", "a", "A"], 1), (["Go", "go", " Go", " go"], 1), (["to", " to", "be", "to"], 1)]
    for size in (6, 9, 12, 15):
        cases.append(([draw.choice("abc") for _token in range(size)], draw.choice([2, 3])))
    return cases


def _ngrams(tokens, n):
    return [tuple(tokens[start : start + n]) for start in range(len(tokens) - n + 1)]


def _repeats(ngrams):
    return len(ngrams) - len(set(ngrams))


def _distinct(tokens, n):
    return 1 - repeated_share(tokens, n)


def _count(tokens, n):
    return float(_repeats(_ngrams(tokens, n)))


def _next_to_each_other(tokens, n):
    ngrams = [tuple(tokens[start : start + n]) for start in range(0, len(tokens) - n + 1, n)]
    return _repeats(ngrams) / len(ngrams)


def _sliced(tokens, n, first=0, last=None):
    """The share, where each n-gram begins at its start + `first` and ends before start + `last`."""
    last = n if last is None else last
    ngrams = [tuple(tokens[start + first : start + last]) for start in range(len(tokens) - n + 1)]
    return _repeats(ngrams) / len(ngrams)


def _one_shorter(tokens, n):
    return _sliced(tokens, n, last=n - 1)


def _one_longer(tokens, n):
    return _sliced(tokens, n, last=n + 1)


def _begins_late(tokens, n):
    return _sliced(tokens, n, first=1)


def _up_to_n(tokens, n):
    ngrams = [tuple(tokens[start:n]) for start in range(len(tokens) - n + 1)]
    return _repeats(ngrams) / len(ngrams)


def _too_many_starts(tokens, n):
    ngrams = [tuple(tokens[start : start + n]) for start in range(len(tokens) + 1)]
    return _repeats(ngrams) / len(ngrams)


def _n_starts(tokens, n):
    ngrams = [tuple(tokens[start : start + n]) for start in range(n + 1)]
    return _repeats(ngrams) / len(ngrams)


def _two_missing(tokens, n):
    ngrams = _ngrams(tokens, n)[:-2]
    return _repeats(ngrams) / len(ngrams) if ngrams else 0.0


def _upside_down(tokens, n):
    ngrams = _ngrams(tokens, n)
    return 1 - len(ngrams) / len(set(ngrams))


def _one_minus_the_number(tokens, n):
    return 1 - len(set(_ngrams(tokens, n)))


def _without_the_last(tokens, n):
    ngrams = _ngrams(tokens, n)[:-1]
    return _repeats(ngrams) / len(ngrams) if ngrams else 0.0


def _by_tokens(tokens, n):
    return _repeats(_ngrams(tokens, n)) / len(tokens)


def _by_distinct(tokens, n):
    ngrams = _ngrams(tokens, n)
    return _repeats(ngrams) / len(set(ngrams))


def _with_the_first(tokens, n):
    counts = Counter(_ngrams(tokens, n))
    return sum(count for count in counts.values() if count > 1) / counts.total()


def _kinds(tokens, n):
    counts = Counter(_ngrams(tokens, n))
    return sum(count > 1 for count in counts.values()) / len(counts)


def _kinds_of_all(tokens, n):
    counts = Counter(_ngrams(tokens, n))
    return sum(count > 1 for count in counts.values()) / counts.total()


def _any_order(tokens, n):
    ngrams = [tuple(sorted(ngram)) for ngram in _ngrams(tokens, n)]
    return _repeats(ngrams) / len(ngrams)


def _as_sets(tokens, n):
    ngrams = [frozenset(ngram) for ngram in _ngrams(tokens, n)]
    return _repeats(ngrams) / len(ngrams)


def _tokens(tokens, n):
    return repeated_share(tokens, 1)


def _joined(tokens, n):
    return repeated_share(["".join(ngram) for ngram in _ngrams(tokens, n)], 1)


def _in_small_letters(tokens, n):
    return repeated_share([token.lower() for token in tokens], n)


def _without_spaces(tokens, n):
    return repeated_share([token.strip() for token in tokens], n)


def _pairs(tokens, n):
    return repeated_share(tokens, 2) if len(tokens) > 1 else 0.0


def _equal_pairs(tokens, n):
    ngrams = _ngrams(tokens, n)
    return sum(a == b for a, b in combinations(ngrams, 2)) / len(ngrams)


def _from_the_first_on(tokens, n):
    ngrams = _ngrams(tokens, n)
    new = sum(1 for _ngram in takewhile(lambda start: ngrams[start] not in ngrams[:start], range(len(ngrams))))
    return 1 - new / len(ngrams)


def _of_all_others(tokens, n):
    ngrams = _ngrams(tokens, n)
    return _repeats(ngrams) / max(1, len(ngrams) - 1)


def _as_the_one_before(tokens, n):
    ngrams = _ngrams(tokens, n)
    return sum(a == b for a, b in pairwise(ngrams)) / len(ngrams)


def _percent(tokens, n):
    return 100 * repeated_share(tokens, n)


def _whether(tokens, n):
    return float(repeated_share(tokens, n) > 0)


def _most_frequent(tokens, n):
    counts = Counter(_ngrams(tokens, n))
    return max(counts.values()) / counts.total()


REPEATED_SHARE = Exercise(
    name="gpt.repeated_share",
    title=_("How much of a text repeats what came before"),
    solution=repeated_share,
    cases=_repeated_share_cases,
    hints=(
        _("List all n-grams, one for each start. How many remain when each is kept once?"),
        _("`tuple(tokens[start : start + n])` for `start in range(len(tokens) - n + 1)`; then 1 - distinct / all."),
    ),
    mistakes=(
        Mistake(_distinct, _("That is the share of **distinct** n-grams: 1 minus it is wanted.")),
        Mistake(_count, _("That is the **number** of repeated n-grams: divide by the number of all.")),
        Mistake(
            _next_to_each_other, _("Your n-grams are **next to** each other: they overlap, one begins at every token.")
        ),
        Mistake(_one_shorter, _("Your n-grams are **one** token too short: `tokens[start : start + n]` has n.")),
        Mistake(_one_longer, _("Your n-grams are **one** token too long: `tokens[start : start + n]` has n.")),
        Mistake(_without_the_last, _("The **last** n-gram is missing: `range` needs `len(tokens) - n + 1`.")),
        Mistake(
            _by_tokens,
            _("You divided by the number of **tokens**: there are `len(tokens) - n + 1` n-grams, no shorter ones."),
        ),
        Mistake(_by_distinct, _("You divided by the **distinct** n-grams: divide by all.")),
        Mistake(
            _with_the_first, _("You counted the **first** of several equal n-grams, too: it has not been there before.")
        ),
        Mistake(_kinds, _("That is the share of **kinds** of n-grams that return: each further one counts.")),
        Mistake(_kinds_of_all, _("You counted each returning **kind** once: each further n-gram counts.")),
        Mistake(_begins_late, _("Your n-grams **begin** one token late: `tokens[start : start + n]` has n.")),
        Mistake(_up_to_n, _("Your n-grams end at token n: they end at **start + n**.")),
        Mistake(_too_many_starts, _("You went on to the **end** of the text, where fewer than n tokens are left.")),
        Mistake(_n_starts, _("You took the first n + 1 **starts**: there are `len(tokens) - n + 1`.")),
        Mistake(_two_missing, _("The last **two** n-grams are missing: `range` needs `len(tokens) - n + 1`.")),
        Mistake(_upside_down, _("Your fraction is **upside down**: distinct by all.")),
        Mistake(
            _one_minus_the_number, _("You took the **number** of distinct n-grams from 1: divide it by all first.")
        ),
        Mistake(_any_order, _("You **sorted** the tokens inside an n-gram: its order counts.")),
        Mistake(_as_sets, _("You made **sets** of the n-grams: order and number of their tokens count. Take tuples.")),
        Mistake(
            _joined,
            _('You **joined** the tokens of an n-gram: "1" and "23" then equal "12" and "3". Compare tuples.'),
        ),
        Mistake(_in_small_letters, _("You compared the tokens in **small letters**: `The` and `the` are two tokens.")),
        Mistake(
            _without_spaces,
            _("You compared the tokens without their **spaces**: a token that begins with a space is another one."),
        ),
        Mistake(_pairs, _("You counted **pairs** whatever n is: n tokens in a row are wanted.")),
        Mistake(
            _equal_pairs,
            _("You counted all **pairs** of equal n-grams: each n-gram counts once, if it was there before."),
        ),
        Mistake(
            _from_the_first_on,
            _("You counted **everything** after the first repeated n-gram: a later one may be new."),
        ),
        Mistake(_of_all_others, _("You divided by the number of n-grams **minus 1**: divide by all.")),
        Mistake(_tokens, _("You counted repeated **tokens**: n in a row are wanted.")),
        Mistake(_as_the_one_before, _("You compared each n-gram with the **one before**: compare it with all before.")),
        Mistake(_percent, _("That is in **percent**: the share is from 0 to 1.")),
        Mistake(_whether, _("That says **whether** something is repeated: the share is wanted.")),
        Mistake(_most_frequent, _("That is the share of the most **frequent** n-gram: all that return count.")),
    ),
    explanation=_(
        "The measure is seq-rep-n of Welleck et al. 2020. It rises with the length of a text, since there is more to "
        "repeat, so only texts of one length are compared."
    ),
    corners=(
        Corner(lambda tokens, n: len(tokens) == n, _("A text of n tokens has one n-gram, and nothing to repeat.")),
    ),
)
