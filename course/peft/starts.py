"""The tokens that a prompt or a prefix starts from."""

from collections.abc import Iterable, Sequence
from numbers import Integral

import numpy as np
from torch import Tensor

from course.messages import _


def ids_of(start: Sequence[int]) -> tuple[int, ...]:
    """The token ids, to be kept; tensors and arrays have some, too. Raises `TypeError` for what is no list of ids."""
    ids = start.tolist() if isinstance(start, Tensor | np.ndarray) else start
    if not isinstance(ids, Iterable) or not all(_is_whole(each) for each in ids):
        raise TypeError(_("start is {value!r}; give a list of token ids, each a whole number.").format(value=start))
    return tuple(map(int, ids))


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)
