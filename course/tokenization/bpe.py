"""Byte-level byte-pair encoding, the tokenizer of the GPT family.

A text is split into pre-tokens (`pre_tokens.py`), each pre-token becomes its UTF-8 bytes, and neighbouring tokens are
merged in the order in which the merges were learned (`bpe_training.py`). Every byte is a token, so any text can be
encoded. The vocabulary and the merges are stored in printed form (`byte_alphabet.py`), where Ġ is a space.

Source: Sennrich, Haddow and Birch 2016, section 3.2; Radford et al. 2019, section 2.2.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from course.messages import _, ngettext
from course.tokenization.bpe_merging import merge_long_word, merge_word
from course.tokenization.bpe_training import Pair, learn_merges
from course.tokenization.byte_alphabet import BYTE_OF, PRINTED, print_bytes, read_bytes
from course.tokenization.pre_tokens import GPT2_PATTERN, PreTokenizer, why_cut
from course.tokenization.special import SpecialTokens
from course.tokenization.tokenizer import Piece, tokens_of, whole_characters

CACHED_WORDS = 100_000
LONG_WORD = 500  # bytes


class ByteLevelBPE:
    """Byte-level BPE with the given vocabulary (`vocab[id]` in printed form) and merges, in the order learned.

    A byte that has no token in the vocabulary is dropped, as in `tokenizers`: see `missing_bytes`. A vocabulary that
    was trained here has all 256; SmolLM2's lacks 21 that did not occur in its training text. Raises `ValueError` when a
    merge or a special token is not in the vocabulary, when plain text could produce a special token, and when one is
    empty or there twice.
    """

    unknown_id: int | None = None

    def __init__(
        self,
        vocab: Sequence[str],
        merges: Sequence[Pair],
        pattern: str = GPT2_PATTERN,
        special_tokens: Sequence[str] = (),
    ) -> None:
        if isinstance(special_tokens, str) or len({*special_tokens}) < len(special_tokens) or "" in special_tokens:
            raise ValueError(
                _("The special tokens are {tokens!r}; give a list of texts, each of them once and none empty.").format(
                    tokens=special_tokens
                )
            )
        self.tokens = list(vocab)
        self.merges = [(left, right) for left, right in merges]
        ids = {token: token_id for token_id, token in enumerate(self.tokens)}
        needed = {token for left, right in self.merges for token in (left, right, left + right)} | {*special_tokens}
        if missing := sorted(needed - ids.keys()):
            raise ValueError(
                _(
                    "Merges or special tokens name {count} tokens that the vocabulary lacks, for example {token!r}."
                ).format(count=len(missing), token=missing[0])
            )
        plain = {left + right for left, right in self.merges} | BYTE_OF.keys()
        if unsafe := sorted(plain.intersection(special_tokens)):
            raise ValueError(
                _("Plain text can produce the token {token!r}, so it cannot be special: name it <|{token}|>.").format(
                    token=unsafe[0]
                )
            )
        self.special = SpecialTokens({token: ids[token] for token in special_tokens})
        self.pre_tokenizer = PreTokenizer(pattern)
        self._byte_ids = {byte: ids[character] for byte, character in PRINTED.items() if character in ids}
        self._ranks = {(ids[left], ids[right]): rank for rank, (left, right) in enumerate(self.merges)}
        self._products = [ids[left + right] for left, right in self.merges]
        self._rank_of = {token_id: rank for rank, token_id in reversed([*enumerate(self._products)])}
        self._bytes = [self._data(token) for token in self.tokens]
        self._cache: dict[str, list[int]] = {}

    @property
    def vocab_size(self) -> int:
        return len(self.tokens)

    @property
    def missing_bytes(self) -> bytes:
        """The bytes for which the vocabulary has no token."""
        return bytes(sorted(PRINTED.keys() - self._byte_ids.keys()))

    @classmethod
    def train(
        cls, text: str, *, n_merges: int, special_tokens: Sequence[str] = (), pattern: str = GPT2_PATTERN
    ) -> "ByteLevelBPE":
        """Learn up to `n_merges` merges from the text. Ids: special tokens, the 256 bytes, then the merges in order."""
        merges = learn_merges(text, n_merges, pattern)
        vocab = [*special_tokens, *sorted(BYTE_OF), *(left + right for left, right in merges)]
        return cls(vocab, merges, pattern, special_tokens)

    @classmethod
    def from_ranks(
        cls, ranks: Mapping[bytes, int], pattern: str = GPT2_PATTERN, special_tokens: Sequence[str] = ("<|endoftext|>",)
    ) -> "ByteLevelBPE":
        """Build from tokens as bytes with their ids, the form of GPT-2's list; special tokens get the next ids.

        The list does not contain the merges, but they follow from it: applying all earlier merges to a token's bytes
        leaves the two parts that its own merge joined.
        """
        tokens = [print_bytes(data) for data in sorted(ranks, key=ranks.__getitem__)]
        if sorted(ranks.values()) != [*range(len(ranks))]:
            raise ValueError(_("The ranks must be 0 to {last}, each once.").format(last=len(ranks) - 1))
        ids = {token: token_id for token_id, token in enumerate(tokens)}
        known: dict[tuple[int, int], int] = {}
        products: list[int] = []
        for token in tokens:
            if len(token) > 1:
                left, right = merge_word([ids[character] for character in token], known, products)
                known[left, right] = len(products)
                products.append(ids[token])
        return cls([*tokens, *special_tokens], [(tokens[a], tokens[b]) for a, b in known], pattern, special_tokens)

    def encode(self, text: str, *, allow_special: bool = False) -> list[int]:
        """The ids of the text. Special tokens spelled out in it are plain text unless `allow_special` is true."""
        if not allow_special:
            return self._encode_plain(text)
        ids = []
        for part, special_id in self.special.split(whole_characters(text)):
            ids += self._encode_plain(part) if special_id is None else [special_id]
        return ids

    def _encode_plain(self, text: str) -> list[int]:
        ids: list[int] = []
        cache = self._cache
        for word in self.pre_tokenizer.split(text):
            known = cache.get(word)
            ids += self._encode_word(word) if known is None else known
        return ids

    def _encode_word(self, word: str) -> list[int]:
        ids = [self._byte_ids[byte] for byte in word.encode() if byte in self._byte_ids]
        merge = merge_word if len(ids) < LONG_WORD else merge_long_word
        ids = merge(ids, self._ranks, self._products)
        if len(self._cache) >= CACHED_WORDS:
            self._cache.clear()
        self._cache[word] = ids
        return ids

    def decode_bytes(self, ids: Sequence[int]) -> bytes:
        """The exact bytes of the ids, which may start or end in the middle of a character."""
        return b"".join(tokens_of(ids, self._bytes))

    def decode(self, ids: Sequence[int]) -> str:
        """The text of the ids; bytes that do not form a character become U+FFFD. See `decode_bytes`."""
        return self.decode_bytes(ids).decode(errors="replace")

    def _data(self, token: str) -> bytes:
        return token.encode() if token in self.special.ids else read_bytes(token)

    def explain(self, text: str) -> list[Piece]:
        text = whole_characters(text)
        pieces: list[Piece] = []
        at = 0
        for word in self.pre_tokenizer.split(text):
            pieces += self._explain_word(word, at, why_cut(text[at - 1 : at], word))
            at += len(word)
        return pieces

    def _explain_word(self, word: str, offset: int, cut: str) -> list[Piece]:
        """The pieces of one pre-token that starts at character `offset` of the text; `cut` says why it starts there."""
        character_of = [  # for each byte that has a token, the character that it belongs to
            offset + index
            for index, character in enumerate(word)
            for byte in character.encode()
            if byte in self._byte_ids
        ]
        pieces, at = [], 0
        ids = self._encode_word(word)
        for left, token_id in zip([None, *ids], ids, strict=False):
            token, data = self.tokens[token_id], self._bytes[token_id]
            if left is not None:
                cut = _("No merge joins {left} and {right}").format(left=self.tokens[left], right=token)
            reason = _("{cut}; {merges}.").format(cut=cut, merges=self._why_merged(token_id))
            start, end = character_of[at], character_of[at + len(data) - 1] + 1
            pieces.append(Piece(token_id, token, data, start, end, reason))
            at += len(data)
        return pieces

    def _why_merged(self, token_id: int) -> str:
        n_merges = len(self._bytes[token_id]) - 1
        if n_merges == 0:
            return _("a single byte")
        rank = self._rank_of[token_id]
        left, right = self.merges[rank]
        return ngettext(
            "merged once: {left} + {right} → {token} (rank {rank})",
            "merged {count} times, last {left} + {right} → {token} (rank {rank})",
            n_merges,
        ).format(count=n_merges, left=left, right=right, token=self.tokens[token_id], rank=rank)

    def save(self, path: Path | str, *, command: str | None = None) -> None:
        """Write the tokenizer as readable JSON, from which `load` restores an equal tokenizer.

        `command` is kept with it: the one that makes this file.
        """
        content = {} if command is None else {"command": command}
        content |= {
            "pattern": self.pre_tokenizer.pattern,
            "special_tokens": list(self.special.ids),
            "vocab": self.tokens,
            "merges": [" ".join(pair) for pair in self.merges],
        }
        Path(path).write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, path: Path | str) -> "ByteLevelBPE":
        """Restore a tokenizer that `save` wrote. Raises `ValueError` for a file with other content."""
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
            merges: list[Pair] = [(left, right) for left, right in (merge.split(" ") for merge in content["merges"])]
            parts = content["vocab"], merges, content["pattern"], content["special_tokens"]
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ValueError(
                _("{path} is not a tokenizer that `save` wrote: {error!r}.").format(path=path, error=error)
            ) from error
        return cls(*parts)
