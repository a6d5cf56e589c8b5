"""Regression in context: prompts x₁ y₁ x₂ y₂ …, whose labels y = w·x come from weights that only the prompt shows.

Source: Garg et al. 2022, "What Can Transformers Learn In-Context? A Case Study of Simple Function Classes", section 2
and, for prompts from outside the training range, section 4.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from course.layers.sizes import require_not_negative, require_positive, require_whole
from course.messages import _


class RegressionPrompts(NamedTuple):
    """Points and their labels, in order. `target` is w·x; `y`, which a learner sees, may have noise beside it."""

    x: Float[Tensor, "prompt point d_x"]
    y: Float[Tensor, "prompt point"]
    target: Float[Tensor, "prompt point"]


@dataclass(frozen=True)
class LinearProblems:
    """From where prompts are drawn: x and w normal with the mean 0 and the standard deviations `x_scale` and `w_scale`.

    With a `rank` below `d_x`, all x of a prompt are in a subspace of that many dimensions, drawn anew for each prompt.
    `noise` is the standard deviation of what is added to each label. With `fixed_w`, every prompt has these weights.
    Raises `ValueError` for a size, scale or rank out of its range, and for `fixed_w` of another length than `d_x`, with
    what is no finite number, or of zeros alone: all labels would be 0, and no error has a size beside them.
    """

    d_x: int = 5
    x_scale: float = 1.0
    w_scale: float = 1.0
    noise: float = 0.0
    rank: int | None = None
    fixed_w: Sequence[float] | None = None

    def __post_init__(self) -> None:
        require_whole(self.d_x, "d_x")
        require_positive(self.x_scale, "x_scale")
        require_positive(self.w_scale, "w_scale")
        require_not_negative(self.noise, "noise")
        if self.rank is not None:
            require_whole(self.rank, "rank")
            if self.rank > self.d_x:
                raise ValueError(
                    _(
                        "rank is {rank}; a subspace of {d_x} dimensions has at most {d_x}. Choose a smaller rank."
                    ).format(rank=self.rank, d_x=self.d_x)
                )
        if self.fixed_w is not None and len(self.fixed_w) != self.d_x:
            raise ValueError(
                _("fixed_w has {count} numbers, and x has {d_x}. Give one for each.").format(
                    count=len(self.fixed_w), d_x=self.d_x
                )
            )

        if self.fixed_w is not None and not (all(map(_is_number, self.fixed_w)) and any(self.fixed_w)):
            raise ValueError(
                _("fixed_w is {value!r}. Give finite numbers that are not all 0.").format(value=self.fixed_w)
            )

    @property
    def variance(self) -> float:
        """The mean square of w·x over all prompts: the squared error of a learner who always predicts 0."""
        w_squared = self.w_scale**2 if self.fixed_w is None else float(np.square(self.fixed_w).mean())
        return (self.rank or self.d_x) * self.x_scale**2 * w_squared

    def draw(
        self, n_prompts: int, n_points: int, rng: np.random.Generator, *, n_dims: int | None = None
    ) -> RegressionPrompts:
        """This many prompts of this many points each.

        With `n_dims`, the numbers of x from there on are 0: the easier prompts that a training may begin with. Raises
        `ValueError` for a number below 1 and for more dimensions than x has.
        """
        for name, value in (("n_prompts", n_prompts), ("n_points", n_points)):
            require_whole(value, name)
        x = self.x_scale * self._directions(n_prompts, n_points, rng)
        if n_dims is not None:
            require_whole(n_dims, "n_dims")
            if n_dims > self.d_x:
                raise ValueError(
                    _("n_dims is {n_dims}; x has {d_x} numbers. Choose at most that many.").format(
                        n_dims=n_dims, d_x=self.d_x
                    )
                )
            x[:, :, n_dims:] = 0
        x = x.astype(np.float32).astype(np.float64)  # labels are those of the numbers that a learner reads
        w = self.w_scale * rng.standard_normal((n_prompts, self.d_x))
        if self.fixed_w is not None:
            w = np.broadcast_to(np.asarray(self.fixed_w, dtype=np.float64), w.shape)
        target = np.einsum("npd,nd->np", x, w)
        y = target + self.noise * rng.standard_normal(target.shape)
        return RegressionPrompts(*(torch.from_numpy(each.astype(np.float32)) for each in (x, y, target)))

    def _directions(self, n_prompts: int, n_points: int, rng: np.random.Generator) -> np.ndarray:
        """The x of all prompts, [prompt, point, d_x], with the scale 1."""
        if self.rank is None or self.rank == self.d_x:
            return rng.standard_normal((n_prompts, n_points, self.d_x))
        basis, _upper = np.linalg.qr(rng.standard_normal((n_prompts, self.d_x, self.rank)))
        return rng.standard_normal((n_prompts, n_points, self.rank)) @ basis.transpose(0, 2, 1)


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and math.isfinite(value)


def relative_errors(
    predicted: Float[Tensor, "prompt point"], prompts: RegressionPrompts, problems: LinearProblems
) -> Float[Tensor, "prompt point"]:
    """Squared error against w·x, divided by the variance of w·x, which is d_x where both scales are 1.

    A learner who always predicts 0 has 1 on average. Column k is the error after k examples; noise in the labels counts
    in none.
    """
    return (predicted.detach().cpu().double() - prompts.target.double()).square() / problems.variance
