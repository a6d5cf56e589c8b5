"""The places of a model that parts are put in."""

from collections.abc import Collection

from torch import nn

from course.messages import _
from course.peft.method import Part


def require_free(body: nn.Module, place: str, part: Part) -> None:
    """Raises `ValueError` where a method already is in this place of the body, around it or inside, or was merged."""
    module = body
    for step in ("", *place.split(".")):
        module = module.get_submodule(step)
        if isinstance(module, Part):
            break
    inside = [found for found in module.modules() if isinstance(found, Part)]
    if inside:
        raise _already_there(place, inside[0])
    if module is not part.base:
        raise ValueError(
            _("{place} is no longer the layer that the method was made for. Take off what is merged there.").format(
                place=place
            )
        )


def require_bare(body: nn.Module) -> None:
    """Raises `ValueError` where any method is on the body, unless it was merged."""
    for place, module in body.named_modules():
        if isinstance(module, Part):
            raise _already_there(place, module)


def _already_there(place: str, part: Part) -> ValueError:
    return ValueError(
        _("{place} already has a {kind} on it. Take that off first: `attached.off()`.").format(
            place=place, kind=type(part).__name__
        )
    )


def found_in(body: nn.Module, place: str, parts: Collection[Part]) -> nn.Module | None:
    """What is in a place of the body, which may be inside of one of these parts."""
    module: nn.Module | None = body
    for step in place.split("."):
        if isinstance(module, Part) and any(module is part for part in parts):
            module = module.base
        module = getattr(module, step, None)
    return module


def move_own(part: Part, body: nn.Module) -> None:
    """Move what is the part's own to the device and the precision of its base, or of the body if that has neither."""
    for weight in (*part.base.parameters(), *body.parameters()):
        if weight.is_floating_point():
            base, part.base = part.base, nn.Identity()
            try:
                part.to(weight)
            finally:
                part.base = base
            return


def follow(module: nn.Module, placed: nn.Module) -> None:
    """Move a module that was taken out of a model, parameter by parameter, to where what is in its place has moved.

    What is below a part has stayed in the model and has moved with it.
    """
    if isinstance(placed, Part):
        return
    there = dict(placed.named_parameters())
    for name, weight in module.named_parameters():
        if name in there and (weight.device, weight.dtype) != (there[name].device, there[name].dtype):
            weight.data = weight.data.to(there[name])
