"""One training loop for every lesson: reproducible, and resumable where it was stopped."""

import math
import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from IPython import get_ipython
from torch import Tensor, nn
from tqdm.auto import tqdm

from course.messages import _
from course.training import checkpoints, processes
from course.training.accumulation import TokenMean
from course.training.batches import Batch, Batches
from course.training.run_identity import require_same_run


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
    loss: Callable[[nn.Module, Batch], Tensor] | TokenMean,
    optimizer: torch.optim.Optimizer,
    *,
    steps: int,
    seed: int = 0,
    learning_rate: Callable[[int], float] | None = None,
    max_gradient_norm: float = math.inf,
    evaluate: Callable[[nn.Module], dict[str, int | float]] | None = None,
    evaluate_every: int | None = None,
    stop: Callable[[Sequence[dict[str, int | float]]], bool] | None = None,
    after_step: Callable[[int], None] | None = None,
    checkpoint: Path | str | None = None,
    checkpoint_every: int = 100,
    run: Mapping[str, Any] | None = None,
) -> History:
    """Train until `steps` steps are done, and leave the model in eval mode, however the training ends.

    A step computes `loss(model, batch)`, backpropagates, clips the norm of all gradients together to
    `max_gradient_norm`, and updates the weights with the rate `learning_rate(step)`, where steps count from 1; without
    that function the optimizer's own rate applies. A group of the optimizer with an `lr_scale` gets the rate times
    that. A `TokenMean` computes the gradient in parts, and with the other processes that `torchrun` started: all of
    them call `train` alike, with the same batches, and the first one writes the checkpoint. `seed` determines dropout;
    random numbers outside the training are not affected.

    `after_step(step)` is called in each process as soon as the weights are updated, while the gradients, clipped, are
    still there. It is a part of the step: an interrupt waits for it, and a checkpoint is written after it. What it
    remembers for the next step must be in buffers of the model, which a checkpoint holds.

    `evaluate(model)` runs in eval mode, without gradients, every `evaluate_every` steps and at the end; the random
    numbers that it draws do not change the training. `stop(evaluations)` is asked after each evaluation, and ends the
    training when it says so. The file `checkpoint` is written every `checkpoint_every` steps, at the end, and when the
    training is stopped by an interrupt or an error; when it exists, training resumes from it, and the result is bit for
    bit the same as without the interruption. `run` is what must be the same then and cannot be seen in the file, a hash
    of the data say: values by name, as JSON can hold them.

    Raises `FloatingPointError` when the loss or its gradient is not finite; the weights are then those before that
    step. Raises `ValueError`, before anything changes, for a number out of its range, for `stop` without `evaluate` and
    `evaluate_every` or with a checkpoint (it remembers what no checkpoint holds), and for a checkpoint that is damaged,
    of another model, another optimizer, other settings, another schedule or another `run`, or with more than `steps`
    steps. Raises `TypeError` when `evaluate` returns anything but numbers, `ValueError` when it names one of them
    "step".
    """
    least = {"steps": (steps, 0), "checkpoint_every": (checkpoint_every, 1), "evaluate_every": (evaluate_every, 1)}
    for name, (value, limit) in least.items():
        if value is not None and value < limit:
            raise ValueError(
                _("{name} is {value}; it must be {limit} or more.").format(name=name, value=value, limit=limit)
            )
    if not max_gradient_norm > 0:
        raise ValueError(_("max_gradient_norm is {value}; it must be above 0.").format(value=max_gradient_norm))
    if stop is not None and (evaluate is None or checkpoint is not None):
        raise ValueError(
            _("`stop` needs `evaluate`, whose results it is asked about, and cannot go with a checkpoint.")
        )
    if stop is not None and evaluate_every is None:
        raise ValueError(_("`stop` needs `evaluate_every`: without it, the only evaluation is at the end."))
    checkpoint = None if checkpoint is None else Path(checkpoint)
    if learning_rate is not None and steps > 0:
        learning_rate(steps)  # a schedule that is too short says so now, not when its end is reached

    def evaluate_after(step: int) -> None:
        due = step > 0 and (step == steps or (evaluate_every and step % evaluate_every == 0))
        if evaluate is not None and due and (not evaluated or evaluated[-1]["step"] < step):
            model.eval()
            with torch.no_grad(), _restored_random_numbers(model):
                evaluated.append({"step": step, **_numbers(evaluate(processes.bare(model)))})
            model.train()

    with _own_random_numbers(seed, model):
        history = History()
        if checkpoint is not None and _resumable(checkpoint, next(model.parameters()).device):
            scheduled = () if learning_rate is None else ("lr",)
            _require_same_history(checkpoint, steps, learning_rate, run)
            stored = checkpoints.load(checkpoint, model, optimizer, scheduled=scheduled)
            history = History(**{name: value for name, value in stored.items() if name != "run"})
        evaluated, saved = history.evaluations, len(history.losses)
        of_run = {} if run is None else {"run": dict(run)}
        random_state = checkpoints.random_numbers() if checkpoint is not None else None
        whole = True  # the weights are those after the last step of the history, and no half step is in them
        try:
            model.train()
            evaluate_after(saved)  # what an interrupt prevented
            for step in (bar := _bar(saved, steps)):
                start = time.perf_counter()
                if learning_rate is not None:
                    _set_rate(optimizer, float(learning_rate(step)), step)  # JSON knows no other kinds of number
                optimizer.zero_grad()
                value = _backward(loss, model, batches[step - 1])
                norm = _clipped_norm(model, value, max_gradient_norm, step)
                with _interrupts_deferred():
                    whole = False
                    optimizer.step()
                    if after_step is not None:
                        after_step(step)
                    history.losses.append(value.item())
                    history.gradient_norms.append(norm)
                    first = optimizer.param_groups[0]
                    history.learning_rates.append(float(first["lr"]) / first.get("lr_scale", 1.0))
                    history.seconds += time.perf_counter() - start
                    random_state = checkpoints.random_numbers() if checkpoint is not None else None
                    whole = True
                bar.set_postfix(loss=f"{history.losses[-1]:.3f}", refresh=False)
                evaluate_after(step)
                if checkpoint is not None and (step == steps or step % checkpoint_every == 0):
                    checkpoints.save(checkpoint, model, optimizer, vars(history) | of_run)
                    saved = step
                if stop is not None and evaluated and evaluated[-1]["step"] == step and stop(evaluated):
                    break
        except BaseException:
            alone = processes.count() == 1  # the others may not have come so far
            if checkpoint is not None and len(history.losses) > saved and alone and whole:
                with suppress(OSError):  # the disk may be full, which may be why we are here
                    checkpoints.save(checkpoint, model, optimizer, vars(history) | of_run, random_state)
            raise
        finally:
            model.eval()
    return history


@contextmanager
def _interrupts_deferred() -> Generator[None]:
    """Jupyter's Stop and Ctrl-C wait until the block is done: a step is in the weights whole or not at all."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is None or threading.current_thread() is not threading.main_thread():  # no interrupt comes here
        yield
        return
    arrived: list[int] = []
    signal.signal(signal.SIGINT, lambda number, frame: arrived.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if arrived:
            signal.raise_signal(signal.SIGINT)


def _resumable(checkpoint: Path, device: torch.device) -> bool:
    """Whether the checkpoint is there. Raises `ValueError` when some of several processes have it and others do not."""
    found = processes.mean(torch.tensor(float(checkpoint.exists()), device=device)).item()
    if found not in (0.0, 1.0):
        message = _(
            "{file} is there for {found} of {all} processes: put it in a folder that all machines share, "
            "or delete it to start anew."
        )
        count = processes.count()
        raise ValueError(message.format(file=checkpoint, found=round(found * count), all=count))
    return found == 1.0


def _require_same_history(
    checkpoint: Path, steps: int, learning_rate: Callable[[int], float] | None, run: Mapping[str, Any] | None
) -> None:
    """Raises `ValueError` when the checkpoint has another run, a longer one, or one that followed another schedule."""
    stored = checkpoints.history(checkpoint)
    if "learning_rates" not in stored:
        raise ValueError(
            _(
                "{file} belongs to a training of another kind: it has no learning rates of single steps. "
                "Give another file, or delete it to start from the beginning."
            ).format(file=checkpoint)
        )
    require_same_run(checkpoint, stored.get("run", {}), run or {})
    rates = stored["learning_rates"]
    if len(rates) > steps:
        message = _("{file} belongs to a run of {done} steps, but {steps} are asked for. Ask for more, or delete it.")
        raise ValueError(message.format(file=checkpoint, done=len(rates), steps=steps))
    for step, rate in enumerate(rates, start=1):
        ours = rate if learning_rate is None else float(learning_rate(step))
        if not math.isclose(ours, rate, rel_tol=1e-9):
            raise ValueError(
                _(
                    "{file} belongs to a run with the learning rate {rate:.4g} at step {step}, where this schedule has "
                    "{ours:.4g}. Use the schedule that it was trained with, or delete it to start from the beginning."
                ).format(file=checkpoint, step=step, rate=rate, ours=ours)
            )


def _set_rate(optimizer: torch.optim.Optimizer, rate: float, step: int) -> None:
    if not math.isfinite(rate):
        message = _("At step {step} the learning rate is {rate}; it must be a finite number.")
        raise ValueError(message.format(step=step, rate=rate))
    for group in optimizer.param_groups:
        group["lr"] = rate * group.get("lr_scale", 1.0)


def _numbers(evaluated: object) -> dict[str, int | float]:
    """What `evaluate` returned, as Python's numbers: those of NumPy and PyTorch cannot be written to a checkpoint."""
    if not isinstance(evaluated, Mapping):
        message = _("`evaluate` must return numbers by name, such as {example}, not {type}.")
        raise TypeError(message.format(example={"accuracy": 0.5}, type=type(evaluated).__name__))
    numbers = {}
    for name, value in evaluated.items():
        number = value.item() if getattr(value, "ndim", None) == 0 else value
        if not isinstance(number, int | float):
            message = _("`evaluate` must return one number for {name!r}, not {value!r}. Take its mean or its .item().")
            raise TypeError(message.format(name=name, value=value))
        numbers[str(name)] = number
    if "step" in numbers:
        raise ValueError(_("`evaluate` returns a number named 'step', which is the step's own. Name it otherwise."))
    return numbers


def _bar(done: int, steps: int) -> tqdm:
    """The remaining steps, as a bar on a terminal and in a notebook, but not in a log: its text differs on each run.

    `TQDM_DISABLE` in the environment hides the bar, for example while notebooks are built and compared.
    """
    in_notebook = getattr(get_ipython(), "kernel", None) is not None
    hidden = "TQDM_DISABLE" in os.environ if in_notebook else None  # None: show it on a terminal only
    if processes.number() > 0:
        hidden = True
    return tqdm(range(done + 1, steps + 1), initial=done, total=steps, disable=hidden, leave=hidden is None)


def _backward(loss: Callable[[nn.Module, Batch], Tensor] | TokenMean, model: nn.Module, batch: Any) -> Tensor:
    """Compute the gradients. Returns the loss."""
    if isinstance(loss, TokenMean):
        return loss.backward(model, batch)
    value = loss(model, batch)
    value.backward()
    return value.detach()


def _clipped_norm(model: nn.Module, loss: Tensor, max_gradient_norm: float, step: int) -> float:
    """Clip the gradients. Returns the norm of all of them together before that."""
    norm = processes.whole(nn.utils.clip_grad_norm_(model.parameters(), max_gradient_norm))
    if not (loss.isfinite() and norm.isfinite()):
        raise FloatingPointError(
            _(
                "At step {step} the loss is {loss:.4g} and its gradient has the length {norm:.4g}: "
                "lower the learning rate, or set max_gradient_norm to 1."
            ).format(step=step, loss=loss.item(), norm=norm.item())
        )
    return norm.item()


@contextmanager
def _own_random_numbers(seed: int, model: nn.Module) -> Generator[None]:
    """Seed the random numbers of the CPU and the model's device with `seed`; afterwards, restore their state."""
    with _restored_random_numbers(model):
        torch.manual_seed(seed)
        yield


@contextmanager
def _restored_random_numbers(model: nn.Module) -> Generator[None]:
    """After the block, the random state of the CPU and the model's device is what it was before."""
    device = next(model.parameters()).device
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        yield
