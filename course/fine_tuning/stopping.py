"""Early stopping: train until validation gets no better, and go back to where it was best."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from course.layers.sizes import require_whole
from course.messages import _


class EarlyStopping:
    """Whether to stop, asked by `train` after each evaluation; keeps the weights of the best one for `restore`.

    `measure` is the name of one of the evaluation's numbers, of which less is better, such as a loss, or more with
    `higher_is_better`. Training stops when the last `patience` evaluations were no better than the best before. The
    first evaluation of another training forgets the one before it. Raises `ValueError` for a patience below 1, and when
    it is asked about an evaluation without the measure.

    Source: Goodfellow, Bengio and Courville 2016, "Deep Learning", section 7.8; other rules: Prechelt 1998.
    """

    def __init__(self, model: nn.Module, measure: str, *, patience: int, higher_is_better: bool = False) -> None:
        require_whole(patience, "patience")
        self.model = model
        self.measure = measure
        self.patience = patience
        self.higher_is_better = higher_is_better
        self._forget()

    def _forget(self) -> None:
        self.best_step: int | None = None
        self._best = float("inf")
        self._since = 0
        self._weights: dict[str, Tensor] = {}

    def __call__(self, evaluations: Sequence[Mapping[str, int | float]]) -> bool:
        """Whether to stop after the last of these evaluations."""
        if len(evaluations) == 1:
            self._forget()
        last = evaluations[-1]
        if self.measure not in last:
            raise ValueError(
                _("The evaluation has no {name!r}; it has {known}.").format(name=self.measure, known=", ".join(last))
            )
        value = -last[self.measure] if self.higher_is_better else last[self.measure]
        if value < self._best:
            self._best, self._since, self.best_step = value, 0, int(last["step"])
            self._weights = {name: weight.detach().clone() for name, weight in _changing(self.model).items()}
        else:
            self._since += 1
        return self._since >= self.patience

    @torch.no_grad()
    def restore(self) -> None:
        """Give the model the weights and buffers of its best evaluation.

        Raises `ValueError` when there was none, or none whose measure is a finite number.
        """
        if self.best_step is None and self._since:
            raise ValueError(
                _("{name!r} was infinite or NaN in each evaluation so far: none is the best.").format(name=self.measure)
            )
        if self.best_step is None:
            raise ValueError(_("No evaluation was seen yet: pass this to `train` as `stop`, with `evaluate`."))
        for name, weight in _changing(self.model).items():
            if name in self._weights:
                weight.copy_(self._weights[name])


def _changing(model: nn.Module) -> dict[str, Tensor]:
    """What a training may change: the weights that are not frozen, and the buffers that a model saves."""
    return {
        name: tensor
        for name, tensor in model.state_dict(keep_vars=True).items()
        if tensor.requires_grad or not isinstance(tensor, nn.Parameter)
    }
