"""One training loop for every lesson: it repeats exactly, and goes on where it was stopped."""

import math
import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import torch
from IPython import get_ipython
from torch import Tensor, nn
from tqdm.auto import tqdm

from course.messages import _
from course.training import checkpoints
from course.training.batches import Batch, Batches


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
def _own_random_numbers(seed: int, model: nn.Module) -> Generator[None]:
    """Random numbers that begin with `seed`, on the CPU and the model's device; afterwards those of before go on."""
    device = next(model.parameters()).device
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield
