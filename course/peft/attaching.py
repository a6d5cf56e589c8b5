"""Put a method on a model from outside, and take it off again: `freeze(model)`, then `attach(model, method)`.

A method replaces modules. For each place that it changes it makes a part, which holds the module that was there, calls
it, and adds what the method adds. So no model knows of any method, `print(model)` shows what is on it, and taking it
off puts the very modules back that were there, whose weights were never written to. Hooks would do as well for outputs;
but they show neither in the tree nor among the parameters.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from course.bert import MaskedLanguageModel
from course.fine_tuning.heads import Classifier
from course.messages import _


class Part(nn.Module):
    """What takes the place of the module `base`; all parameters but those of `base` are the method's own."""

    def __init__(self, base: nn.Module) -> None:
        super().__init__()
        self.base = base


class Method(ABC):
    """The numbers of a method, and how it is put on a model: a frozen dataclass, so that it can be stored."""

    @abstractmethod
    def parts(self, body: nn.Module, generator: torch.Generator | None = None) -> Mapping[str, nn.Module]:
        """By the name of a module of `body`, what takes its place. `generator` draws first weights.

        The body must be as before afterwards. Raises `ValueError` for a body that the method does not fit.
        """


class Attached:
    """A method on a model. Several can be made for one model: `off()` takes one off, `on()` puts it back.

    Nothing is copied to switch, so it takes as long as setting some attributes. `parts` are the method's modules by the
    name of the place in the model's `body`.
    """

    def __init__(self, model: nn.Module, method: Method, parts: Mapping[str, nn.Module]) -> None:
        self.model = model
        self.method = method
        self.parts = dict(parts)
        self._before: dict[str, nn.Module] = {}

    @property
    def is_on(self) -> bool:
        return bool(self._before)

    def on(self) -> None:
        """Put the parts in place. Raises `ValueError`, before anything changes, where another method already is."""
        if self.is_on:
            return
        body = body_of(self.model)
        for name in self.parts:
            _require_free(body, name)
        weight = next(body.parameters())
        for name, part in self.parts.items():
            self._before[name] = body.get_submodule(name)
            body.set_submodule(name, part.to(weight.device).train(body.training))

    def off(self) -> None:
        """Put the modules back that were there before: what is around another one first."""
        body = body_of(self.model)
        for name, module in reversed(self._before.items()):
            body.set_submodule(name, module.train(body.training))
        self._before = {}

    def parameters(self) -> dict[str, nn.Parameter]:
        """The method's own trained parameters, by place and name; without those of the model, its head among them."""
        return {
            f"{place}.{name}": parameter
            for place, part in self.parts.items()
            for name, parameter in part.named_parameters()
            if parameter.requires_grad and not _is_base(name)
        }

    def state(self) -> dict[str, Tensor]:
        """What has to be kept of the method: its parameters and buffers, without those of the modules below."""
        return {
            f"{place}.{name}": tensor
            for place, part in self.parts.items()
            for name, tensor in part.state_dict().items()
            if not _is_base(name)
        }


def freeze(model: nn.Module) -> None:
    """Freeze all that is there, but for a classifier's head, which is new and always trained."""
    body_of(model).requires_grad_(False)


def attach(model: nn.Module, method: Method, generator: torch.Generator | None = None) -> Attached:
    """Put a method on a model, whose head, where it has one, stays as it is. `generator` draws first weights.

    Raises `ValueError`, before anything changes, where the method does not fit the model, and where another method
    already is in one of its places.
    """
    attached = Attached(model, method, method.parts(body_of(model), generator))
    attached.on()
    return attached


def body_of(model: nn.Module) -> nn.Module:
    """The model without its head: that of a classifier or of a masked language model; others are their own body."""
    return model.body if isinstance(model, Classifier | MaskedLanguageModel) else model


def count(attached: Attached) -> int:
    """How many numbers the method trains, without the head."""
    return sum(parameter.numel() for parameter in attached.parameters().values())


def _is_base(name: str) -> bool:
    """Whether a name inside a part is of the model: that of `base`, however many parts hold one another."""
    return name.startswith("base.") or ".base." in name


def _require_free(body: nn.Module, name: str) -> None:
    """Raises `ValueError` where a method is already in this place of the body, around it, or inside of it."""
    steps = name.split(".")
    around = [".".join(steps[:length]) for length in range(1, len(steps))]
    inside = [".".join(filter(None, (name, below))) for below, _module in body.get_submodule(name).named_modules()]
    for place in around + inside:
        if isinstance(module := body.get_submodule(place), Part):
            raise ValueError(
                _("{place} already has a {kind} on it. Take that off first: `attached.off()`.").format(
                    place=place, kind=type(module).__name__
                )
            )
