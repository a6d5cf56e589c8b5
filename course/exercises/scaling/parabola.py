"""Exercise on the parabola through runs of equal cost: where between the sizes is the loss lowest?"""

import math
import random

import numpy as np

from course.exercises.compare import close
from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def parabola_minimum(sizes: list[float], losses: list[float]) -> float:
    """The size at which the parabola through runs of equal cost is lowest.

    sizes[i]: the parameters of run i, above 0; losses[i]: its loss. The parabola is one in the
    natural logarithm of the size, with the least sum of squared errors of the loss. Its lowest
    point may be outside the sizes. A parabola that opens downward has none: then the answer is
    math.nan. There are three different sizes or more, and the losses are on no straight line.

    >>> round(parabola_minimum([1000, 10_000, 100_000], [3.0, 2.0, 3.0]), 3)
    10000.0
    >>> parabola_minimum([1000, 10_000, 100_000], [2.0, 3.0, 2.0])
    nan
    """
    import math

    import numpy as np

    square, slope, _level = np.polyfit([math.log(size) for size in sizes], losses, 2)
    return math.exp(-slope / (2 * square)) if square > 0 else math.nan


def _parabola_minimum_cases() -> list[tuple]:
    draw = random.Random(906)
    cases: list[tuple] = [
        ([1000, 10_000, 100_000], [3.0, 2.0, 3.0]),
        ([1000, 10_000, 100_000], [2.0, 3.0, 2.0]),
        ([1000, 2000, 4000], [3.2, 3.0, 2.9]),
        ([500, 9000, 40_000, 80_000], [3.3, 2.9, 3.4, 3.2]),
        ([8000, 1000, 3000], [3.5, 3.0, 3.1]),
        ([1000, 3000, 9000, 20_000], [2.7, 3.1, 3.2, 2.8]),
        ([7000, 2000, 500, 30_000], [3.2, 3.3, 2.8, 2.9]),
        ([100, 100, 900, 4000], [4.0, 4.2, 3.6, 3.9]),
        ([20, 60, 200, 500], [3.3, 2.9, 2.8, 3.0]),
        ([3, 9, 30], [4.1, 3.6, 3.7]),
    ]
    for n in (3, 4, 5, 5, 6, 7, 5, 6):
        sizes = sorted(round(10 ** draw.uniform(3.5, 6)) for _run in range(n))
        center, width = math.log(10 ** draw.uniform(4.3, 5.2)), draw.uniform(0.05, 0.2)
        losses = [2.8 + width * (math.log(size) - center) ** 2 + draw.gauss(0, 0.02) for size in sizes]
        if n == 6:  # not in the order of their sizes
            sizes, losses = sizes[::-1], losses[::-1]
        cases.append((sizes, [round(loss, 3) for loss in losses]))
    return cases


def _power(x):
    return math.exp(min(max(x, -700.0), 700.0))


def _fit(x, y, degree=2):
    """Coefficients of the parabola, where the numbers determine one; they are wrong answers that must not raise."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    center, scale = x.mean(), x.std() or 1.0
    square, slope, level = np.polyfit((x - center) / scale, y, degree)
    square, slope = square / scale**2, slope / scale
    return square, slope - 2 * square * center, level - slope * center + square * center**2


def _of(sizes, losses, vertex=None, down=math.nan):
    square, slope, level = _fit(np.log(sizes), losses)
    if square <= 0:
        return down
    return _power((vertex or (lambda a, b, c: -b / (2 * a)))(square, slope, level))


def _whichever_way(sizes, losses):
    square, slope, _level = _fit(np.log(sizes), losses)
    return _power(-slope / (2 * square))


def _opens_downward(sizes, losses):
    return _fit(np.log(sizes), losses)[0] <= 0


def _upward_turned_round(sizes, losses):
    square, slope, _level = _fit(np.log(sizes), losses)
    return _power(-slope / (2 * square)) if square < 0 else math.nan


def _lowest_run_if_downward(sizes, losses):
    return _of(sizes, losses, down=_lowest_run(sizes, losses))


def _zero_if_downward(sizes, losses):
    return _of(sizes, losses, down=0.0)


def _infinite_if_downward(sizes, losses):
    return _of(sizes, losses, down=math.inf)


def _none_if_downward(sizes, losses):
    return _of(sizes, losses, down="None")


def _without_logarithms(sizes, losses):
    square, slope, _level = _fit(sizes, losses)
    return -slope / (2 * square) if square > 0 else math.nan


def _not_back(sizes, losses):
    square, slope, _level = _fit(np.log(sizes), losses)
    return -slope / (2 * square) if square > 0 else math.nan


def _not_back_whichever_way(sizes, losses):
    square, slope, _level = _fit(np.log(sizes), losses)
    return -slope / (2 * square)


def _back_by_10(sizes, losses):
    square, slope, _level = _fit(np.log(sizes), losses)
    return 10 ** (-slope / (2 * square)) if square > 0 else math.nan


def _back_by_2(sizes, losses):
    square, slope, _level = _fit(np.log(sizes), losses)
    return 2 ** (-slope / (2 * square)) if square > 0 else math.nan


def _logarithm_of_10(sizes, losses):
    square, slope, _level = _fit(np.log10(sizes), losses)
    return _power(-slope / (2 * square)) if square > 0 else math.nan


def _lowest_run(sizes, losses):
    return sizes[losses.index(min(losses))]


def _highest_run(sizes, losses):
    return sizes[losses.index(max(losses))]


def _without_2(sizes, losses):
    return _of(sizes, losses, lambda a, b, c: -b / a)


def _with_3(sizes, losses):
    return _of(sizes, losses, lambda a, b, c: -b / (3 * a))


def _times_2(sizes, losses):
    return _of(sizes, losses, lambda a, b, c: -b * 2 / a)


def _without_brackets(sizes, losses):
    return _of(sizes, losses, lambda a, b, c: -b / 2 * a)


def _wrong_sign(sizes, losses):
    return _of(sizes, losses, lambda a, b, c: b / (2 * a))


def _coefficients_from_the_end(sizes, losses):
    return _of(sizes, losses, lambda a, b, c: -b / (2 * c))


def _upside_down(sizes, losses):
    return _of(sizes, losses, lambda a, b, c: -2 * a / b)


def _level_for_slope(sizes, losses):
    return _of(sizes, losses, lambda a, b, c: -c / (2 * a))


def _level_over_slope(sizes, losses):
    return _of(sizes, losses, lambda a, b, c: -c / (2 * b))


def _slope_alone(sizes, losses):
    return _of(sizes, losses, lambda a, b, c: -b)


def _half_slope(sizes, losses):
    return _of(sizes, losses, lambda a, b, c: -b / 2)


def _square_alone(sizes, losses):
    return _of(sizes, losses, lambda a, b, c: 2 * a)


def _constant_added(sizes, losses):
    return _of(sizes, losses, lambda a, b, c: -b / (2 + a))


def _loss_there(sizes, losses):
    square, slope, level = _fit(np.log(sizes), losses)
    return level - slope**2 / (4 * square) if square > 0 else math.nan


def _log_losses(sizes, losses):
    square, slope, _level = _fit(np.log(sizes), np.log(losses))
    return _power(-slope / (2 * square)) if square > 0 else math.nan


def _log_losses_alone(sizes, losses):
    square, slope, _level = _fit(sizes, np.log(losses))
    return -slope / (2 * square) if square > 0 else math.nan


def _inside(sizes, losses):
    found = _of(sizes, losses)
    return found if math.isnan(found) else min(max(found, min(sizes)), max(sizes))


def _none_outside(sizes, losses):
    found = _of(sizes, losses)
    return found if min(sizes) <= found <= max(sizes) else math.nan


def _first_three(sizes, losses):
    return _of(sizes[:3], losses[:3]) if len(set(sizes[:3])) == 3 else _of(sizes, losses)


def _last_three(sizes, losses):
    return _of(sizes[-3:], losses[-3:])


def _three_lowest(sizes, losses):
    best = sorted(range(len(sizes)), key=lambda i: losses[i])[:3]
    if len({sizes[i] for i in best}) < 3:
        return _of(sizes, losses)
    return _of([sizes[i] for i in best], [losses[i] for i in best])


def _without_the_first(sizes, losses):
    return _of(sizes[1:], losses[1:]) if len(set(sizes[1:])) > 2 else _of(sizes, losses)


def _without_the_last(sizes, losses):
    return _of(sizes[:-1], losses[:-1]) if len(set(sizes[:-1])) > 2 else _of(sizes, losses)


def _sizes_sorted_alone(sizes, losses):
    return _of(sorted(sizes), losses)


def _losses_sorted(sizes, losses):
    return _of(sizes, sorted(losses))


def _losses_reversed(sizes, losses):
    return _of(sizes, losses[::-1])


def _exchanged(sizes, losses):
    x = np.log(losses)
    if len(set(losses)) < 3:
        return _power(3.0)
    square, slope, _level = _fit(x, sizes)
    return _power(-slope / (2 * square)) if square > 0 else math.nan


def _mean_size(sizes, losses):
    return _power(float(np.mean(np.log(sizes))))


def _arithmetic_mean(sizes, losses):
    return sum(sizes) / len(sizes)


def _middle_size(sizes, losses):
    return sorted(sizes)[len(sizes) // 2]


def _whole(sizes, losses):
    found = _of(sizes, losses)
    return found if math.isnan(found) else int(found)


def _weighted(sizes, losses):
    square, slope, _level = np.polyfit(np.log(sizes), losses, 2, w=1 / np.asarray(losses) ** 4)
    return _power(-slope / (2 * square)) if square > 0 else math.nan


def _through_the_origin(sizes, losses):
    x = np.log(sizes)
    square, slope = np.linalg.lstsq(np.stack((x**2, x), 1), np.asarray(losses), rcond=None)[0]
    return _power(-slope / (2 * square)) if square > 0 else math.nan


PARABOLA_MINIMUM = Exercise(
    name="scaling.parabola_minimum",
    title=_("The lowest point of a parabola"),
    solution=parabola_minimum,
    cases=_parabola_minimum_cases,
    compare=close,
    hints=(
        _("Fit a polynomial of degree 2 to the loss against the log of the size. Where is its derivative 0?"),
        _(
            "`square, slope, level = np.polyfit(np.log(sizes), losses, 2)`. The lowest point is at the log "
            "-slope / (2 * square), if square is above 0."
        ),
    ),
    mistakes=(
        Mistake(_whichever_way, _("A parabola that opens **downward** has a highest point: return math.nan.")),
        Mistake(_upward_turned_round, _("You answer where it opens **downward**: turn the condition round.")),
        Mistake(_lowest_run_if_downward, _("Where it opens downward you return a **run**: return math.nan.")),
        Mistake(_zero_if_downward, _("Where it opens downward you return **0**: return math.nan.")),
        Mistake(_infinite_if_downward, _("Where it opens downward you return **infinity**: return math.nan.")),
        Mistake(_none_if_downward, _("Where it opens downward you return a **text**: return math.nan.")),
        Mistake(_without_logarithms, _("Your parabola is in the **size**: take its logarithm.")),
        Mistake(_not_back, _("You return the **logarithm** of the size: take `exp` of it.")),
        Mistake(
            _not_back_whichever_way,
            _("You return the **logarithm** of the size, also where the parabola opens downward."),
        ),
        Mistake(_back_by_10, _("You go back with **10** to the power: the natural logarithm goes back with `exp`.")),
        Mistake(_back_by_2, _("You go back with **2** to the power: the natural logarithm goes back with `exp`.")),
        Mistake(_logarithm_of_10, _("Your logarithm has the base **10**, and you go back with `exp`.")),
        Mistake(_lowest_run, _("You return the size of the **best run**: the parabola is lowest between runs.")),
        Mistake(_highest_run, _("You return the size of the **worst run**.")),
        Mistake(_without_2, _("The **2** is missing: the derivative of x² is 2x.")),
        Mistake(_with_3, _("You divide by **3**: the derivative of x² is 2x.")),
        Mistake(_times_2, _("You **multiply** by 2: divide.")),
        Mistake(_without_brackets, _("You **multiply** by the square's coefficient: put brackets round `2 * square`.")),
        Mistake(_wrong_sign, _("The **minus** is missing: -slope / (2 * square).")),
        Mistake(
            _coefficients_from_the_end, _("You take the coefficients from the **wrong end**: that of x² is first.")
        ),
        Mistake(_upside_down, _("Your quotient is **upside down**: the slope is above.")),
        Mistake(_level_for_slope, _("You take the **constant** for the slope.")),
        Mistake(_level_over_slope, _("You take the coefficients **one too late**: x², x, constant.")),
        Mistake(_slope_alone, _("You use the **slope** alone: divide by twice the square's coefficient.")),
        Mistake(_half_slope, _("You use **half the slope**: divide by the square's coefficient, too.")),
        Mistake(_square_alone, _("You use the **square's** coefficient alone: the slope is divided by it.")),
        Mistake(_constant_added, _("You **add** 2 to the square's coefficient: multiply.")),
        Mistake(_loss_there, _("You return the **loss** at the lowest point: return the size.")),
        Mistake(_log_losses, _("You take the **logarithm of the losses**, too: the loss stays as it is.")),
        Mistake(_log_losses_alone, _("You take the logarithm of the **losses**: take that of the sizes.")),
        Mistake(_inside, _("You keep the answer **between** the sizes: it may be outside.")),
        Mistake(_none_outside, _("You return NaN for a lowest point **outside** the sizes: return it.")),
        Mistake(_first_three, _("Your parabola goes through the **first three** runs: fit all of them.")),
        Mistake(_last_three, _("Your parabola goes through the **last three** runs: fit all of them.")),
        Mistake(_three_lowest, _("Your parabola goes through the **three best** runs: fit all of them.")),
        Mistake(_without_the_first, _("You leave out the **first** run: all of them count.")),
        Mistake(_without_the_last, _("You leave out the **last** run: all of them count.")),
        Mistake(_sizes_sorted_alone, _("You sort the **sizes** without their losses.")),
        Mistake(_losses_sorted, _("You sort the **losses** without their sizes.")),
        Mistake(_losses_reversed, _("You turn the **losses** round without their sizes.")),
        Mistake(_exchanged, _("Sizes and losses are **exchanged**: the loss is a parabola in the size.")),
        Mistake(_mean_size, _("You return the **middle** of the sizes: fit a parabola to the losses.")),
        Mistake(_arithmetic_mean, _("You return the **mean** of the sizes: fit a parabola to the losses.")),
        Mistake(_middle_size, _("You return the size in the **middle**: fit a parabola to the losses.")),
        Mistake(_through_the_origin, _("Your parabola has no **constant**: it has three coefficients.")),
    ),
    corners=(
        Corner(
            _opens_downward,
            _("Only parabolas that open **downward** go wrong: they have no lowest point, math.nan."),
        ),
    ),
    explanation=_(
        "Three runs determine a parabola exactly, and their noise with it; more runs average. The loss along a line of "
        "equal cost is no parabola: it rises faster on one side. The further the sizes reach, and the less they are "
        "centered, the further is the lowest point from the best size, even without noise."
    ),
)
