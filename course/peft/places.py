"""The places of a model that parts are put in."""

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


def move_own(part: Part, body: nn.Module) -> None:
    """Move what is the part's own to the device and the precision of its base, or of the body if that has neither."""
    for weight in (*part.base.parameters(), *body.parameters()):
        if weight.is_floating_point():
            base, part.base = part.base, nn.Identity()
            part.to(weight)
            part.base = base
            return
