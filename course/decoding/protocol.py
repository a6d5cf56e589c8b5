"""What a model must do to be decoded: start from sources, then take one step after the other."""

from typing import Protocol, runtime_checkable

from jaxtyping import Float, Int
from torch import Tensor


@runtime_checkable
class State(Protocol):
    """What a model has read and written so far, for every row of the batch."""

    def select(self, rows: Int[Tensor, "chosen"]) -> "State":
        """The state of these rows, in this order; a row may be chosen more than once."""


@runtime_checkable
class Searchable(Protocol):
    """A model that writes token by token. It is searched as it is: put it in eval mode first."""

    def start(self, source: Int[Tensor, "row position"], max_length: int) -> State:
        """Read the sources, and prepare to write up to `max_length` tokens for each."""

    def step(self, state: State, tokens: Int[Tensor, "row"]) -> tuple[Float[Tensor, "row vocab"], State]:
        """Read one more token of each row: the log-probabilities of the next, and the state after it.

        The old state is used up.
        """
