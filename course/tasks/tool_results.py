"""What the experiment on calling functions found: the outcome of each request, by model, setting and seed.

A setting is one of `SETTINGS` of `course.tasks.tool_calls`, or one of these with " constrained" behind it. Every
request is for another function, so requests are independent items. The model as it is writes the same answer whatever
the seed; it has one run.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import ArrayLike

from course import trained
from course.intervals import Interval, RunCounts, difference_of_rates, rate, share
from course.messages import _
from course.tasks.tool_calls import K
from course.tools import Outcome

EXPERIMENT = "tools"
UNTRAINED = "zero-shot"
Measure = Outcome | Literal["apibench"]


class Answered(NamedTuple):
    """What the runs of a model answered in a setting, a row for each seed, and which requests read the right document.

    `counted` has 1 for each answer with an outcome, and for each that APIBench's substrings call right.
    """

    seeds: tuple[int, ...]
    ids: tuple[str, ...]
    counted: Mapping[Measure, Float[np.ndarray, "seed item"]]
    reads_right: Bool[np.ndarray, " item"]
    rules: list[list[str]]
    answers: list[list[str]]


def answered(model: str, setting: str) -> Answered:
    """The answers of a model in a setting, of all seeds that were run in it.

    Raises `ValueError` for a model or a setting of which there is none, and for runs that read other requests.
    """
    runs = [run for run in trained.results(EXPERIMENT) if run["model"] == model and setting in run.get("cells", {})]
    if not runs:
        known = sorted(
            {(run["model"], name) for run in trained.results(EXPERIMENT) if "ids" in run for name in run["cells"]}
        )
        raise ValueError(
            _("{model!r} was not run in {setting!r}. There are: {known}.").format(
                model=model, setting=setting, known="; ".join(f"{one}, {name}" for one, name in known)
            )
        )
    ids = tuple(runs[0]["ids"])
    other = next((run["seed"] for run in runs if tuple(run["ids"]) != ids), None)
    if other is not None:
        raise ValueError(
            _("{model}-{seed} read other requests than {model}-{first}: run it again.").format(
                model=model, seed=other, first=runs[0]["seed"]
            )
        )
    cells = [run["cells"][setting] for run in runs]

    def rows(line: Callable[[Mapping[str, Any]], str]) -> np.ndarray:
        return np.array([trained.numbers(line(one)) for one in cells])

    counted: dict[Measure, np.ndarray] = {
        outcome: rows(lambda one, name=outcome.value: one["outcomes"][name]) for outcome in Outcome
    }
    return Answered(
        tuple(run["seed"] for run in runs),
        ids,
        counted | {"apibench": rows(lambda one: one["apibench"])},
        rows(lambda one: one["reads_right_document"])[0].astype(bool),
        [one["rules"] for one in cells],
        [one["answers"] for one in cells],
    )


def counts(model: str, setting: str, measure: Measure = Outcome.RIGHT) -> RunCounts:
    """Which requests have an outcome, or are right by APIBench's substrings, for `course.intervals`."""
    errors = answered(model, setting).counted[measure]
    return RunCounts(errors, np.ones(errors.shape[1]), _("requests"))


def outcome_share(model: str, setting: str, measure: Measure = Outcome.RIGHT) -> Interval:
    """The share of requests with an outcome: Wilson's interval where all seeds agree, or else over seeds and requests.

    The latter would have no width for an outcome that never occurs.
    """
    found = counts(model, setting, measure)
    if (found.errors == found.errors[0]).all():
        return share(int(found.errors[0].sum()), found.n_items, of=found.items)
    return rate(found)


def outcome_difference(
    a: tuple[str, str], b: tuple[str, str], measure: Measure = Outcome.RIGHT, *, chosen: ArrayLike | None = None
) -> Interval:
    """The share of an outcome of a, a model and a setting, minus that of b, paired by request, over their common seeds.

    Two settings of one model are paired by run, too. `chosen` says which requests count, as `RunCounts.of_items` takes
    it; all unless given. Raises `ValueError` as `answered` does, and for models that have no seed in common or read
    other requests.
    """
    of_a, of_b = answered(*a), answered(*b)
    if of_a.ids != of_b.ids:
        raise ValueError(
            _("{a} and {b} did not read the same requests, so there are no pairs.").format(
                a=", ".join(a), b=", ".join(b)
            )
        )
    rows_a, rows_b = _common_rows(a[0], of_a, b[0], of_b)
    n = len(of_a.ids)
    found = [
        RunCounts(one.counted[measure][rows], np.ones(n), _("requests"))
        for one, rows in ((of_a, rows_a), (of_b, rows_b))
    ]
    if chosen is not None:
        found = [one.of_items(chosen) for one in found]
    return difference_of_rates(*found, same_runs=a[0] == b[0])


def _common_rows(model_a: str, a: Answered, model_b: str, b: Answered) -> tuple[list[int], list[int]]:
    """The rows of the seeds that both have; those of the model as it is are the same for every seed."""
    if UNTRAINED in (model_a, model_b) and model_a != model_b:
        n = len(b.seeds if model_a == UNTRAINED else a.seeds)
        return ([0] * n, list(range(n))) if model_a == UNTRAINED else (list(range(n)), [0] * n)
    seeds = [seed for seed in a.seeds if seed in b.seeds]
    if not seeds:
        raise ValueError(
            _("{a} has the seeds {seeds_a}, {b} has {seeds_b}: none is common.").format(
                a=model_a, seeds_a=a.seeds, b=model_b, seeds_b=b.seeds
            )
        )
    return [a.seeds.index(seed) for seed in seeds], [b.seeds.index(seed) for seed in seeds]


def broken_rules(model: str, setting: str) -> Counter[str]:
    """The rules that the answers of all seeds break first, counted."""
    return Counter(rule for of_seed in answered(model, setting).rules for rule in of_seed if rule)


def recall(method: str, which: str = "test", k: int = K) -> Interval:
    """For which share of the "validation" or "test" requests a search has the right function among the first `k`.

    Raises `ValueError` for another search, or for other requests.
    """
    cells = trained.record_of(EXPERIMENT, "retrievers")["cells"]
    known = {(name, of) for name, found in cells.items() for of in found}
    if (method, which) not in known:
        raise ValueError(
            _("{method!r} was not measured on {which!r} requests. There are: {known}.").format(
                method=method, which=which, known="; ".join(f"{name}, {of}" for name, of in sorted(known))
            )
        )
    ranks = trained.numbers(cells[method][which]["ranks"])
    return share(sum(0 < rank <= k for rank in ranks), len(ranks), of=_("requests"))
