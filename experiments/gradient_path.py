"""Bottleneck or vanishing gradient? Attention that may look back at every letter, and teaches the encoder nothing there.

python -m experiments.gradient_path [lstm-attention-cut] [--seeds 0 1 2]

The model is `lstm-attention` of `experiments/pronunciation.py`, trained in the same way but for one thing: in training,
no gradient passes from attention into the encoder's states. The decoder still reads all of them, so there is no
bottleneck; what the encoder learns comes back through its end state alone, one letter after the other, as without
attention.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import nn

import course
from course import trained
from course.seq2seq import Seq2Seq
from course.seq2seq.model import Seq2SeqState
from course.tasks import fit
from course.training import History
from experiments import pronunciation
from experiments.running import TaskRecipe, main


@dataclass(frozen=True)
class CutRecipe(TaskRecipe):
    """A recipe of a model with attention whose encoder gets no gradient through attention while it is trained."""

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
    """One model, with the task, the sizes and the settings of `lstm-attention`."""
    of_pronunciation = pronunciation.recipes()["lstm-attention"]
    fields = {name: getattr(of_pronunciation, name) for name in of_pronunciation.__dataclass_fields__}
    return {"lstm-attention-cut": CutRecipe(**fields)}


if __name__ == "__main__":
    main("gradient_path", recipes)
