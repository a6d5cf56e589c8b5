"""Exercise on AdaLoRA: how important each weight is."""

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Exercise, Mistake
from course.exercises.peft.drawing import drawn
from course.messages import _


def importance(
    weight: "Tensor",
    gradient: "Tensor",
    sensitivity: "Tensor",
    uncertainty: "Tensor",
    beta1: float,
    beta2: float,
) -> "tuple[Tensor, Tensor, Tensor]":
    """How important each weight is to AdaLoRA after one more step: two averages and their product.

    All tensors have the shape of `weight`. The sensitivity at this step is I = |weight * gradient|,
    about what the loss would change if the weight were 0. `sensitivity` and `uncertainty` are the
    moving averages so far: new = beta * old + (1 - beta) * value. The first averages I, with beta1.
    The second averages the distance of I from the **new** average of I, with beta2.
    Returns both new averages and the score, their product.

    >>> import torch
    >>> one, zero = torch.tensor([1.0]), torch.tensor([0.0])
    >>> [float(x) for x in importance(-2 * one, one, zero, zero, beta1=0.5, beta2=0.75)]
    [1.0, 0.25, 0.25]
    """
    now = (weight * gradient).abs()
    sensitivity = beta1 * sensitivity + (1 - beta1) * now
    uncertainty = beta2 * uncertainty + (1 - beta2) * (now - sensitivity).abs()
    return sensitivity, uncertainty, sensitivity * uncertainty


def _importance_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(14)
    zeros = torch.zeros(2)
    cases: list[tuple] = [(torch.tensor([-2.0, 1.0]), torch.tensor([1.0, 3.0]), zeros, zeros, 0.5, 0.75)]
    for shape, beta1, beta2 in [
        ((1,), 0.9, 0.5),
        ((3,), 0.75, 0.25),
        ((2, 2), 0.85, 0.6),
        ((2, 3), 0.25, 0.9),
        ((4, 1), 0.6, 0.8),
        ((3, 3), 0.3, 0.4),
    ]:
        weight, gradient, *averages = (2 * drawn(generator, *shape) for _tensor in range(4))
        cases.append((weight, gradient, averages[0].abs() + 0.1, averages[1].abs() + 0.1, beta1, beta2))
    return cases


def _averages(now, sensitivity, uncertainty, beta1, beta2):
    sensitivity = beta1 * sensitivity + (1 - beta1) * now
    uncertainty = beta2 * uncertainty + (1 - beta2) * (now - sensitivity).abs()
    return sensitivity, uncertainty, sensitivity * uncertainty


def _signed(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    return _averages(weight * gradient, sensitivity, uncertainty, beta1, beta2)


def _of_weight(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    return _averages(weight.abs(), sensitivity, uncertainty, beta1, beta2)


def _of_gradient(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    return _averages(gradient.abs(), sensitivity, uncertainty, beta1, beta2)


def _squared(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    return _averages((weight * gradient) ** 2, sensitivity, uncertainty, beta1, beta2)


def _one_number(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    return _averages((weight * gradient).abs().mean(), sensitivity, uncertainty, beta1, beta2)


def _added(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    return _averages((weight + gradient).abs(), sensitivity, uncertainty, beta1, beta2)


def _divided(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    return _averages((weight / (gradient + (gradient == 0))).abs(), sensitivity, uncertainty, beta1, beta2)


def _of_squared_gradient(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    return _averages(weight.abs() * gradient**2, sensitivity, uncertainty, beta1, beta2)


def _from_old_average(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    now = (weight * gradient).abs()
    new = beta1 * sensitivity + (1 - beta1) * now
    uncertainty = beta2 * uncertainty + (1 - beta2) * (now - sensitivity).abs()
    return new, uncertainty, new * uncertainty


def _averages_apart(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    now = (weight * gradient).abs()
    new = beta1 * sensitivity + (1 - beta1) * now
    uncertainty = beta2 * uncertainty + (1 - beta2) * (new - sensitivity).abs()
    return new, uncertainty, new * uncertainty


def _signed_distance(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    now = (weight * gradient).abs()
    sensitivity = beta1 * sensitivity + (1 - beta1) * now
    uncertainty = beta2 * uncertainty + (1 - beta2) * (now - sensitivity)
    return sensitivity, uncertainty, sensitivity * uncertainty


def _squared_distance(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    now = (weight * gradient).abs()
    sensitivity = beta1 * sensitivity + (1 - beta1) * now
    uncertainty = beta2 * uncertainty + (1 - beta2) * (now - sensitivity) ** 2
    return sensitivity, uncertainty, sensitivity * uncertainty


def _distance_of_uncertainty(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    now = (weight * gradient).abs()
    sensitivity = beta1 * sensitivity + (1 - beta1) * now
    uncertainty = beta2 * uncertainty + (1 - beta2) * (now - uncertainty).abs()
    return sensitivity, uncertainty, sensitivity * uncertainty


def _same_average(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    now = (weight * gradient).abs()
    sensitivity = beta1 * sensitivity + (1 - beta1) * now
    uncertainty = beta2 * uncertainty + (1 - beta2) * now
    return sensitivity, uncertainty, sensitivity * uncertainty


def _betas_exchanged(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    return importance(weight, gradient, sensitivity, uncertainty, beta2, beta1)


def _first_beta_twice(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    return importance(weight, gradient, sensitivity, uncertainty, beta1, beta1)


def _second_beta_twice(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    return importance(weight, gradient, sensitivity, uncertainty, beta2, beta2)


def _shares_exchanged(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    return importance(weight, gradient, sensitivity, uncertainty, 1 - beta1, 1 - beta2)


def _not_averaged(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    now = (weight * gradient).abs()
    distance = (now - sensitivity).abs()
    return now, distance, now * distance


def _whole_value(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    now = (weight * gradient).abs()
    sensitivity = beta1 * sensitivity + now
    uncertainty = beta2 * uncertainty + (now - sensitivity).abs()
    return sensitivity, uncertainty, sensitivity * uncertainty


def _sum_as_score(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    new, unsure, _score = importance(weight, gradient, sensitivity, uncertainty, beta1, beta2)
    return new, unsure, new + unsure


def _ratio_as_score(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    new, unsure, _score = importance(weight, gradient, sensitivity, uncertainty, beta1, beta2)
    return new, unsure, new / unsure


def _present_in_score(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    new, unsure, _score = importance(weight, gradient, sensitivity, uncertainty, beta1, beta2)
    return new, unsure, (weight * gradient).abs() * unsure


def _old_in_score(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    new, unsure, _score = importance(weight, gradient, sensitivity, uncertainty, beta1, beta2)
    return new, unsure, sensitivity * uncertainty


def _sensitivity_as_score(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    new, unsure, _score = importance(weight, gradient, sensitivity, uncertainty, beta1, beta2)
    return new, unsure, new


def _score_as_one_number(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    new, unsure, score = importance(weight, gradient, sensitivity, uncertainty, beta1, beta2)
    return new, unsure, score.sum()


def _score_first(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    new, unsure, score = importance(weight, gradient, sensitivity, uncertainty, beta1, beta2)
    return score, new, unsure


def _averages_exchanged(weight, gradient, sensitivity, uncertainty, beta1, beta2):
    new, unsure, score = importance(weight, gradient, sensitivity, uncertainty, beta1, beta2)
    return unsure, new, score


IMPORTANCE = Exercise(
    name="peft.importance",
    title=_("How important a weight is"),
    solution=importance,
    cases=_importance_cases,
    hints=(
        _(
            "Compute I first, then the new average of I, then the distance of I from this new average, then the new "
            "average of the distance."
        ),
        _(
            "With `now = (weight * gradient).abs()`: `sensitivity = beta1 * sensitivity + (1 - beta1) * now`, and in "
            "the same way `uncertainty` of `(now - sensitivity).abs()`."
        ),
    ),
    mistakes=(
        Mistake(_signed, _("The sensitivity has a **sign** in your answer: take the absolute value, `.abs()`.")),
        Mistake(_of_weight, _("You used the **weight** alone: a large weight without a gradient is not important.")),
        Mistake(_of_gradient, _("You used the **gradient** alone: multiply it by the weight, that is what would go.")),
        Mistake(_squared, _("You **squared** the product: it is the absolute value, `.abs()`.")),
        Mistake(_one_number, _("Your I is the **mean** over all weights: each weight has its own.")),
        Mistake(_added, _("You **added** weight and gradient: multiply them.")),
        Mistake(_divided, _("You **divided** by the gradient: multiply by it.")),
        Mistake(_of_squared_gradient, _("You squared the **gradient**: it is |weight · gradient|.")),
        Mistake(
            _from_old_average,
            _("Your distance is from the **old** average: make the average of I new first, then compare I with it."),
        ),
        Mistake(
            _averages_apart, _("You took the distance between the **two averages**: it is that of I from the new one.")
        ),
        Mistake(_signed_distance, _("Your distance has a **sign**: take its absolute value, or the two sides cancel.")),
        Mistake(
            _squared_distance, _("You **squared** the distance: that would be a variance. It is the absolute value.")
        ),
        Mistake(
            _distance_of_uncertainty,
            _("Your distance is from the **uncertainty**: it is that of I from its own average."),
        ),
        Mistake(
            _same_average, _("Your uncertainty averages **I itself**: it averages the distance of I from its average.")
        ),
        Mistake(_betas_exchanged, _("The two betas are **exchanged**: beta1 is for the sensitivity.")),
        Mistake(_first_beta_twice, _("You used **beta1** for both averages: the uncertainty has beta2.")),
        Mistake(_second_beta_twice, _("You used **beta2** for both averages: the sensitivity has beta1.")),
        Mistake(_shares_exchanged, _("Old and new are **exchanged**: beta is the share of the old average.")),
        Mistake(_not_averaged, _("Nothing is **averaged**: new = beta * old + (1 - beta) * value.")),
        Mistake(
            _whole_value, _("The factor **1 - beta** is missing: a moving average gives the new value this share.")
        ),
        Mistake(_sum_as_score, _("Your score is the **sum**: it is the product of the two averages.")),
        Mistake(_ratio_as_score, _("Your score is a **ratio**: it is the product of the two averages.")),
        Mistake(
            _present_in_score, _("Your score has I of **this step** in it: it is the product of the two averages.")
        ),
        Mistake(_old_in_score, _("Your score is of the **old** averages: multiply the new ones.")),
        Mistake(_sensitivity_as_score, _("Your score is the sensitivity **alone**: multiply it by the uncertainty.")),
        Mistake(_score_as_one_number, _("Your score is **one number**: each weight has its own.")),
        Mistake(_score_first, _("The score comes **last**: first the two averages.")),
        Mistake(_averages_exchanged, _("The averages are in the **other order**: first the sensitivity.")),
    ),
    results=("sensitivity", "uncertainty", "score"),
    explanation=_(
        "One batch says little of a weight, so I is averaged over the steps. A weight whose I changes a lot from batch "
        "to batch gets a higher score than a steady one: it may yet turn out to be important. From zeros the first "
        "averages are too small, and even a steady weight is far from its own: a reason to wait some steps before "
        "ranks are taken away."
    ),
    compare=close,
)
