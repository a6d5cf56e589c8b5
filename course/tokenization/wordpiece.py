"""WordPiece, BERT's tokenizer: split every word into the longest pieces in the vocabulary, from the left.

A piece that continues a word starts with ##. A word that cannot be spelled in pieces becomes one [UNK].

Source: Schuster and Nakajima 2012 (training); Wu et al. 2016, section 4.1; Devlin et al. 2019, section 3.
"""

from collections.abc import Sequence
from pathlib import Path

from course.messages import _
from course.tokenization.bert_text import WORD_OR_SIGN, normalize, normalize_with_origin
from course.tokenization.special import SpecialTokens
from course.tokenization.tokenizer import Piece, require_count, require_text, tokens_of, whole_characters
from course.tokenization.wordpiece_training import CONTINUES, Score, learn_vocabulary, likelihood_gain

UNKNOWN = "[UNK]"
SPECIAL_TOKENS = ("[PAD]", UNKNOWN, "[CLS]", "[SEP]", "[MASK]")
CACHED_WORDS = 100_000
MAX_CHARACTERS = 100  # longer words are [UNK], as in BERT's code


class WordPiece:
    """Uncased WordPiece with the given vocabulary. Raises `ValueError` when a special token is not in it."""

    def __init__(self, vocab: Sequence[str], special_tokens: Sequence[str] = SPECIAL_TOKENS) -> None:
        self.tokens = list(vocab)
        self._ids = {token: token_id for token_id, token in enumerate(self.tokens)}
        if missing := [token for token in (*special_tokens, UNKNOWN) if token not in self._ids]:
            raise ValueError(_("The vocabulary lacks the special token {token}.").format(token=missing[0]))
        self.unknown_id = self._ids[UNKNOWN]
        self.special = SpecialTokens({token: self._ids[token] for token in special_tokens})
        self._cache: dict[str, list[int]] = {}

    @property
    def vocab_size(self) -> int:
        return len(self.tokens)

    @classmethod
    def from_vocab(cls, path: Path | str) -> "WordPiece":
        """Read a vocab.txt: one token per line; its id is the line number, counted from 0."""
        lines = Path(path).read_text(encoding="utf-8-sig").split("\n")  # other line separators may be tokens
        return cls(lines[:-1] if lines[-1] == "" else lines)

    @classmethod
    def train(cls, text: str, vocab_size: int, score: Score = likelihood_gain) -> "WordPiece":
        """Learn a vocabulary of `vocab_size` tokens from the text. Ids: special tokens, characters, then the merges."""
        require_text(text)
        require_count("vocab_size", vocab_size)
        words = WORD_OR_SIGN.findall(normalize(whole_characters(text)))
        return cls([*SPECIAL_TOKENS, *learn_vocabulary(words, vocab_size - len(SPECIAL_TOKENS), score)])

    def encode(self, text: str, *, allow_special: bool = False) -> list[int]:
        """The ids of the text. Special tokens spelled out in it are plain text unless `allow_special` is true."""
        text = whole_characters(text)
        ids: list[int] = []
        for part, special_id in self.special.split(text) if allow_special else [(text, None)]:
            if special_id is None:
                for word in WORD_OR_SIGN.findall(normalize(part)):
                    known = self._cache.get(word)
                    ids += self._encode_word(word) if known is None else known
            else:
                ids.append(special_id)
        return ids

    def _encode_word(self, word: str) -> list[int]:
        ids = self._longest_pieces(word)
        if len(self._cache) >= CACHED_WORDS:
            self._cache.clear()
        self._cache[word] = ids
        return ids

    def _longest_pieces(self, word: str) -> list[int]:
        if len(word) > MAX_CHARACTERS:
            return [self.unknown_id]
        ids, start = [], 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = CONTINUES + word[start:end] if start else word[:end]
                if piece in self._ids:
                    ids.append(self._ids[piece])
                    break
            else:
                return [self.unknown_id]
            start = end
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """The words of the ids, separated by one space; case, accents and white space of the text are lost."""
        return " ".join(tokens_of(ids, self.tokens)).replace(" " + CONTINUES, "")

    def explain(self, text: str) -> list[Piece]:
        text = whole_characters(text)
        normalized, origin = normalize_with_origin(text)
        pieces = []
        for match in WORD_OR_SIGN.finditer(normalized):
            at = match.start()
            for token_id in self._encode_word(match.group()):
                token = self.tokens[token_id]
                continues = at > match.start()
                length = len(match.group()) if token_id == self.unknown_id else len(token) - continues * len(CONTINUES)
                start, end = origin[at], origin[at + length - 1] + 1
                reason = self._why_cut(match.group(), token_id, continues)
                pieces.append(Piece(token_id, token, text[start:end].encode(), start, end, reason))
                at += length
        return pieces

    def _why_cut(self, word: str, token_id: int, continues: bool) -> str:
        token = self.tokens[token_id]
        if token_id == self.unknown_id:
            if len(word) > MAX_CHARACTERS:
                return _("Words of more than {limit} characters are not looked up.").format(limit=MAX_CHARACTERS)
            return _("The vocabulary has no pieces that spell this word.")
        if token == word:
            return _("The vocabulary has the whole word.")
        if continues:
            return _("{token} is the longest entry of the vocabulary that goes on from here.").format(token=token)
        return _("{token} is the longest entry of the vocabulary that begins this word.").format(token=token)
