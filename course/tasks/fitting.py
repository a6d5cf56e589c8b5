"""Training a model on a task: the same few lines for the LSTMs and the Transformer."""

import math
from collections.abc import Callable

import torch
from torch import nn

from course.tasks.task import Batch, Task
from course.tasks.vocabulary import Vocabulary
from course.training import History, ShuffledBatches, label_smoothed_loss, linear_schedule, train


def fit(
    model: nn.Module,
    task: Task,
    *,
    epochs: int | float,
    batch_size: int = 128,
    learning_rate: float = 2e-3,
    smoothing: float = 0.0,
    seed: int = 0,
    evaluate: Callable[[nn.Module], dict[str, int | float]] | None = None,
    evaluate_every: int | None = None,
) -> History:
    """Train with teacher forcing and Adam, on batches of similar length, and leave the model in eval mode.

    The learning rate rises over the first twentieth of the steps to `learning_rate` and falls to 0, both in a line.
    `smoothing` is that of `label_smoothed_loss`. Other arguments: see `course.training.train`.
    """
    batches = ShuffledBatches(task.pairs(), batch_size, task.batch, seed=seed, length=lambda pair: len(pair[0]))
    steps = math.ceil(epochs * len(batches))

    def loss(model: nn.Module, batch: Batch) -> torch.Tensor:
        return label_smoothed_loss(
            model(batch.source, batch.read), batch.write, pad_id=Vocabulary.pad_id, smoothing=smoothing
        )

    return train(
        model,
        batches,
        loss,
        torch.optim.Adam(model.parameters(), betas=(0.9, 0.98)),
        steps=steps,
        seed=seed,
        learning_rate=linear_schedule(learning_rate, steps, warmup_steps=max(1, steps // 20)),
        max_gradient_norm=1.0,
        evaluate=evaluate,
        evaluate_every=evaluate_every,
    )
