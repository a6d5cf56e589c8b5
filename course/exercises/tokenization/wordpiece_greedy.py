"""Exercise on WordPiece: cut a word by the longest match."""

import random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


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
        ("c#", {"c", "###", "##s"}),
        # the fewest pieces: neither the longest from the left, nor from the right
        ("abcdef", {"a", "abc", "abcd", "##b", "##e", "##f", "##def", "##cdef"}),
        ("babcab", {"b", "ba", "bab", "##a", "##c", "##b", "##bcab", "##cab", "##ab", "##bca"}),
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


def _never_kept(word, vocabulary):
    return ["[UNK]"] if wordpiece_greedy(word, vocabulary) == ["[UNK]"] else []


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


def _fewest_pieces(word, vocabulary):
    """The cut with the fewest pieces; of two, the one whose last piece is longer."""
    best = {0: []}
    for end in range(1, len(word) + 1):
        for start in range(end):
            piece = ("##" if start else "") + word[start:end]
            if piece in vocabulary and start in best and len(best[start]) + 1 < len(best.get(end, word + " ")):
                best[end] = [*best[start], piece]
    return best.get(len(word), ["[UNK]"])


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
                "vocabulary as they are in it."
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
                "In WordPiece one position without a match makes the **whole** word `[UNK]`."
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
            _("A word that cannot be cut stays as it is in your answer, and is not an entry: write `['[UNK]']`."),
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
                "You write `[UNK]` for the **character** that fits nothing and go on after it. "
                "In WordPiece one such position makes the whole word `[UNK]`, once."
            ),
        ),
        Mistake(
            _always_unknown,
            _(
                "**Every** word is unknown to your code. Is a piece tried that reaches to the end of the word, "
                "`word[start:len(word)]`? And is a word given up only when its shortest piece has been tried as well?"
            ),
        ),
        Mistake(
            _never_kept,
            _("Your list stays **empty**: the pieces are found, and none of them is appended."),
        ),
        Mistake(
            _first_piece_only,
            _("Your answer ends with the **first** piece. Is `return` inside the loop, or the loop an `if`?"),
        ),
        Mistake(
            _last_piece_only,
            _("Of all pieces only the **last** is returned. Is a new list made for each piece?"),
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
            _fewest_pieces,
            _(
                "You compare all ways to cut the word, and return the one with the **fewest** pieces. "
                "WordPiece compares none: from each position it takes the longest piece, whatever comes of it."
            ),
        ),
        Mistake(
            _every_piece_inside,
            _("Your pieces **overlap**: go on where the last piece ended, not at the next character."),
        ),
    ),
    corners=(
        Corner(lambda word, vocabulary: not word, _("Only the **empty** word goes wrong: it has no pieces, `[]`.")),
        Corner(
            lambda word, vocabulary: word in vocabulary,
            _("Only words that are **one piece** go wrong: such a word is its own longest piece."),
        ),
        Corner(
            lambda word, vocabulary: wordpiece_greedy(word, vocabulary) == ["[UNK]"],
            _("Only words that **cannot be cut** go wrong: for each of them the answer is `['[UNK]']`."),
        ),
        Corner(
            lambda word, vocabulary: "#" in word,
            _("Only words with the sign `#` go wrong: not every `#` is the mark of a piece. Add marks, take none off."),
        ),
        Corner(
            lambda word, vocabulary: len(word) == 1,
            _("Only words of **one character** go wrong: they are cut like any other."),
        ),
    ),
    explanation=_(
        "Greedy means that a choice is never taken back: `abab` with the pieces `ab`, `aba` and `##ab` is unknown, "
        "because `aba` is taken first and leaves a `b`, though `ab ##ab` would fit."
    ),
)
