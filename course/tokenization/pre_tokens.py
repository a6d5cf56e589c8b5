"""Split a text into pre-tokens, across whose boundaries byte-level BPE never merges."""

import regex

from course.messages import _
from course.tokenization.tokenizer import whole_characters
from course.tokenization.unicode_tables import NEWER_DIGITS, NEWER_LETTERS, NEWER_NUMBERS

# GPT-2's pattern (Radford et al. 2019, section 2.2): English contractions; a run of letters, of digits or of other
# signs, each with an optional space before it; white space, except the last space before a word, which joins that word.
GPT2_PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"

# SmolLM2 first splits off every digit and then applies GPT-2's pattern to the parts in between, so that white space
# before a digit is at the end of such a part. `PreTokenizer` replaces the newest digits by U+FFFF.
SMOLLM2_PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+|[\p{N}\uFFFF]| ?[^\s\p{L}\p{N}\uFFFF]+|\s+(?![^\s\p{N}\uFFFF])|\s+"

_SIGN, _DIGIT = "\N{REPLACEMENT CHARACTER}", "\uffff"  # U+FFFF is set aside by Unicode; in a text it counts as a sign
_AS_REFERENCE = str.maketrans(
    dict.fromkeys(NEWER_LETTERS | NEWER_NUMBERS | {_DIGIT}, _SIGN) | dict.fromkeys(NEWER_DIGITS, _DIGIT)
)
_NEWER = frozenset(map(chr, _AS_REFERENCE))

_CONTRACTION = regex.compile(r"'(?:s|t|re|ve|m|ll|d)")


class PreTokenizer:
    """Splits texts by a regular expression whose matches cover every character."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self._find = regex.compile(pattern)

    def split(self, text: str) -> list[str]:
        """The pre-tokens in order, none of them empty; joined, they equal the text, as `whole_characters` leaves it.

        Raises `ValueError` for a character that no match of the pattern holds: it would be lost.
        """
        text = whole_characters(text)
        if self._find.groups == 0 and (text.isascii() or _NEWER.isdisjoint(text)):
            words = self._find.findall(text)
        else:
            words = [text[slice(*match.span())] for match in self._find.finditer(text.translate(_AS_REFERENCE))]
        if "".join(words) != text:
            raise ValueError(self._lost(text))
        return [word for word in words if word] if "" in words else words

    def _lost(self, text: str) -> str:
        """One sentence on the first character that is in no match."""
        place = 0
        for match in self._find.finditer(text.translate(_AS_REFERENCE)):
            if match.start() > place:
                break
            place = match.end()
        return _(
            "The pattern {pattern!r} leaves out {character!r}, at position {place} of the text. "
            "Add an alternative for what no other one matches, such as `|.`."
        ).format(pattern=self.pattern, character=text[place], place=place)


def why_cut(before: str, word: str) -> str:
    """A clause that says why the pre-token `word` starts after the character `before` (empty at the text's start)."""
    if not before:
        return _("The text begins here")
    if regex.match(r" \S", word):
        return _("A space starts a new pre-token and belongs to what follows it")
    if word[0].isspace():
        return _("White space that no word takes along is a piece by itself")
    if _CONTRACTION.fullmatch(word):
        return _("An ending such as 's or 're is cut from its word")
    if regex.match(r"\p{N}", word):
        if regex.match(r"\p{N}", before):
            return _("Every digit is a piece by itself")
        return _("Digits are cut from letters and signs")
    if regex.match(r"\p{L}", word):
        return _("Letters are cut from digits and signs")
    return _("Signs are cut from letters and digits")
