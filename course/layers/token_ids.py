"""What every model requires of the token ids that it is given."""

import torch
from torch import Tensor

from course.messages import _


def require_token_ids(ids: Tensor, vocab_size: int) -> None:
    """Raises `TypeError` when `ids` are not whole numbers, `ValueError` when they are no table of known ids."""
    if ids.dtype not in (torch.int64, torch.int32):
        raise TypeError(_("Token ids must be whole numbers (torch.long), not {dtype}.").format(dtype=ids.dtype))
    if ids.ndim != 2 or ids.numel() == 0:
        raise ValueError(
            _("Token ids must have the shape (batch, position), with one token or more, not {shape}.").format(
                shape=tuple(ids.shape)
            )
        )
    low, high = (extreme.item() for extreme in ids.aminmax())
    if low < 0 or high >= vocab_size:
        raise ValueError(
            _("Token id {id} is unknown: this model's vocabulary has the ids 0 to {last}.").format(
                id=low if low < 0 else high, last=vocab_size - 1
            )
        )


def require_context(n_tokens: int, limit: int) -> None:
    """Raises `ValueError` when there are more tokens, those read before included, than a model's context has places."""
    if n_tokens > limit:
        raise ValueError(
            _("{count} tokens are more than the model's context of {limit}. Shorten the text.").format(
                count=n_tokens, limit=limit
            )
        )
