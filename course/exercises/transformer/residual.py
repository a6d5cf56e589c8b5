"""Exercise on the residual connection, with the normalization after the sum or before the sublayer."""

from collections.abc import Callable

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
from course.exercises.transformer.formulas import CENTERED, DOUBLED, HALVED, POSITIVE, REVERSED, SHIFTED, SQUARED, UNIT
from course.messages import _


def residual(x: "Tensor", sublayer: "Callable", norm: "Callable", norm_first: bool) -> "Tensor":
    """A residual connection around a sublayer: what the sublayer computes is added to `x`.

    `sublayer` and `norm` are functions of a tensor. With `norm_first` (pre-norm) the sublayer reads
    what is normalized, and `x` itself is left alone; without (post-norm) the sum is normalized.

    >>> import torch
    >>> tenfold, centered = lambda v: 10 * v, lambda v: v - v.mean()
    >>> residual(torch.tensor([1.0, 2.0]), tenfold, centered, norm_first=True).tolist()
    [-4.0, 7.0]
    >>> residual(torch.tensor([1.0, 2.0]), tenfold, centered, norm_first=False).tolist()
    [-5.5, 5.5]
    """
    if norm_first:
        return x + sublayer(norm(x))
    return norm(x + sublayer(x))


def _residual_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(6)
    cases = []
    for sublayer, norm, shape in [
        (DOUBLED, CENTERED, (2,)),
        (SQUARED, CENTERED, (3,)),
        (REVERSED, UNIT, (2, 3)),
        (SHIFTED, HALVED, (2, 2)),
        (POSITIVE, CENTERED, (2, 2, 3)),
        (SQUARED, UNIT, (1, 3, 2)),
    ]:
        for norm_first in (True, False):
            cases.append((torch.randint(-4, 5, shape, generator=generator) / 2, sublayer, norm, norm_first))
    return cases


def _without_residual(x, sublayer, norm, norm_first):
    return sublayer(norm(x)) if norm_first else norm(sublayer(x))


def _without_norm(x, sublayer, norm, norm_first):
    return x + sublayer(x)


def _sublayer_alone(x, sublayer, norm, norm_first):
    return sublayer(x)


def _always_post(x, sublayer, norm, norm_first):
    return residual(x, sublayer, norm, False)


def _always_pre(x, sublayer, norm, norm_first):
    return residual(x, sublayer, norm, True)


def _exchanged(x, sublayer, norm, norm_first):
    return residual(x, sublayer, norm, not norm_first)


def _stream_normalized(x, sublayer, norm, norm_first):
    return norm(x) + sublayer(norm(x)) if norm_first else residual(x, sublayer, norm, False)


def _sublayer_normalized(x, sublayer, norm, norm_first):
    return residual(x, sublayer, norm, True) if norm_first else x + norm(sublayer(x))


def _normalized_twice(x, sublayer, norm, norm_first):
    return norm(x + sublayer(norm(x)))


def _norm_after_in_both(x, sublayer, norm, norm_first):
    return norm(residual(x, sublayer, norm, norm_first)) if norm_first else residual(x, sublayer, norm, False)


def _both_before(x, sublayer, norm, norm_first):
    return norm(x) + sublayer(norm(x))


def _sublayer_normalized_before_the_sum(x, sublayer, norm, norm_first):
    return x + norm(sublayer(x))


def _exchanged_functions(x, sublayer, norm, norm_first):
    return residual(x, norm, sublayer, norm_first)


def _subtracted(x, sublayer, norm, norm_first):
    return x - sublayer(norm(x)) if norm_first else norm(x - sublayer(x))


def _multiplied(x, sublayer, norm, norm_first):
    return x * sublayer(norm(x)) if norm_first else norm(x * sublayer(x))


def _mean_of_both(x, sublayer, norm, norm_first):
    return (x + sublayer(norm(x))) / 2 if norm_first else norm((x + sublayer(x)) / 2)


def _added_twice(x, sublayer, norm, norm_first):
    return x + residual(x, sublayer, norm, norm_first)


def _pre_without_sublayer(x, sublayer, norm, norm_first):
    return x + norm(x) if norm_first else residual(x, sublayer, norm, False)


def _post_without_norm(x, sublayer, norm, norm_first):
    return residual(x, sublayer, norm, True) if norm_first else x + sublayer(x)


def _pre_without_norm(x, sublayer, norm, norm_first):
    return x + sublayer(x) if norm_first else residual(x, sublayer, norm, False)


def _pre_without_residual(x, sublayer, norm, norm_first):
    return sublayer(norm(x)) if norm_first else residual(x, sublayer, norm, False)


def _post_without_residual(x, sublayer, norm, norm_first):
    return residual(x, sublayer, norm, True) if norm_first else norm(sublayer(x))


RESIDUAL = Exercise(
    name="transformer.residual",
    title=_("The residual connection"),
    solution=residual,
    cases=_residual_cases,
    compare=close,
    hints=(
        _("In both orders `x` is added once, as it came. What differs is what `norm` is applied to."),
        _("Pre-norm: `x + sublayer(norm(x))`. Post-norm: `norm(x + sublayer(x))`."),
    ),
    mistakes=(
        Mistake(
            _without_residual,
            _("`x` is not added: without the residual connection, what the sublayer does not repeat is lost."),
        ),
        Mistake(_without_norm, _("You do not normalize at all: `norm` belongs after the sum, or before the sublayer.")),
        Mistake(_sublayer_alone, _("You return the sublayer's output alone. Add `x` to it, and normalize.")),
        Mistake(_always_post, _("You always normalize the sum. With `norm_first` the sublayer reads `norm(x)`.")),
        Mistake(
            _always_pre, _("You always normalize before the sublayer. Without `norm_first` the sum is normalized.")
        ),
        Mistake(_exchanged, _("Pre-norm and post-norm are exchanged: with `norm_first` the norm comes **first**.")),
        Mistake(
            _stream_normalized,
            _(
                "With `norm_first` you add the **normalized** `x`. It is `x` itself that is added: the stream "
                "stays free."
            ),
        ),
        Mistake(
            _both_before,
            _("You normalize `x` once, for the sublayer and for the sum. What is added is `x` as it came."),
        ),
        Mistake(
            _sublayer_normalized,
            _("Without `norm_first` you normalize what the sublayer gives. It is the **sum** that is normalized."),
        ),
        Mistake(
            _sublayer_normalized_before_the_sum,
            _("You normalize what the sublayer gives, in both orders. Pre-norm: its input. Post-norm: the sum."),
        ),
        Mistake(_normalized_twice, _("You normalize before **and** after. It is one of the two.")),
        Mistake(
            _norm_after_in_both,
            _("With `norm_first` you normalize the sum as well. There the norm comes before the sublayer only."),
        ),
        Mistake(_exchanged_functions, _("`sublayer` and `norm` are taken for each other.")),
        Mistake(_subtracted, _("You subtract what the sublayer computes. It is **added** to `x`.")),
        Mistake(_multiplied, _("You multiply by what the sublayer computes. It is **added** to `x`.")),
        Mistake(_mean_of_both, _("You take the mean of `x` and what the sublayer computes. It is their **sum**.")),
        Mistake(_added_twice, _("You add `x` once too often.")),
        Mistake(_pre_without_sublayer, _("With `norm_first` the sublayer is not called: `sublayer(norm(x))`.")),
        Mistake(_post_without_norm, _("Without `norm_first` nothing is normalized: there `norm` is of the sum.")),
        Mistake(_pre_without_norm, _("With `norm_first` the sublayer reads `x` as it is. It reads `norm(x)`.")),
        Mistake(_pre_without_residual, _("With `norm_first` you do not add `x`. It is added in both orders.")),
        Mistake(_post_without_residual, _("Without `norm_first` you do not add `x`. It is added in both orders.")),
    ),
    corners=(
        Corner(
            lambda x, sublayer, norm, norm_first: norm_first,
            _(
                "Only `norm_first=True` goes wrong. There it is `x` as it came, plus the sublayer of the "
                "normalized `x`."
            ),
        ),
        Corner(
            lambda x, sublayer, norm, norm_first: not norm_first,
            _("Only `norm_first=False` goes wrong. There the norm is of the sum of `x` and the sublayer's output."),
        ),
    ),
    explanation=_(
        "In both orders the gradient reaches `x` through the sum, without passing the sublayer. In pre-norm nothing "
        "else stands in its way; in post-norm it passes every norm."
    ),
)
