"""What every model of the course does to be decoded: start from sources, then take one step after the other.

For an encoder–decoder the source is what its encoder reads; for a causal language model it is the prompt.
"""

from collections.abc import Iterator
from typing import Protocol, TypeVar, runtime_checkable

from jaxtyping import Float, Int
from torch import Tensor, nn

AnyState = TypeVar("AnyState", bound="State")


@runtime_checkable
class State(Protocol):
    """What a model has read and predicted so far, for every row of the batch."""

    def select(self: AnyState, rows: Int[Tensor, "chosen"]) -> AnyState:
        """The state of these rows, in this order; a row may be chosen more than once."""


@runtime_checkable
class Decodable(Protocol[AnyState]):
    """A model that predicts token by token. It is decoded as it is: put it in eval mode first."""

    def require_room(self, n_source: int, max_length: int) -> None:
        """Raises `ValueError` when an output of `max_length` tokens for a source of `n_source` does not fit."""

    def start(
        self, source: Int[Tensor, "row position"], max_length: int
    ) -> tuple[Float[Tensor, "row vocab"], AnyState]:
        """Read the sources: the log-probabilities of each row's first token, and a state for up to `max_length`."""

    def step(self, state: AnyState, tokens: Int[Tensor, "row"]) -> tuple[Float[Tensor, "row vocab"], AnyState]:
        """Read one more token of each row: the log-probabilities of the next, and the state after it.

        The old state is used up.
        """


@runtime_checkable
class DecodableModule(Decodable[AnyState], Protocol[AnyState]):
    """A model whose weights say on which device it is decoded."""

    def parameters(self) -> Iterator[nn.Parameter]:
        """The weights."""
