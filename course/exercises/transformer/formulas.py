"""Functions that exercises hand over as arguments, shown by their formula."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass(frozen=True, repr=False)
class Formula:
    """A function of a tensor. Two are equal when they are written alike."""

    text: str
    function: Callable[[Tensor], Tensor] = field(compare=False)

    def __call__(self, x: Tensor) -> Tensor:
        return self.function(x)

    def __repr__(self) -> str:
        return self.text


def times(matrix: Tensor) -> Formula:
    """Multiplication by a matrix from the right, as linear layers do."""
    return Formula(f"lambda x: x @ tensor({matrix.tolist()})", lambda x: x @ matrix)


@dataclass(frozen=True)
class Layers:
    """The four linear layers of multi-head attention."""

    query: Formula
    key: Formula
    value: Formula
    output: Formula


def random_layers(d_model: int, generator: torch.Generator) -> Layers:
    """Four random matrices of one decimal, so that they can be read."""
    return Layers(*(times(torch.randn(d_model, d_model, generator=generator).round(decimals=1)) for _layer in range(4)))


DOUBLED = Formula("lambda v: 2 * v", lambda v: 2 * v)
SQUARED = Formula("lambda v: v**2", lambda v: v**2)
SHIFTED = Formula("lambda v: v + 3", lambda v: v + 3)
REVERSED = Formula("lambda v: v.flip(-1)", lambda v: v.flip(-1))
POSITIVE = Formula("lambda v: v.relu()", lambda v: v.relu())

MEAN_OF_ALL = Formula(
    "lambda v: v.mean(-2, keepdim=True).expand_as(v)", lambda v: v.mean(-2, keepdim=True).expand_as(v)
)
SUM_SO_FAR = Formula("lambda v: v.cumsum(-2)", lambda v: v.cumsum(-2))
NEXT_ONE = Formula("lambda v: v.roll(-1, -2)", lambda v: v.roll(-1, -2))

CENTERED = Formula("lambda v: v - v.mean(-1, keepdim=True)", lambda v: v - v.mean(-1, keepdim=True))
UNIT = Formula("lambda v: v / (1 + v.norm(dim=-1, keepdim=True))", lambda v: v / (1 + v.norm(dim=-1, keepdim=True)))
HALVED = Formula("lambda v: v / 2", lambda v: v / 2)
