"""Fit the law to runs, and ask by resampling them how sure it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from course.layers.sizes import require_positive, require_whole
from course.messages import _
from course.scaling import robust
from course.scaling.counting import require_counting
from course.scaling.law import Law, Number

DELTA = 1e-3  # of Huber's function, on the log of the loss: nearly the absolute value
FEWEST = 5  # runs: as many as the law has numbers
MEASURES = ("E", "A", "B", "alpha", "beta", "size_exponent", "data_exponent")  # numbers of a law
KEPT_STARTS = 6  # of the fit to all runs, from which each resample starts


class Runs(NamedTuple):
    """Trainings to fit a law to: parameters, tokens and the loss at the end, in nats a token."""

    parameters: Float[np.ndarray, "run"]
    tokens: Float[np.ndarray, "run"]
    losses: Float[np.ndarray, "run"]
    counting: str = "all"

    def without(self, index: int) -> "Runs":
        """All runs but one. Raises `ValueError` for a run that is not there."""
        if not -len(self.losses) <= index < len(self.losses):
            raise ValueError(
                _("There is no run number {index}: there are {n}, counted from 0.").format(
                    index=index, n=len(self.losses)
                )
            )
        sizes, lengths, losses = (np.delete(values, index) for values in self[:3])
        return Runs(sizes, lengths, losses, self.counting)


def runs_of(records: Iterable[Mapping[str, Any]], counting: str = "all", test: str = "held-out text") -> Runs:
    """The runs of these records, those of the experiment `scaling`, with the parameters counted in this way.

    Raises `ValueError` for another way to count, and for a test that a record does not have.
    """
    require_counting(counting)
    rows = [(one["counts"][counting], one["tokens"], loss_of_record(one, test)) for one in records]
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    return Runs(table[:, 0], table[:, 1], table[:, 2], counting)


def loss_of_record(record: Mapping[str, Any], test: str) -> Number:
    """The loss on one of the texts that a run was tested on. Raises `ValueError` for a text that the record lacks."""
    if test not in record["tests"]:
        raise ValueError(
            _("The record has no test {test!r}. It has: {known}.").format(test=test, known=", ".join(record["tests"]))
        )
    return record["tests"][test]["loss"]


@dataclass(frozen=True)
class Fit:
    """A law, the objective that it reached, and what it misses: log of the loss measured over that of the law, [run].

    `n_starts` searches were begun, `n_converged` of them ended at a minimum and `n_agreeing` within a thousandth of the
    lowest objective.
    """

    law: Law
    objective: float
    residuals: Float[np.ndarray, "run"]
    n_starts: int
    n_converged: int
    n_agreeing: int
    solutions: Float[np.ndarray, "start 5"]


def fit_law(runs: Runs, *, delta: Number = DELTA) -> Fit:
    """The law with the lowest sum of Huber's function over the errors of the log loss, from a grid of 144 starts.

    The sum, not the mean: with a mean the numbers are so small that an optimizer's tolerance ends the search early,
    which is what happened to Hoffmann et al. 2022, as one of them confirmed to Besiroglu et al. 2024.

    Raises `ValueError` for runs that do not determine a law: fewer than five that differ in size or length, of one
    size, of one length or with one loss; for losses that no law of this form comes near; and for a number that is not
    finite and above 0.

    Source of the objective and of `delta`: Hoffmann et al. 2022, section 3.3, equation 3.
    """
    logs = require_runs(runs)
    require_positive(delta, "delta")
    return _fitted(runs, robust.starts(*logs, np.ones(len(logs[0]))), delta)


def _fitted(runs: Runs, first: Float[np.ndarray, "start 5"], delta: Number) -> Fit:
    logs = require_runs(runs)
    weights = np.ones((len(first), len(logs[0])))
    theta, objective, done = robust.refine(first, *logs, weights, delta)
    best = int(np.argmin(objective))
    agreeing = objective <= objective[best] * (1 + 1e-3) + 1e-15
    predicted, _slopes = robust.log_loss(theta[[best]], *logs[:2])
    return Fit(
        law_of(theta[best], runs.counting),
        float(objective[best]),
        logs[2] - predicted[0],
        len(first),
        int(done.sum()),
        int(agreeing.sum()),
        theta[np.argsort(objective)[:KEPT_STARTS]],
    )


def require_runs(runs: Runs) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The logs of sizes, lengths and losses. Raises `ValueError` for runs that do not determine a law."""
    for name, values in zip(Runs._fields, runs[:3], strict=False):
        if len(values) != len(runs.losses):
            raise ValueError(
                _("{name} has {n} numbers for {losses} losses: give one for each run.").format(
                    name=name, n=len(values), losses=len(runs.losses)
                )
            )
        wrong = values[~(np.isfinite(values) & (values > 0))]
        if len(wrong):
            raise ValueError(
                _("{name} has the value {value}: the law's logarithms need finite numbers above 0.").format(
                    name=name, value=wrong[0]
                )
            )
    if len(runs.losses) < FEWEST:
        raise ValueError(
            _("{n} runs do not determine five numbers: give at least {least}.").format(n=len(runs.losses), least=FEWEST)
        )
    for name, values in (("parameters", runs.parameters), ("tokens", runs.tokens)):
        if len(np.unique(values)) < 2:
            raise ValueError(
                _("All runs have {value} {name}: the law needs at least two different numbers of them.").format(
                    value=f"{values[0]:,.0f}", name=name
                )
            )
    if len(np.unique(runs.losses)) < 2:
        raise ValueError(
            _("All runs have the loss {loss:g}: the law needs one that falls with parameters and tokens.").format(
                loss=runs.losses[0]
            )
        )
    if (n := _n_different(runs.parameters, runs.tokens)) < FEWEST:
        raise ValueError(
            _(
                "{n} of the {runs} runs differ in size or length, and do not determine five numbers: give {least}."
            ).format(n=n, runs=len(runs.losses), least=FEWEST)
        )
    return np.log(runs.parameters), np.log(runs.tokens), np.log(runs.losses)


def _n_different(parameters: np.ndarray, tokens: np.ndarray) -> int:
    return len(np.unique(np.stack((parameters, tokens)), axis=1).T)


def law_of(theta: Float[np.ndarray, "5"], counting: str) -> Law:
    """The law of these logarithms and exponents. Raises `ValueError` where one of its numbers is 0 or infinite."""
    with np.errstate(over="ignore", under="ignore"):
        a, b, e = np.exp(theta[:3]).tolist()
    if not all(0 < value < np.inf for value in (a, b, e)):
        raise ValueError(
            _(
                "The nearest law has E = {e:g}, A = {a:g} and B = {b:g}, which must be above 0 and finite: give runs "
                "whose loss falls with parameters and tokens, in units that leave numbers of usual size."
            ).format(e=e, a=a, b=b)
        )
    return Law(e, a, b, float(theta[3]), float(theta[4]), counting)


@dataclass(frozen=True)
class Bootstrap:
    """Laws fitted to runs that were drawn again with replacement, and the fit to all of them."""

    fit: Fit
    laws: tuple[Law, ...]

    def interval(self, measure: str, level: Number = 0.95) -> tuple[float, float]:
        """Between which values a number of the law lies in `level` of the resamples, "size_exponent" for example.

        Raises `ValueError` for what is no number of a law, and for a level outside (0, 1).
        """
        if measure not in MEASURES:
            raise ValueError(
                _("A law has no number {measure!r}. It has: {known}.").format(
                    measure=measure, known=", ".join(MEASURES)
                )
            )
        return percentiles([getattr(law, measure) for law in self.laws], level)

    def losses(self, n_parameters: Number, n_tokens: Number) -> Float[np.ndarray, "resample"]:
        """What each resample's law says of one run."""
        return np.array([law.loss(n_parameters, n_tokens) for law in self.laws])


def percentiles(values: Iterable[Number], level: Number = 0.95) -> tuple[float, float]:
    """The two values that leave out (1 - `level`) / 2 on each side.

    Raises `ValueError` for a level outside (0, 1), for no values, and for one that is no number.
    """
    if not 0 < level < 1:
        raise ValueError(_("level is {level}; it must be between 0 and 1.").format(level=level))
    found = np.array(list(values), np.float64)
    if not len(found) or np.isnan(found).any():
        raise ValueError(
            _("{n} of {all} values are numbers: percentiles need one or more, and no NaN.").format(
                n=int((~np.isnan(found)).sum()), all=len(found)
            )
        )
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def bootstrap(
    runs: Runs, n_resamples: int = 500, *, seed: int = 0, delta: Number = DELTA, near: Fit | None = None
) -> Bootstrap:
    """Draw the runs again with replacement `n_resamples` times and fit each time, from the best starts of all runs.

    With the fit to nearly the same runs as `near`, the search begins where that one ended and each resample at the best
    place alone: several times quicker, for a figure that follows a hand.

    It covers which runs happened to be made, and a part of their noise; not another text, tokenizer, optimizer or
    range. A resample with fewer than five different runs, or of one size or length, is drawn again: of five runs every
    one would be all five, so it needs six. Raises `ValueError` as `fit_law` does, for less than six runs that differ in
    size or length, and for less than 1 resample.
    """
    require_whole(n_resamples, "n_resamples")
    require_whole(seed, "seed", least=0)
    logs = require_runs(runs)
    if (n := _n_different(runs.parameters, runs.tokens)) == FEWEST:
        raise ValueError(
            _("Every resample of {n} different runs has all of them: a bootstrap needs at least {least}.").format(
                n=n, least=FEWEST + 1
            )
        )
    require_positive(delta, "delta")
    fit = fit_law(runs, delta=delta) if near is None else _fitted(runs, near.solutions, delta)
    counts = _drawn(runs, n_resamples, np.random.default_rng(seed))
    starts = fit.solutions if near is None else fit.solutions[:1]
    first, n_starts = np.tile(starts, (n_resamples, 1)), len(starts)
    theta, objective, _done = robust.refine(first, *logs, np.repeat(counts, n_starts, axis=0), delta)
    best = objective.reshape(n_resamples, n_starts).argmin(axis=1)
    chosen = theta.reshape(n_resamples, n_starts, 5)[np.arange(n_resamples), best]
    return Bootstrap(fit, tuple(law_of(each, runs.counting) for each in chosen))


def _drawn(runs: Runs, n_resamples: int, rng: np.random.Generator) -> Float[np.ndarray, "resample run"]:
    """How often each run is in each resample."""
    n, rows = len(runs.losses), []
    while len(rows) < n_resamples:
        row = np.bincount(rng.integers(n, size=n), minlength=n)
        there = row > 0
        sizes, lengths = np.unique(runs.parameters[there]), np.unique(runs.tokens[there])
        different = _n_different(runs.parameters[there], runs.tokens[there])
        if different >= FEWEST and len(sizes) > 1 and len(lengths) > 1:
            rows.append(row)
    return np.array(rows, dtype=np.float64)
