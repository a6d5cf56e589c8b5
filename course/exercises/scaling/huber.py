"""Exercise on the objective of the fit: Huber's function of the error of the log loss, added up over the runs."""

import math
import random

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def huber_log_error(predicted: list[float], measured: list[float], delta: float) -> float:
    """How far predicted losses are from measured ones: the sum of Huber's function.

    The error r of a run is the natural logarithm of its predicted loss minus that of its
    measured loss. Where |r| is at most delta, Huber's function is r**2 / 2; beyond, it goes on
    as a straight line: delta * (|r| - delta / 2). No runs have the sum 0.0.

    >>> from math import exp
    >>> round(huber_log_error([exp(2), exp(1)], [exp(1), exp(1.5)], delta=0.5), 6)
    0.5
    >>> huber_log_error([3.0, 2.5], [3.0, 2.5], delta=0.001)
    0.0
    """
    import math

    total = 0.0
    for guess, loss in zip(predicted, measured, strict=True):
        error = abs(math.log(guess) - math.log(loss))
        total += error**2 / 2 if error <= delta else delta * (error - delta / 2)
    return total


def _huber_log_error_cases() -> list[tuple]:
    draw = random.Random(904)
    cases: list[tuple] = [
        ([math.exp(2), math.exp(1)], [math.exp(1), math.exp(1.5)], 0.5),
        ([3.0, 2.5], [3.0, 2.5], 0.001),
        ([4.0], [2.0], 1.0),
        ([4.0], [2.0], 0.125),
        ([2.0], [4.0], 0.125),
        ([3.1, 2.9, 3.5], [3.0, 3.0, 3.6], 0.02),
        ([], [], 0.5),
        ([0.5, 0.2, 0.4], [0.25, 0.3, 0.4], 0.25),
    ]
    for n, delta in ((3, 0.1), (4, 0.05), (5, 0.2), (6, 0.5), (5, 0.125), (7, 0.03), (4, 1.0), (8, 0.25)):
        measured = [round(draw.uniform(1.5, 6), 3) for _run in range(n)]
        cases.append(([round(loss * math.exp(draw.gauss(0, 2 * delta)), 3) for loss in measured], measured, delta))
    return cases


def _errors(predicted, measured):
    return [math.log(a) - math.log(b) for a, b in zip(predicted, measured, strict=True)]


def _huber(error, delta):
    size = abs(error)
    return size**2 / 2 if size <= delta else delta * (size - delta / 2)


def _sum(predicted, measured, delta, small=None, large=None):
    total = 0.0
    for error in map(abs, _errors(predicted, measured)):
        total += (small or _huber)(error, delta) if error <= delta else (large or _huber)(error, delta)
    return total


def _of_the_losses(predicted, measured, delta):
    return sum(_huber(a - b, delta) for a, b in zip(predicted, measured, strict=True))


def _relative(predicted, measured, delta):
    return sum(_huber((a - b) / b, delta) for a, b in zip(predicted, measured, strict=True))


def _relative_to_predicted(predicted, measured, delta):
    return sum(_huber((a - b) / a, delta) for a, b in zip(predicted, measured, strict=True))


def _of_the_quotient(predicted, measured, delta):
    return sum(_huber(a / b, delta) for a, b in zip(predicted, measured, strict=True))


def _log_of_the_difference(predicted, measured, delta):
    return sum(_huber(math.log(1 + abs(a - b)), delta) for a, b in zip(predicted, measured, strict=True))


def _base_2(predicted, measured, delta):
    return sum(_huber(error / math.log(2), delta) for error in _errors(predicted, measured))


def _base_10(predicted, measured, delta):
    return sum(_huber(error / math.log(10), delta) for error in _errors(predicted, measured))


def _mean(predicted, measured, delta):
    return _sum(predicted, measured, delta) / max(1, len(predicted))


def _squares(predicted, measured, delta):
    return sum(error**2 / 2 for error in _errors(predicted, measured))


def _whole_squares(predicted, measured, delta):
    return sum(error**2 for error in _errors(predicted, measured))


def _absolute(predicted, measured, delta):
    return sum(map(abs, _errors(predicted, measured)))


def _lines(predicted, measured, delta):
    return sum(delta * (abs(error) - delta / 2) for error in _errors(predicted, measured))


def _turned_round(predicted, measured, delta):
    return sum(
        error**2 / 2 if abs(error) > delta else delta * (abs(error) - delta / 2)
        for error in _errors(predicted, measured)
    )


def _without_absolute(predicted, measured, delta):
    return sum(
        error**2 / 2 if error <= delta else delta * (error - delta / 2) for error in _errors(predicted, measured)
    )


def _line_with_sign(predicted, measured, delta):
    return sum(
        error**2 / 2 if abs(error) <= delta else delta * (error - delta / 2) for error in _errors(predicted, measured)
    )


def _not_halved(predicted, measured, delta):
    return _sum(predicted, measured, delta, small=lambda error, delta: error**2)


def _doubled(predicted, measured, delta):
    return _sum(predicted, measured, delta, lambda e, d: e**2, lambda e, d: d * (2 * e - d))


def _third(predicted, measured, delta):
    return _sum(predicted, measured, delta, small=lambda error, delta: error**2 / 3)


def _cubes(predicted, measured, delta):
    return _sum(predicted, measured, delta, small=lambda error, delta: error**3 / 2)


def _small_in_a_line(predicted, measured, delta):
    return _sum(predicted, measured, delta, small=lambda error, delta: error / 2)


def _whole_delta(predicted, measured, delta):
    return _sum(predicted, measured, delta, large=lambda error, delta: delta * (error - delta))


def _third_of_delta(predicted, measured, delta):
    return _sum(predicted, measured, delta, large=lambda error, delta: delta * (error - delta / 3))


def _delta_added(predicted, measured, delta):
    return _sum(predicted, measured, delta, large=lambda error, delta: delta * (error + delta / 2))


def _without_step(predicted, measured, delta):
    return _sum(predicted, measured, delta, large=lambda error, delta: delta * error)


def _slope_1(predicted, measured, delta):
    return _sum(predicted, measured, delta, large=lambda error, delta: error - delta / 2)


def _absolute_beyond(predicted, measured, delta):
    return _sum(predicted, measured, delta, large=lambda error, delta: error)


def _a_half(predicted, measured, delta):
    return _sum(predicted, measured, delta, large=lambda error, delta: delta * (error - 0.5))


def _divided_by_delta(predicted, measured, delta):
    return _sum(predicted, measured, delta) / delta


def _line_over_delta(predicted, measured, delta):
    return _sum(predicted, measured, delta, large=lambda error, delta: (error - delta / 2) / delta)


def _line_and_delta(predicted, measured, delta):
    return _sum(predicted, measured, delta, large=lambda error, delta: delta + error - delta / 2)


def _cut_off(predicted, measured, delta):
    return _sum(predicted, measured, delta, large=lambda error, delta: delta**2 / 2)


def _outliers_left_out(predicted, measured, delta):
    return _sum(predicted, measured, delta, large=lambda error, delta: 0.0)


def _small_left_out(predicted, measured, delta):
    return _sum(predicted, measured, delta, small=lambda error, delta: 0.0)


def _huber_of_the_sum(predicted, measured, delta):
    return _huber(sum(_errors(predicted, measured)), delta)


def _huber_of_absolute_sum(predicted, measured, delta):
    return _huber(sum(map(abs, _errors(predicted, measured))), delta)


def _of_summed_losses(predicted, measured, delta):
    return _huber(math.log(sum(predicted)) - math.log(sum(measured)), delta) if predicted else 0.0


def _largest(predicted, measured, delta):
    return max((_huber(error, delta) for error in _errors(predicted, measured)), default=0.0)


def _each(predicted, measured, delta):
    return [_huber(error, delta) for error in _errors(predicted, measured)]


def _first_run(predicted, measured, delta):
    return _sum(predicted[:1], measured[:1], delta)


def _last_run(predicted, measured, delta):
    return _sum(predicted[-1:], measured[-1:], delta)


def _without_the_first(predicted, measured, delta):
    return _sum(predicted[1:], measured[1:], delta)


def _without_the_last(predicted, measured, delta):
    return _sum(predicted[:-1], measured[:-1], delta)


def _delta_squared(predicted, measured, delta):
    return _sum(predicted, measured, delta**2)


def _decided_by_squares(predicted, measured, delta):
    return sum(
        error**2 / 2 if error**2 <= delta else delta * (abs(error) - delta / 2)
        for error in _errors(predicted, measured)
    )


def _mean_errors(predicted, measured, delta):
    return sum(_errors(predicted, measured))


def _sum_of_logs(predicted, measured, delta):
    return sum(_huber(math.log(a) + math.log(b), delta) for a, b in zip(predicted, measured, strict=True))


def _logs_of_predicted_alone(predicted, measured, delta):
    return sum(_huber(math.log(a) - b, delta) for a, b in zip(predicted, measured, strict=True))


def _logs_of_measured_alone(predicted, measured, delta):
    return sum(_huber(a - math.log(b), delta) for a, b in zip(predicted, measured, strict=True))


def _log_of_predicted(predicted, measured, delta):
    return sum(_huber(math.log(a), delta) for a in predicted)


def _log_of_measured(predicted, measured, delta):
    return sum(_huber(math.log(b), delta) for b in measured)


def _root(predicted, measured, delta):
    return math.sqrt(_sum(predicted, measured, delta))


def _small_doubled(predicted, measured, delta):
    return _sum(predicted, measured, delta, small=lambda error, delta: error**2 * 2)


def _small_as_they_are(predicted, measured, delta):
    return _sum(predicted, measured, delta, small=lambda error, delta: error)


def _small_less_2(predicted, measured, delta):
    return _sum(predicted, measured, delta, small=lambda error, delta: error**2 - 2)


def _small_is_1(predicted, measured, delta):
    return _sum(predicted, measured, delta, small=lambda error, delta: 1.0)


def _line_upside_down(predicted, measured, delta):
    return _sum(predicted, measured, delta, large=lambda error, delta: delta / (error - delta / 2))


def _constant_beyond(predicted, measured, delta):
    return _sum(predicted, measured, delta, large=lambda error, delta: delta)


def _all_multiplied(predicted, measured, delta):
    return _sum(predicted, measured, delta, large=lambda error, delta: delta * error * delta / 2)


def _line_downward(predicted, measured, delta):
    return _sum(predicted, measured, delta, large=lambda error, delta: delta * (delta / 2 - error))


def _twice_delta(predicted, measured, delta):
    return _sum(predicted, measured, delta, large=lambda error, delta: delta * (error - delta * 2))


HUBER_LOG_ERROR = Exercise(
    name="scaling.huber_log_error",
    title=_("What the fit makes small"),
    solution=huber_log_error,
    cases=_huber_log_error_cases,
    hints=(
        _("For each run: the error of the logarithms, its absolute value, and one of two formulas."),
        _("`error = abs(math.log(guess) - math.log(loss))`; where it is at most delta, add `error**2 / 2`."),
    ),
    mistakes=(
        Mistake(_of_the_losses, _("Your error is of the **losses**: take the difference of their logarithms.")),
        Mistake(_relative, _("Your error is **relative** to the measured loss: take the difference of logarithms.")),
        Mistake(_relative_to_predicted, _("Your error is **relative** to the predicted loss: take logarithms.")),
        Mistake(_of_the_quotient, _("Your error is the **quotient** of the losses: take its logarithm.")),
        Mistake(_log_of_the_difference, _("You take the logarithm of a **difference**: take that of each loss.")),
        Mistake(_base_2, _("Your logarithm has the base **2**: take the natural one.")),
        Mistake(_base_10, _("Your logarithm has the base **10**: take the natural one.")),
        Mistake(_mean, _("You return the **mean** over the runs: return the sum.")),
        Mistake(_squares, _("You return half the **squares** of all errors: beyond delta it is a line.")),
        Mistake(
            _whole_squares, _("You return the **squares** of all errors: halve them, and beyond delta take a line.")
        ),
        Mistake(
            _absolute, _("You return the **absolute** errors: small ones are squared, and large ones times delta.")
        ),
        Mistake(_lines, _("You take the **line** for all errors: those within delta are squared.")),
        Mistake(_turned_round, _("Squares and lines are **exchanged**: small errors are squared.")),
        Mistake(_without_absolute, _("The **absolute value** is missing: errors far below 0 are outliers, too.")),
        Mistake(_line_with_sign, _("The line has the error's **sign** in yours: take its absolute value.")),
        Mistake(_not_halved, _("The squares are not **halved**: at delta the line begins at half its square.")),
        Mistake(_doubled, _("Your sum is **twice** the right one: squares are halved, and the slope is delta.")),
        Mistake(_third, _("You divide the squares by **3**: halve them.")),
        Mistake(_cubes, _("Small errors are **cubed** in yours: square them.")),
        Mistake(_small_in_a_line, _("Small errors are **not squared** in yours.")),
        Mistake(_whole_delta, _("You subtract the **whole** delta from a large error: subtract half.")),
        Mistake(_third_of_delta, _("You subtract a **third** of delta from a large error: subtract half.")),
        Mistake(_delta_added, _("You **add** half of delta to a large error: subtract it.")),
        Mistake(
            _without_step, _("You do not **subtract** delta / 2 from a large error: the curve has a step at delta.")
        ),
        Mistake(_slope_1, _("The line's slope is **1** in yours: it is delta.")),
        Mistake(_absolute_beyond, _("A large error counts **as it is** in yours: delta * (|r| - delta / 2).")),
        Mistake(
            _a_half,
            _("You subtract **0.5** from a large error, or the brackets are missing: delta * (|r| - delta / 2)."),
        ),
        Mistake(_divided_by_delta, _("You **divide** by delta, as the smooth L1 loss does: here it stays.")),
        Mistake(_line_over_delta, _("You **divide** the line by delta: multiply.")),
        Mistake(_line_and_delta, _("You **add** delta to the line: multiply by it.")),
        Mistake(_cut_off, _("Large errors are **cut off** at delta: they go on in a line.")),
        Mistake(_outliers_left_out, _("You leave **large** errors out: they go on in a line.")),
        Mistake(_small_left_out, _("You leave **small** errors out: half their squares count.")),
        Mistake(_huber_of_the_sum, _("You add up the **errors** first: add up Huber's function of each.")),
        Mistake(
            _huber_of_absolute_sum, _("You add up the **absolute** errors first: add up Huber's function of each.")
        ),
        Mistake(_of_summed_losses, _("You add up the **losses** first: each run has its own error.")),
        Mistake(_largest, _("You return the **largest** alone: return the sum.")),
        Mistake(_each, _("You return a number for each **run**: return their sum.")),
        Mistake(_first_run, _("You look at the **first** run alone: a return is inside the loop.")),
        Mistake(_last_run, _("You look at the **last** run alone: add up with `+=`.")),
        Mistake(_without_the_first, _("You leave out the **first** run: all of them count.")),
        Mistake(_without_the_last, _("You leave out the **last** run: all of them count.")),
        Mistake(_delta_squared, _("You **square** delta.")),
        Mistake(_decided_by_squares, _("You compare the **square** of the error with delta: compare its size.")),
        Mistake(_mean_errors, _("You add up the **errors** as they are: they cancel.")),
        Mistake(_sum_of_logs, _("You **add** the logarithms: subtract.")),
        Mistake(_logs_of_predicted_alone, _("The **measured** loss has no logarithm in yours.")),
        Mistake(_logs_of_measured_alone, _("The **predicted** loss has no logarithm in yours.")),
        Mistake(_log_of_predicted, _("The **measured** losses are missing: subtract their logarithms.")),
        Mistake(_log_of_measured, _("The **predicted** losses are missing: subtract from their logarithms.")),
        Mistake(_root, _("You take the **root** of the sum: return the sum.")),
        Mistake(_small_doubled, _("You **double** the squares: halve them.")),
        Mistake(_small_as_they_are, _("Small errors count **as they are** in yours: half their squares count.")),
        Mistake(_small_less_2, _("You **subtract** 2 from the squares: divide by 2.")),
        Mistake(_small_is_1, _("Each small error counts **1** in yours: half its square counts.")),
        Mistake(_line_upside_down, _("You **divide** delta by the difference: multiply.")),
        Mistake(_constant_beyond, _("Each large error counts **delta** in yours: delta * (|r| - delta / 2).")),
        Mistake(_all_multiplied, _("You **multiply** by delta / 2, too: subtract it.")),
        Mistake(_line_downward, _("Your line goes **down**: |r| - delta / 2, not the other way round.")),
        Mistake(_twice_delta, _("You subtract **twice** delta from a large error: subtract half.")),
    ),
    corners=(
        Corner(lambda predicted, measured, delta: not predicted, _("Only **no runs** go wrong: their sum is 0.0.")),
        Corner(
            lambda predicted, measured, delta: bool(predicted) and predicted == measured,
            _("Only predictions that are **right** go wrong: their sum is 0.0."),
        ),
    ),
    explanation=_(
        "A square makes one run that went wrong as important as a hundred that are a tenth as far off; a line makes it "
        "as important as ten. With a delta of 0.001 nearly every run is on the line, and the fit is nearly one of "
        "least absolute errors. The logarithm lets an error of one percent count the same at every loss."
    ),
)
