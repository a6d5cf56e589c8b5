"""Residual connections as a place for a method: between what a sublayer gives and the sum."""

from collections.abc import Callable, Mapping
from typing import cast

from jaxtyping import Float
from torch import Tensor, nn

from course.layers.blocks import Residual
from course.messages import _
from course.peft.method import Part
from course.peft.targets import layers_of


class AdaptedResidual(Part):
    """A residual connection in two steps, between which a method can act. Dropout comes before the method."""

    @property
    def residual(self) -> Residual:
        """The connection of the model."""
        return cast(Residual, self.base)

    def added(
        self, x: Float[Tensor, "batch position d_model"], sublayer: Callable[..., Tensor], options: Mapping[str, object]
    ) -> Float[Tensor, "batch position d_model"]:
        """What the sublayer gives for `x`, after dropout."""
        residual = self.residual
        return residual.dropout(sublayer(residual.norm(x) if residual.norm_first else x, **options))

    def joined(
        self, x: Float[Tensor, "batch position d_model"], added: Float[Tensor, "batch position d_model"]
    ) -> Float[Tensor, "batch position d_model"]:
        """The sum, and its normalization where the model has one there."""
        return x + added if self.residual.norm_first else self.residual.norm(x + added)


def residuals_of(body: nn.Module, name: str | None = None) -> dict[str, Residual]:
    """The residual connections of a body by their place; with `name`, those of that name.

    Raises `ValueError` where there is none.
    """
    found = {
        place: layer for place, layer in layers_of(body, Residual).items() if name in (None, place.rpartition(".")[2])
    }
    if not found:
        raise ValueError(
            _("{model} has no residual connections, which adapters are put on.").format(model=type(body).__name__)
        )
    return found


def width(residual: Residual) -> int:
    """d_model: the length of what is normalized."""
    return next(residual.parameters()).shape[-1]
