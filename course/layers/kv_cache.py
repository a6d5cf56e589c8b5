"""The keys and values of the tokens read so far."""

import copy

import torch
from jaxtyping import Float, Int
from torch import Tensor

from course.messages import _


class KVCache:
    """The keys and values of the tokens read so far, for every layer, in memory that is reserved once.

    With it a decoder reads each token once: `model(ids, cache)` takes `ids` to continue what the cache holds. `length`
    counts the positions in use; setting it back forgets the last tokens. `shape` is (layers, batch, key heads,
    capacity, d_head); for SmolLM2 in float32 one position takes 46 kB.
    """

    def __init__(
        self,
        shape: tuple[int, int, int, int, int],
        *,
        dtype: torch.dtype = torch.float32,
        device: torch.device | None = None,
    ) -> None:
        self.keys = torch.empty(shape, dtype=dtype, device=device)
        self.values = torch.empty_like(self.keys)
        self.capacity = shape[3]
        self.length = 0

    def require_room(self, new: int, rows: int) -> None:
        """Raises `ValueError` when `new` more positions don't fit, or the cache was made for other than `rows` rows."""
        if rows != self.keys.shape[1]:
            raise ValueError(
                _("The cache was made for {batch} rows, and there are {rows}. Make one for {rows}.").format(
                    batch=self.keys.shape[1], rows=rows
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
        """Write one layer's new keys and values after those in use, and return all of that layer, old and new."""
        new = key.shape[2]
        keys, values = self.keys[layer], self.values[layer]
        keys.narrow(2, self.length, new).copy_(key)
        values.narrow(2, self.length, new).copy_(value)
        return keys.narrow(2, 0, self.length + new), values.narrow(2, 0, self.length + new)

    def select(self, rows: Int[Tensor, "chosen"]) -> "KVCache":
        """A cache of these sequences of the batch, in this order; one may be chosen more than once."""
        chosen = copy.copy(self)
        chosen.keys, chosen.values = self.keys[:, rows], self.values[:, rows]
        return chosen
