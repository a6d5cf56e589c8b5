"""Exercise on merging: LoRA's branch added to the frozen matrix."""

import math

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Exercise, Mistake
from course.exercises.peft.drawing import drawn_branch
from course.exercises.peft.fitting import where_shapes_fit
from course.messages import _


def merge(weight: "Tensor", down: "Tensor", up: "Tensor", alpha: float) -> "Tensor":
    """One matrix that computes what a linear layer and its LoRA branch compute together.

    `weight` is W, (d_out, d_in); `down` is A, (rank, d_in); `up` is B, (d_out, rank). The branch
    is multiplied by alpha / rank. Returns a new matrix, (d_out, d_in); `weight` stays as it is.

    >>> import torch
    >>> down, up = torch.tensor([[1.0, 1.0]]), torch.tensor([[0.0], [2.0]])
    >>> merge(torch.eye(2), down, up, alpha=0.5).tolist()
    [[1.0, 0.0], [1.0, 2.0]]
    """
    rank = down.shape[0]
    return weight + alpha / rank * (up @ down)


def _merge_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(12)
    sizes = [(2, 3, 1, 2), (2, 3, 2, 6), (3, 3, 2, 8), (4, 4, 3, 1), (3, 5, 2, 16), (4, 4, 2, 3)]
    sizes += [(5, 2, 2, 5), (3, 3, 3, 2), (2, 2, 2, 7), (4, 4, 4, 2)]
    sizes += [(1, 1, 1, 3), (2, 3, 1, 5)]
    return [(*drawn_branch(generator, d_out, d_in, rank), alpha) for d_out, d_in, rank, alpha in sizes]


def _with(scale, weight, down, up):
    return weight + scale * (up @ down)


def _update_alone(weight, down, up, alpha):
    return alpha / len(down) * (up @ down)


def _as_it_was(weight, down, up, alpha):
    return weight.clone()


def _without_scale(weight, down, up, alpha):
    return _with(1, weight, down, up)


def _alpha_alone(weight, down, up, alpha):
    return _with(alpha, weight, down, up)


def _rank_alone(weight, down, up, alpha):
    return _with(1 / len(down), weight, down, up)


def _turned_round(weight, down, up, alpha):
    return _with(len(down) / alpha, weight, down, up)


def _times_rank(weight, down, up, alpha):
    return _with(alpha * len(down), weight, down, up)


def _by_root(weight, down, up, alpha):
    return _with(alpha / math.sqrt(len(down)), weight, down, up)


def _rank_twice(weight, down, up, alpha):
    return _with(alpha / len(down) ** 2, weight, down, up)


def _by_d_in(weight, down, up, alpha):
    return _with(alpha / down.shape[1], weight, down, up)


def _by_d_out(weight, down, up, alpha):
    return _with(alpha / up.shape[0], weight, down, up)


def _scaled_whole(weight, down, up, alpha):
    return alpha / len(down) * _with(1, weight, down, up)


def _scaled_weight(weight, down, up, alpha):
    return alpha / len(down) * weight + up @ down


def _scaled_twice(weight, down, up, alpha):
    return _with((alpha / len(down)) ** 2, weight, down, up)


def _subtracted(weight, down, up, alpha):
    return _with(-alpha / len(down), weight, down, up)


def _merged_twice(weight, down, up, alpha):
    return _with(2 * alpha / len(down), weight, down, up)


@where_shapes_fit(merge)
def _update_transposed(weight, down, up, alpha):
    return weight + alpha / len(down) * (up @ down).T


def _whole_transposed(weight, down, up, alpha):
    return merge(weight, down, up, alpha).T


@where_shapes_fit(merge)
def _weight_transposed(weight, down, up, alpha):
    return weight.T + alpha / len(down) * (up @ down)


@where_shapes_fit(merge)
def _other_order(weight, down, up, alpha):
    return weight + alpha / len(down) * (down @ up)


@where_shapes_fit(merge)
def _number_by_number(weight, down, up, alpha):
    return weight + alpha / len(down) * (up * down)


def _times_weight(weight, down, up, alpha):
    return weight * (alpha / len(down) * (up @ down))


@where_shapes_fit(merge)
def _matrix_product(weight, down, up, alpha):
    return weight @ (alpha / len(down) * (up @ down))


def _mean_of_both(weight, down, up, alpha):
    return merge(weight, down, up, alpha) / 2


def _factor_added(weight, down, up, alpha):
    return weight + (alpha / len(down) + up @ down)


def _factor_alone(weight, down, up, alpha):
    return weight + alpha / len(down)


def _whole_factor(weight, down, up, alpha):
    return weight + alpha // len(down) * (up @ down)


def _rank_subtracted(weight, down, up, alpha):
    return weight + (alpha - len(down)) * (up @ down)


def _rank_for_factor(weight, down, up, alpha):
    return weight + len(down) * (up @ down)


MERGE = Exercise(
    name="peft.merge",
    title=_("One matrix in place of two ways"),
    solution=merge,
    cases=_merge_cases,
    hints=(
        _("W x + (alpha / r) B A x = (W + (alpha / r) B A) x: what is in parentheses is the matrix."),
        _("`up @ down` has the shape of `weight`. Multiply it by `alpha / down.shape[0]`; add it with `+`, not `+=`."),
    ),
    mistakes=(
        Mistake(_factor_added, _("You **added** the factor: the branch is multiplied by alpha / rank.")),
        Mistake(_factor_alone, _("You added the **factor alone**: multiply the branch by it.")),
        Mistake(_whole_factor, _("`//` cuts the factor to a **whole** number: divide with `/`.")),
        Mistake(_rank_subtracted, _("You subtracted the **rank** from alpha: divide by it.")),
        Mistake(_rank_for_factor, _("You multiplied by the **rank** in place of alpha / rank.")),
        Mistake(_update_alone, _("That is what the branch **adds**, ΔW: add it to `weight`.")),
        Mistake(_as_it_was, _("That is `weight` as it was: add the **branch** to it.")),
        Mistake(_without_scale, _("The **factor** of the branch is missing: alpha / rank.")),
        Mistake(_alpha_alone, _("You multiplied by alpha alone: **divide** by the rank, `down.shape[0]`.")),
        Mistake(_rank_alone, _("You divided by the rank and forgot **alpha**: the factor is alpha / rank.")),
        Mistake(_turned_round, _("Your factor is **turned round**: it is alpha / rank.")),
        Mistake(_times_rank, _("You **multiplied** by the rank: the factor is alpha / rank.")),
        Mistake(_by_root, _("You divided by the **root** of the rank: that is rsLoRA. Here it is the rank.")),
        Mistake(_rank_twice, _("You divided by the rank **twice**: the factor is alpha / rank.")),
        Mistake(_by_d_in, _("You divided by **d_in**, `down.shape[1]`: the rank is `down.shape[0]`.")),
        Mistake(_by_d_out, _("You divided by **d_out**, `up.shape[0]`: the rank is `up.shape[1]`.")),
        Mistake(_scaled_whole, _("You multiplied the **whole** by alpha / rank: W stays as it is.")),
        Mistake(_scaled_weight, _("The factor is at the **wrong** term: alpha / rank belongs to B A, not to W.")),
        Mistake(_scaled_twice, _("The factor alpha / rank is in it **twice**, that is, squared.")),
        Mistake(_subtracted, _("You **subtracted** the branch: that takes out of a merged matrix what is in it.")),
        Mistake(_merged_twice, _("You merged **twice**: the branch is added once.")),
        Mistake(_update_transposed, _("The **update** is transposed: B A has the shape of W, and needs no `.T`.")),
        Mistake(_whole_transposed, _("Your answer is **transposed**: it has the shape of `weight`, (d_out, d_in).")),
        Mistake(_weight_transposed, _("You transposed **W**: add B A to `weight` as it is.")),
        Mistake(
            _other_order,
            _("You multiplied in the **other order**: x meets A first, so the product is B A, `up @ down`."),
        ),
        Mistake(_number_by_number, _("`*` multiplies **number by number**: the product of matrices is `up @ down`.")),
        Mistake(_times_weight, _("You **multiplied** W by the branch, number by number: it is added.")),
        Mistake(_matrix_product, _("That is the **product** of W and B A, two layers in a row: the branch is added.")),
        Mistake(
            _mean_of_both, _("You took the **mean** of W and the branch: their sum is what they compute together.")
        ),
    ),
    explanation=_(
        "A merged layer is one matrix of the old shape, so a prediction takes as long as before LoRA. Subtracting the "
        "same product takes the branch out again, up to rounding; keeping `weight` beside it loses nothing."
    ),
    compare=close,
)
