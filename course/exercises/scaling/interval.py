"""Exercise on the bootstrap of a fit: the runs are drawn again, and each time the law's number is estimated anew."""

import random
import statistics
from collections.abc import Callable

import numpy as np

from course.exercises.exercise import Corner, Exercise, Mistake
from course.messages import _


def bootstrap_interval(
    runs: list,
    estimate: "Callable",
    resamples: list[list[int]],
) -> tuple[float, float]:
    """Between which values an estimate lies in 95 % of the resamples.

    Each resample is a list of run numbers, drawn with replacement: a run may be in it several
    times, or not at all. estimate: a function that makes one number of a list of runs. Returns
    the percentiles 2.5 and 97.5 of its values. They are interpolated: of n sorted values,
    counted from 0, the percentile p is at the place p / 100 * (n - 1), on the straight line
    between the two values beside it.

    >>> bootstrap_interval([1, 5], sum, [[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]])
    (2.0, 9.6)
    >>> bootstrap_interval([1, 5], max, [[0, 1]])
    (5.0, 5.0)
    """
    import numpy as np

    values = [estimate([runs[i] for i in numbers]) for numbers in resamples]
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def best_size(runs):
    """The size of the run with the lowest loss, of runs that are sizes and losses."""
    return min(runs, key=lambda run: run[1])[0]


def mean_loss(runs):
    return statistics.fmean(loss for _size, loss in runs)


def _bootstrap_interval_cases() -> list[tuple]:
    draw = random.Random(907)
    cases: list[tuple] = [
        ([1, 5], sum, [[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]]),
        ([1, 5], max, [[0, 1]]),
        ([2.0, 4.0, 9.0], statistics.fmean, [[0, 1, 2], [2, 2, 0], [1, 1, 1]]),
    ]
    cases += [
        ([4.0, -2.5], statistics.fmean, [[0, 0], [0, 1], [1, 1]]),
        ([2.0, 7.0, 4.5], statistics.fmean, [[0, 1, 1], [1, 0, 0], [1, 1, 1], [0, 1, 0]]),
        ([-3.5, -1.25, -2.0, -9.0], max, [[0, 3, 3, 2], [3, 3, 3, 0], [1, 2, 0, 1], [2, 2, 3, 2]]),
    ]
    for n, times, estimate in (
        (3, 4, statistics.fmean),
        (4, 9, statistics.median),
        (5, 6, sum),
        (4, 41, statistics.fmean),
        (6, 31, statistics.fmean),
        (5, 21, statistics.pstdev),
        (7, 35, sum),
        (6, 81, statistics.fmean),
    ):
        runs = [round(draw.uniform(-3, 9), 2) for _run in range(n)]
        cases.append((runs, estimate, [draw.choices(range(n), k=n) for _time in range(times)]))
    for n, times, estimate in ((4, 8, mean_loss), (6, 10, mean_loss), (5, 7, best_size)):
        runs = [(draw.randint(10, 99), round(draw.uniform(2, 4), 2)) for _run in range(n)]
        cases.append((runs, estimate, [draw.choices(range(n), k=n) for _time in range(times)]))
    return cases


def _values(runs, estimate, resamples):
    return [estimate([runs[i] for i in numbers]) for numbers in resamples]


def _quantiles(values, low=0.025, high=0.975, **options):
    return tuple(map(float, np.quantile(values, [low, high], **options)))


def _between(low, high):
    return lambda runs, estimate, resamples: _quantiles(_values(runs, estimate, resamples), low, high)


def _nine_tenths(runs, estimate, resamples):
    return _between(0.05, 0.95)(runs, estimate, resamples)


def _smallest_and_largest(runs, estimate, resamples):
    return _between(0.0, 1.0)(runs, estimate, resamples)


def _quartiles(runs, estimate, resamples):
    return _between(0.25, 0.75)(runs, estimate, resamples)


def _in_percent(runs, estimate, resamples):
    return _between(0.00025, 0.00975)(runs, estimate, resamples)


def _in_percent_of_percent(runs, estimate, resamples):
    return _between(0.025, 1.0)(runs, estimate, resamples)


def _from_the_smallest(runs, estimate, resamples):
    return _between(0.0, 0.975)(runs, estimate, resamples)


def _ninety_nine(runs, estimate, resamples):
    return _between(0.005, 0.995)(runs, estimate, resamples)


def _one_sided(runs, estimate, resamples):
    return _between(0.025, 0.95)(runs, estimate, resamples)


def _two_thirds(runs, estimate, resamples):
    return _between(0.16, 0.84)(runs, estimate, resamples)


def _twice_the_low_one(runs, estimate, resamples):
    return _between(0.025, 0.025)(runs, estimate, resamples)


def _twice_the_high_one(runs, estimate, resamples):
    return _between(0.975, 0.975)(runs, estimate, resamples)


def _lower_values(runs, estimate, resamples):
    return _quantiles(_values(runs, estimate, resamples), method="lower")


def _higher_values(runs, estimate, resamples):
    return _quantiles(_values(runs, estimate, resamples), method="higher")


def _nearest_values(runs, estimate, resamples):
    return _quantiles(_values(runs, estimate, resamples), method="nearest")


def _middle_of_neighbours(runs, estimate, resamples):
    return _quantiles(_values(runs, estimate, resamples), method="midpoint")


def _outer_values(runs, estimate, resamples):
    values = _values(runs, estimate, resamples)
    return _quantiles(values, method="lower")[0], _quantiles(values, method="higher")[1]


def _not_sorted(runs, estimate, resamples):
    values = _values(runs, estimate, resamples)
    return tuple(float(np.interp(share * (len(values) - 1), range(len(values)), values)) for share in (0.025, 0.975))


def _turned_round(runs, estimate, resamples):
    return bootstrap_interval(runs, estimate, resamples)[::-1]


def _two_deviations(runs, estimate, resamples):
    values = _values(runs, estimate, resamples)
    spread = 1.96 * statistics.pstdev(values)
    return statistics.fmean(values) - spread, statistics.fmean(values) + spread


def _two_sample_deviations(runs, estimate, resamples):
    values = _values(runs, estimate, resamples)
    spread = 1.96 * (statistics.stdev(values) if len(values) > 1 else 0.0)
    return statistics.fmean(values) - spread, statistics.fmean(values) + spread


def _one_deviation(runs, estimate, resamples):
    values = _values(runs, estimate, resamples)
    return statistics.fmean(values) - statistics.pstdev(values), statistics.fmean(values) + statistics.pstdev(values)


def _around_the_estimate(runs, estimate, resamples):
    spread = 1.96 * statistics.pstdev(_values(runs, estimate, resamples))
    return estimate(runs) - spread, estimate(runs) + spread


def _mirrored(runs, estimate, resamples):
    low, high = bootstrap_interval(runs, estimate, resamples)
    return 2 * estimate(runs) - high, 2 * estimate(runs) - low


def _differences(runs, estimate, resamples):
    low, high = bootstrap_interval(runs, estimate, resamples)
    return low - estimate(runs), high - estimate(runs)


def _each_run_once(runs, estimate, resamples):
    return bootstrap_interval(runs, estimate, [sorted(set(numbers)) for numbers in resamples])


def _not_drawn(runs, estimate, resamples):
    rest = [[i for i in range(len(runs)) if i not in numbers] for numbers in resamples]
    return bootstrap_interval(runs, estimate, [numbers or [0] for numbers in rest])


def _numbers_for_runs(runs, estimate, resamples):
    if isinstance(runs[0], tuple):
        return bootstrap_interval(runs, estimate, resamples)
    return _quantiles([estimate(numbers) for numbers in resamples])


def _of_the_runs(runs, estimate, resamples):
    return _quantiles([run[0] if isinstance(run, tuple) else run for run in runs])


def _of_each_run(runs, estimate, resamples):
    return bootstrap_interval(runs, estimate, [[i] for i in range(len(runs))])


def _without_resamples(runs, estimate, resamples):
    return float(estimate(runs)), float(estimate(runs))


def _all_in_one(runs, estimate, resamples):
    return bootstrap_interval(runs, estimate, [[i for numbers in resamples for i in numbers]])


def _from_1(runs, estimate, resamples):
    return bootstrap_interval(runs, estimate, [[i - 1 for i in numbers] for numbers in resamples])


def _one_further(runs, estimate, resamples):
    return bootstrap_interval(runs, estimate, [[(i + 1) % len(runs) for i in numbers] for numbers in resamples])


def _without_the_first(runs, estimate, resamples):
    return bootstrap_interval(runs, estimate, resamples[1:] or resamples)


def _without_the_last(runs, estimate, resamples):
    return bootstrap_interval(runs, estimate, resamples[:-1] or resamples)


def _first_resample(runs, estimate, resamples):
    return bootstrap_interval(runs, estimate, resamples[:1])


def _last_resample(runs, estimate, resamples):
    return bootstrap_interval(runs, estimate, resamples[-1:])


def _without_first_of_each(runs, estimate, resamples):
    return bootstrap_interval(runs, estimate, [numbers[1:] for numbers in resamples])


def _without_last_of_each(runs, estimate, resamples):
    return bootstrap_interval(runs, estimate, [numbers[:-1] for numbers in resamples])


def _first_of_each(runs, estimate, resamples):
    return bootstrap_interval(runs, estimate, [numbers[:1] for numbers in resamples])


def _values_once(runs, estimate, resamples):
    return _quantiles(sorted(set(_values(runs, estimate, resamples))))


def _and_of_all(runs, estimate, resamples):
    return _quantiles([estimate(runs), *_values(runs, estimate, resamples)])


def _low_alone(runs, estimate, resamples):
    return bootstrap_interval(runs, estimate, resamples)[0]


def _high_alone(runs, estimate, resamples):
    return bootstrap_interval(runs, estimate, resamples)[1]


def _width(runs, estimate, resamples):
    low, high = bootstrap_interval(runs, estimate, resamples)
    return high - low


def _all_values(runs, estimate, resamples):
    return _values(runs, estimate, resamples)


def _mean_of_values(runs, estimate, resamples):
    return statistics.fmean(_values(runs, estimate, resamples))


def _with_the_median(runs, estimate, resamples):
    values = _values(runs, estimate, resamples)
    low, high = _quantiles(values)
    return low, statistics.median(values), high


def _dictionary(runs, estimate, resamples):
    low, high = bootstrap_interval(runs, estimate, resamples)
    return {"low": low, "high": high}


BOOTSTRAP_INTERVAL = Exercise(
    name="scaling.bootstrap_interval",
    title=_("How sure the fit is"),
    solution=bootstrap_interval,
    cases=_bootstrap_interval_cases,
    results=("low", "high"),
    hints=(
        _("Make a list of runs of each resample, and one number of each list. Then take two percentiles."),
        _("`[runs[i] for i in numbers]` has a run as often as it was drawn. `np.quantile(values, [0.025, 0.975])`."),
    ),
    mistakes=(
        Mistake(_nine_tenths, _("You take the percentiles 5 and 95, which leave out **10 %**: 2.5 on each side.")),
        Mistake(_smallest_and_largest, _("You return the **smallest and the largest** value: take percentiles.")),
        Mistake(_quartiles, _("You take the percentiles **25 and 75**: 2.5 and 97.5.")),
        Mistake(
            _in_percent, _("You take 0.025 and 0.975 for **percent**: `np.percentile` is called with 2.5 and 97.5.")
        ),
        Mistake(_in_percent_of_percent, _("Your upper end is the **largest** value: take the percentile 97.5.")),
        Mistake(_from_the_smallest, _("Your lower end is the **smallest** value: take the percentile 2.5.")),
        Mistake(_ninety_nine, _("You take **99 %**: 95 % lie between the percentiles 2.5 and 97.5.")),
        Mistake(_one_sided, _("Your upper end is the percentile **95**: take 97.5.")),
        Mistake(_two_thirds, _("You take **68 %**: take 95 %.")),
        Mistake(_twice_the_low_one, _("Both ends are the percentile **2.5**: the upper one is 97.5.")),
        Mistake(_twice_the_high_one, _("Both ends are the percentile **97.5**: the lower one is 2.5.")),
        Mistake(_lower_values, _("You round the places **down**: interpolate between the neighbours.")),
        Mistake(_higher_values, _("You round the places **up**: interpolate between the neighbours.")),
        Mistake(_nearest_values, _("You take the **nearest** value: interpolate between the neighbours.")),
        Mistake(_middle_of_neighbours, _("You take the **middle** between two neighbours: interpolate by the place.")),
        Mistake(_outer_values, _("You round both places **outward**: interpolate between the neighbours.")),
        Mistake(_not_sorted, _("You do not **sort** the values.")),
        Mistake(_turned_round, _("The ends are **exchanged**: the lower one comes first.")),
        Mistake(_two_deviations, _("You return the mean ± **1.96 deviations**: take percentiles of the values.")),
        Mistake(_two_sample_deviations, _("You return the mean ± 1.96 deviations of a **sample**: take percentiles.")),
        Mistake(_one_deviation, _("You return the mean ± **one deviation**: take percentiles of the values.")),
        Mistake(
            _around_the_estimate, _("You return the estimate of all runs ± **1.96 deviations**: take percentiles.")
        ),
        Mistake(_mirrored, _("You **mirror** the percentiles at the estimate of all runs: return them as they are.")),
        Mistake(_differences, _("You **subtract** the estimate of all runs: return the percentiles as they are.")),
        Mistake(_each_run_once, _("You count each run **once**: one that was drawn twice is there twice.")),
        Mistake(_not_drawn, _("You take the runs that were **not** drawn: take those that were.")),
        Mistake(_numbers_for_runs, _("You estimate from the run **numbers**: take the runs of these numbers.")),
        Mistake(_of_the_runs, _("You take percentiles of the **runs**: take those of the estimates.")),
        Mistake(_of_each_run, _("You estimate from each **run** alone: estimate from each resample.")),
        Mistake(_without_resamples, _("You estimate from **all runs** once: estimate from each resample.")),
        Mistake(_all_in_one, _("You put all resamples **into one**: estimate from each by itself.")),
        Mistake(_from_1, _("You subtract 1 from the run numbers: they begin with **0**.")),
        Mistake(_one_further, _("You take the run **after** each number: they begin with 0.")),
        Mistake(_without_the_first, _("You leave out the **first** resample: all of them count.")),
        Mistake(_without_the_last, _("You leave out the **last** resample: all of them count.")),
        Mistake(_first_resample, _("You look at the **first** resample alone.")),
        Mistake(_last_resample, _("You look at the **last** resample alone: collect the values of all.")),
        Mistake(_without_last_of_each, _("You leave out the **last** run of each resample: all of them count.")),
        Mistake(_without_first_of_each, _("You leave out the **first** run of each resample: all of them count.")),
        Mistake(_first_of_each, _("You estimate from the **first** run of each resample alone.")),
        Mistake(_values_once, _("You count **equal** values once: each resample has its own.")),
        Mistake(_and_of_all, _("You put the estimate of **all runs** among the values: take the resamples' alone.")),
        Mistake(_low_alone, _("You return the **lower** end alone: return both.")),
        Mistake(_high_alone, _("You return the **upper** end alone: return both.")),
        Mistake(_width, _("You return the **width** of the interval: return its ends.")),
        Mistake(_all_values, _("You return **all values**: return two percentiles.")),
        Mistake(_mean_of_values, _("You return the **mean** of the values: return two percentiles.")),
        Mistake(_with_the_median, _("You return the **median**, too: return the two ends.")),
        Mistake(_dictionary, _("You return a **dictionary**: return the two ends.")),
    ),
    corners=(
        Corner(
            lambda runs, estimate, resamples: len(resamples) == 1,
            _("Only **one** resample goes wrong: both ends are its estimate."),
        ),
    ),
    explanation=_(
        "A resample is a sweep that might have been made: some runs are missing, others count twice. Where the "
        "estimate depends on a few runs, its values are far apart. The interval covers which runs there are and a part "
        "of their noise; neither another optimizer, nor other data, nor whether the law holds beyond the sweep."
    ),
)
