"""Constrained decoding: which tokens can still become a call of a function in the catalog, and which cannot.

A model that may only draw these writes no function that does not exist, no parameter that the function lacks, and no
text where a number is due. Whether the call answers the question is another matter.
"""

from bisect import bisect_left

import torch
from jaxtyping import Bool
from torch import Tensor

from course.tokenization import ByteLevelBPE
from course.tools.frames import Quoted, State, step

PLAIN = frozenset(range(0x20, 0x7F)) - frozenset(b"'\"\\")  # what may stand in a text between quotes
KEPT = 256  # masks of states that are kept


class GrammarTokens:
    """The tokens of a byte-level vocabulary, sorted by their bytes, to find those that a state of a grammar reads.

    Tokens that begin alike are neighbours, so the grammar reads what they begin with once, and leaves them all out at
    the first byte that it refuses. Between quotes nearly every token may follow: those of plain characters are taken at
    once, as a slice. Special tokens are never allowed.
    """

    def __init__(self, tokenizer: ByteLevelBPE) -> None:
        self.vocab_size = tokenizer.vocab_size
        special = {*tokenizer.special.ids.values()}
        data = {i: tokenizer.decode_bytes([i]) for i in range(self.vocab_size) if i not in special}
        plain = [token_id for token_id in data if PLAIN.issuperset(data[token_id])]
        other = [*data.keys() - {*plain}]
        self._plain, self._other = _Sorted(plain, data, True), _Sorted(other, data, False)
        self._masks: dict[State, Tensor] = {}

    def allowed(self, state: State) -> Bool[Tensor, "vocab"]:
        """True for each token after which the text can still become a call. All are False where the call is complete.

        Masks are kept; do not change one.
        """
        mask = self._masks.get(state)
        if mask is None:
            mask = torch.zeros(self.vocab_size, dtype=torch.bool)
            self._plain.mark(mask, state)
            self._other.mark(mask, state)
            if len(self._masks) >= KEPT:
                self._masks.clear()
            self._masks[state] = mask
        return mask


class _Sorted:
    """Some of the tokens in the order of their bytes; `plain` says that all of them are of plain characters."""

    def __init__(self, ids: list[int], data: dict[int, bytes], plain: bool) -> None:
        order = sorted(ids, key=data.__getitem__)
        self.ids = torch.tensor(order, dtype=torch.long)
        self.data = [data[token_id] for token_id in order]
        self.plain = plain

    def mark(self, mask: Bool[Tensor, "vocab"], state: State) -> None:
        """Set the mask to True for each token that the state reads."""
        waiting = [(0, len(self.data), 0, state)]  # tokens from, up to, which begin alike in so many bytes; read so far
        while waiting:
            first, end, n_read, state = waiting.pop()
            if self.plain and state and isinstance(state[0], Quoted) and state[0].reads_plain:
                mask[self.ids[first:end]] = True
                continue
            while first < end and len(self.data[first]) == n_read:
                mask[self.ids[first]] = True
                first += 1
            while first < end:
                byte = self.data[first][n_read]
                beyond = self.data[first][:n_read] + bytes([byte + 1]) if byte < 255 else None
                last = end if beyond is None else bisect_left(self.data, beyond, first, end)
                after = step(state, byte)
                if after is not None:
                    waiting.append((first, last, n_read + 1, after))
                first = last
