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
                "A pair lies within one word, so begin anew with each word."
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
                "The **last pair** of each word is missing: your loop ends one place too early. "
                "A word of n symbols has n − 1 pairs."
            ),
        ),
        Mistake(
            _without_the_first,
            _("The **first pair** of each word is missing: your loop begins one place too late. Places begin at 0."),
        ),
        Mistake(
            _first_pair_only,
            _("Of each word only the **first pair** is counted. A word of n symbols has n − 1 pairs: go over all."),
        ),
        Mistake(
            _past_the_end,
            _(
                "The last symbol of a word is counted too, as a pair of one. It has no right neighbour: "
                "the loop must end one place earlier."
            ),
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
            _("Only the **last word** is counted. Is the empty dictionary made anew for each word?"),
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
    cases += [
        (("ab", "c", "a", "bc"), ("a", "bc")),
        (("l", "ow", "e", "r"), ("lo", "w")),
        (("th", "e", "t", "he", "the"), ("t", "he")),
        (("s", "t", "r", "e", "s", "s"), ("s", "s")),
    ]
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


def _joined_texts_compared(symbols, pair):
    return _merged(symbols, pair, lambda i: "".join(symbols[i : i + 2]) == "".join(pair))


def _first_symbol_compared(symbols, pair):
    return _merged(symbols, pair, lambda i: symbols[i] == pair[0])


def _second_symbol_compared(symbols, pair):
    return _merged(symbols, pair, lambda i: symbols[i + 1 : i + 2] == pair[1:])


def _in_either_order(symbols, pair):
    return _merged(symbols, pair, lambda i: symbols[i : i + 2] in (pair, pair[::-1]))


def _in_the_wrong_order(symbols, pair):
    return _merged(symbols, pair, lambda i: symbols[i : i + 2] == pair[::-1])


def _where_it_is_not(symbols, pair):
    return _merged(symbols, pair, lambda i: symbols[i : i + 2] != pair)


def _at_the_beginning_only(symbols, pair):
    return _merged(symbols, pair, lambda i: i == 0 and symbols[:2] == pair)


def _at_the_end_only(symbols, pair):
    return _merged(symbols, pair, lambda i: symbols[i:] == pair)


def _merged(symbols, pair, fits, *, joined=None, step=2, kept=True):
    """The word with `joined` wherever `fits(position)`; then the walk goes on by `step` symbols."""
    merged, position = [], 0
    while position < len(symbols):
        if fits(position):
            merged.append("".join(pair) if joined is None else joined)
            position += step
        else:
            if kept:
                merged.append(symbols[position])
            position += 1
    return tuple(merged)


def _right_places(symbols, pair, **done_wrong):
    return _merged(symbols, pair, lambda i: symbols[i : i + 2] == pair, **done_wrong)


def _skips_one_more(symbols, pair):
    return _right_places(symbols, pair, step=3)


def _drops_the_others(symbols, pair):
    return _right_places(symbols, pair, kept=False)


def _joined_backwards(symbols, pair):
    return _right_places(symbols, pair, joined=pair[1] + pair[0])


def _joined_with_a_space(symbols, pair):
    return _right_places(symbols, pair, joined=" ".join(pair))


def _pair_instead_of_symbol(symbols, pair):
    return _right_places(symbols, pair, joined=pair)


def _first_of_the_pair(symbols, pair):
    return _right_places(symbols, pair, joined=pair[0])


def _second_of_the_pair(symbols, pair):
    return _right_places(symbols, pair, joined=pair[1])


def _pair_left_out(symbols, pair):
    return tuple(symbol for symbol in _right_places(symbols, pair, joined=()) if symbol != ())


def _joined_and_kept(symbols, pair):
    merged = []
    for i, symbol in enumerate(symbols):
        merged.append(symbol)
        if symbols[i : i + 2] == pair:
            merged.append("".join(pair))
    return tuple(merged)


def _last_symbol_lost(symbols, pair):
    if len(symbols) > 1 and apply_merge(symbols, pair)[-1] == symbols[-1]:
        return apply_merge(symbols, pair)[:-1]
    return () if len(symbols) == 1 else apply_merge(symbols, pair)


def _first_symbol_lost(symbols, pair):
    return apply_merge(symbols[1:], pair)


def _first_step_only(symbols, pair):
    return apply_merge(symbols, pair)[:1]


def _never_merged(symbols, pair):
    return symbols


def _letters(symbols, pair):
    return tuple("".join(symbols))


def _letters_of_the_others(symbols, pair):
    joined = "".join(pair)
    return tuple(itertools.chain.from_iterable([s] if s == joined else s for s in apply_merge(symbols, pair)))


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
        Mistake(
            _joined_texts_compared,
            _(
                "You compare the **joined** texts, and `ab c` reads like `a bc`. They are two pairs: "
                "compare the first symbol with the first, and the second with the second."
            ),
        ),
        Mistake(
            _first_symbol_compared,
            _("You merge wherever the **first** symbol of the pair stands. Its right neighbour has to fit as well."),
        ),
        Mistake(
            _second_symbol_compared,
            _("You merge wherever the **second** symbol of the pair comes next. The symbol before it has to fit too."),
        ),
        Mistake(_in_either_order, _("You merge `b a` as well as `a b`. The order of the two symbols counts.")),
        Mistake(_in_the_wrong_order, _("You look for the pair **backwards**: its first symbol is the left one.")),
        Mistake(
            _where_it_is_not,
            _("You merge where the pair does **not** stand, and leave it where it does: the condition is inverted."),
        ),
        Mistake(
            _at_the_beginning_only,
            _("The pair is merged at the **beginning** of the word only. It may stand at any place: look at each."),
        ),
        Mistake(
            _at_the_end_only,
            _(
                "The pair is merged at the **end** of the word only. At each position, compare two symbols with the "
                "pair, not the whole rest of the word."
            ),
        ),
        Mistake(
            _skips_one_more,
            _("The symbol **after** a merged pair is lost. A pair has two symbols: move on by two."),
        ),
        Mistake(
            _drops_the_others,
            _("Only the merged pairs are left. A symbol that is not part of the pair stays in the word as it is."),
        ),
        Mistake(
            _joined_backwards,
            _("The joined symbol is written **backwards**: the text of the first symbol comes first."),
        ),
        Mistake(
            _joined_with_a_space,
            _("You join the two symbols with a space between them. `h` and `u` become `hu`."),
        ),
        Mistake(
            _pair_instead_of_symbol,
            _("You put the **pair** into the word, a tuple of two. A merge makes one symbol of them: `'h' + 'u'`."),
        ),
        Mistake(
            _first_of_the_pair,
            _("Where the pair stood, only its **first** symbol is left. Put the two together: `'h' + 'u'`."),
        ),
        Mistake(
            _second_of_the_pair,
            _("Where the pair stood, only its **second** symbol is left. Put the two together: `'h' + 'u'`."),
        ),
        Mistake(_pair_left_out, _("The pair is gone from the word. Its place is taken by the joined symbol.")),
        Mistake(
            _joined_and_kept,
            _("Both symbols of the pair are still there beside the joined one. It takes the place of the two."),
        ),
        Mistake(
            _last_symbol_lost,
            _(
                "The **last** symbol of the word is lost when it is not merged. A pair needs two symbols, "
                "and your loop ends before a symbol that stands alone at the end."
            ),
        ),
        Mistake(_first_symbol_lost, _("The **first** symbol of the word is lost. Positions are counted from 0.")),
        Mistake(
            _first_step_only,
            _("Your answer ends after the first symbol. Is `return` inside the loop, or the loop an `if`?"),
        ),
        Mistake(
            _never_merged,
            _(
                "The word comes back as it was: for your code, two neighbours never equal the pair. "
                "A list never equals a tuple, and a slice of one symbol never equals a pair of two."
            ),
        ),
        Mistake(
            _letters,
            _("You take the word apart into letters. A symbol may have several, and is never taken apart again."),
        ),
        Mistake(
            _letters_of_the_others,
            _(
                "The symbols that are not merged fall apart into letters: `extend` (or `+=`) adds the letters of a "
                "text one by one. Add the symbol as a whole, with `append`."
            ),
        ),
    ),
    explanation=_(
        "A slice makes the end easy: at the last symbol `symbols[position : position + 2]` is that one symbol, which "
        "is never a pair. Moving on by two after a merge is what keeps a symbol from being joined twice."
    ),
)
