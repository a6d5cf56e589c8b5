"""One step's gradient from parts: micro-batches one after the other, processes side by side."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from course.layers.sizes import require_whole
from course.messages import _
from course.training import processes

Rows = Tensor  # a batch, or some of its rows


class TokenMean:
    """A loss for `train`: the mean over all counted tokens of a step, however its rows are divided.

    `total(model, rows)` is the summed loss of the rows, `counted(rows)` the number of tokens in that sum. Each process
    takes its share of the batch's rows, in parts of `micro_batch_size` (all at once without it), and divides each sum
    by the tokens of the whole batch. The gradient is then that of one process with one large batch. A mean of the
    parts' means would not be: it weighs the tokens of a part with few of them more.

    Raises `ValueError` for a batch without a counted token; `backward` does so, too, for rows that do not divide evenly
    among the processes.
    """

    def __init__(
        self,
        total: Callable[[Any, Rows], Tensor],
        counted: Callable[[Rows], int | Tensor],
        micro_batch_size: int | None = None,
    ) -> None:
        if micro_batch_size is not None:
            require_whole(micro_batch_size, "micro_batch_size")
        self.total, self.counted, self.micro_batch_size = total, counted, micro_batch_size

    def __call__(self, model: nn.Module, batch: Rows) -> Tensor:
        """The mean loss of a batch, in one piece and in this process alone."""
        return self.total(model, batch) / self._counted(batch)

    def _counted(self, batch: Rows) -> int | Tensor:
        n_counted = self.counted(batch)
        if not n_counted:
            raise ValueError(_("No token of this batch counts: there is nothing to learn from it."))
        return n_counted

    def backward(self, model: nn.Module, batch: Rows) -> Tensor:
        """Add the step's gradient to the model's, and return the loss of the whole batch."""
        n_processes, n_rows = processes.count(), len(batch)
        if n_rows % n_processes:
            raise ValueError(
                _("{rows} rows cannot be shared out evenly over {processes} processes: choose a multiple.").format(
                    rows=n_rows, processes=n_processes
                )
            )
        n_counted = self._counted(batch)
        rows = batch[processes.number() :: n_processes]
        parts = rows.split(self.micro_batch_size or len(rows))
        loss = torch.zeros((), device=next(model.parameters()).device)
        for index, part in enumerate(parts, start=1):
            with processes.gradients_kept_back(model, index < len(parts)):
                share = self.total(model, part) * (n_processes / n_counted)  # the exchange takes the mean
                share.backward()
            loss += share.detach()
        return processes.mean(loss)
