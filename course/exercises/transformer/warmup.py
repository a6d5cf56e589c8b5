"""Exercise on the learning rate: its warm-up."""

import math
from functools import partial

from course.exercises.compare import same
from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def warmup_rate(step: int, d_model: int, warmup_steps: int) -> float:
    """The learning rate of "Attention Is All You Need" at a step; steps count from 1.

    For `warmup_steps` steps it rises in a straight line through 0; then it falls as 1 / sqrt(step).
    Where the two meet, it is 1 / sqrt(d_model * warmup_steps).

    >>> warmup_rate(100, d_model=64, warmup_steps=100)
    0.0125
    >>> warmup_rate(50, d_model=64, warmup_steps=100)
    0.00625
    """
    return d_model**-0.5 * min(step**-0.5, step * warmup_steps**-1.5)


def _warmup_rate_cases() -> list[tuple]:
    steps = [(100, 64, 100), (50, 64, 100), (1, 512, 4000), (4000, 512, 4000), (400, 64, 100), (100_000, 512, 4000)]
    steps += [(200, 16, 300), (900, 16, 300), (2, 128, 10), (9, 4, 9), (3, 64, 20), (40, 256, 50)]
    return [*steps, (1000, 100, 30), (30, 100, 5)]


def _rate(step, d_model, warmup_steps, choose=min):
    return d_model**-0.5 * choose(step**-0.5, step * warmup_steps**-1.5)


def _takes_the_larger(step, d_model, warmup_steps):
    return _rate(step, d_model, warmup_steps, max)


def _without_warmup(step, d_model, warmup_steps):
    return d_model**-0.5 * step**-0.5


def _rises_without_end(step, d_model, warmup_steps):
    return d_model**-0.5 * step * warmup_steps**-1.5


def _without_decay(step, d_model, warmup_steps):
    return d_model**-0.5 * min(step, warmup_steps) * warmup_steps**-1.5


def _added(step, d_model, warmup_steps):
    return _rate(step, d_model, warmup_steps, lambda falling, rising: falling + rising)


def _multiplied(step, d_model, warmup_steps):
    return _rate(step, d_model, warmup_steps, lambda falling, rising: falling * rising)


def _mean(step, d_model, warmup_steps):
    return _added(step, d_model, warmup_steps) / 2


def _multiplies_by_the_root(step, d_model, warmup_steps):
    return math.sqrt(d_model) * min(step**-0.5, step * warmup_steps**-1.5)


def _width_forgotten(step, d_model, warmup_steps):
    return _rate(step, 1, warmup_steps)


def _width_added(step, d_model, warmup_steps):
    return d_model**-0.5 + min(step**-0.5, step * warmup_steps**-1.5)


def _divides_by_the_width(step, d_model, warmup_steps):
    return _rate(step, d_model**2, warmup_steps)


def _multiplies_by_the_width(step, d_model, warmup_steps):
    return d_model * _rate(step, 1, warmup_steps)


def _width_in_the_fall_only(step, d_model, warmup_steps):
    return min(d_model**-0.5 * step**-0.5, step * warmup_steps**-1.5)


def _width_in_the_rise_only(step, d_model, warmup_steps):
    return min(step**-0.5, d_model**-0.5 * step * warmup_steps**-1.5)


def _usual_width(step, d_model, warmup_steps):
    return _rate(step, 512, warmup_steps)


def _usual_warmup(step, d_model, warmup_steps):
    return _rate(step, d_model, 4000)


def _rises_to_one(step, d_model, warmup_steps):
    return d_model**-0.5 * min(step**-0.5, step / warmup_steps)


def _rises_by_the_power(step, d_model, warmup_steps):
    return d_model**-0.5 * min(step**-0.5, (step / warmup_steps) ** 1.5)


def _power_of_the_product(step, d_model, warmup_steps):
    return d_model**-0.5 * min(step**-0.5, (step * warmup_steps) ** -1.5)


def _root_of_the_warmup(step, d_model, warmup_steps):
    return d_model**-0.5 * min(step**-0.5, step * warmup_steps**-0.5)


def _square_of_the_warmup(step, d_model, warmup_steps):
    return d_model**-0.5 * min(step**-0.5, step * warmup_steps**-2)


def _falls_as_one_over_step(step, d_model, warmup_steps):
    return d_model**-0.5 * min(1 / step, step * warmup_steps**-1.5)


def _falls_by_the_square(step, d_model, warmup_steps):
    return (d_model * warmup_steps) ** -0.5 * min(step / warmup_steps, warmup_steps / step)


def _peak_of_one(step, d_model, warmup_steps):
    return min(step / warmup_steps, (warmup_steps / step) ** 0.5)


def _falls_from_the_warmup_on(step, d_model, warmup_steps):
    rising = step * warmup_steps**-1.5
    return d_model**-0.5 * (rising if step <= warmup_steps else (step - warmup_steps) ** -0.5)


WARMUP_RATE = Exercise(
    name="transformer.warmup_rate",
    title=_("The warm-up of the learning rate"),
    solution=warmup_rate,
    cases=_warmup_rate_cases,
    compare=partial(same, absolute=1e-12),
    hints=(
        _("Two curves: one rises in a line, one falls as 1 / sqrt(step). They meet at `warmup_steps`; take the lower."),
        _("`d_model ** -0.5 * min(step ** -0.5, step * warmup_steps ** -1.5)`"),
    ),
    mistakes=(
        Mistake(
            _takes_the_larger,
            _("You take the **larger** of the two: the rate is then huge at the first step and grows without end."),
        ),
        Mistake(
            _without_warmup,
            _("The rise is missing: your rate is highest at the first step, where gradients are least to be trusted."),
        ),
        Mistake(
            _without_decay,
            _("Your rate stays where it is after the warm-up. From there on it falls as 1 / sqrt(step)."),
        ),
        Mistake(
            _multiplies_by_the_root,
            _("You multiply by the root of `d_model`. Wider models take **smaller** steps: divide by it."),
        ),
        Mistake(
            _rises_without_end,
            _(
                "Your rate goes on rising after the warm-up. From there on the other curve is the smaller: "
                "it falls, as **1 /** sqrt(step)."
            ),
        ),
        Mistake(_added, _("You add the two curves. The rate is the **smaller** of them.")),
        Mistake(_multiplied, _("You multiply the two curves. The rate is the **smaller** of them.")),
        Mistake(_mean, _("You take the mean of the two curves. The rate is the **smaller** of them.")),
        Mistake(_width_forgotten, _("`d_model` is forgotten: the smaller of the two is divided by its root.")),
        Mistake(_width_added, _("You add 1 / sqrt(d_model). The smaller of the two curves is multiplied by it.")),
        Mistake(_divides_by_the_width, _("You divide by `d_model`. Divide by its **root**.")),
        Mistake(_multiplies_by_the_width, _("You multiply by `d_model`. Divide by its root.")),
        Mistake(
            _width_in_the_fall_only,
            _("Only the falling curve is divided by sqrt(d_model). Both are: take the smaller first, then divide."),
        ),
        Mistake(
            _width_in_the_rise_only,
            _("Only the rising curve is divided by sqrt(d_model). Both are: take the smaller first, then divide."),
        ),
        Mistake(_usual_width, _("Your d_model is always 512, the paper's. Take the one that is handed over.")),
        Mistake(_usual_warmup, _("Your warm-up always lasts 4,000 steps, the paper's. Take `warmup_steps`.")),
        Mistake(
            _rises_to_one,
            _(
                "You rise by step / warmup_steps, which soon is above the other curve. The two must meet at "
                "`warmup_steps`, so the rise is divided by its root once more: step / warmup_steps ** 1.5."
            ),
        ),
        Mistake(
            _rises_by_the_power,
            _(
                "You raise step / warmup_steps to 1.5. Only the **warmup_steps** is: the rise is a straight line in "
                "step."
            ),
        ),
        Mistake(
            _power_of_the_product,
            _("You raise the product to −1.5. Only `warmup_steps` is raised: `step * warmup_steps ** -1.5`."),
        ),
        Mistake(
            _root_of_the_warmup,
            _("You divide the step by the root of `warmup_steps`: a power of 0.5 where 1.5 belongs."),
        ),
        Mistake(
            _square_of_the_warmup,
            _("You divide the step by the square of `warmup_steps`: a power of 2 where 1.5 belongs."),
        ),
        Mistake(_falls_as_one_over_step, _("Your rate falls as 1 / step. It falls more slowly, as 1 / sqrt(step).")),
        Mistake(
            _falls_by_the_square,
            _("After the warm-up your rate falls as 1 / step. It falls more slowly, as 1 / sqrt(step)."),
        ),
        Mistake(
            _peak_of_one,
            _("Your rate has the right form and a peak of 1. The peak is 1 / sqrt(d_model · warmup_steps)."),
        ),
        Mistake(
            _falls_from_the_warmup_on,
            _(
                "You count the steps from 1 again after the warm-up, so that the rate jumps. It falls as 1 / "
                "sqrt(step)."
            ),
        ),
    ),
    explanation=_(
        "At step = warmup_steps the two are equal, step ** -0.5, so the curve has no jump. Its peak is "
        "1 / sqrt(d_model * warmup_steps)."
    ),
    corners=(
        Corner(
            lambda step, d_model, warmup_steps: step >= warmup_steps,
            _("Only steps from the end of the warm-up on go wrong. There the rate is 1 / sqrt(d_model · step)."),
        ),
        Corner(
            lambda step, d_model, warmup_steps: step > warmup_steps,
            _("Only steps after the warm-up go wrong. There the rate is 1 / sqrt(d_model · step)."),
        ),
        Corner(
            lambda step, d_model, warmup_steps: step < warmup_steps,
            _("Only steps of the warm-up go wrong. There the rate rises in a straight line to where the fall begins."),
        ),
        Corner(
            lambda step, d_model, warmup_steps: step == warmup_steps,
            _("Only the last step of the warm-up goes wrong. Both curves have the same value there."),
        ),
    ),
)
