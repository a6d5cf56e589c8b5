"""Exercise on byte-pair encoding: the tokens of a new word, by the merges of the training."""

import random
from collections import Counter
from itertools import pairwise

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def encode_word(
    symbols: tuple[str, ...],
    ranks: dict[tuple[str, str], int],
) -> tuple[str, ...]:
    """The tokens of a word, given its single symbols and the merges of the training.

    `ranks` numbers the merges in the order in which they were learned: 0 came first. As long as two
    neighbours have a rank, join the two with the lowest rank; of equal ones, those further left.

    >>> ranks = {("u", "g"): 0, ("h", "ug"): 1, ("p", "u"): 2, ("hug", "s"): 3}
    >>> encode_word(("h", "u", "g", "s"), ranks)
    ('hugs',)
    >>> encode_word(("p", "u", "g", "s"), ranks)
    ('p', 'ug', 's')
    """
    from itertools import pairwise

    tokens = list(symbols)
    for _symbol in symbols:  # no word has room for more merges than symbols
        known = [pair for pair in pairwise(tokens) if pair in ranks]
        if known:
            first_learned = min(known, key=ranks.__getitem__)
            place = list(pairwise(tokens)).index(first_learned)
            tokens[place : place + 2] = ["".join(first_learned)]
    return tuple(tokens)


def trained_ranks(words: dict[str, int], n_merges: int) -> dict[tuple[str, str], int]:
    """The merges that byte-pair encoding learns from words and their counts, numbered; of equal counts, the first."""
    split = {tuple(word): count for word, count in words.items()}
    ranks: dict[tuple[str, str], int] = {}
    while len(ranks) < n_merges:
        counts: Counter[tuple[str, str]] = Counter()
        for symbols, count in split.items():
            for pair in pairwise(symbols):
                counts[pair] += count
        if not counts:
            break
        best = max(counts, key=lambda pair: (counts[pair], pair))
        ranks[best] = len(ranks)
        split = {encode_word(symbols, {best: 0}): count for symbols, count in split.items()}
    return ranks


_HUGS = {("u", "g"): 0, ("h", "ug"): 1, ("p", "u"): 2, ("hug", "s"): 3}
_LOW = {"low": 5, "lower": 2, "newest": 6, "widest": 3, "new": 4, "slow": 2}
_ABC = {"abab": 6, "baba": 4, "aab": 5, "abba": 3, "bab": 2, "aaaa": 4, "caba": 2}


def _cases() -> list[tuple]:
    generator = random.Random(2)
    low, letters = trained_ranks(_LOW, 14), trained_ranks(_ABC, 9)
    late_listed = dict(sorted(letters.items(), key=lambda item: -item[1]))
    cases: list[tuple] = [
        (tuple("hugs"), _HUGS),
        (tuple("pugs"), _HUGS),
        (tuple("hug"), _HUGS),
        (tuple("shugug"), _HUGS),
        (tuple("puhug"), _HUGS),
        (tuple("pupu"), _HUGS),
        (tuple("xyz"), _HUGS),
        (("h",), _HUGS),
        ((), _HUGS),
        (tuple("hug"), {}),
        (tuple("aaa"), {("a", "a"): 0}),
        (tuple("aaaaa"), {("a", "a"): 0, ("aa", "aa"): 1}),
        (tuple("abc"), {("b", "c"): 0, ("a", "b"): 1}),
        (tuple("abcd"), {("b", "c"): 0, ("a", "b"): 1, ("c", "d"): 2}),
        (tuple("cdabcd"), {("a", "b"): 1, ("c", "d"): 2, ("b", "c"): 0}),
        (tuple("lowest"), low),
        (tuple("newer"), low),
        (tuple("slowest"), low),
        (tuple("widow"), low),
    ]
    for length in (5, 7, 9, 11):
        cases.append((tuple(generator.choices("ab", k=length)), late_listed))
    return cases


def _one_merge(symbols, ranks):
    tokens = list(symbols)
    ranked = [(ranks[pair], place) for place, pair in enumerate(pairwise(tokens)) if pair in ranks]
    if ranked:
        _rank, place = min(ranked)
        tokens[place : place + 2] = [tokens[place] + tokens[place + 1]]
    return tuple(tokens)


def _longest_match(symbols, ranks):
    """From the left, the longest token that the merges make."""
    known = {left + right for left, right in ranks} | set(symbols)
    word, tokens, start = "".join(symbols), [], 0
    while start < len(word):
        end = next(end for end in range(len(word), start, -1) if word[start:end] in known)
        tokens.append(word[start:end])
        start = end
    return tuple(tokens)


def _by(symbols, ranks, key):
    """Joins the pair that is least by `key(rank, place)`, until none has a rank."""
    tokens = list(symbols)
    while ranked := [(ranks[pair], place) for place, pair in enumerate(pairwise(tokens)) if pair in ranks]:
        _rank, place = min(ranked, key=lambda each: key(*each))
        tokens[place : place + 2] = [tokens[place] + tokens[place + 1]]
    return tuple(tokens)


def _leftmost_pair(symbols, ranks):
    return _by(symbols, ranks, lambda rank, place: place)


def _rightmost_pair(symbols, ranks):
    return _by(symbols, ranks, lambda rank, place: -place)


def _highest_rank(symbols, ranks):
    return _by(symbols, ranks, lambda rank, place: (-rank, place))


def _rightmost_of_equals(symbols, ranks):
    return _by(symbols, ranks, lambda rank, place: (rank, -place))


def _joined(symbols, pair, *, first_only=False, joined=None):
    tokens, place = [], 0
    while place < len(symbols):
        if tuple(symbols[place : place + 2]) == pair and not (first_only and len(tokens) < place):
            tokens.append("".join(pair) if joined is None else joined)
            place += 2
        else:
            tokens.append(symbols[place])
            place += 1
    return tuple(tokens)


def _listed_order(symbols, ranks):
    """Each merge once, in the order of the dictionary."""
    for pair in ranks:
        symbols = _joined(symbols, pair)
    return tuple(symbols)


def _first_place_of_each(symbols, ranks):
    """Each merge in the order of its rank, at its first place only."""
    for pair in sorted(ranks, key=ranks.__getitem__):
        symbols = _joined(symbols, pair, first_only=True)
    return tuple(symbols)


def _not_rank_zero(symbols, ranks):
    return encode_word(symbols, {pair: rank for pair, rank in ranks.items() if rank})


def _last_merge_left_out(symbols, ranks):
    last = max(ranks.values(), default=0)
    return encode_word(symbols, {pair: rank for pair, rank in ranks.items() if rank < last})


def _single_symbols_only(symbols, ranks):
    """Merges of two single symbols: a joined symbol is not joined again."""
    return encode_word(symbols, {pair: rank for pair, rank in ranks.items() if len("".join(pair)) == 2})


def _either_order(symbols, ranks):
    return encode_word(symbols, {pair[::-1]: rank for pair, rank in reversed(ranks.items())} | ranks)


def _never_joined(symbols, ranks):
    return tuple(symbols)


def _whole_word(symbols, ranks):
    return ("".join(symbols),)


def _ranks_returned(symbols, ranks):
    tokens, used = list(symbols), []
    while ranked := [(ranks[pair], place) for place, pair in enumerate(pairwise(tokens)) if pair in ranks]:
        rank, place = min(ranked)
        used.append(rank)
        tokens[place : place + 2] = [tokens[place] + tokens[place + 1]]
    return tuple(used)


def _pair_kept(symbols, ranks):
    """The second symbol stays after it has been joined."""
    tokens = list(symbols)
    for _round in range(len(tokens) + 2):
        ranked = [(ranks[pair], place) for place, pair in enumerate(pairwise(tokens)) if pair in ranks]
        if ranked:
            place = min(ranked)[1]
            tokens[place] += tokens[place + 1]
    return tuple(tokens)


def _last_merge_missing(symbols, ranks):
    """Stops before the last merge that is possible."""
    states = [tuple(symbols)]
    while (merged := _one_merge(states[-1], ranks)) != states[-1]:
        states.append(merged)
    return states[max(0, len(states) - 2)]


def _first_pair_not_seen(symbols, ranks):
    return (*symbols[:1], *encode_word(symbols[1:], ranks))


def _last_pair_not_seen(symbols, ranks):
    return (*encode_word(symbols[:-1], ranks), *symbols[-1:])


def _rest_dropped(symbols, ranks):
    """Of each merge, what comes after it is lost."""
    tokens = list(symbols)
    while ranked := [(ranks[pair], place) for place, pair in enumerate(pairwise(tokens)) if pair in ranks]:
        place = min(ranked)[1]
        tokens[place:] = [tokens[place] + tokens[place + 1]]
    return tuple(tokens)


def _front_dropped(symbols, ranks):
    """Of each merge, what comes before it is lost."""
    tokens = list(symbols)
    while ranked := [(ranks[pair], place) for place, pair in enumerate(pairwise(tokens)) if pair in ranks]:
        place = min(ranked)[1]
        tokens[: place + 2] = [tokens[place] + tokens[place + 1]]
    return tuple(tokens)


def _one_symbol_more_lost(symbols, ranks):
    tokens = list(symbols)
    while ranked := [(ranks[pair], place) for place, pair in enumerate(pairwise(tokens)) if pair in ranks]:
        place = min(ranked)[1]
        tokens[place : place + 3] = [tokens[place] + tokens[place + 1]]
    return tuple(tokens)


def _first_token_only(symbols, ranks):
    return encode_word(symbols, ranks)[:1]


def _joined_backwards(symbols, ranks):
    tokens = list(symbols)
    while ranked := [(ranks[pair], place) for place, pair in enumerate(pairwise(tokens)) if pair in ranks]:
        place = min(ranked)[1]
        tokens[place : place + 2] = [tokens[place + 1] + tokens[place]]
    return tuple(tokens)


def _unknown_pairs_first(symbols, ranks):
    tokens = tuple(symbols)
    while len(tokens) > 1:
        pair = min(pairwise(tokens), key=lambda pair: ranks.get(pair, 0))
        if pair not in ranks:
            break
        tokens = _joined(tokens, pair)
    return tokens


ENCODE_WORD = Exercise(
    name="tokenization.encode_word",
    title=_("Encode a word with learned merges"),
    solution=encode_word,
    cases=_cases,
    hints=(
        _(
            "One round: look at all neighbours, and of those that are in `ranks` find the pair whose rank is lowest. "
            "Join it, and look at all neighbours again, since the new symbol has neighbours of its own."
        ),
        _(
            "`min((ranks[pair], place) for place, pair in …)` finds the lowest rank and, of equal ones, the place "
            "further left. The loop ends when no pair of neighbours is in `ranks`. `apply_merge` joins for you."
        ),
    ),
    mistakes=(
        Mistake(
            _one_merge,
            _("Your answer ends after **one** merge. Go on as long as any two neighbours have a rank."),
        ),
        Mistake(
            _last_merge_missing,
            _("Your answer stops **one merge too early**. Go on until no two neighbours have a rank."),
        ),
        Mistake(
            _first_pair_not_seen,
            _("The **first** symbol is never joined. Places are counted from 0: the first pair is at 0 and 1."),
        ),
        Mistake(
            _last_pair_not_seen,
            _("The **last** symbol is never joined. n symbols have n − 1 pairs, the last one at n − 2 and n − 1."),
        ),
        Mistake(
            _rest_dropped,
            _("What comes **after** a merge is lost. The new symbol replaces two, and all others stay."),
        ),
        Mistake(
            _front_dropped,
            _("What comes **before** a merge is lost. The new symbol replaces two, and all others stay."),
        ),
        Mistake(
            _one_symbol_more_lost,
            _("The symbol **behind** a joined pair is lost. The new symbol replaces two, not three."),
        ),
        Mistake(
            _first_token_only,
            _("Your answer ends after the **first** token. Is `return` inside a loop?"),
        ),
        Mistake(
            _joined_backwards,
            _("The joined symbol is written **backwards**: the text of the left symbol comes first."),
        ),
        Mistake(
            _longest_match,
            _(
                "You take the **longest** token that fits, from the left, which is how WordPiece encodes. "
                "BPE repeats its training: the merge that was learned first comes first."
            ),
        ),
        Mistake(
            _leftmost_pair,
            _("You join the first pair **in the word** that has a rank. Join the one whose rank is the **lowest**."),
        ),
        Mistake(
            _rightmost_pair,
            _("You join the **last** pair in the word that has a rank. Join the one whose rank is the **lowest**."),
        ),
        Mistake(
            _highest_rank,
            _("You join the pair with the **highest** rank. The merge that was learned first has the lowest: 0."),
        ),
        Mistake(
            _rightmost_of_equals,
            _("Of two places with the same rank you take the one further **right**: `a a a` becomes `aa a`."),
        ),
        Mistake(
            _listed_order,
            _(
                "You apply the merges in the order in which the dictionary **lists** them. Their order is that of "
                "their ranks."
            ),
        ),
        Mistake(
            _first_place_of_each,
            _("Each merge is applied at **one place** only. The same pair may occur again: join it there too."),
        ),
        Mistake(
            _not_rank_zero,
            _(
                "The merge with rank **0** is never applied. `if rank` and `ranks.get(pair) or …` take 0 for nothing: "
                "ask `pair in ranks`, or compare with `None`."
            ),
        ),
        Mistake(
            _last_merge_left_out,
            _("The merge with the **highest** rank is never applied. Every pair in `ranks` may be joined."),
        ),
        Mistake(
            _single_symbols_only,
            _(
                "Only single symbols are joined. A **joined** symbol has neighbours too, and may be joined again: "
                "look at all neighbours after each merge."
            ),
        ),
        Mistake(_either_order, _("You join `b a` as well as `a b`. The order of the two symbols counts.")),
        Mistake(
            _never_joined,
            _("The word comes back as it was: for your code no pair of neighbours is in `ranks`. Its keys are tuples."),
        ),
        Mistake(
            _whole_word,
            _("You join **everything**. Two neighbours that are not in `ranks` stay apart."),
        ),
        Mistake(_ranks_returned, _("You return the **ranks** of the merges. Return the symbols that they leave.")),
        Mistake(
            _pair_kept,
            _("The second symbol of a pair is still there after it has been joined. The new symbol replaces **both**."),
        ),
        Mistake(
            _unknown_pairs_first,
            _(
                "A pair that is **not** in `ranks` counts as rank 0 in your code (`ranks.get(pair, 0)`) and "
                'comes first. Look at the pairs in `ranks` alone, or give the others `float("inf")`.'
            ),
        ),
    ),
    corners=(
        Corner(lambda symbols, ranks: not symbols, _("Only the **empty** word goes wrong: it has no tokens.")),
        Corner(
            lambda symbols, ranks: len(symbols) < 2,
            _("Only words of fewer than **two symbols** go wrong: they have no pair, and stay as they are."),
        ),
        Corner(
            lambda symbols, ranks: not ranks,
            _("Only a training **without merges** goes wrong: the word stays as it is."),
        ),
        Corner(
            lambda symbols, ranks: not any(pair in ranks for pair in pairwise(symbols)),
            _("Only words **without a known pair** go wrong: they stay as they are."),
        ),
        Corner(
            lambda symbols, ranks: any(left == right for left, right in pairwise(symbols)),
            _("Only words with **two equal neighbours** go wrong: join from left to right, each symbol once."),
        ),
    ),
    explanation=_(
        "Encoding repeats the training on one word. A merge that was learned early has a low rank and is applied "
        "before all later ones, so the word gets the tokens that it would have had as part of the training text. "
        "Neither the length of a token nor its place in the word decides."
    ),
)
