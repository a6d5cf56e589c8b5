"""Exercises on what comes before and below the subwords: the space in front of a word, and bytes."""

import re

from course.exercises.exercise import Exercise, Mistake
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
        "def add(a, b): return a + b",
        "안녕하세요 여러분",
        " a space first",
        "two  spaces",
        "line\nbreaks stay",
        "at the end ",
        "   ",
        "",
        "tabs\tand lines\nare kept",
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
                "Your spaces stand at the **end** of the pieces. Then a word at the end of the text is another token "
                "than the same word before a space. Cut in front of the space: `' the'`, not `'the '`."
            ),
        ),
        Mistake(
            _space_alone,
            _(
                "Each space is a piece of its own, so a text of words has nearly twice as many pieces. "
                "A space belongs to the word behind it: `' the'` is one piece."
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
            _("The **first character** of the text is lost. Places are counted from 0."),
        ),
        Mistake(
            _characters,
            _("You cut before **every character**. Only a space begins a new piece; other characters join the last."),
        ),
        Mistake(_not_cut, _("The text is not cut at all: for your code no character is a space, `' '`.")),
        Mistake(
            _spaces_at_both_sides,
            _("A space **behind** a word goes with that word too. It belongs to the word that follows it alone."),
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
    explanation=_(
        "Nothing is dropped and nothing is added, so decoding is joining. This is also why a word at the start of a "
        "text and the same word after a space are different tokens. `re.findall(' ?[^ ]+| ', text)` does it in one "
        "line; the pattern of GPT-2 extends it."
    ),
)


def byte_fallback(text: str, vocabulary: set[str]) -> list[str]:
    """Cut a text into characters; one that is not in the vocabulary becomes its UTF-8 bytes.

    A byte is written as `<0xAB>`, with two capital hexadecimal digits.

    >>> byte_fallback("a한", {"a", "b"})
    ['a', '<0xED>', '<0x95>', '<0x9C>']
    """
    tokens = []
    for character in text:
        if character in vocabulary:
            tokens.append(character)
        else:
            tokens.extend(f"<0x{byte:02X}>" for byte in character.encode("utf-8"))
    return tokens


def _byte_fallback_cases() -> list[tuple]:
    letters = set("abcdefghijklmnopqrstuvwxyz ")
    return [
        ("a한", {"a", "b"}),
        ("naïve cafe", letters),
        ("a tab\tand a line\n", letters),
        ("hi 🙂", letters),
        ("한국어", {"한", "국"}),
        ("한국어", set()),
        ("\n\n", letters),
        ("1\t2\t한", {"1", "2", "한"}),
        ("all known", letters),
        ("", letters),
    ]


def _tokens(text, vocabulary, of_unknown):
    """The known characters, and `of_unknown(character)`, a list, for each of the others."""
    return [token for c in text for token in ([c] if c in vocabulary else of_unknown(c))]


def _unknown(text, vocabulary):
    return _tokens(text, vocabulary, lambda c: ["[UNK]"])


def _not_cut_into_bytes(text, vocabulary):
    return list(text)


def _left_out(text, vocabulary):
    return _tokens(text, vocabulary, lambda c: [])


def _known_left_out(text, vocabulary):
    return byte_fallback("".join(c for c in text if c not in vocabulary), vocabulary)


def _code_points(text, vocabulary):
    return _tokens(text, vocabulary, lambda c: [f"<0x{ord(c):02X}>"])


def _utf_16(text, vocabulary):
    return _tokens(text, vocabulary, lambda c: [f"<0x{byte:02X}>" for byte in c.encode("utf-16")])


def _two_bytes(text, vocabulary):
    return _tokens(text, vocabulary, lambda c: [f"<0x{byte:02X}>" for byte in c.encode("utf-16-be")])


def _written(form):
    """The mistake of writing each byte in another form."""

    def wrong(text, vocabulary):
        return _tokens(text, vocabulary, lambda c: [form(byte) for byte in c.encode()])

    return wrong


def _lower_case(text, vocabulary):
    return _written(lambda byte: f"<0x{byte:02x}>")(text, vocabulary)


def _unpadded(text, vocabulary):
    return _written(lambda byte: f"<0x{byte:X}>")(text, vocabulary)


def _padded_with_a_space(text, vocabulary):
    return _written(lambda byte: f"<0x{byte:2X}>")(text, vocabulary)


def _decimal(text, vocabulary):
    return _written(lambda byte: f"<0x{byte:02}>")(text, vocabulary)


def _without_brackets(text, vocabulary):
    return _written(lambda byte: f"0x{byte:02X}")(text, vocabulary)


def _digits_alone(text, vocabulary):
    return _written(lambda byte: f"{byte:02X}")(text, vocabulary)


def _numbers(text, vocabulary):
    return _written(lambda byte: byte)(text, vocabulary)


def _one_token_for_all_bytes(text, vocabulary):
    return _tokens(text, vocabulary, lambda c: ["".join(byte_fallback(c, set()))])


def _one_list_for_all_bytes(text, vocabulary):
    return _tokens(text, vocabulary, lambda c: [byte_fallback(c, set())])


def _first_byte_only(text, vocabulary):
    return _tokens(text, vocabulary, lambda c: byte_fallback(c, set())[:1])


def _without_the_first_byte(text, vocabulary):
    return _tokens(text, vocabulary, lambda c: byte_fallback(c, set())[1:])


def _without_the_last_byte(text, vocabulary):
    return _tokens(text, vocabulary, lambda c: byte_fallback(c, set())[:-1])


def _last_byte_first(text, vocabulary):
    return _tokens(text, vocabulary, lambda c: byte_fallback(c, set())[::-1])


def _letters_of_the_tokens(text, vocabulary):
    return list("".join(byte_fallback(text, vocabulary)))


def _all_bytes(text, vocabulary):
    return byte_fallback(text, set(text) if set(text) <= vocabulary else set())


def _known_too(text, vocabulary):
    return byte_fallback(text, set())


def _known_instead(text, vocabulary):
    return byte_fallback(text, set(text) - vocabulary)


def _first_character(text, vocabulary):
    return byte_fallback(text[:1], vocabulary)


BYTE_FALLBACK = Exercise(
    name="tokenization.byte_fallback",
    title=_("No character is unknown"),
    solution=byte_fallback,
    cases=_byte_fallback_cases,
    hints=(
        _("`character.encode('utf-8')` gives the bytes; going over them gives whole numbers from 0 to 255."),
        _("`f'<0x{byte:02X}>'` writes a byte with two capital hexadecimal digits."),
    ),
    mistakes=(
        Mistake(
            _unknown,
            _(
                "A character outside the vocabulary becomes `[UNK]`, and which one it was is lost. "
                "Byte fallback loses nothing: write its UTF-8 bytes instead."
            ),
        ),
        Mistake(
            _code_points,
            _(
                "You wrote the **code point** of the character, its number in Unicode, of which there are more than a "
                "million. Encode it as UTF-8: one to four bytes, so 256 tokens are enough for all of them."
            ),
        ),
        Mistake(
            _lower_case,
            _("The bytes are right, in small letters: the digits are **capital**, `<0xED>` and not `<0xed>`."),
        ),
        Mistake(
            _unpadded,
            _(
                "A byte below 16 has only **one** digit in your answer: `<0xA>`. Every byte token has two, `<0x0A>`, "
                "so that all 256 are equally long."
            ),
        ),
        Mistake(
            _padded_with_a_space,
            _("A byte below 16 is filled up with a **space**: `<0x A>`. Fill up with a zero: `<0x0A>`."),
        ),
        Mistake(
            _decimal,
            _("The bytes are written in **decimal** digits. `0x` announces hexadecimal ones: 237 is `<0xED>`."),
        ),
        Mistake(
            _without_brackets, _("The bytes are right; their tokens are written in brackets: `<0xED>`, not `0xED`.")
        ),
        Mistake(_digits_alone, _("The digits are right; a token has `<0x` before and `>` behind them: `<0xED>`.")),
        Mistake(_numbers, _("Your answer holds the bytes as **numbers**. A token is a text: `'<0xED>'` for 237.")),
        Mistake(
            _utf_16,
            _(
                "Your bytes are those of **UTF-16**, with a mark of two bytes before each character. "
                "The usual encoding of text is UTF-8."
            ),
        ),
        Mistake(
            _two_bytes,
            _("You write two bytes for every character, as UTF-16 does. In UTF-8 a character has one to four."),
        ),
        Mistake(
            _one_token_for_all_bytes,
            _(
                "The bytes of a character are one text in your answer. Each byte is a **token of its own**: "
                "there are 256 of them in the vocabulary, not one for each sequence."
            ),
        ),
        Mistake(
            _one_list_for_all_bytes,
            _("The bytes of a character are a list within your list: `extend` adds its items, `append` the list."),
        ),
        Mistake(
            _letters_of_the_tokens,
            _("The byte tokens fall apart into letters: `extend` (or `+=`) with a text adds its letters one by one."),
        ),
        Mistake(
            _first_byte_only,
            _("Of each unknown character only the **first** byte is there. In UTF-8 it has up to four: go over all."),
        ),
        Mistake(_without_the_first_byte, _("Of each unknown character the **first** byte is missing.")),
        Mistake(_without_the_last_byte, _("Of each unknown character the **last** byte is missing.")),
        Mistake(
            _last_byte_first,
            _("The bytes of a character are in the **reverse** order. Keep the order in which `encode` gives them."),
        ),
        Mistake(
            _not_cut_into_bytes,
            _(
                "A character outside the vocabulary stays as it is, though no token is written that way. "
                "Write its UTF-8 bytes instead."
            ),
        ),
        Mistake(
            _left_out,
            _("The characters outside the vocabulary are **left out**, and the text is lost with them."),
        ),
        Mistake(_known_left_out, _("The characters **in** the vocabulary are missing: each is its own token.")),
        Mistake(
            _known_too,
            _("You write **every** character as bytes. One that is in the vocabulary stays as it is."),
        ),
        Mistake(
            _known_instead,
            _("The two ways are exchanged: the **known** characters became bytes, and the unknown ones stayed."),
        ),
        Mistake(_first_character, _("Your answer ends with the first character. Is your `return` inside the loop?")),
        Mistake(
            _all_bytes,
            _(
                "One unknown character turns the whole text into bytes. Decide for each character by itself: "
                "a known one stays as it is."
            ),
        ),
    ),
    explanation=_(
        "UTF-8 writes any character with one to four bytes, so 256 byte tokens make every text representable, at the "
        "price of up to four tokens for a character. A Korean syllable takes three."
    ),
)
