"""What the records of the experiment on the leaderboard say of a test that leaked into the training set."""

from typing import NamedTuple

import numpy as np

from course import trained
from course.intervals import Interval, Number, RunCounts, difference_of_rates, rate
from course.messages import _
from course.tasks.contamination import SHARES

EXPERIMENT = "leaderboard"


class LeakResult(NamedTuple):
    """A share of one half of the test that was trained on: the accuracy on that half, and on the half that is clean.

    `gain` and `clean_gain` are what the leak adds on each half, compared with as many training reviews that are no test
    items; None where nothing leaked.
    """

    share: float
    leaked: Interval
    clean: Interval
    gain: Interval | None
    clean_gain: Interval | None


def rights(model: str, test: str) -> RunCounts:
    """Which items of a test, "leaked" or "clean", the runs of a model got right: a row for each seed."""
    kept = trained.items(EXPERIMENT, model, test, of=_("reviews"))
    return RunCounts(kept.symbols - kept.errors, kept.symbols, kept.items)


def leak_results(kind: str = "tfidf") -> list[LeakResult]:
    """A row for each share that was measured. The intervals cover seeds, where there are several, and test items.

    Raises `ValueError` for a kind of model that was not measured.
    """
    known = {run["model"] for run in trained.results(EXPERIMENT)}
    shares = [share for share in SHARES if f"{kind}-leak-{share:g}" in known]
    if not shares:
        raise ValueError(
            _("There is no leak of {kind!r}. There are: {known}.").format(
                kind=kind,
                known=", ".join(sorted({model.partition("-leak-")[0] for model in known if "-leak-" in model})),
            )
        )
    return [_result(kind, share) for share in shares]


def _result(kind: str, share: float) -> LeakResult:
    names = f"{kind}-leak-{share:g}", f"{kind}-more-{share:g}"
    leak = [rights(names[0], test) for test in ("leaked", "clean")]
    gains: list[Interval | None] = [None, None]
    if share:
        others = [rights(names[1], test) for test in ("leaked", "clean")]
        same = leak[0].n_seeds == others[0].n_seeds
        gains = [difference_of_rates(a, b, same_runs=same) for a, b in zip(leak, others, strict=True)]
    return LeakResult(share, rate(leak[0]), rate(leak[1]), *gains)


def accuracy_of_read(kind: str, share: Number) -> tuple[float, float]:
    """Of the leaked half, the accuracy on the items that were trained on and on those that were not, over all seeds.

    NaN where there are none.
    """
    found = []
    for wanted in (1, 0):
        values = []
        for run in trained.results(EXPERIMENT):
            if run["model"] == f"{kind}-leak-{share:g}":
                items = run["tests"]["leaked"]["items"]
                errors, was_read = (np.array(trained.numbers(items[name])) for name in ("errors", "was_read"))
                values.append(1 - errors[was_read == wanted])
        every = np.concatenate(values) if values else np.array([])
        found.append(float(every.mean()) if every.size else float("nan"))
    return found[0], found[1]
