"""Exercise on soft targets: what a teacher says of all classes, at a temperature."""

import torch
from torch import Tensor

from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
from course.exercises.peft.drawing import drawn
from course.messages import _


def soft_targets(logits: "Tensor", temperature: float) -> "Tensor":
    """A teacher's probabilities of all classes, for a student to learn from.

    logits: (rows, classes). temperature: above 0; 1 leaves the usual probabilities, and more
    makes them more alike. Each logit is divided by it, and a softmax over the classes follows.
    Logits may be so large that their `exp` is infinite. Returns (rows, classes).

    >>> import torch
    >>> for temperature in (1.0, 4.0):
    ...     rows = soft_targets(torch.tensor([[2.0, 0.0], [1.0, 1.0]]), temperature)
    ...     print([round(p, 4) for p in rows[0].tolist()], rows[1].tolist())
    [0.8808, 0.1192] [0.5, 0.5]
    [0.6225, 0.3775] [0.5, 0.5]
    """
    return (logits / temperature).softmax(dim=1)


def _soft_targets_cases() -> list[tuple]:
    generator = torch.Generator().manual_seed(1801)
    cases: list[tuple] = [(torch.tensor([[2.0, 0.0], [1.0, -1.5]]), 4.0), (torch.tensor([[3.0, 1.0, 0.0]]), 2.0)]
    for rows, classes, temperature in [(2, 3, 0.5), (3, 4, 2.0), (1, 5, 3.0), (4, 2, 1.5), (3, 3, 5.0), (2, 6, 0.25)]:
        cases.append((2 * drawn(generator, rows, classes), temperature))
    cases += [(3 * drawn(generator, 3, 5), 10.0), (drawn(generator, 4, 3) - 2, 2.5), (drawn(generator, 2, 4), 1.0)]
    cases.append((torch.tensor([[0.0, 0.0, 0.0], [1.0, 1.0, -1.0]]), 3.0))
    return [*cases, (80 * drawn(generator, 2, 4) + 400, 2.0), (torch.tensor([[300.0, 290.0], [-200.0, -205.0]]), 1.5)]


def _unchanged(logits, temperature):
    return logits.softmax(dim=1)


def _multiplied(logits, temperature):
    return (logits * temperature).softmax(dim=1)


def _by_square(logits, temperature):
    return (logits / temperature**2).softmax(dim=1)


def _by_root(logits, temperature):
    return (logits / temperature**0.5).softmax(dim=1)


def _by_one_more(logits, temperature):
    return (logits / (1 + temperature)).softmax(dim=1)


def _negative(logits, temperature):
    return (-logits / temperature).softmax(dim=1)


def _upside_down(logits, temperature):
    return (temperature / logits).softmax(dim=1)


def _rounded_down(logits, temperature):
    return (logits / temperature).floor().softmax(dim=1)


def _cut_off(logits, temperature):
    return (logits / temperature).clamp(min=0).softmax(dim=1)


def _without_sign(logits, temperature):
    return (logits.abs() / temperature).softmax(dim=1)


def _scaled_rows(logits, temperature):
    return (logits / logits.norm(dim=1, keepdim=True) / temperature).softmax(dim=1)


def _divided_after(logits, temperature):
    return logits.softmax(dim=1) / temperature


def _multiplied_after(logits, temperature):
    return logits.softmax(dim=1) * temperature


def _twice(logits, temperature):
    return (logits.softmax(dim=1) / temperature).softmax(dim=1)


def _softmax_of_the_answer(logits, temperature):
    return soft_targets(logits, temperature).softmax(dim=1)


def _over_rows(logits, temperature):
    return (logits / temperature).softmax(dim=0)


def _over_everything(logits, temperature):
    return (logits / temperature).flatten().softmax(dim=0).view_as(logits)


def _logarithms(logits, temperature):
    return (logits / temperature).log_softmax(dim=1)


def _sigmoid(logits, temperature):
    return (logits / temperature).sigmoid()


def _divided_alone(logits, temperature):
    return logits / temperature


def _powers(logits, temperature):
    return (logits / temperature).exp()


def _powers_below_1(logits, temperature):
    scaled = logits / temperature
    return (scaled - scaled.amax(dim=1, keepdim=True)).exp()


def _shares(logits, temperature):
    scaled = logits / temperature
    return scaled / scaled.sum(dim=1, keepdim=True)


def _powers_of_probabilities(logits, temperature):
    return logits.softmax(dim=1) ** (1 / temperature)


def _base_2(logits, temperature):
    return (logits / temperature * torch.tensor(2.0).log()).softmax(dim=1)


def _labels(logits, temperature):
    return torch.nn.functional.one_hot(logits.argmax(dim=1), logits.shape[1])


def _classes(logits, temperature):
    return logits.argmax(dim=1)


def _largest(logits, temperature):
    return soft_targets(logits, temperature).amax(dim=1)


def _first_row(logits, temperature):
    return soft_targets(logits, temperature)[0]


def _mixed_with_labels(logits, temperature):
    return (soft_targets(logits, temperature) + logits.softmax(dim=1)) / 2


def _smoothed(logits, temperature):
    return logits.softmax(dim=1) / temperature + (1 - 1 / temperature) / logits.shape[1]


def _powers_divided(logits, temperature):
    powers = (logits - logits.amax(dim=1, keepdim=True)).exp() / temperature
    return powers / (1 + powers.sum(dim=1, keepdim=True))


def _times_temperature_again(logits, temperature):
    return soft_targets(logits, temperature) * temperature


def _times_temperature_squared(logits, temperature):
    return soft_targets(logits, temperature) * temperature**2


SOFT_TARGETS = Exercise(
    name="compression.soft_targets",
    title=_("What a teacher says of all classes"),
    solution=soft_targets,
    cases=_soft_targets_cases,
    hints=(
        _(
            "Divide the logits by the temperature first: the softmax then makes probabilities of them that add up to 1 "
            "in each row."
        ),
        _(
            "`(logits / temperature).softmax(dim=1)`: PyTorch's softmax subtracts the largest logit before `exp`, so "
            "that large ones do no harm."
        ),
    ),
    mistakes=(
        Mistake(_unchanged, _("You do not use the **temperature**: divide the logits by it.")),
        Mistake(_multiplied, _("You **multiply** by the temperature: divide by it.")),
        Mistake(
            _divided_after,
            _("You divide the **probabilities** by the temperature: divide the logits, before the softmax."),
        ),
        Mistake(
            _multiplied_after, _("You multiply the **probabilities** by the temperature: divide the logits by it.")
        ),
        Mistake(_twice, _("You take **two** softmaxes: divide the logits, and take one.")),
        Mistake(_softmax_of_the_answer, _("You take the softmax **twice**: once is enough.")),
        Mistake(_over_rows, _("Your softmax is over the **rows**: each row's classes share 1, `dim=1`.")),
        Mistake(_over_everything, _("**All** rows share 1 in yours: each row has its own softmax, `dim=1`.")),
        Mistake(_logarithms, _("You return **logarithms** of probabilities: return the probabilities.")),
        Mistake(_sigmoid, _("You take a **sigmoid** of each logit: the classes share 1, so take a softmax.")),
        Mistake(_divided_alone, _("You return **logits**: a softmax is missing.")),
        Mistake(_powers, _("Your numbers do not **add up to 1** in a row: divide by their sum, or call `softmax`.")),
        Mistake(_powers_below_1, _("In your rows the largest is 1: divide the powers by their **sum**.")),
        Mistake(_shares, _("You divide the logits by their sum: take **powers** of e first, as softmax does.")),
        Mistake(
            _powers_of_probabilities,
            _("You take powers of probabilities, which then do not **add up to 1**: divide by their sum."),
        ),
        Mistake(_by_square, _("You divide by the **square** of the temperature: divide by it.")),
        Mistake(_by_root, _("You divide by the **root** of the temperature: divide by it.")),
        Mistake(_by_one_more, _("You divide by **1 + T**: divide by T.")),
        Mistake(_negative, _("Your logits have the wrong **sign**: the largest is the most probable.")),
        Mistake(_upside_down, _("You divide the temperature **by** the logits: exchange them.")),
        Mistake(_rounded_down, _("`//` rounds **down**: divide with `/`.")),
        Mistake(_cut_off, _("You cut off logits **below 0**: they count, too.")),
        Mistake(_without_sign, _("You take logits without their **sign**: keep it.")),
        Mistake(
            _scaled_rows,
            _("You **scale** the logits of a row first: divide them by the temperature alone."),
        ),
        Mistake(_base_2, _("You take powers of **2**: softmax takes powers of e.")),
        Mistake(_labels, _("You return the most probable class alone, a **hard** label: return all probabilities.")),
        Mistake(_classes, _("You return the **number** of the most probable class: return all probabilities.")),
        Mistake(_largest, _("You return the **largest** probability of each row: return those of all classes.")),
        Mistake(_first_row, _("You return the **first** row alone: return all rows.")),
        Mistake(_mixed_with_labels, _("You **average** over two temperatures: 1 has no part in this.")),
        Mistake(
            _smoothed,
            _("You mix with equal shares, as **label smoothing** does: divide the logits by the temperature."),
        ),
        Mistake(_powers_divided, _("You divide the **powers** by the temperature: divide the logits, before `exp`.")),
        Mistake(_times_temperature_again, _("You **multiply** by the temperature at the end: leave that out.")),
        Mistake(
            _times_temperature_squared,
            _("You multiply by **T²**: that belongs to the loss, and probabilities add up to 1."),
        ),
    ),
    corners=(
        Corner(
            lambda logits, temperature: bool((logits / temperature).max() > 88),
            _("Only **large** logits go wrong, whose `exp` is infinite: subtract the largest of a row before `exp`."),
        ),
        Corner(
            lambda logits, temperature: temperature == 1,
            _("Only a temperature of **1** goes wrong: it leaves the usual probabilities."),
        ),
    ),
    explanation=_(
        "A teacher that is sure of a class hardly says more than the label at temperature 1: the other probabilities "
        "are all near 0. At a higher temperature the order of the classes stays, and one sees which of the wrong ones "
        "the teacher takes for possible. Dividing logits is the same as raising probabilities to the power 1 / T and "
        "dividing by their sum."
    ),
    compare=close,
)
