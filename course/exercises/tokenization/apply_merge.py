"""Exercise on byte-pair encoding: apply a merge to a word."""

import itertools
import random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


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
        ((" ", "t", "h", " t", " ", "t"), (" ", "t")),
        (("|", "a", "|", "a|"), ("|", "a")),
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
            _(
                "Only the **first** occurrence is merged. A merge joins the pair wherever it occurs in the word: go "
                "on after it."
            ),
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
            _("You merge wherever the **first** symbol of the pair occurs. Its right neighbour has to fit as well."),
        ),
        Mistake(
            _second_symbol_compared,
            _("You merge wherever the **second** symbol of the pair comes next. The symbol before it has to fit too."),
        ),
        Mistake(_in_either_order, _("You merge `b a` as well as `a b`. The order of the two symbols counts.")),
        Mistake(_in_the_wrong_order, _("You look for the pair **backwards**: its first symbol is the left one.")),
        Mistake(
            _where_it_is_not,
            _("You merge where the pair does **not** occur, and leave it where it does: the condition is inverted."),
        ),
        Mistake(
            _at_the_beginning_only,
            _(
                "The pair is merged at the **beginning** of the word only. It may occur anywhere: look at each "
                "position."
            ),
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
            _("Where the pair was, only its **first** symbol is left. Put the two together: `'h' + 'u'`."),
        ),
        Mistake(
            _second_of_the_pair,
            _("Where the pair was, only its **second** symbol is left. Put the two together: `'h' + 'u'`."),
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
                "and your loop ends before a symbol that is alone at the end."
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
    corners=(
        Corner(lambda symbols, pair: not symbols, _("Only the **empty** word goes wrong: it stays empty.")),
        Corner(
            lambda symbols, pair: len(symbols) < 2,
            _("Only words of fewer than **two symbols** go wrong: they hold no pair and stay as they are."),
        ),
        Corner(
            lambda symbols, pair: pair[0] == pair[1],
            _("Only a pair of **two equal symbols** goes wrong: in `a a a`, the middle one is joined to the first."),
        ),
        Corner(
            lambda symbols, pair: any(len(symbol) > 1 for symbol in symbols),
            _("Only words with symbols of **several letters** go wrong: compare symbols, not letters or texts."),
        ),
        Corner(
            lambda symbols, pair: " " in pair,
            _("Only symbols with a **space** go wrong: a space put between the symbols may be one of them."),
        ),
        Corner(
            lambda symbols, pair: "|" in pair,
            _("Only symbols such as `'|'` go wrong: a mark put between the symbols may be a symbol too."),
        ),
        Corner(
            lambda symbols, pair: symbols[-2:] == pair,
            _("Only words that **end** with the pair go wrong: look at where your loop ends."),
        ),
        Corner(
            lambda symbols, pair: pair not in list(itertools.pairwise(symbols)),
            _("Only words **without** the pair go wrong: they stay as they are."),
        ),
    ),
    explanation=_(
        "A slice makes the end easy: at the last symbol `symbols[position : position + 2]` is that one symbol, which "
        "is never a pair. Moving on by two after a merge is what keeps a symbol from being joined twice."
    ),
)
