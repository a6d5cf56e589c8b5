"""Exercise on what comes before the subwords: a word and the space in front of it."""

import re

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def split_words(text: str) -> list[str]:
    """Cut a text in front of every space.

    Each piece but the first begins with its space, and the pieces joined are the text again.

    >>> split_words("hug the pug")
    ['hug', ' the', ' pug']
    >>> split_words("two  spaces ")
    ['two', ' ', ' spaces', ' ']
    """
    pieces = []
    for character in text:
        if character == " " or not pieces:
            pieces.append(character)
        else:
            pieces[-1] += character
    return pieces


def _split_words_cases() -> list[tuple]:
    texts = [
        "hug the pug",
        "tokens",
        "a b c d",
        "the newest tokens are the longest",
        "nothing is lost.",
        "low lower lowest",
        "to be or not to be",
        "one word after another",
        "of the people, by the people",
        "A B A B",
        "unhugs, unhugged",
        "def add(a, b): return a + b",
        "안녕하세요 여러분",
        " a space first",
        "two  spaces",
        "line\nbreaks stay",
        "at the end ",
        "   ",
        "",
        "tabs\tand lines\nare kept",
        "either|or #1 ~ x_y",
        "a no-break\u00a0space cuts nothing",
        "three   spaces,  then two ",
    ]
    return [(text,) for text in texts]


def _loses_spaces(text):
    return text.split(" ")


def _space_behind(text):
    return re.findall(r"[^ ]* |[^ ]+", text)


def _space_alone(text):
    return [piece for piece in re.split("( )", text) if piece]


def _space_in_front_of_all(text):
    return [f" {word}" for word in text.split(" ")]


def _empty_piece_first(text):
    return re.split("(?= )", text)


def _all_white_space(text):
    return re.findall(r"\s?\S+|\s", text)


def _white_space_thrown_away(text):
    return [f" {word}" if i else word for i, word in enumerate(text.split())]


def _spaces_together(text):
    return re.findall(" *[^ ]+| +", text)


def _stripped(text):
    return split_words(text.strip(" "))


def _without_the_last(text):
    return split_words(text)[:-1]


def _first_only(text):
    return split_words(text)[:1]


def _first_character_only(text):
    return list(text[:1])


def _without_the_first_character(text):
    return split_words(text[1:])


def _characters(text):
    return list(text)


def _not_cut(text):
    return [text] if text else []


def _spaces_at_both_sides(text):
    return re.findall(" ?[^ ]+ ?| ", text)


def _last_character_of_each(text):
    return [piece[-1] for piece in split_words(text)]


def _first_character_of_each(text):
    return [piece[0] for piece in split_words(text)]


def _cut_at_all_others(text):
    return re.findall("[^ ] *", text)


SPLIT_WORDS = Exercise(
    name="tokenization.split_words",
    title=_("Cut a text in front of its spaces"),
    solution=split_words,
    cases=_split_words_cases,
    hints=(
        _("The test of your pieces: `''.join(pieces) == text`, spaces and all."),
        _("Go over the characters. A space, or the very first one, begins a piece; any other joins the last piece."),
    ),
    mistakes=(
        Mistake(
            _loses_spaces,
            _(
                "The spaces are gone: from these pieces nobody can tell where the text had one, or two. "
                "`split` throws away what it cuts at; keep each space as the first character of its piece."
            ),
        ),
        Mistake(
            _space_behind,
            _(
                "Your spaces are at the **end** of the pieces. Then a word at the end of the text is another token "
                "than the same word before a space. Cut in front of the space: `' the'`, not `'the '`."
            ),
        ),
        Mistake(
            _space_alone,
            _(
                "Each space is a piece of its own, so a text of words has nearly twice as many pieces. "
                "A space belongs to the word after it: `' the'` is one piece."
            ),
        ),
        Mistake(
            _space_in_front_of_all,
            _(
                "You put a space in front of **every** piece, the first one too, so the joined text begins with a "
                "space that was not there. The first piece has one only if the text begins with one."
            ),
        ),
        Mistake(
            _empty_piece_first,
            _(
                "A text that begins with a space, and the empty text, get an **empty** first piece. "
                "Leave it out: in front of the first character there is nothing to cut off."
            ),
        ),
        Mistake(
            _all_white_space,
            _(
                "You cut at **all** white space: `\\s` and `isspace` mean tabs, line breaks and no-break spaces too. "
                "Cut at `' '` alone; the others stay inside their piece."
            ),
        ),
        Mistake(
            _white_space_thrown_away,
            _(
                "Several spaces become one, and spaces at either end are lost: `split()` without an argument throws "
                "away all white space. Joined, the pieces must be the text again."
            ),
        ),
        Mistake(
            _spaces_together,
            _("Several spaces in a row stay together in one piece. Cut in front of **every** space."),
        ),
        Mistake(
            _stripped,
            _("The spaces at the **beginning and end** of the text are gone. Each of them belongs to a piece too."),
        ),
        Mistake(
            _without_the_last,
            _(
                "The **last piece** is missing. No space comes after it, so what your loop has collected at the end "
                "of the text must still be added."
            ),
        ),
        Mistake(
            _first_only,
            _("Only the **first piece** is returned. Is your `return` inside the loop?"),
        ),
        Mistake(
            _first_character_only,
            _("Your answer ends with the first **character**. Is your `return` inside the loop?"),
        ),
        Mistake(
            _without_the_first_character,
            _("The **first character** of the text is lost. Positions are counted from 0."),
        ),
        Mistake(
            _characters,
            _("You cut before **every character**. Only a space begins a new piece; other characters join the last."),
        ),
        Mistake(_not_cut, _("The text is not cut at all: for your code no character is a space, `' '`.")),
        Mistake(
            _spaces_at_both_sides,
            _("A space **after** a word goes with that word too. It belongs to the word that follows it alone."),
        ),
        Mistake(
            _last_character_of_each,
            _("Of each piece only the **last** character is left: add a character to its piece, do not replace it."),
        ),
        Mistake(
            _first_character_of_each,
            _("Of each piece only the **first** character is left: the others have to be added to it."),
        ),
        Mistake(
            _cut_at_all_others,
            _("You begin a piece with every character that is **not** a space: the condition is inverted."),
        ),
    ),
    corners=(
        Corner(lambda text: not text, _("Only the **empty** text goes wrong: it has no pieces, `[]`.")),
        Corner(
            lambda text: text.startswith(" "),
            _("Only texts that **begin with a space** go wrong: that space begins the first piece."),
        ),
        Corner(
            lambda text: text.endswith(" "),
            _("Only texts that **end with a space** go wrong: that space is the last piece."),
        ),
        Corner(
            lambda text: "  " in text,
            _("Only texts with **several spaces in a row** go wrong: cut in front of every one of them."),
        ),
        Corner(
            lambda text: any(character.isspace() and character != " " for character in text),
            _("Only texts with **other white space** than `' '` go wrong: tabs and line breaks cut nothing."),
        ),
        Corner(
            lambda text: "|" in text,
            _("Only texts with signs such as `|` go wrong: if you put a mark where to cut, the text may hold it too."),
        ),
        Corner(lambda text: " " not in text, _("Only texts **without a space** go wrong: they are one piece.")),
    ),
    explanation=_(
        "Nothing is dropped and nothing is added, so decoding is joining. This is also why a word at the start of a "
        "text and the same word after a space are different tokens. `re.findall(' ?[^ ]+| ', text)` does it in one "
        "line; the pattern of GPT-2 extends it."
    ),
)
