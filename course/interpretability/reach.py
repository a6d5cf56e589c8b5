"""Which inputs an output depends on, measured: change one token, and see which outputs move."""

from collections.abc import Callable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from course.messages import _

MOVED = 1e-4  # relative to the largest output: what rounding moves is far below


@torch.no_grad()
def reach(
    outputs: Callable[[Int[Tensor, "1 position"]], Float[Tensor, "1 output d_model"]],
    ids: Int[Tensor, "1 position"],
    other: int,
) -> Bool[Tensor, "output position"]:
    """True where an output depends on the token at a position: it moves when that token becomes `other`.

    A False says that this change moved nothing, which is what a mask guarantees for any change. Raises `ValueError`
    where `other` is one of the tokens already, for no token, and for outputs that are no numbers or differ from pass to
    pass.
    """
    if not ids.shape[1]:
        raise ValueError(_("There is no token in the text. Give one or more."))
    if (ids == other).any():
        raise ValueError(_("The token {other} is in the text already: give another one.").format(other=other))
    before = outputs(ids)[0]
    if not before.isfinite().all():
        raise ValueError(
            _("An output is NaN or infinite, and does not tell what moves it. Look for where it comes from.")
        )
    if (outputs(ids)[0] - before).abs().max() > MOVED * before.abs().max():
        raise ValueError(_("The outputs differ when the same text is read again: call .eval() on the model first."))
    columns = []
    for position in range(ids.shape[1]):
        changed = ids.clone()
        changed[0, position] = other
        distance = (outputs(changed)[0] - before).abs().amax(dim=-1)
        columns.append(distance > MOVED * before.abs().max())
    return torch.stack(columns, dim=1)
