"""How sure a leaderboard's order is: the ranks that each model takes when the test items are drawn again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from course.intervals.interval import LEVEL, Number, require_level
from course.intervals.resampling import Resamples
from course.messages import _


class RankRange(NamedTuple):
    """The first and the last rank of a model that the resamples leave open."""

    best: int
    worst: int


@dataclass(frozen=True, eq=False)
class Ranks:
    """In what share of the resamples each model takes each rank, `shares[model, rank - 1]`.

    Models that are equal share their ranks evenly, so each row and each column sums to 1. `better[i, j]` is the share
    of resamples in which model i beats model j, an equal score counting half. `n_undefined` of the `n_resamples` were
    left out, since a model's measure was NaN there.
    """

    names: tuple[str, ...]
    scores: Float[np.ndarray, "model"]
    shares: Float[np.ndarray, "model rank"]
    better: Float[np.ndarray, "model model"]
    n_resamples: int
    n_left_out: int

    @property
    def mean_ranks(self) -> Float[np.ndarray, "model"]:
        return self.shares @ np.arange(1, len(self.names) + 1)

    def range_of(self, name: str, *, level: Number = LEVEL) -> RankRange:
        """The ranks that are left when the best and the worst (1 - level) / 2 of the resamples are cut off.

        Raises `ValueError` for a model that is not there.
        """
        require_level(level)
        if name not in self.names:
            raise ValueError(
                _("There is no model {name!r}. The models are: {known}.").format(
                    name=name, known=", ".join(map(repr, self.names))
                )
            )
        reached = np.cumsum(self.shares[self.names.index(name)])
        tail = (1 - level) / 2
        places = (int(np.argmax(reached > tail + 1e-12)), int(np.argmax(reached >= 1 - tail - 1e-12)))
        return RankRange(places[0] + 1, places[1] + 1)


def rank_distribution(resamples: Resamples, names: Sequence[str], *, lowest_is_best: bool = False) -> Ranks:
    """The ranks of the models of `resample`, the highest score first unless `lowest_is_best`.

    All models are ranked on the same drawn items. Two models may both have wide intervals and still keep their order
    in nearly every resample. The shares say how the order depends on these items, and are no probability that a model
    is the best. Raises `ValueError` for not one name for each model, a name that is given twice, and where every
    resample has a NaN.

    Source: Goldstein and Spiegelhalter 1996, "League Tables and Their Limitations" (intervals of ranks).
    """
    names = tuple(names)
    if len(names) != len(resamples.scores):
        raise ValueError(
            _("There are {names} names and {models} models; give one for each.").format(
                names=len(names), models=len(resamples.scores)
            )
        )
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(_("The name {name!r} is given twice.").format(name=twice))
    is_kept = np.asarray(~np.isnan(resamples.resampled).any(axis=0))
    if not is_kept.any():
        raise ValueError(
            _("The measure of a model is NaN in all {n} resamples, so there are no ranks.").format(n=len(is_kept))
        )
    values = resamples.resampled[:, is_kept] * (-1 if lowest_is_best else 1)
    n_models, n_kept = values.shape
    shares, better = np.zeros((n_models, n_models)), np.zeros((n_models, n_models))
    for model, own in enumerate(values):
        above, equal = (values > own).sum(axis=0), (values == own).sum(axis=0)
        steps = np.bincount(above, 1 / equal, n_models + 1) - np.bincount(above + equal, 1 / equal, n_models + 1)
        shares[model] = np.clip(np.cumsum(steps)[:-1] / n_kept, 0, 1)  # rounding may leave less than 0
        better[model] = ((own > values).sum(axis=1) + (own == values).sum(axis=1) / 2) / n_kept
    return Ranks(names, resamples.scores, shares, better, len(is_kept), int((~is_kept).sum()))


def mean_of_tasks(tasks: Sequence[Resamples]) -> Resamples:
    """The mean over several tasks' scores, such as a GLUE score, in each resample of all of them.

    The tasks have their own items, so they are drawn apart: give `resample` another seed for each. Raises `ValueError`
    for no tasks, tasks with different numbers of models or resamples, and for the same seed twice.
    """
    if not tasks:
        raise ValueError(_("There are no tasks to take the mean of."))
    shapes = {task.resampled.shape for task in tasks}
    if len(shapes) > 1:
        raise ValueError(
            _("The tasks have different numbers of models and resamples: {shapes}. Give the same models.").format(
                shapes=", ".join(map(str, sorted(shapes)))
            )
        )
    if len({task.seed for task in tasks}) < len(tasks):
        raise ValueError(_("Two tasks were drawn with the same seed, so their errors go together. Give each its own."))
    return Resamples(
        np.mean([task.scores for task in tasks], axis=0),
        np.mean([task.resampled for task in tasks], axis=0),
        np.any([task.undefined for task in tasks], axis=0),
        sum(task.n_items for task in tasks),
        tasks[0].seed,
    )
