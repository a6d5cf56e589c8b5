"""The keys and values of the tokens read so far."""

import copy
from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from course.layers.sizes import require_whole
from course.messages import _


class KVCache:
    """The keys and values of the tokens read so far, for every layer, in memory that is reserved once.

    With it a decoder reads each token once: `model(ids, cache)` takes `ids` to continue what the cache holds. `length`
    counts the positions in use; setting it back forgets the last tokens. `shape` is (layers, batch, key heads,
    capacity, d_head), whole numbers above 0, or `ValueError`; for SmolLM2 in float32 one position takes 46 kB. Of a
    layer that has a number in `windows`, only the last so many positions are stored. `padding` counts, for each row,
    the positions at its beginning that hold no token.
    """

    def __init__(
        self,
        shape: tuple[int, int, int, int, int],
        *,
        windows: Sequence[int | None] | None = None,
        padding: Int[Tensor, "batch"] | None = None,
        dtype: torch.dtype = torch.float32,
        device: torch.device | None = None,
    ) -> None:
        for size, name in zip(shape, ("layers", "batch", "kv_heads", "capacity", "d_head"), strict=True):
            require_whole(size, name)
        n_layers, self.n_rows, n_heads, self.capacity, d_head = shape
        self.windows = [None] * n_layers if windows is None else list(windows)
        self.padding = padding
        slots = [self.capacity if window is None else min(window, self.capacity) for window in self.windows]
        shapes = [(self.n_rows, n_heads, count, d_head) for count in slots]
        self.keys = [torch.empty(each, dtype=dtype, device=device) for each in shapes]
        self.values = [torch.empty_like(keys) for keys in self.keys]
        self._length = 0

    @property
    def length(self) -> int:
        """The positions in use. Setting it raises `ValueError` where it asks for positions that a window dropped."""
        return self._length

    @length.setter
    def length(self, length: int) -> None:
        dropped = any(window is not None and window < self._length for window in self.windows)
        if length < self._length and dropped:
            raise ValueError(
                _(
                    "The cache cannot go back from {now} positions to {asked}: its windows dropped what these would "
                    "see. Make a new cache and read the text again."
                ).format(now=self._length, asked=length)
            )
        self._length = length

    def require_room(self, new: int, rows: int) -> None:
        """Raises `ValueError` when `new` more positions don't fit, or the cache was made for other than `rows` rows."""
        if rows != self.n_rows:
            raise ValueError(
                _("The cache was made for {batch} rows, and there are {rows}. Make one for {rows}.").format(
                    batch=self.n_rows, rows=rows
                )
            )
        if self.length + new > self.capacity:
            raise ValueError(
                _(
                    "The cache has room for {capacity} positions, {used} in use: {new} more don't fit. "
                    "Make one of a larger capacity."
                ).format(capacity=self.capacity, used=self.length, new=new)
            )

    def store(
        self,
        layer: int,
        key: Float[Tensor, "batch kv_heads new d_head"],
        value: Float[Tensor, "batch kv_heads new d_head"],
    ) -> tuple[Float[Tensor, "batch kv_heads total d_head"], Float[Tensor, "batch kv_heads total d_head"]]:
        """Write one layer's new keys and values after those in use, and return all that the new queries may see.

        Without a window that is all of the layer, old and new. With one, the first of the new queries sees itself and
        the window - 1 positions before it: window + new - 1 keys are returned, and the last `window` are kept. Raises
        `ValueError` for those of another model, with other heads than the cache was made for.
        """
        made_for, given = (self.keys[layer].shape[1::2], key.shape[1::2])
        if made_for != given:
            raise ValueError(
                _(
                    "The cache was made for another model, with heads and widths of {made_for}; these are {given}. "
                    "Make one with `new_cache` of this model."
                ).format(made_for=tuple(made_for), given=tuple(given))
            )
        return self._append(self.keys[layer], key), self._append(self.values[layer], value)

    def _append(self, stored: Tensor, new: Tensor) -> Tensor:
        slots, n_new = stored.shape[2], new.shape[2]
        used = min(self.length, slots)
        if used + n_new <= slots:
            stored.narrow(2, used, n_new).copy_(new)
            return stored.narrow(2, 0, used + n_new)
        seen = min(used, slots - 1)
        visible = torch.cat((stored.narrow(2, used - seen, seen), new), dim=2)
        stored.copy_(visible.narrow(2, visible.shape[2] - slots, slots))
        return visible

    def select(self, rows: Int[Tensor, "chosen"]) -> "KVCache":
        """A cache of these sequences of the batch, in this order; one may be chosen more than once."""
        chosen = copy.copy(self)
        chosen.n_rows = len(rows)
        chosen.keys, chosen.values = ([part[rows] for part in parts] for parts in (self.keys, self.values))
        chosen.padding = None if self.padding is None else self.padding[rows]
        return chosen


def last_keys(table: Tensor | None, n: int) -> Tensor | None:
    """The columns of a mask or a bias that belong to the last `n` keys: a window may have dropped those before."""
    return None if table is None else table[..., -n:]
