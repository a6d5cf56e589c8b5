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


SPLIT_WORDS = Exercise(
    name="tokenization.split_words",
    title=_("Why a space belongs to a token"),
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
        ("all known", letters),
        ("", letters),
    ]


def _unknown(text, vocabulary):
    return [character if character in vocabulary else "[UNK]" for character in text]


def _code_points(text, vocabulary):
    return [character if character in vocabulary else f"<0x{ord(character):02X}>" for character in text]


def _unpadded(text, vocabulary):
    return [f"<{int(token[1:-1], 16):#x}>" if len(token) > 1 else token for token in byte_fallback(text, vocabulary)]


def _all_bytes(text, vocabulary):
    return byte_fallback(text, set(text) if set(text) <= vocabulary else set())


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
            _unpadded,
            _(
                "The bytes are right and written differently: the tokens have two **capital** digits, `<0x0A>` and not "
                "`<0xa>`. The format `02X` writes them so."
            ),
        ),
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
