"""Exercise on byte-pair encoding: count the pairs of neighbouring symbols."""

import itertools
import random

from course.exercises.exercise import Corner, Exercise, Mistake
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
            pair = word[i], word[i + 1]
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
    cases += [
        {("ab", "c"): 2, ("a", "bc"): 3},
        {("t", "h", "e"): 1, ("t", "h", "en"): 1, ("o", "th", "er"): 1, ("o",): 4},
    ]
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


def _pairs_of(words, pairs_in):
    """How often each pair occurs, where `pairs_in(word)` gives the pairs that a learner finds in a word."""
    counts = {}
    for word, count in words.items():
        for pair in pairs_in(word):
            counts[pair] = counts.get(pair, 0) + count
    return counts


def _overwritten(words):
    return {pair: count for word, count in words.items() for pair in itertools.pairwise(word)}


def _across_words(words):
    return count_pairs({tuple(itertools.chain.from_iterable(word * count for word, count in words.items())): 1})


def _joined_keys(words):
    return _pairs_of(words, lambda word: map("".join, itertools.pairwise(word)))


def _without_the_last(words):
    return _pairs_of(words, lambda word: list(itertools.pairwise(word))[:-1])


def _without_the_first(words):
    return _pairs_of(words, lambda word: list(itertools.pairwise(word))[1:])


def _first_pair_only(words):
    return _pairs_of(words, lambda word: list(itertools.pairwise(word))[:1])


def _past_the_end(words):
    return _pairs_of(words, lambda word: [word[i : i + 2] for i in range(len(word))])


def _round_the_end(words):
    return _pairs_of(words, lambda word: [(word[i - 1], word[i]) for i in range(len(word))])


def _twice_the_same(words):
    return _pairs_of(words, lambda word: [(symbol, symbol) for symbol in word[:-1]])


def _any_two_symbols(words):
    return _pairs_of(words, lambda word: itertools.combinations(word, 2))


def _three_symbols(words):
    return _pairs_of(words, lambda word: [word[i : i + 3] for i in range(len(word) - 1)])


def _single_symbols(words):
    return _pairs_of(words, lambda word: word)


def _single_symbols_as_tuples(words):
    return _pairs_of(words, lambda word: [(symbol,) for symbol in word[:-1]])


def _backwards(words):
    return {pair[::-1]: count for pair, count in count_pairs(words).items()}


def _first_word_only(words):
    return count_pairs(dict(list(words.items())[:1]))


def _last_word_only(words):
    return count_pairs(dict(list(words.items())[-1:]))


def _never_added(words):
    return dict.fromkeys(count_pairs(words), 0)


def _most_frequent_only(words):
    counts = count_pairs(words)
    return dict([max(counts.items(), key=lambda item: item[1])]) if counts else {}


COUNT_PAIRS = Exercise(
    name="tokenization.count_pairs",
    title=_("Count the pairs"),
    solution=count_pairs,
    cases=_count_pairs_cases,
    hints=(
        _("The neighbours in a word are first and second, second and third, and so on: `word[i]` and `word[i + 1]`."),
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
                "A pair that occurs twice in a word counts twice: `banana` holds `a n` at two positions. "
                "Go over the positions in the word, not over its distinct pairs."
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
        Mistake(
            _overwritten,
            _(
                "A pair that occurs again **overwrites** its count, so only the last word that holds it counts. "
                "Add to what the pair has so far."
            ),
        ),
        Mistake(
            _across_words,
            _(
                "You count pairs across the **border of two words**: the last symbol of one, the first of the next. "
                "A pair is within one word, so start again with each word."
            ),
        ),
        Mistake(
            _joined_keys,
            _(
                "Your keys are the joined symbols. Then `ab c` and `a bc` are one key, and they are two pairs: "
                "let the key be the tuple of the two symbols."
            ),
        ),
        Mistake(
            _without_the_last,
            _(
                "The **last pair** of each word is missing: your loop ends one position too early. "
                "A word of n symbols has n − 1 pairs."
            ),
        ),
        Mistake(
            _without_the_first,
            _(
                "The **first pair** of each word is missing: your loop begins one position too late. Positions begin "
                "at 0."
            ),
        ),
        Mistake(
            _first_pair_only,
            _("Of each word only the **first pair** is counted. A word of n symbols has n − 1 pairs: go over all."),
        ),
        Mistake(
            _past_the_end,
            _(
                "The last symbol of a word is counted too, as a pair of one. It has no right neighbour: "
                "the loop must end one position earlier."
            ),
        ),
        Mistake(
            _round_the_end,
            _(
                "The last symbol of a word and its first are counted as a pair: at the first position, "
                "`word[i - 1]` is `word[-1]`, the **last** symbol."
            ),
        ),
        Mistake(
            _twice_the_same,
            _("Both parts of your pairs are the **same** symbol. The second is its right neighbour, `word[i + 1]`."),
        ),
        Mistake(
            _any_two_symbols,
            _(
                "You count any two symbols of a word, also those with others **between** them. "
                "A merge can only join neighbours."
            ),
        ),
        Mistake(
            _three_symbols,
            _("Your keys hold **three** symbols, or what is left of them at the end of the word. A pair has two."),
        ),
        Mistake(
            _single_symbols,
            _("You count single **symbols**. A pair is a symbol and its right neighbour, together in a tuple."),
        ),
        Mistake(
            _single_symbols_as_tuples,
            _("Your keys hold **one** symbol each. A pair has two: the symbol and its right neighbour."),
        ),
        Mistake(_backwards, _("Your pairs are written **backwards**: the left symbol of a pair comes first.")),
        Mistake(
            _first_word_only,
            _("Only the **first word** is counted. Is your `return` inside the loop over the words?"),
        ),
        Mistake(
            _last_word_only,
            _("Only the **last word** is counted. Is a new empty dictionary made for each word?"),
        ),
        Mistake(
            _never_added,
            _("The pairs are right and every count is **0**: the word's count is never added."),
        ),
        Mistake(
            _most_frequent_only,
            _("This is the most frequent pair alone. Return the counts of all pairs: choosing comes afterwards."),
        ),
    ),
    corners=(
        Corner(lambda words: not words, _("Only the text without words goes wrong: it has no pairs, `{}`.")),
        Corner(
            lambda words: any(len(word) == 1 for word in words),
            _("Only texts with a word of **one symbol** go wrong: it has no neighbours, and so no pair."),
        ),
        Corner(
            lambda words: any(len(symbol) > 1 for word in words for symbol in word),
            _("Only texts with symbols of **several letters** go wrong: `ow` is one symbol, not two."),
        ),
        Corner(
            lambda words: any(a == b for word in words for a, b in itertools.pairwise(word)),
            _("Only texts with **two equal symbols** side by side go wrong: `a a` is a pair like any other."),
        ),
    ),
    explanation=_(
        "A word that occurs a thousand times is looked at once, and its pairs are counted a thousand times. "
        "A word of one symbol has no pair: `range(0)` is empty, and the loop does nothing."
    ),
)
