"""One training loop for every lesson: reproducible, and resumable where it was stopped."""

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
    """The record of a training: one number per step, and the results of `evaluate` with the `step` they follow.

    `gradient_norms` are measured before clipping; `seconds` is the time of the steps alone, without evaluation.
    """

    losses: list[float] = field(default_factory=list)
    learning_rates: list[float] = field(default_factory=list)
    gradient_norms: list[float] = field(default_factory=list)
    evaluations: list[dict[str, int | float]] = field(default_factory=list)
    seconds: float = 0.0

    def __repr__(self) -> str:  # without the time, so that the same run has the same text
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

    A step computes `loss(model, batch)`, backpropagates, clips the norm of all gradients together to
    `max_gradient_norm`, and updates the weights with the rate `learning_rate(step)`, where steps count from 1; without
    that function the optimizer's own rate applies. `seed` determines dropout; random numbers outside the training are
    not affected.

    `evaluate(model)` runs in eval mode, without gradients, every `evaluate_every` steps and at the end. The file
    `checkpoint` is written every `checkpoint_every` steps and at the end; when it exists, training resumes from it, and
    the result is bit for bit the same as without the interruption.

    Raises `FloatingPointError` when the loss or its gradient is not finite; the weights are then those before that
    step. Raises `ValueError` for a checkpoint of another model, with more than `steps` steps, or that is damaged.
    """
    if checkpoint_every < 1:
        raise ValueError(_("checkpoint_every is {value}; it must be 1 or more.").format(value=checkpoint_every))
    if learning_rate is not None and steps > 0:
        learning_rate(steps)  # a schedule that is too short says so now, not when its end is reached
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
                rate = learning_rate(step)
                if not math.isfinite(rate):
                    message = _("At step {step} the learning rate is {rate}; it must be a finite number.")
                    raise ValueError(message.format(step=step, rate=rate))
                for group in optimizer.param_groups:
                    group["lr"] = rate
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
    """The remaining steps, as a bar on a terminal and in a notebook, but not in a log: its text differs on each run.

    `TQDM_DISABLE` in the environment hides the bar, for example while notebooks are built and compared.
    """
    in_notebook = getattr(get_ipython(), "kernel", None) is not None
    hidden = "TQDM_DISABLE" in os.environ if in_notebook else None  # None: show it on a terminal only
    return tqdm(range(done + 1, steps + 1), initial=done, total=steps, disable=hidden, leave=hidden is None)


def _update(
    model: nn.Module, loss: Tensor, optimizer: torch.optim.Optimizer, max_gradient_norm: float, step: int
) -> tuple[float, float]:
    """Update the weights once. Returns the loss and the norm of all gradients together before clipping."""
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
    """Seed the random numbers of the CPU and the model's device with `seed`; afterwards, restore their state."""
    device = next(model.parameters()).device
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield
