"""Prompts of several lengths as one batch, filled up on the left, so that all of them end where the answers begin."""

from collections.abc import Sequence

import torch
from jaxtyping import Int
from torch import Tensor

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
    rows = [[fill] * (width - len(prompt)) + list(prompt) for prompt in prompts]
    return torch.tensor(rows, device=device), width - torch.tensor(lengths, device=device)
