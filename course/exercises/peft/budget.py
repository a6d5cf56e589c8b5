"""Exercise on AdaLoRA: how many ranks there are at each step."""

import math

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def budget(
    step: int,
    initial: int,
    target: int,
    t_initial: int,
    t_final: int,
    total: int,
) -> int:
    """How many ranks all matrices together have at a step of AdaLoRA.

    Up to and with step t_initial there are `initial`, and in the last t_final of the `total` steps
    there are `target`. Between them the budget falls, fast at first: with f the share of this time
    that is still left, from 1 to 0, it is target + (initial - target) f³, rounded down.

    >>> [budget(step, 64, 8, t_initial=10, t_final=20, total=70) for step in (10, 20, 30, 50)]
    [64, 31, 15, 8]
    """
    if step <= t_initial:
        return initial
    if step > total - t_final:
        return target
    left = 1 - (step - t_initial) / (total - t_final - t_initial)
    return int(target + (initial - target) * left**3)


def _budget_cases() -> list[tuple]:
    plan, other, late = (64, 8, 10, 20, 70), (100, 36, 4, 6, 26), (27, 12, 0, 8, 40)
    cases = [(step, *plan) for step in (10, 20, 25, 30, 35, 50, 3, 5, 7, 60)]
    cases += [(step, *other) for step in (5, 8, 10, 13, 16, 20, 1, 2, 24)]
    cases += [(step, *late) for step in (3, 9, 15, 27, 36)]
    at_once = [(30, 12, 8, 30, 20, 50), (31, 12, 8, 30, 20, 50), (40, 20, 6, 40, 10, 50), (12, 9, 3, 12, 8, 20)]
    return [*cases, *at_once]


def _left(step, t_initial, t_final, total):
    return 1 - (step - t_initial) / (total - t_final - t_initial)


def _shaped(arguments, shape):
    """The right answer with `shape(left)` in place of the cube."""
    step, initial, target, t_initial, t_final, total = arguments
    if step <= t_initial:
        return initial
    if step > total - t_final:
        return target
    return int(target + (initial - target) * shape(_left(step, t_initial, t_final, total)))


def _linear(*arguments):
    return _shaped(arguments, lambda left: left)


def _square(*arguments):
    return _shaped(arguments, lambda left: left**2)


def _root(*arguments):
    return _shaped(arguments, lambda left: left ** (1 / 3))


def _fourth(*arguments):
    return _shaped(arguments, lambda left: left**4)


def _slow_at_first(*arguments):
    return _shaped(arguments, lambda left: 1 - (1 - left) ** 3)


def _grows(*arguments):
    return _shaped(arguments, lambda left: 1 - left**3)


def _of_time_gone(*arguments):
    return _shaped(arguments, lambda left: (1 - left) ** 3)


def _cosine(*arguments):
    return _shaped(arguments, lambda left: (1 + math.cos(math.pi * (1 - left))) / 2)


def _at_once(*arguments):
    return _shaped(arguments, lambda left: 0)


def _never(*arguments):
    return _shaped(arguments, lambda left: 1)


def _exact(step, initial, target, t_initial, t_final, total):
    if step <= t_initial:
        return initial
    if step > total - t_final:
        return target
    return target + (initial - target) * _left(step, t_initial, t_final, total) ** 3


def _rounded(*arguments):
    return round(_exact(*arguments))


def _rounded_up(*arguments):
    return math.ceil(_exact(*arguments))


def _without_target(step, initial, target, t_initial, t_final, total):
    if step <= t_initial:
        return initial
    if step > total - t_final:
        return target
    return int((initial - target) * _left(step, t_initial, t_final, total) ** 3)


def _from_initial(step, initial, target, t_initial, t_final, total):
    if step <= t_initial:
        return initial
    if step > total - t_final:
        return target
    return int(initial * _left(step, t_initial, t_final, total) ** 3)


def _target_and_initial(step, initial, target, t_initial, t_final, total):
    if step <= t_initial:
        return initial
    if step > total - t_final:
        return target
    return int(target + initial * _left(step, t_initial, t_final, total) ** 3)


def _whole_time(step, initial, target, t_initial, t_final, total):
    if step <= t_initial:
        return initial
    if step > total - t_final:
        return target
    return int(target + (initial - target) * (1 - step / total) ** 3)


def _from_step_0(step, initial, target, t_initial, t_final, total):
    if step <= t_initial:
        return initial
    if step > total - t_final:
        return target
    return int(target + (initial - target) * (1 - step / (total - t_final)) ** 3)


def _to_the_end(step, initial, target, t_initial, t_final, total):
    if step <= t_initial:
        return initial
    if step > total - t_final:
        return target
    return int(target + (initial - target) * (1 - (step - t_initial) / (total - t_initial)) ** 3)


def _time_not_shortened_by_start(step, initial, target, t_initial, t_final, total):
    if step <= t_initial:
        return initial
    if step > total - t_final:
        return target
    return int(target + (initial - target) * (1 - (step - t_initial) / (total - t_final)) ** 3)


def _without_start(step, initial, target, t_initial, t_final, total):
    return budget(step, initial, target, 0, t_final, total)


def _end_as_a_step(step, initial, target, t_initial, t_final, total):
    return budget(step, initial, target, t_initial, total - t_final, total)


def _ranks_exchanged(step, initial, target, t_initial, t_final, total):
    return budget(step, target, initial, t_initial, t_final, total)


def _times_exchanged(step, initial, target, t_initial, t_final, total):
    return budget(step, initial, target, t_final, t_initial, total)


def _last_steps_first(step, initial, target, t_initial, t_final, total):
    return target if step >= total - t_final else budget(step, initial, target, t_initial, t_final, total)


def _cut(*arguments):
    return _exact(*arguments) - budget(*arguments)


BUDGET = Exercise(
    name="peft.budget",
    title=_("A budget that falls"),
    solution=budget,
    cases=_budget_cases,
    hints=(
        _(
            "Three times: up to t_initial, the last t_final steps, and between them. The time between them is "
            "`total - t_final - t_initial` steps long, and `step - t_initial` of it are over."
        ),
        _(
            "`left = 1 - (step - t_initial) / (total - t_final - t_initial)`, then "
            "`int(target + (initial - target) * left**3)`."
        ),
    ),
    mistakes=(
        Mistake(_linear, _("Your budget falls along a **line**: it is the cube of the time that is left.")),
        Mistake(_square, _("You **squared** the time that is left: it is the cube, `left**3`.")),
        Mistake(_root, _("You took the cube **root**: it is the cube, `left**3`.")),
        Mistake(_fourth, _("You took the **fourth** power of the time that is left: it is the cube, `left**3`.")),
        Mistake(
            _slow_at_first,
            _("Your budget falls **slowly** at first: the cube is of the time left, not of the time gone."),
        ),
        Mistake(_grows, _("Your budget **grows** between the two times: it falls from `initial` to `target`.")),
        Mistake(_of_time_gone, _("Your cube is of the time **gone**: it is of the time that is left.")),
        Mistake(_cosine, _("Your budget falls along a **cosine**: it is the cube of the time that is left.")),
        Mistake(
            _at_once, _("Your budget falls **at once** after t_initial: between the two times it falls step by step.")
        ),
        Mistake(_never, _("Your budget stays at `initial` until the last steps: between the two times it **falls**.")),
        Mistake(_exact, _("There are no **parts** of ranks: round down, `int(…)`.")),
        Mistake(_rounded, _("You rounded to the **nearest** number: round down, `int(…)`.")),
        Mistake(_rounded_up, _("You rounded **up**: round down, `int(…)`.")),
        Mistake(_without_target, _("Your budget falls to **0** between the two times: add `target`.")),
        Mistake(_from_initial, _("Your budget falls from `initial` to **0**: what falls is `initial - target`.")),
        Mistake(_target_and_initial, _("Your budget begins **too high**: what falls is `initial - target`.")),
        Mistake(
            _whole_time, _("You count over the **whole** time: the budget falls from t_initial to total - t_final.")
        ),
        Mistake(_from_step_0, _("The fall begins at **step 0** in your answer: it begins at t_initial.")),
        Mistake(_to_the_end, _("The fall ends with the **last step** in your answer: it ends at total - t_final.")),
        Mistake(
            _time_not_shortened_by_start,
            _("The time of the fall is **too long** in your answer: it is `total - t_final - t_initial` steps."),
        ),
        Mistake(_without_start, _("You do not use **t_initial**: until then there are `initial` ranks.")),
        Mistake(_end_as_a_step, _("You took t_final for a **step**: it is how many steps there are at the end.")),
        Mistake(_ranks_exchanged, _("`initial` and `target` are **exchanged**: the budget falls to `target`.")),
        Mistake(
            _last_steps_first,
            _("At step **t_initial** there are `initial` ranks, also where the last ones come right after it."),
        ),
        Mistake(_times_exchanged, _("`t_initial` and `t_final` are **exchanged**.")),
    ),
    corners=(
        Corner(
            lambda step, initial, target, t_initial, t_final, total: step <= t_initial,
            _("Only the **first** steps go wrong: up to and with t_initial there are `initial` ranks."),
        ),
        Corner(
            lambda step, initial, target, t_initial, t_final, total: step > total - t_final,
            _("Only the **last** steps go wrong: there are `target` ranks in the last t_final steps."),
        ),
        Corner(
            lambda step, initial, target, t_initial, t_final, total: t_initial < step <= total - t_final,
            _("Only the time **between** goes wrong: there it is target + (initial - target) f³, rounded down."),
        ),
    ),
    explanation=_(
        "All ranks are trained at first, so that there is something to compare. Most are then given up early, and the "
        "last of them slowly. In the last steps nothing is taken any more, and what is left is trained."
    ),
)
