"""Notice a training in which a method's own work after each step was forgotten: by its results alone it looks right."""

import torch
from jaxtyping import Float
from torch import Tensor


class StepWatch:
    """Whether a weight was changed after a backward pass, and nothing followed that.

    What decides is the weight's numbers: fused optimizers of PyTorch 2.13 do not count a tensor's version up.
    """

    def __init__(self) -> None:
        self._in_backward: Tensor | None = None
        self._missed = False

    def watch(self, output: Float[Tensor, "*shape"], weight: Tensor) -> None:
        """Note the weight when a gradient passes `output`."""

        def note(_gradient: Tensor) -> None:
            self._in_backward = weight.detach().clone()

        if output.requires_grad:
            output.register_hook(note)

    def missed(self, weight: Tensor) -> bool:
        """Whether an earlier step, or one after the last backward pass, changed the weight and was not followed."""
        return self._missed or (self._in_backward is not None and not torch.equal(self._in_backward, weight))

    def followed(self) -> None:
        """What has to follow a step was done."""
        self._in_backward, self._missed = None, False

    def pause(self, weight: Tensor) -> None:
        """Training begins or pauses: from now on the weight may change otherwise, by a file that is loaded, say."""
        if self._in_backward is not None:
            weight = weight.to(self._in_backward)  # the model may have been moved since
        self._missed = self.missed(weight)
        self._in_backward = None
