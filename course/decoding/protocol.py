"""What every model of the course does to be decoded: start from sources, then take one step after the other.

For an encoder–decoder the source is what its encoder reads, short rows filled up with padding. For a causal language
model it is the prompt; the prompts of a batch have one length, since a causal model knows no padding.
"""

from collections.abc import Iterator
from typing import Protocol, TypeVar, runtime_checkable

from jaxtyping import Float, Int
from torch import Tensor, nn

from course.messages import _

AnyState = TypeVar("AnyState", bound="State")


@runtime_checkable
class State(Protocol):
    """What a model has read and predicted so far, for every row of the batch."""

    def select(self: AnyState, rows: Int[Tensor, "chosen"]) -> AnyState:
        """The state of these rows, in this order; a row may be chosen more than once."""


@runtime_checkable
class Decodable(Protocol[AnyState]):
    """A model that predicts token by token. It is decoded as it is: put it in eval mode first."""

    def start(
        self, source: Int[Tensor, "row position"], max_length: int
    ) -> tuple[Float[Tensor, "row vocab"], AnyState]:
        """Read the sources: the log-probabilities of each row's first token, and a state for up to `max_length`.

        Raises `ValueError` when an output of `max_length` tokens does not fit the model.
        """

    def step(self, state: AnyState, tokens: Int[Tensor, "row"]) -> tuple[Float[Tensor, "row vocab"], AnyState]:
        """Read one more token of each row: the log-probabilities of the next, and the state after it.

        The old state is used up.
        """


@runtime_checkable
class DecodableModule(Decodable[AnyState], Protocol[AnyState]):
    """A model whose weights say on which device it is decoded."""

    def parameters(self) -> Iterator[nn.Parameter]:
        """The weights."""


@runtime_checkable
class Limited(Protocol):
    """A model that says before anything is read whether an output fits its context."""

    def require_room(self, n_source: int, max_length: int) -> None:
        """Raises `ValueError` when an output of `max_length` tokens for a source of `n_source` does not fit."""


def require_at_least(least: int, value: int, name: str) -> None:
    """Raises `ValueError` naming the argument whose value is below its least."""
    if value < least:
        message = _("{name} is {value}; it must be {least} or more.")
        raise ValueError(message.format(name=name, value=value, least=least))


def require_decodable(model: object) -> None:
    """Raises `TypeError` for a model without the protocol's methods, such as an encoder."""
    if not isinstance(model, Decodable):
        raise TypeError(
            _("{model} cannot be decoded: it has no `start` and `step`, since it predicts no next token.").format(
                model=type(model).__name__
            )
        )


def end_token(eos_id: int | None, n_tokens: int) -> int:
    """The id that ends an output: `eos_id`, or where that is None an id that no token has.

    Raises `ValueError` for an end token that is none of a model's `n_tokens` tokens.
    """
    if eos_id is not None and not (type(eos_id) is int and 0 <= eos_id < n_tokens):
        raise ValueError(
            _("eos_id is {value!r}; this model's tokens are 0 to {last}, or give None for no end token.").format(
                value=eos_id, last=n_tokens - 1
            )
        )
    return -1 if eos_id is None else eos_id


def require_finite(best: Float[Tensor, "row"]) -> None:
    """Raises `ValueError` where the best log-probability of a row is no number: nothing can be chosen from it."""
    wrong = (~best.isfinite()).nonzero()
    if len(wrong):
        raise ValueError(
            _(
                "In row {row} the model gives no token a finite log-probability (the best is {best}): "
                "its weights or its logits are NaN or infinite, or every token is ruled out."
            ).format(row=wrong[0].item(), best=best[wrong[0]].item())
        )
