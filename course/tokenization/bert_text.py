"""BERT's text processing before WordPiece: clean, lower-case, strip accents, split at spaces and punctuation.

Source: Devlin et al. 2019, and the `BasicTokenizer` of its published code (uncased).
"""

import functools
import string
import unicodedata

import regex

from course.tokenization.unicode_tables import (
    BERT_FORMER_MARKS,
    BERT_FORMER_PUNCTUATION,
    BERT_NEWER_FORMATS,
    BERT_NEWER_MARKS,
    BERT_NEWER_PUNCTUATION,
)


def _characters(characters: frozenset[str] | str) -> str:
    """The characters, escaped for use inside a character set of a regular expression."""
    return regex.escape("".join(sorted(characters)), special_only=False, literal_spaces=True)


_REMOVED = regex.compile(rf"(?V1)[\0\uFFFD\p{{Cc}}\p{{Cf}}\p{{Co}}--[\t\n\r{_characters(BERT_NEWER_FORMATS)}]]")
_ACCENT = regex.compile(rf"(?V1)[\p{{Mn}}{_characters(BERT_FORMER_MARKS)}--[{_characters(BERT_NEWER_MARKS)}]]")
_SIGN = (
    rf"[\p{{P}}{_characters(string.punctuation)}{_characters(BERT_FORMER_PUNCTUATION)}"
    rf"--[{_characters(BERT_NEWER_PUNCTUATION)}]]"
)
WORD_OR_SIGN = regex.compile(rf"(?V1){_SIGN}|[^\s{_SIGN}]+")

# The blocks of CJK ideographs, whose writing has no spaces between words: each becomes a word. Not Hangul, not kana.
_IDEOGRAPH = regex.compile(
    r"[\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\U00020000-\U0002A6DF\U0002A700-\U0002B81F\U0002B920-\U0002CEAF"
    r"\U0002F800-\U0002FA1F]"
)


@functools.cache
def normalize_character(character: str) -> str:
    """Normalize one character: to nothing (controls, accents), a space, or lower-case letters without accents."""
    if _REMOVED.match(character):
        return ""
    if character.isspace():
        return " "
    decomposed = unicodedata.normalize("NFD", character)
    plain = "".join(part.lower() for part in decomposed if not _ACCENT.match(part))
    return f" {plain} " if _IDEOGRAPH.match(character) else plain


def normalize(text: str) -> str:
    return "".join(map(normalize_character, text))


def normalize_with_origin(text: str) -> tuple[str, list[int]]:
    """The normalized text, and for each of its characters the index in `text` of the character it comes from."""
    forms = [normalize_character(character) for character in text]
    return "".join(forms), [place for place, form in enumerate(forms) for _ in form]
