"""What every model requires of the token ids that it is given."""

import torch
from torch import Tensor

from course.messages import _


def require_table(ids: Tensor) -> None:
    """Raises `TypeError` when `ids` are no tensor of whole numbers, `ValueError` when they are no table of some."""
    if not isinstance(ids, Tensor):
        raise TypeError(
            _("Token ids must be a tensor, not {kind}: write `torch.tensor(ids)`.").format(kind=type(ids).__name__)
        )
    if ids.dtype not in (torch.int64, torch.int32):
        raise TypeError(_("Token ids must be whole numbers (torch.long), not {dtype}.").format(dtype=ids.dtype))
    if ids.ndim != 2 or ids.numel() == 0:
        raise ValueError(
            _("Token ids must have the shape (batch, position), with one token or more, not {shape}.").format(
                shape=tuple(ids.shape)
            )
        )


def require_token_ids(ids: Tensor, vocab_size: int) -> None:
    """Raises `TypeError` or `ValueError` as `require_table` does, and `ValueError` for an id that is not known.

    A compiled model does not look at the ids themselves.
    """
    require_table(ids)
    if torch.compiler.is_compiling():  # to look at the numbers would cut the compiled program in two
        return
    low, high = (extreme.item() for extreme in ids.aminmax())
    if low < 0 or high >= vocab_size:
        raise ValueError(
            _("Token id {id} is unknown: this model's vocabulary has the ids 0 to {last}.").format(
                id=low if low < 0 else high, last=vocab_size - 1
            )
        )


def require_numbers(numbers: Tensor, name: str, ids: Tensor, n: int) -> None:
    """Raises `TypeError` or `ValueError` when `numbers` are not one for each of the `ids`, each from 0 to n − 1.

    A compiled model does not look at the numbers themselves.
    """
    if not isinstance(numbers, Tensor) or numbers.dtype not in (torch.int64, torch.int32):
        kind = numbers.dtype if isinstance(numbers, Tensor) else type(numbers).__name__
        raise TypeError(
            _("{name} must be a tensor of whole numbers (torch.long), not {kind}.").format(name=name, kind=kind)
        )
    if numbers.shape != ids.shape:
        raise ValueError(
            _("{name} has the shape {shape}, and the token ids {wanted}: give one number for each token.").format(
                name=name, shape=tuple(numbers.shape), wanted=tuple(ids.shape)
            )
        )
    if torch.compiler.is_compiling():
        return
    low, high = (extreme.item() for extreme in numbers.aminmax())
    if low < 0 or high >= n:
        raise ValueError(
            _("{name} has the number {value}; this model knows 0 to {last}.").format(
                name=name, value=low if low < 0 else high, last=n - 1
            )
        )


def require_pairs(source: Tensor, target: Tensor) -> None:
    """Raises as `require_table` does for either, and `ValueError` when there is not one target for each source."""
    require_table(source)
    require_table(target)
    if len(source) != len(target):
        raise ValueError(
            _("There are {sources} sources and {targets} targets: give one target for each source.").format(
                sources=len(source), targets=len(target)
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
