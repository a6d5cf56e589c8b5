"""Exercise on what is below the subwords: bytes, for every character that the vocabulary lacks."""

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


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
        ("Anna and Bo", letters),
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
        Mistake(_digits_alone, _("The digits are right; a token has `<0x` before and `>` after them: `<0xED>`.")),
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
    corners=(
        Corner(lambda text, vocabulary: not text, _("Only the **empty** text goes wrong: it has no tokens, `[]`.")),
        Corner(
            lambda text, vocabulary: not vocabulary,
            _("Only the **empty vocabulary** goes wrong: it knows no character, so all become bytes."),
        ),
        Corner(
            lambda text, vocabulary: any(c.isupper() for c in text),
            _("Only texts with **capital letters** go wrong: `A` and `a` are two characters, and one may be unknown."),
        ),
        Corner(
            lambda text, vocabulary: any(ord(c) < 16 for c in text if c not in vocabulary),
            _("Only texts with bytes **below 16** go wrong, such as a line break: they have two digits too, `<0x0A>`."),
        ),
        Corner(
            lambda text, vocabulary: any(ord(c) > 0xFFFF for c in text),
            _("Only texts with an **emoji** go wrong: it has four bytes in UTF-8."),
        ),
        Corner(
            lambda text, vocabulary: set(text) <= vocabulary,
            _("Only texts of **known** characters go wrong: each is its own token."),
        ),
    ),
    explanation=_(
        "UTF-8 writes any character with one to four bytes, so 256 byte tokens make every text representable, at the "
        "price of up to four tokens for a character. A Korean syllable takes three."
    ),
)
