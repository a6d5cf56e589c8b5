"""Constrained decoding: a model that can only write calls of a catalog's functions, for every way of decoding."""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course.decoding.protocol import Limited, end_token, require_decodable, started
from course.messages import _
from course.tokenization import ByteLevelBPE
from course.tools.constrained import GrammarTokens
from course.tools.frames import State
from course.tools.grammar import CallGrammar


class ConstrainedState(NamedTuple):
    """The model's state, and of each row how far its call has come; None where it has ended."""

    inner: Any
    calls: tuple[State | None, ...]

    def select(self, rows: Int[Tensor, "chosen"]) -> "ConstrainedState":
        return ConstrainedState(self.inner.select(rows), tuple(self.calls[row] for row in rows.tolist()))


class Constrained:
    """A model whose tokens are those that can still become a call; the end token follows the complete call alone.

    Decode it as the model itself: greedily, by beam search, or by drawing. The log-probabilities of the tokens that are
    left are normalized again, so that they sum to 1. Raises `TypeError` for a model that cannot be decoded and
    `ValueError` for an end token outside its vocabulary; later, `ValueError` where no token goes on with the call.
    """

    def __init__(
        self,
        model: Any,
        grammar: CallGrammar,
        tokenizer: ByteLevelBPE,
        *,
        eos_id: int,
        tokens: GrammarTokens | None = None,
    ) -> None:
        require_decodable(model)
        self.model, self.grammar, self.tokenizer = model, grammar, tokenizer
        self.eos_id = end_token(eos_id, tokenizer.vocab_size)
        self.tokens = tokens or GrammarTokens(tokenizer)
        self.reads_left_padding = getattr(model, "reads_left_padding", False)

    def parameters(self) -> Iterator[nn.Parameter]:
        return self.model.parameters()

    def require_room(self, n_source: int, max_length: int) -> None:
        if isinstance(self.model, Limited):
            self.model.require_room(n_source, max_length)

    def start(
        self, source: Int[Tensor, "row position"], max_length: int, padding: Int[Tensor, "row"] | None = None
    ) -> tuple[Float[Tensor, "row vocab"], ConstrainedState]:
        scores, inner = started(self.model, source, max_length, padding)
        state = ConstrainedState(inner, (self.grammar.start,) * len(source))
        return self._constrained(scores, state), state

    def step(
        self, state: ConstrainedState, tokens: Int[Tensor, "row"]
    ) -> tuple[Float[Tensor, "row vocab"], ConstrainedState]:
        calls = tuple(map(self._advanced, state.calls, tokens.tolist()))
        scores, inner = self.model.step(state.inner, tokens)
        state = ConstrainedState(inner, calls)
        return self._constrained(scores, state), state

    def _advanced(self, call: State | None, token: int) -> State | None:
        if call is None or token == self.eos_id:
            return None
        return self.grammar.advance(call, self.tokenizer.decode_bytes([token]))

    def _constrained(self, scores: Float[Tensor, "row vocab"], state: ConstrainedState) -> Float[Tensor, "row vocab"]:
        allowed = torch.zeros(scores.shape, dtype=torch.bool)
        for row, call in zip(allowed, state.calls, strict=True):
            if call:
                row[: self.tokens.vocab_size] = self.tokens.allowed(call)
            else:
                row[self.eos_id] = True
            if not row.any():
                raise ValueError(
                    _("No token of this vocabulary goes on with the call: it lacks {count} of the 256 bytes.").format(
                        count=len(self.tokenizer.missing_bytes)
                    )
                )
        return scores.masked_fill(~allowed.to(scores.device), -math.inf).log_softmax(dim=-1)
