"""Exercise on LoRA: a linear layer and its branch."""

import math

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Exercise, Mistake
from course.exercises.peft.drawing import drawn, drawn_branch
from course.exercises.peft.fitting import where_shapes_fit
from course.messages import _


def lora(x: "Tensor", weight: "Tensor", down: "Tensor", up: "Tensor", alpha: float) -> "Tensor":
    """A linear layer with LoRA: W x + (alpha / r) B A x, for each vector x.

    x: (..., d_in). `weight` is W, (d_out, d_in); `down` is A, (rank, d_in); `up` is B,
    (d_out, rank). r is the rank. The answer: (..., d_out). Vectors are rows here, so W x is
    `x @ weight.T`.

    >>> import torch
    >>> x, weight = torch.tensor([1.0, 2.0]), torch.eye(2)
    >>> down, up = torch.tensor([[1.0, 1.0]]), torch.tensor([[0.0], [2.0]])
    >>> lora(x, weight, down, up, alpha=0.5).tolist()
    [1.0, 5.0]
    """
    rank = down.shape[0]
    return x @ weight.T + alpha / rank * (x @ down.T @ up.T)


def _lora_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(11)
    cases: list[tuple] = []
    for shape, d_out, rank, alpha in [
        ((2,), 2, 1, 2),
        ((2, 3), 2, 2, 6),
        ((3,), 3, 2, 8),
        ((2, 2, 4), 4, 3, 1),
        ((1, 5), 3, 2, 16),
        ((2, 4), 4, 2, 3),
        ((3, 2), 6, 2, 5),
        ((2, 6), 6, 4, 16),
        ((1, 1), 1, 1, 3),
        ((2, 2), 2, 2, 7),
        ((3, 2), 2, 1, 5),
    ]:
        cases.append((drawn(generator, *shape), *drawn_branch(generator, d_out, shape[-1], rank), alpha))
    return cases


def _with(scale, x, weight, down, up):
    return x @ weight.T + scale * (x @ down.T @ up.T)


def _without_branch(x, weight, down, up, alpha):
    return x @ weight.T


def _without_weight(x, weight, down, up, alpha):
    return alpha / len(down) * (x @ down.T @ up.T)


def _without_scale(x, weight, down, up, alpha):
    return _with(1, x, weight, down, up)


def _alpha_alone(x, weight, down, up, alpha):
    return _with(alpha, x, weight, down, up)


def _rank_alone(x, weight, down, up, alpha):
    return _with(1 / len(down), x, weight, down, up)


def _turned_round(x, weight, down, up, alpha):
    return _with(len(down) / alpha, x, weight, down, up)


def _times_rank(x, weight, down, up, alpha):
    return _with(alpha * len(down), x, weight, down, up)


def _by_root(x, weight, down, up, alpha):
    return _with(alpha / math.sqrt(len(down)), x, weight, down, up)


def _rank_twice(x, weight, down, up, alpha):
    return _with(alpha / len(down) ** 2, x, weight, down, up)


def _by_d_in(x, weight, down, up, alpha):
    return _with(alpha / down.shape[1], x, weight, down, up)


def _by_d_out(x, weight, down, up, alpha):
    return _with(alpha / up.shape[0], x, weight, down, up)


def _scaled_whole(x, weight, down, up, alpha):
    return alpha / len(down) * _with(1, x, weight, down, up)


def _scaled_weight(x, weight, down, up, alpha):
    return alpha / len(down) * (x @ weight.T) + x @ down.T @ up.T


def _scaled_twice(x, weight, down, up, alpha):
    return _with((alpha / len(down)) ** 2, x, weight, down, up)


def _subtracted(x, weight, down, up, alpha):
    return _with(-alpha / len(down), x, weight, down, up)


def _multiplied(x, weight, down, up, alpha):
    return (x @ weight.T) * (alpha / len(down) * (x @ down.T @ up.T))


def _bent(x, weight, down, up, alpha):
    return x @ weight.T + alpha / len(down) * ((x @ down.T).relu() @ up.T)


@where_shapes_fit(lora)
def _residual(x, weight, down, up, alpha):
    return x + lora(x, weight, down, up, alpha)


@where_shapes_fit(lora)
def _x_for_weight(x, weight, down, up, alpha):
    return x + alpha / len(down) * (x @ down.T @ up.T)


@where_shapes_fit(lora)
def _weight_not_transposed(x, weight, down, up, alpha):
    return x @ weight + alpha / len(down) * (x @ down.T @ up.T)


@where_shapes_fit(lora)
def _up_first(x, weight, down, up, alpha):
    return x @ weight.T + alpha / len(down) * (x @ up @ down)


@where_shapes_fit(lora)
def _all_not_transposed(x, weight, down, up, alpha):
    return x @ weight + alpha / len(down) * (x @ up @ down)


@where_shapes_fit(lora)
def _of_the_output(x, weight, down, up, alpha):
    output = x @ weight.T
    return output + alpha / len(down) * (output @ down.T @ up.T)


def _factor_added(x, weight, down, up, alpha):
    return x @ weight.T + (alpha / len(down) + x @ down.T @ up.T)


def _factor_alone(x, weight, down, up, alpha):
    return x @ weight.T + alpha / len(down)


def _whole_factor(x, weight, down, up, alpha):
    return x @ weight.T + alpha // len(down) * (x @ down.T @ up.T)


def _rank_subtracted(x, weight, down, up, alpha):
    return x @ weight.T + (alpha - len(down)) * (x @ down.T @ up.T)


def _rank_for_factor(x, weight, down, up, alpha):
    return x @ weight.T + len(down) * (x @ down.T @ up.T)


LORA = Exercise(
    name="peft.lora",
    title=_("A layer with a branch"),
    solution=lora,
    cases=_lora_cases,
    hints=(
        _(
            "Two ways for the same x: through W, and through A and then B. The second is multiplied by alpha / r, "
            "where r is the number of rows of A; then the two are added."
        ),
        _("The branch is `x @ down.T @ up.T`, its factor `alpha / down.shape[0]`; add it to `x @ weight.T`."),
    ),
    mistakes=(
        Mistake(_without_branch, _("The **branch** is missing: that is the frozen layer alone.")),
        Mistake(_without_weight, _("`weight` is missing: the branch is **added** to what the frozen layer computes.")),
        Mistake(_without_scale, _("The **factor** of the branch is missing: alpha / r.")),
        Mistake(_alpha_alone, _("You multiplied the branch by alpha alone: **divide** by the rank, `down.shape[0]`.")),
        Mistake(_rank_alone, _("You divided by the rank and forgot **alpha**: the factor is alpha / r.")),
        Mistake(_turned_round, _("Your factor is **turned round**: it is alpha / r, not r / alpha.")),
        Mistake(_times_rank, _("You **multiplied** by the rank: the factor is alpha / r.")),
        Mistake(_by_root, _("You divided by the **root** of the rank: that is rsLoRA. LoRA divides by the rank.")),
        Mistake(_rank_twice, _("You divided by the rank **twice**: the factor is alpha / r.")),
        Mistake(_by_d_in, _("You divided by **d_in**, `down.shape[1]`: the rank is `down.shape[0]`.")),
        Mistake(_by_d_out, _("You divided by **d_out**, `up.shape[0]`: the rank is `up.shape[1]`.")),
        Mistake(_scaled_whole, _("You multiplied the **whole** by alpha / r: W x stays as it is.")),
        Mistake(_scaled_weight, _("The factor is at the **wrong** term: alpha / r belongs to the branch, not to W x.")),
        Mistake(_scaled_twice, _("The factor alpha / r is in it **twice**.")),
        Mistake(_subtracted, _("You **subtracted** the branch: it is added.")),
        Mistake(_multiplied, _("You **multiplied** the two ways: they are added.")),
        Mistake(
            _bent,
            _("There is an **activation** between A and B: an adapter has one, LoRA has none, or nothing merges."),
        ),
        Mistake(_factor_added, _("You **added** the factor: the branch is multiplied by alpha / rank.")),
        Mistake(_factor_alone, _("You added the **factor alone**: multiply the branch by it.")),
        Mistake(_whole_factor, _("`//` cuts the factor to a **whole** number: divide with `/`.")),
        Mistake(_rank_subtracted, _("You subtracted the **rank** from alpha: divide by it.")),
        Mistake(_rank_for_factor, _("You multiplied by the **rank** in place of alpha / rank.")),
        Mistake(_residual, _("You added `x` as well: LoRA has no **skip connection**.")),
        Mistake(_x_for_weight, _("You added `x` where **W x** belongs: `x @ weight.T`.")),
        Mistake(
            _weight_not_transposed,
            _("With `weight` as it is you multiply by its **transpose**: for rows, W x is `x @ weight.T`."),
        ),
        Mistake(_up_first, _("Your branch takes **B first**: x passes A, `x @ down.T`, and then B, `… @ up.T`.")),
        Mistake(
            _all_not_transposed,
            _("All three matrices are the **wrong way round**: for rows, W x is `x @ weight.T`, A x is `x @ down.T`."),
        ),
        Mistake(_of_the_output, _("Your branch reads the **output** of the layer: it reads x, beside W.")),
    ),
    explanation=_(
        "A takes x down to r numbers, B takes them up to d_out. B begins with zeros, so the layer is at first what it "
        "was. Dividing by r is meant to let the learning rate stay as it is when the rank is changed; rsLoRA, which "
        "divides by √r, was proposed because with high ranks that makes the branch too small."
    ),
    compare=close,
)
