"""What the course's runs say of the best size, by the law and by parabolas, and what was published about other runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from course.layers.sizes import require_positive
from course.messages import _
from course.scaling import (
    BESIROGLU,
    HOFFMANN,
    KAPLAN_FRONTIER,
    Fit,
    Law,
    PowerLaw,
    bootstrap,
    fit_law,
    frontier_by_parabolas,
    optimum,
    parabolas,
    percentiles,
    runs_of,
)
from course.scaling.counting import FLOPS_PER_PARAMETER

Record = Mapping[str, Any]
N_RESAMPLES = 100  # of a figure that follows a hand
SMALLEST_OF_HOFFMANN = 7e7  # parameters. Source: Hoffmann et al. 2022, abstract


class Best(NamedTuple):
    """How one law spends a budget: the size, the tokens, the loss where the law has one, and a in N ∝ C^a."""

    parameters: int | float
    tokens: int | float
    loss: int | float | None
    exponent: int | float

    @property
    def tokens_per_parameter(self) -> float:
        return self.tokens / self.parameters


@dataclass(frozen=True)
class OwnLaws:
    """The law fitted to runs, those of its resamples, and the frontier by parabolas where the runs have one.

    `size` and `tokens`: (run,), `flops`: (run,), 6ND with the parameters as they are counted here.
    """

    counting: str
    size: Float[np.ndarray, "run"]
    tokens: Float[np.ndarray, "run"]
    fit: Fit
    laws: tuple[Law, ...]
    by_parabolas: PowerLaw | None

    @property
    def flops(self) -> Float[np.ndarray, "run"]:
        return FLOPS_PER_PARAMETER * self.size * self.tokens

    @property
    def exponents(self) -> tuple[float, float]:
        """Between which values a lies in 95 % of the resamples."""
        return percentiles([law.size_exponent for law in self.laws])

    def best(self, flops: int | float) -> Best:
        found = optimum(self.fit.law, flops)
        return Best(found.parameters, found.tokens, found.loss, self.fit.law.size_exponent)

    def best_by_parabolas(self, flops: int | float) -> Best | None:
        if self.by_parabolas is None:
            return None
        size = float(self.by_parabolas.at(flops))
        return Best(size, flops / FLOPS_PER_PARAMETER / size, None, self.by_parabolas.exponent)

    def sizes(self, flops: Float[np.ndarray, "budget"]) -> Float[np.ndarray, "resample budget"]:
        """The best size of each budget under the law of each resample. Source: Hoffmann et al. 2022, equation 4."""
        A, B, alpha, beta = (
            np.array([getattr(law, name) for law in self.laws]) for name in ("A", "B", "alpha", "beta")
        )
        log_ratio = np.log(alpha * A / (beta * B)) / (alpha + beta)
        exponent = beta / (alpha + beta)
        return np.exp(log_ratio[:, None] + exponent[:, None] * np.log(flops / FLOPS_PER_PARAMETER))

    def band(self, flops: Float[np.ndarray, "budget"]) -> Float[np.ndarray, "2 budget"]:
        """Between which sizes the best one of each budget lies in 95 % of the resamples."""
        return np.quantile(self.sizes(flops), [0.025, 0.975], axis=0)


def own_laws(
    records: Sequence[Record], counting: str = "all", *, n_resamples: int = N_RESAMPLES, near: Fit | None = None
) -> OwnLaws:
    """Fit the runs of these records, from `near`, the fit to nearly the same ones. Raises `ValueError` as `fit_law`."""
    runs = runs_of(records, counting)
    found = bootstrap(runs, n_resamples, near=fit_law(runs) if near is None else near)
    try:
        by_parabolas = frontier_by_parabolas(parabolas(records, counting))
    except ValueError:  # the runs that are left are too few
        by_parabolas = None
    return OwnLaws(counting, runs.parameters, runs.tokens, found.fit, found.laws, by_parabolas)


def runs_among(records: Sequence[Record]) -> list[Record]:
    """The trainings to which a law is fitted: neither the prediction nor what was foretold.

    Raises `ValueError` where there are none, and for operations that are not above 0.
    """
    found = [one for one in records if "counts" in one and "prediction" not in one]
    if not found:
        raise ValueError(
            _("None of the {n} records is a run of the sweep. Give those of the experiment `scaling`.").format(
                n=len(records)
            )
        )
    for one in found:
        require_positive(one["flops"], "flops")
    return found


def loss_of(record: Record) -> float:
    """The loss on the held-out text, nats a token."""
    return float(record["tests"]["held-out text"]["loss"])


def names_of(records: Sequence[Record]) -> list[str]:
    """The name of each run: its size and operations, with the seed where the same run was made twice."""
    names = [str(one["model"]) for one in records]
    twice = len(set(names)) < len(names)
    return [f"{name}-{one['seed']}" if twice else name for name, one in zip(names, records, strict=True)]


def own_names() -> dict[str, str]:
    """The two frontiers of the course's own runs by their keys, and what a figure calls them."""
    return {"own": _("the course, law"), "parabolas": _("the course, parabolas")}


def published() -> dict[str, str]:
    """The published frontiers by their keys, and what a figure calls them."""
    return {"kaplan": _("Kaplan 2020"), "hoffmann": _("Hoffmann 2022"), "besiroglu": _("Besiroglu 2024")}


def published_best(key: str, flops: int | float) -> Best:
    """How a published law spends a budget.

    Kaplan's has no loss here: its frontier was measured, not derived from one. The others have none for a model smaller
    than all that they were fitted to.
    """
    if key == "kaplan":
        size, tokens = KAPLAN_FRONTIER.optimum(flops)
        return Best(float(size), float(tokens), None, float(KAPLAN_FRONTIER.size_exponent))
    law = {"hoffmann": HOFFMANN, "besiroglu": BESIROGLU}[key]
    found = optimum(law, flops)
    loss = found.loss if found.parameters >= SMALLEST_OF_HOFFMANN else None
    return Best(found.parameters, found.tokens, loss, law.size_exponent)


def lines_of(records: Sequence[Record]) -> list[list[Record]]:
    """The runs of each budget, the cheapest first: their operations differ by less than a twentieth."""
    lines: list[list[Record]] = []
    for one in sorted(records, key=lambda record: (record["flops"], record["counts"]["all"])):
        if lines and one["flops"] < 1.05 * lines[-1][0]["flops"]:
            lines[-1].append(one)
        else:
            lines.append([one])
    return [sorted(line, key=lambda record: record["counts"]["all"]) for line in lines]


def counting_names() -> dict[str, str]:
    """What N counts, in words."""
    return {
        "all": _("all parameters"),
        "without_lookup": _("parameters without the look-up table"),
        "body": _("parameters of the blocks and norms"),
    }
