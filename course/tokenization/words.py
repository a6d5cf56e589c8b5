"""The two simplest tokenizers: one token per word, and one token per character."""

from collections import Counter
from collections.abc import Iterable, Sequence

import regex

from course.messages import _
from course.tokenization.tokenizer import Piece, require_count, require_text, tokens_of, whole_characters

UNKNOWN = "<unk>"
_WORD_OR_SIGN = regex.compile(r"\w+|[^\w\s]")


class _UnitTokenizer:
    """A tokenizer that looks up each unit of the text in a list; a unit that is not listed becomes `<unk>`, id 0."""

    unknown_id = 0

    def __init__(self, units: Sequence[str]) -> None:
        self._ids = {unit: token_id for token_id, unit in enumerate(units, start=1)}
        self.tokens = [UNKNOWN, *units]

    @property
    def vocab_size(self) -> int:
        return len(self.tokens)

    @classmethod
    def train(cls, text: str, vocab_size: int) -> "_UnitTokenizer":
        """`<unk>` and the most frequent units of the text; of equally frequent ones, those that occur first."""
        require_text(text)
        require_count("vocab_size", vocab_size, 1)
        counts = Counter(unit for unit, _start in cls._units(whole_characters(text)))
        return cls([unit for unit, _count in counts.most_common(vocab_size - 1)])

    @staticmethod
    def _units(text: str) -> Iterable[tuple[str, int]]:
        """The units of the text, each with the index of its first character."""
        raise NotImplementedError

    @staticmethod
    def _why_cut(unit: str) -> str:
        raise NotImplementedError

    def encode(self, text: str, *, allow_special: bool = False) -> list[int]:
        """The ids of the text. There are no special tokens: `allow_special` is unused."""
        return [self._ids.get(unit, self.unknown_id) for unit, _start in self._units(whole_characters(text))]

    def explain(self, text: str) -> list[Piece]:
        pieces = []
        for unit, start in self._units(whole_characters(text)):
            token_id = self._ids.get(unit, self.unknown_id)
            reason = self._why_cut(unit) if unit in self._ids else _("Not in the vocabulary, so what it was is lost.")
            pieces.append(Piece(token_id, self.tokens[token_id], unit.encode(), start, start + len(unit), reason))
        return pieces


class WordTokenizer(_UnitTokenizer):
    """One token per run of letters and digits and per other sign; white space only separates."""

    @staticmethod
    def _units(text: str) -> Iterable[tuple[str, int]]:
        return ((match.group(), match.start()) for match in _WORD_OR_SIGN.finditer(text))

    @staticmethod
    def _why_cut(unit: str) -> str:
        if regex.match(r"\w", unit):
            return _("A run of letters and digits is one word.")
        return _("A sign that is neither letter nor digit is a token of its own.")

    def decode(self, ids: Sequence[int]) -> str:
        """The words, separated by one space; the white space of the text is not preserved."""
        return " ".join(tokens_of(ids, self.tokens))


class CharacterTokenizer(_UnitTokenizer):
    """One token per character (Unicode code point), white space included."""

    @staticmethod
    def _units(text: str) -> Iterable[tuple[str, int]]:
        return ((character, start) for start, character in enumerate(text))

    @staticmethod
    def _why_cut(unit: str) -> str:
        return _("Every character is a token.")

    def decode(self, ids: Sequence[int]) -> str:
        return "".join(tokens_of(ids, self.tokens))
