"""Put a method on a model from outside, and take it off again: `freeze(model)`, then `attach(model, method)`.

A method replaces modules. For each place that it changes it makes a part, which holds the module that was there, calls
it, and adds what the method adds. So no model knows of any method, `print(model)` shows what is on it, and taking it
off puts the very modules back that were there, whose weights were never written to. Hooks would do as well for outputs;
but they show neither in the tree nor among the parameters.
"""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack

import torch
from torch import Tensor, nn

from course.messages import _
from course.peft.method import Method, Part
from course.peft.places import follow, found_in, move_own, require_free


class Attached:
    """A method on a model. Several can be made for one model: `off()` takes one off, `on()` puts it back.

    Nothing is copied to switch, so it takes as long as setting some attributes. `parts` are the method's modules by the
    name of the place in the model's `body`. Of `copy.deepcopy(attached)`, `model` is a copy of the model, with its own.
    """

    def __init__(self, model: nn.Module, method: Method, parts: Mapping[str, Part]) -> None:
        self.model = model
        self.method = method
        self.parts = dict(parts)
        self._before: dict[str, nn.Module] = {}
        self._placed: dict[str, nn.Module] = {}

    @property
    def is_on(self) -> bool:
        return bool(self._before)

    @torch.inference_mode(False)  # so that what is moved can be trained
    def on(self) -> None:
        """Put the parts in place, on the device and in the precision of what they replace.

        Raises `ValueError`, before anything changes, where another method already is.
        """
        if self.is_on:
            return
        body = body_of(self.model)
        for place, part in self.parts.items():
            require_free(body, place, part)
        with ExitStack() as undo:  # all or nothing
            for part in self.parts.values():
                move_own(part, body)
                part.enter(self.model)
                undo.callback(part.leave, self.model)
            undo.callback(self._take_out)
            for place, part in self.parts.items():
                self._before[place] = body.get_submodule(place)
                self._put(place, part)
            undo.pop_all()

    def put(self, modules: Mapping[str, nn.Module]) -> None:
        """Put others in the places of parts that are on, merged layers say; `off()` takes them out again.

        Raises `ValueError`, before anything changes, where another method was put on a merged layer.
        """
        self._require_untouched(modules)
        for place, module in modules.items():
            self._put(place, module)

    def _put(self, place: str, module: nn.Module) -> None:
        body = body_of(self.model)
        body.set_submodule(place, module.train(body.training))
        self._placed[place] = module

    @torch.inference_mode(False)
    def off(self) -> None:
        """Put the modules back that were there before, on the device and in the precision of what is there now.

        Raises `ValueError`, before anything changes, where another method was put on a merged layer.
        """
        if not self.is_on:
            return
        self._require_untouched(self._before)
        self._take_out()
        for part in reversed(self.parts.values()):
            part.leave(self.model)

    def _require_untouched(self, places: Iterable[str]) -> None:
        for place in places:
            if found_in(body_of(self.model), place, self.parts.values()) is not self._placed[place]:
                raise ValueError(_("{place} has something else on it now. Take that off first.").format(place=place))

    def _take_out(self) -> None:
        """Put the modules back, what was put in last first."""
        body = body_of(self.model)
        while self._before:
            place, module = self._before.popitem()
            follow(module, self._placed[place])
            body.set_submodule(place, module.train(body.training))

    def parameters(self) -> dict[str, nn.Parameter]:
        """The method's own trained parameters, by place and name; without those of the model, its head among them."""
        found: dict[int, tuple[str, nn.Parameter]] = {}
        for name, tensor in self._own().items():
            if isinstance(tensor, nn.Parameter) and tensor.requires_grad:
                found.setdefault(id(tensor), (name, tensor))  # one that is used in several places is listed once
        return dict(found.values())

    def state(self) -> dict[str, Tensor]:
        """What has to be kept of the method: its parameters and buffers, without those of the modules below."""
        return {name: tensor.detach() for name, tensor in self._own().items()}

    def _own(self) -> dict[str, Tensor]:
        return {f"{place}.{name}": tensor for place, part in self.parts.items() for name, tensor in part.own().items()}


def freeze(model: nn.Module) -> None:
    """Freeze all that is there, but for a head, which is new and always trained. What is on already is frozen, too."""
    body_of(model).requires_grad_(False)


@torch.inference_mode(False)  # whose tensors could not be trained
def attach(model: nn.Module, method: Method, generator: torch.Generator | None = None) -> Attached:
    """Put a method on a model, whose head, where it has one, stays as it is. `generator` draws first weights.

    Raises `ValueError`, before anything changes, where the method does not fit the model, and where another method
    already is in one of its places; `TypeError` for what is no model and no method.
    """
    if not isinstance(model, nn.Module) or not isinstance(method, Method):
        raise TypeError(
            _("{model!r} and {method!r} are no model and a method: give a model, then LoRA(rank=8), say.").format(
                model=type(model).__name__ if isinstance(model, nn.Module) else model, method=method
            )
        )
    attached = Attached(model, method, method.parts(body_of(model), generator))
    attached.on()
    return attached


def body_of(model: nn.Module) -> nn.Module:
    """The model without its head: its part `body` where it also has a part `head`; others are their own body."""
    parts = dict(model.named_children())
    return parts["body"] if parts.keys() >= {"body", "head"} else model


def count(attached: Attached) -> int:
    """How many numbers the method trains, without the head."""
    return sum(parameter.numel() for parameter in attached.parameters().values())
