"""Bottleneck or vanishing gradient? A model with attention whose encoder learns nothing through that attention.

python -m experiments.gradient_path [lstm lstm-attention lstm-attention-cut] [--seeds 0 1 2]

Three models of one size, with the same settings and the same batches: without attention, with it, and with it but cut:
in training no gradient passes from attention into the encoder's states. The decoder of the third still looks at all of
them, so nothing has to fit into one vector; what its encoder learns comes back through its end state alone, one letter
after the other, as without attention. The cut also takes away all that an encoder learns by being looked at, so a gain
that is lost with it speaks for the gradient's path or for states that are made to be read, and cannot tell which.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import nn

import course
from course import trained
from course.seq2seq import Seq2Seq, Seq2SeqConfig
from course.seq2seq.model import Seq2SeqState
from course.tasks import fit, pronunciation_task
from course.training import History
from experiments.running import TaskRecipe, main

# Not searched: the same for all three.
SETTINGS = {"epochs": 6, "batch_size": 128, "learning_rate": 1e-2, "smoothing": 0.1}


@dataclass(frozen=True)
class CutRecipe(TaskRecipe):
    """A recipe of a model with attention whose encoder gets no gradient through attention while it is trained."""

    config: Seq2SeqConfig

    def train(self, seed: int) -> tuple[trained.Model, History]:
        model = Seq2Seq(self.config, torch.Generator().manual_seed(seed)).to(course.device())
        handle = model.encoder.register_forward_hook(cut_memory)
        try:
            return model, fit(model, self.task, seed=seed, **self.fit_options)
        finally:
            handle.remove()


def cut_memory(_encoder: nn.Module, _ids: tuple[torch.Tensor, ...], state: Seq2SeqState) -> Seq2SeqState:
    """The same state; what attention reads of it passes no gradient back."""
    return replace(state, memory=state.memory.detach())


def recipes() -> Mapping[str, TaskRecipe]:
    """About 675,000 weights each."""
    task = pronunciation_task()
    sizes = (len(task.source), len(task.target))
    with_attention = Seq2SeqConfig(*sizes, d_hidden=232, attention="dot")
    return {
        "lstm": TaskRecipe(task, Seq2SeqConfig(*sizes, d_hidden=256), SETTINGS),
        "lstm-attention": TaskRecipe(task, with_attention, SETTINGS),
        "lstm-attention-cut": CutRecipe(task, with_attention, SETTINGS),
    }


if __name__ == "__main__":
    main("gradient_path", recipes, keep_weights=False)
