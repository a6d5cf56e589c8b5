"""The Unigram tokenizer of SentencePiece: every piece has a probability, and a word is split in the most probable way.

A space is an ordinary character, printed ▁; it may start a piece but never occur inside one. `encode` puts one space in
front of the text, so that its first word is like the others, and `decode` removes it. Other white space is kept. A
character that the vocabulary lacks becomes its UTF-8 bytes, <0x00> to <0xFF>, so nothing is lost.

Source: Kudo 2018, section 3; Kudo and Richardson 2018, section 3.1 (the space). Bytes for unknown characters are
a later option of the SentencePiece library, `byte_fallback`.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence

import regex

from course.messages import _
from course.tokenization.tokenizer import Piece, require_count, require_text, tokens_of, whole_characters
from course.tokenization.unigram_lattice import Arcs, Pieces, arcs_of, best_path, sample_path
from course.tokenization.unigram_training import learn_scores

SPACE = "▁"
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
CACHED_WORDS = 100_000
_WORD = regex.compile(r" ?\S+|\s")


class Unigram:
    """A vocabulary of pieces with their scores (log-probabilities); a space in a piece is a plain space.

    Ids: the 256 bytes, then the pieces in the order given.
    """

    unknown_id: int | None = None

    def __init__(self, scores: Mapping[str, float]) -> None:
        self.scores = dict(scores)
        self.tokens = [*BYTES, *(piece.replace(" ", SPACE) for piece in self.scores)]
        self._pieces = Pieces.of(self.scores)
        self._data = [*(bytes([byte]) for byte in range(256)), *(piece.encode() for piece in self.scores)]
        self._ids = {piece: token_id for token_id, piece in enumerate(self.scores, start=len(BYTES))}
        self._cache: dict[str, list[str]] = {}

    @property
    def vocab_size(self) -> int:
        return len(self.tokens)

    @classmethod
    def train(cls, text: str, vocab_size: int, seed_size: int = 10_000) -> "Unigram":
        """Learn a vocabulary of `vocab_size` tokens, 256 of them bytes, from `seed_size` candidate pieces.

        Words that contain a ▁ are left out: it would be printed like a space.
        """
        require_text(whole_characters(text).replace(SPACE, ""))
        require_count("vocab_size", vocab_size)
        require_count("seed_size", seed_size)
        words = Counter(word for word in cls._words(text) if SPACE not in word)
        scores = learn_scores(words, vocab_size - len(BYTES), seed_size)
        return cls(dict(sorted(scores.items(), key=lambda item: -item[1])))

    @staticmethod
    def _words(text: str) -> list[str]:
        return _WORD.findall(" " + text) if (text := whole_characters(text)) else []

    def encode(self, text: str, *, allow_special: bool = False) -> list[int]:
        """The ids of the text, split in the most probable way. There are no special tokens to allow."""
        return [token_id for word in self._words(text) for piece in self._cut(word) for token_id in self._ids_of(piece)]

    def sample(self, text: str, generator: random.Random, alpha: float = 1.0) -> list[int]:
        """The ids of the text; each word's split is drawn with its posterior probability to the power `alpha`.

        At `alpha` 0 all splits of a word are equally likely; a large `alpha` approaches `encode`.
        """
        return [
            token_id
            for word in self._words(text)
            for piece in sample_path(_powered(arcs_of(word, self._pieces), alpha), generator)
            for token_id in self._ids_of(piece)
        ]

    def _cut(self, word: str) -> list[str]:
        if word not in self._cache:
            if len(self._cache) >= CACHED_WORDS:
                self._cache.clear()
            self._cache[word] = best_path(arcs_of(word, self._pieces))[0]
        return self._cache[word]

    def _ids_of(self, piece: str) -> list[int]:
        return [self._ids[piece]] if piece in self._ids else list(piece.encode())

    def decode(self, ids: Sequence[int]) -> str:
        """The text of the ids, without the space that `encode` put in front; incomplete characters become U+FFFD."""
        return b"".join(tokens_of(ids, self._data)).decode(errors="replace").removeprefix(" ")

    def explain(self, text: str) -> list[Piece]:
        text = whole_characters(text)
        pieces, at = [], -1  # the space that `encode` put in front is not in the text
        for word in self._words(text):
            for piece in self._cut(word):
                start, end = max(at, 0), at + len(piece)
                for token_id in self._ids_of(piece):
                    data = text[start:end].encode() if piece in self._ids else self._data[token_id]
                    pieces.append(Piece(token_id, self.tokens[token_id], data, start, end, self._why_cut(word, piece)))
                at = end
        return pieces

    def _why_cut(self, word: str, piece: str) -> str:
        if piece not in self._ids:
            return _("No piece of the vocabulary fits {character}: it is written in bytes.").format(character=piece)
        return _("Part of the most probable way to cut {word}; the log-probability of {piece} is {score:.2f}.").format(
            word=word.replace(" ", SPACE), piece=piece.replace(" ", SPACE), score=self.scores[piece]
        )


def _powered(arcs: Arcs, alpha: float) -> Arcs:
    return [[(start, piece, score * alpha) for start, piece, score in arriving] for arriving in arcs]
