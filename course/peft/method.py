"""What a method is: its numbers, and the parts that it puts in the place of modules of a model."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn


class Part(nn.Module):
    """What takes the place of the module `base`; all tensors in it but those of a `base` are the method's own."""

    base: Any  # a module, of whatever kind a subclass is for

    def __init__(self, base: nn.Module) -> None:
        super().__init__()
        self.base = base

    def enter(self, model: nn.Module) -> None:
        """Change what no module in a place can change, when the method is put on, before any part is in its place.

        `model` is the whole model, its head included. Raises `ValueError`, with nothing changed, where it cannot.
        """

    def leave(self, model: nn.Module) -> None:
        """Undo what `enter` did, when the method has been taken off."""

    def own(self) -> dict[str, Tensor]:
        """The method's own parameters and stored buffers by name, also those of parts inside of this one."""
        bases = [part.base for part in self.modules() if isinstance(part, Part)]
        known = {id(tensor) for base in bases for tensor in (*base.parameters(), *base.buffers())}
        return {name: tensor for name, tensor in self.state_dict(keep_vars=True).items() if id(tensor) not in known}


class Method(ABC):
    """The numbers of a method, and how it is put on a model: a frozen dataclass, so that it can be stored."""

    @abstractmethod
    def parts(self, body: nn.Module, generator: torch.Generator | None = None) -> Mapping[str, Part]:
        """By the name of a module of `body`, what takes its place. `generator` draws first weights.

        The body must be as before afterwards. Raises `ValueError` for a body that the method does not fit.
        """
