"""How long a training step takes, for models side by side."""

import time
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from course.training.batches import Batch


def training_step(model: nn.Module, batch: Batch, loss: Callable[[nn.Module, Batch], Tensor]) -> Callable[[], None]:
    """A function that does one training step on this batch: forward, backward and the update, with Adam.

    It returns when the step is done: on a GPU, which works on while Python goes on, it waits. The model is put in
    training mode.
    """
    optimizer = torch.optim.Adam(model.train().parameters())
    on_gpu = next(model.parameters()).device.type == "cuda"

    def step() -> None:
        optimizer.zero_grad()
        loss(model, batch).backward()
        optimizer.step()
        if on_gpu:
            torch.cuda.synchronize()

    return step


def fastest_of(steps: Mapping[str, Callable[[], None]], *, turns: int = 3) -> dict[str, float]:
    """Seconds that each function takes, the least of `turns` times.

    The functions take turns, so that whatever else the machine does hits all of them alike.
    """
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for _turn in range(turns):
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            seconds[name].append(time.perf_counter() - start)
    return {name: min(times) for name, times in seconds.items()}
