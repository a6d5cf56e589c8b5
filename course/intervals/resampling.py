"""Draw the test items again and again, the same ones for every model, and measure all models each time.

It is what any measure needs for its interval, for the difference of two models and for the ranks of many.
"""

import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from course.evaluation.classification import UndefinedScoreWarning
from course.evaluation.summed import Items, SummedMeasure
from course.intervals.means import BLOCK, FEWEST
from course.layers.sizes import require_whole
from course.messages import _

Measure = Callable[[Any, Any], float]
Values = tuple[np.ndarray, np.ndarray]  # of each model and draw, and where it is undefined
RESAMPLES = 10_000


@dataclass(frozen=True, eq=False)
class Resamples:
    """What each model scored on all items and on each resample of them, and where the measure had no value there.

    An undefined value is NaN, or what the measure counts instead: the F1 of no items counts as 0.
    """

    scores: Float[np.ndarray, "model"]
    resampled: Float[np.ndarray, "model resample"]
    undefined: Bool[np.ndarray, "model resample"]
    n_items: int
    seed: int


def resample(
    measure: Measure,
    true: Items,
    predictions: Sequence[Items],
    *,
    n_resamples: int = RESAMPLES,
    seed: int = 0,
) -> Resamples:
    """Measure every model's predictions of items that are drawn again, with replacement, `n_resamples` times.

    `measure(true, predicted)` may be any function. It is called for every model and resample, with arrays where arrays
    were given and with lists otherwise. A `SummedMeasure` is not called: its resamples are sums, in a product of
    matrices. Both draw the same items for the same seed. Undefined is what is NaN, or comes with an
    `UndefinedScoreWarning`.

    Raises `ValueError` for fewer than `FEWEST` items, for a model with more or fewer predictions than items, and where
    the measure of all items is NaN.
    """
    n = len(true)
    require_whole(n_resamples, "n_resamples")
    require_as_many(true, predictions)
    if n < FEWEST:
        raise ValueError(
            _("There are {n} items to draw from; a bootstrap of fewer than {limit} is too narrow. Give more.").format(
                n=n, limit=FEWEST
            )
        )
    scores = np.array([float(measure(true, each)) for each in predictions])
    if np.isnan(scores).any():
        raise ValueError(
            _("The measure of model {number} is NaN on all items, so it has no interval: leave the model out.").format(
                number=int(np.isnan(scores).argmax())
            )
        )
    of_draws = _of_sums(measure, true, predictions) if isinstance(measure, SummedMeasure) else None
    of_draws = of_draws or _of_calls(measure, true, predictions)
    values, undefined = zip(*map(of_draws, _draws(n, n_resamples, seed)), strict=True)
    return Resamples(scores, np.concatenate(values, axis=1), np.concatenate(undefined, axis=1), n, seed)


def require_as_many(true: Items, predictions: Sequence[Items]) -> None:
    """Raises `ValueError` for no model, and for one with more or fewer predictions than there are items."""
    if not len(predictions):
        raise ValueError(_("There is no model to measure. Give the predictions of one or more."))
    for number, each in enumerate(predictions):
        if len(each) != len(true):
            raise ValueError(
                _(
                    "There are {true} items, and model {number} has {predicted} predictions; each item needs one."
                ).format(true=len(true), number=number, predicted=len(each))
            )


def picker(items: Items) -> Callable[[Int[np.ndarray, "drawn"]], Items]:
    """What gives the items at some places: as an array of an array, as a list of anything else."""
    if isinstance(items, np.ndarray):
        return lambda places: items[places]
    objects = np.empty(len(items), dtype=object)
    for place, item in enumerate(items):
        objects[place] = item
    return lambda places: objects[places].tolist()


@contextmanager
def watched(measure: Measure) -> Generator[Callable[[Any, Any], tuple[float, bool]], None, None]:
    """The measure with a second value: whether it was undefined, NaN or with an `UndefinedScoreWarning`.

    That warning is not shown, since whoever watches reports how often it came; others are, afterwards.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UndefinedScoreWarning)

        def watch(true: Any, predicted: Any) -> tuple[float, bool]:
            before = len(caught)
            value = float(measure(true, predicted))
            others = [each for each in caught[before:] if not issubclass(each.category, UndefinedScoreWarning)]
            is_undefined = value != value or len(caught) > before + len(others)
            caught[before:] = others
            return value, is_undefined

        yield watch
    for each in caught:
        warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)


def summed_values(measure: SummedMeasure, sums: Float[np.ndarray, "draw number"]) -> Values:
    """The measure of sums of one model, and where it was undefined."""
    values = measure.of_sums(sums)
    undefined = np.isnan(values)
    return np.where(undefined, measure.if_undefined, values), undefined


def _draws(n: int, n_resamples: int, seed: int) -> Iterator[Int[np.ndarray, "draw item"]]:
    rng = np.random.default_rng(seed)
    rows = max(1, BLOCK // n)
    for start in range(0, n_resamples, rows):
        yield rng.integers(n, size=(min(rows, n_resamples - start), n), dtype=np.int32)


def _of_sums(measure: SummedMeasure, true: Items, predictions: Sequence[Items]) -> Callable[[np.ndarray], Values]:
    tables = [measure.table(true, each) for each in predictions]

    def of_draws(drawn: np.ndarray) -> Values:
        n_draws, n = drawn.shape
        places = drawn + np.arange(n_draws, dtype=np.int64)[:, None] * n
        times = np.bincount(places.ravel(), minlength=n_draws * n).reshape(n_draws, n).astype(np.float64)
        found = [summed_values(measure, times @ table) for table in tables]
        return np.stack([each[0] for each in found]), np.stack([each[1] for each in found])

    return of_draws


def _of_calls(measure: Measure, true: Items, predictions: Sequence[Items]) -> Callable[[np.ndarray], Values]:
    of_true, of_models = picker(true), [picker(each) for each in predictions]

    def of_draws(drawn: np.ndarray) -> Values:
        values = np.empty((len(of_models), len(drawn)))
        undefined = np.empty(values.shape, dtype=bool)
        with watched(measure) as watch:
            for number, places in enumerate(drawn):
                right = of_true(places)
                for model, of_model in enumerate(of_models):
                    values[model, number], undefined[model, number] = watch(right, of_model(places))
        return values, undefined

    return of_draws
