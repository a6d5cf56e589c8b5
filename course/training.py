"""One training loop for every lesson: it repeats exactly, and goes on where it was stopped."""

import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Protocol, TypeVar, runtime_checkable

import numpy as np
import torch
from IPython import get_ipython
from jaxtyping import Int
from torch import Tensor, nn
from tqdm.auto import tqdm

from course import checkpoints
from course.messages import _

Item = TypeVar("Item")
Batch = TypeVar("Batch", covariant=True)


@runtime_checkable
class Batches(Protocol[Batch]):
    """Where `train` gets its batches: `batches[step]`, for every step from 0, the same one each time it is asked."""

    def __getitem__(self, step: int) -> Batch: ...


class ShuffledBatches(Generic[Item, Batch]):
    """All items in batches, epoch after epoch, in an order of its own in each; `len` is the batches of one epoch.

    `collate` makes a batch of a list of items. The order hangs on `seed` and the epoch alone, so that any step's batch
    can be had without those before it. One batch of an epoch may be smaller. With `length`, items of like length come
    into one batch, which saves padding: the order is drawn as without it, and sorted by length within every
    `SORTED_TOGETHER` batches, whose order is then drawn.
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
        self.items = items
        self.batch_size = batch_size
        self.collate = collate
        self.seed = seed
        self._lengths = None if length is None else np.array([length(item) for item in items])
        self._epoch, self._batches = -1, [np.empty(0, dtype=int)]

    def __len__(self) -> int:
        return math.ceil(len(self.items) / self.batch_size)

    def __getitem__(self, step: int) -> Batch:
        epoch, index = divmod(step, len(self))
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


def pad_rows(rows: Sequence[Sequence[int]], pad_id: int) -> Int[Tensor, "row position"]:
    """The rows as one table, the short ones filled up with `pad_id` at their end."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[pad_id] * (longest - len(row))] for row in rows], dtype=torch.long)


def warmup(d_model: int, warmup_steps: int = 4000, factor: float = 1.0) -> Callable[[int], float]:
    """The paper's learning rate for each step from 1: it rises for `warmup_steps`, then falls as 1/√step.

    Source: Vaswani et al. 2017, section 5.3, equation 3, times `factor`.
    """
    return lambda step: factor * d_model**-0.5 * min(step**-0.5, step * warmup_steps**-1.5)


@dataclass(repr=False)
class History:
    """What happened in training: a number per step, and what `evaluate` found, with the `step` it was after.

    `gradient_norms` are those before clipping; `seconds` is the time of the steps alone, without evaluation.
    """

    losses: list[float] = field(default_factory=list)
    learning_rates: list[float] = field(default_factory=list)
    gradient_norms: list[float] = field(default_factory=list)
    evaluations: list[dict[str, int | float]] = field(default_factory=list)
    seconds: float = 0.0

    def __repr__(self) -> str:  # without the time: the same run reads the same
        if not self.losses:
            return "History(0 steps)"
        return f"History({len(self.losses)} steps, loss {self.losses[0]:.3f} to {self.losses[-1]:.3f})"


def train(
    model: nn.Module,
    batches: Batches[Batch],
    loss: Callable[[nn.Module, Batch], Tensor],
    optimizer: torch.optim.Optimizer,
    *,
    steps: int,
    seed: int = 0,
    learning_rate: Callable[[int], float] | None = None,
    max_gradient_norm: float = math.inf,
    evaluate: Callable[[nn.Module], dict[str, int | float]] | None = None,
    evaluate_every: int | None = None,
    checkpoint: Path | None = None,
    checkpoint_every: int = 100,
) -> History:
    """Train until `steps` steps are done, and leave the model in eval mode.

    A step takes `loss(model, batch)`, goes backward, cuts the gradients of all parameters together to the length
    `max_gradient_norm`, and updates at the rate `learning_rate(step)`, where steps count from 1; without that function
    the rate is the optimizer's own. `seed` decides what dropout drops; random numbers elsewhere stay as they were.

    `evaluate(model)` runs in eval mode, without gradients, every `evaluate_every` steps and at the end. The file
    `checkpoint` is written every `checkpoint_every` steps and at the end; when it exists, training goes on from there,
    and the result is the same as without the break, to the bit.

    Raises `FloatingPointError` when the loss or its gradients are no longer numbers; the weights are then those before
    that step. Raises `ValueError` for a checkpoint of another model, of more than `steps` steps, or that is damaged.
    """
    history = History()
    with _own_random_numbers(seed, model):
        if checkpoint is not None and checkpoint.exists():
            done = len(checkpoints.history(checkpoint)["losses"])
            if done > steps:
                raise ValueError(
                    _(
                        "{file} is of a run of {done} steps, but {steps} are asked for. Ask for more, or delete it."
                    ).format(file=checkpoint, done=done, steps=steps)
                )
            history = History(**checkpoints.load(checkpoint, model, optimizer))
        model.train()
        bar = _bar(len(history.losses), steps)
        for step in bar:
            start = time.perf_counter()
            if learning_rate is not None:
                for group in optimizer.param_groups:
                    group["lr"] = learning_rate(step)
            value, norm = _update(model, loss(model, batches[step - 1]), optimizer, max_gradient_norm, step)
            history.losses.append(value)
            history.gradient_norms.append(norm)
            history.learning_rates.append(optimizer.param_groups[0]["lr"])
            history.seconds += time.perf_counter() - start
            bar.set_postfix(loss=f"{value:.3f}", refresh=False)

            last = step == steps
            if evaluate is not None and (last or (evaluate_every and step % evaluate_every == 0)):
                model.eval()
                with torch.no_grad():
                    history.evaluations.append({"step": step, **evaluate(model)})
                model.train()
            if checkpoint is not None and (last or step % checkpoint_every == 0):
                checkpoints.save(checkpoint, model, optimizer, vars(history))
    model.eval()
    return history


def _bar(done: int, steps: int) -> tqdm:
    """The steps to come, as a bar on a terminal and in a notebook, but not in a log: it is other text each time.

    `TQDM_DISABLE` in the environment hides it, as when notebooks are built and compared.
    """
    in_notebook = getattr(get_ipython(), "kernel", None) is not None
    hidden = "TQDM_DISABLE" in os.environ if in_notebook else None  # None: but on a terminal
    return tqdm(range(done + 1, steps + 1), initial=done, total=steps, disable=hidden, leave=hidden is None)


def _update(
    model: nn.Module, loss: Tensor, optimizer: torch.optim.Optimizer, max_gradient_norm: float, step: int
) -> tuple[float, float]:
    """One update of the weights: the loss, and the length of all gradients together before they were cut."""
    optimizer.zero_grad()
    loss.backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_gradient_norm)
    if not (loss.isfinite() and norm.isfinite()):
        raise FloatingPointError(
            _(
                "At step {step} the loss is {loss:.4g} and its gradient has the length {norm:.4g}: "
                "lower the learning rate, or set max_gradient_norm to 1."
            ).format(step=step, loss=loss.item(), norm=norm.item())
        )
    optimizer.step()
    return loss.item(), norm.item()


@contextmanager
def _own_random_numbers(seed: int, model: nn.Module) -> Iterator[None]:
    """Random numbers that begin with `seed`, on the CPU and the model's device; afterwards those of before go on."""
    device = next(model.parameters()).device
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield
