"""Intervals of any measure over test items: of one model, and of the difference of two that saw the same items."""

from dataclasses import dataclass

import numpy as np

from course.evaluation.summed import Items
from course.intervals.interval import LEVEL, Interval, Number, counted, require_level
from course.intervals.resampling import RESAMPLES, Measure, Resamples, resample
from course.messages import _


@dataclass(frozen=True)
class PairedBootstrap:
    """The difference of two models' scores with its interval, and in what share of the resamples each was better.

    In the rest of them both were equal. `n_undefined` counts the resamples in which the measure of a model had no
    value; `n_left_out` of these gave NaN and are in no interval and no share, the others counted by the measure's
    convention.
    """

    difference: Interval
    score_a: float
    score_b: float
    a_better: float
    b_better: float
    n_resamples: int
    n_undefined: int
    n_left_out: int


def score_over_items(
    measure: Measure,
    true: Items,
    predicted: Items,
    unit: str = "",
    *,
    of: str | None = None,
    level: Number = LEVEL,
    n_resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval:
    """A model's score by any measure, with a bootstrap interval over the test items. Seeds are not covered.

    The ends are percentiles of the resamples' scores, moved outward to the score itself where that is beyond them: F1
    or Matthews' coefficient is no mean, and its resamples need not lie around it. How often the measure was undefined
    is said in `of`. For accuracy `share` is better, and for a mean of numbers `mean_over_items`, which widens the
    interval of few items. Raises `ValueError` as `resample` does, and where every resample gives NaN.

    Source: Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13.
    """
    require_level(level)
    found = resample(measure, true, [predicted], n_resamples=n_resamples, seed=seed)
    return score_of(found, 0, unit, of=of, level=level)


def score_difference(
    measure: Measure,
    true: Items,
    a: Items,
    b: Items,
    unit: str = "",
    *,
    of: str | None = None,
    level: Number = LEVEL,
    n_resamples: int = RESAMPLES,
    seed: int = 0,
) -> PairedBootstrap:
    """The score of model a minus that of model b by any measure, with a paired bootstrap interval over the items.

    Both models are measured on the same drawn items, so what makes an item hard for both cancels. For the interval see
    `score_over_items`. It covers other items for these two models: not other seeds, and not the choice of the better
    of many models. Raises `ValueError` for unequal lengths, as `resample` does, and where every resample gives NaN.

    Source: Koehn 2004, "Statistical Significance Tests for Machine Translation Evaluation" (BLEU, the share of
    resamples in which a system is better); Dror et al. 2018, "The Hitchhiker's Guide to Testing Statistical
    Significance in Natural Language Processing".
    """
    require_level(level)
    found = resample(measure, true, [a, b], n_resamples=n_resamples, seed=seed)
    return difference_of(found, 0, 1, unit, of=of, level=level)


def score_of(found: Resamples, model: int, unit: str = "", *, of: str | None = None, level: Number = LEVEL) -> Interval:
    """`score_over_items` of one of several models that were resampled together."""
    require_level(level)
    what = counted(found.n_items, of)
    return _percentiles(float(found.scores[model]), found.resampled[model], found.undefined[model], what, unit, level)


def difference_of(
    found: Resamples, a: int, b: int, unit: str = "", *, of: str | None = None, level: Number = LEVEL
) -> PairedBootstrap:
    """`score_difference` of two of several models that were resampled together."""
    require_level(level)
    score_a, score_b = found.scores[[a, b]].tolist()
    differences = found.resampled[a] - found.resampled[b]
    undefined, is_left_out = found.undefined[a] | found.undefined[b], np.isnan(differences)
    what = _("{items}, paired").format(items=counted(found.n_items, of))
    interval = _percentiles(score_a - score_b, differences, undefined, what, unit, level)
    kept = differences[~is_left_out]
    return PairedBootstrap(
        interval,
        score_a,
        score_b,
        float((kept > 0).mean()),
        float((kept < 0).mean()),
        len(differences),
        int(undefined.sum()),
        int(is_left_out.sum()),
    )


def _percentiles(
    score: float, resampled: np.ndarray, undefined: np.ndarray, of: str, unit: str, level: Number
) -> Interval:
    kept = resampled[~np.isnan(resampled)]
    if not kept.size:
        raise ValueError(
            _("The measure is NaN in all {n} resamples, so no interval exists. Give more items.").format(
                n=len(resampled)
            )
        )
    n_left_out, n_undefined = len(resampled) - len(kept), int(undefined.sum())
    if n_left_out:
        message = _("{of}; {n} of {resamples} resamples left out, where the measure is NaN")
    elif n_undefined:
        message = _("{of}; in {n} of {resamples} resamples the measure is undefined and counted by its convention")
    else:
        message = "{of}"
    of = message.format(of=of, n=f"{n_left_out or n_undefined:,}", resamples=f"{len(resampled):,}")
    low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
    return Interval(score, min(float(low), score), max(float(high), score), of, unit, level)
