"""Which modules of a model call which, in what order, on what, and which weights are used: seen in one forward pass."""

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from course.fine_tuning import Classifier
from course.fine_tuning.inputs import Row
from course.fine_tuning.predictions import evaluating

N_TOKENS = 2  # that are read


@dataclass(eq=False)
class Call:
    """A module that was called, with the tensors that it was given and the calls that it made."""

    module: nn.Module
    read: tuple[Tensor, ...]
    inside: list["Call"] = field(default_factory=list)

    def all(self) -> Iterator["Call"]:
        """The call and those in it, at every depth."""
        yield self
        for each in self.inside:
            yield from each.all()


@dataclass
class Pass:
    """The call of a whole model, and the ids (Python's) of the parameters that its output depends on."""

    whole: Call
    used: set[int]


def forward_pass(model: nn.Module) -> Pass:
    """One pass over a few tokens, without dropout. The model is afterwards as before.

    Gradients are recorded, so that parts which would be merged compute what they add apart.
    """
    root = Call(model, ())
    stack = [root]

    def enter(module: nn.Module, inputs: tuple[Any, ...]) -> None:
        stack[-1].inside.append(Call(module, tuple(given for given in inputs if isinstance(given, Tensor))))
        stack.append(stack[-1].inside[-1])

    def leave(_module: nn.Module, _inputs: tuple[Any, ...], _output: Any) -> None:
        stack.pop()

    with evaluating(model), _recording(model), _hooked(model, enter, leave):
        output = model(_input_for(model))
    return Pass(root.inside[0], _used_for(output))


def _input_for(model: nn.Module) -> Any:
    if isinstance(model, Classifier):
        return model.batch([Row([0] * N_TOKENS, [0] * N_TOKENS, [0])])
    device = next(model.parameters()).device
    return torch.zeros(1, N_TOKENS, dtype=torch.long, device=device)


@contextmanager
def _recording(model: nn.Module) -> Generator[None]:
    """With gradients of all weights recorded in the block."""
    frozen = [weight for weight in model.parameters() if not weight.requires_grad]
    try:
        with torch.inference_mode(False), torch.enable_grad():
            for weight in frozen:
                weight.requires_grad_(True)
            yield
    finally:
        for weight in frozen:
            weight.requires_grad_(False)


@contextmanager
def _hooked(model: nn.Module, enter: Callable[..., None], leave: Callable[..., None]) -> Generator[None]:
    with ExitStack() as hooks:
        for module in model.modules():
            hooks.callback(module.register_forward_pre_hook(enter).remove)
            hooks.callback(module.register_forward_hook(leave).remove)
        yield


def _used_for(output: Tensor) -> set[int]:
    """The ids of the weights in the graph of the output, found without computing a gradient."""
    seen, waiting, used = set(), [output.grad_fn], set()
    while waiting:
        step = waiting.pop()
        if step is not None and step not in seen:
            seen.add(step)
            waiting += [before for before, _number in step.next_functions]
            if hasattr(step, "variable"):  # the step that a weight's gradient ends at
                used.add(id(step.variable))
    return used
