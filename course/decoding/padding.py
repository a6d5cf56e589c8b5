"""Prompts of several lengths as one batch, filled up on the left, so that all of them end where the answers begin."""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from course.decoding.protocol import AnyState, Decodable
from course.messages import _


def left_pad(
    prompts: Sequence[Sequence[int]], *, fill: int = 0, device: torch.device | None = None
) -> tuple[Int[Tensor, "row position"], Int[Tensor, "row"]]:
    """The prompts as the rows of one table, and how many places before each are filled up: its padding.

    Both go to `sample`, `greedy_search` or `beam_search`, or to the model itself. No token sees the padding, so the id
    that it is filled with changes nothing; any known one will do. Raises `ValueError` for a prompt without tokens.
    """
    lengths = [len(prompt) for prompt in prompts]
    if not lengths or min(lengths) == 0:
        raise ValueError(_("There must be a prompt, and each needs one token or more: encode a text first."))
    width = max(lengths)
    rows = [[fill] * (width - len(prompt)) + [int(token) for token in prompt] for prompt in prompts]
    return torch.tensor(rows, device=device), width - torch.tensor(lengths, device=device)


def started(
    model: Decodable[AnyState],
    source: Int[Tensor, "row position"],
    max_length: int,
    padding: Int[Tensor, "row"] | None,
) -> tuple[Float[Tensor, "row vocab"], AnyState]:
    """What `model.start` gives for these sources. Raises `TypeError` for padding that the model cannot leave out."""
    if padding is None:
        return model.start(source, max_length)
    if not getattr(model, "reads_left_padding", False):
        raise TypeError(
            _("{model} reads no padding on the left: it finds the end of a source by its own padding token.").format(
                model=type(model).__name__
            )
        )
    causal: Any = model
    return causal.start(source, max_length, padding)
