"""Where training gets its batches."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, NoReturn, Protocol, TypeVar, runtime_checkable

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from course.messages import _

Item = TypeVar("Item")
Batch = TypeVar("Batch", covariant=True)


@runtime_checkable
class Batches(Protocol[Batch]):
    """Where `train` gets its batches: `batches[step]`, for every step from 0, the same one each time it is asked."""

    def __getitem__(self, step: int) -> Batch: ...


class ShuffledBatches(Generic[Item, Batch]):
    """All items in batches, epoch after epoch, in another order in each; `len` is the number of batches in one epoch.

    `collate` makes a batch of a list of items. The order depends on `seed` and the epoch alone, so that any step's
    batch is available without those before it; `for batch in batches` goes through the first epoch. One batch of an
    epoch may be smaller. With `length`, items of similar length share a batch, which saves padding: the order is drawn
    as without it, and sorted by length within every `SORTED_TOGETHER` batches, whose order is then drawn. Raises
    `ValueError` without items and for a `batch_size` below 1.
    """

    SORTED_TOGETHER = 64

    def __init__(
        self,
        items: Sequence[Item],
        batch_size: int,
        collate: Callable[[list[Item]], Batch],
        *,
        seed: int = 0,
        length: Callable[[Item], int] | None = None,
    ) -> None:
        if not items:
            raise ValueError(_("There is nothing to train on: the list of items is empty."))
        if batch_size < 1:
            raise ValueError(_("batch_size is {value}; it must be 1 or more.").format(value=batch_size))
        self.items = items
        self.batch_size = batch_size
        self.collate = collate
        self.seed = seed
        self._lengths = None if length is None else np.array([length(item) for item in items])
        self._epoch, self._batches = -1, [np.empty(0, dtype=int)]

    def __len__(self) -> int:
        return math.ceil(len(self.items) / self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        return (self[step] for step in range(len(self)))

    def __getitem__(self, step: int) -> Batch:
        epoch, index = divmod(require_step(step), len(self))
        if epoch != self._epoch:
            self._epoch, self._batches = epoch, self._shuffle(np.random.default_rng([self.seed, epoch]))
        return self.collate([self.items[i] for i in self._batches[index]])

    def _shuffle(self, rng: np.random.Generator) -> list[Int[np.ndarray, "_"]]:
        """The numbers of the items in each batch of an epoch."""
        order = rng.permutation(len(self.items))
        if self._lengths is None:
            return self._cut(order, self.batch_size)
        pools = self._cut(order, self.batch_size * self.SORTED_TOGETHER)
        by_length = np.concatenate([pool[self._lengths[pool].argsort(kind="stable")] for pool in pools])
        batches = self._cut(by_length, self.batch_size)
        return [batches[i] for i in rng.permutation(len(batches))]

    @staticmethod
    def _cut(order: Int[np.ndarray, "item"], size: int) -> list[Int[np.ndarray, "_"]]:
        return [order[start : start + size] for start in range(0, len(order), size)]


class GeneratedBatches(Generic[Batch]):
    """Batches without end, each made when it is asked for: `batches[step]` is `make(rng)`.

    `rng` depends on `seed` and the step alone, so that a step has the same batch each time it is asked for.
    """

    def __init__(self, make: Callable[[np.random.Generator], Batch], seed: int) -> None:
        self.make, self.seed = make, seed

    def __getitem__(self, step: int) -> Batch:
        return self.make(np.random.default_rng([self.seed, require_step(step)]))

    def __iter__(self) -> NoReturn:
        raise TypeError(_("Generated batches never end: take batches[step] for each step you need, not `for`."))


def require_step(step: int) -> int:
    """The step. Raises `IndexError` when it is below 0."""
    if step < 0:
        raise IndexError(_("There is no batch for step {step}: steps count from 0.").format(step=step))
    return step


def pad_rows(rows: Sequence[Sequence[int]], pad_id: int) -> Int[Tensor, "row position"]:
    """The rows as one table, the short ones filled up with `pad_id` at their end."""
    if not rows:
        raise ValueError(_("There are no rows to pad. Give one or more."))
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[pad_id] * (longest - len(row))] for row in rows], dtype=torch.long)
