"""Scaling laws: what a model's loss owes to its size, its data and the operations spent, fitted and extrapolated."""

from course.scaling.counting import COUNTINGS, ParameterCounts, TokenFlops, count, flops_per_token, six_n
from course.scaling.fit import Bootstrap, Fit, Runs, bootstrap, fit_law, percentiles, runs_of
from course.scaling.frontier import (
    Optimum,
    Parabola,
    PowerLaw,
    cost_of,
    frontier_by_parabolas,
    optimum,
    parabola,
    parabolas,
    power_law,
)
from course.scaling.law import (
    BESIROGLU,
    HOFFMANN,
    HOFFMANN_AS_PRINTED,
    KAPLAN,
    KAPLAN_FRONTIER,
    KaplanLaw,
    Law,
    PowerFrontier,
)

__all__ = [
    "BESIROGLU",
    "COUNTINGS",
    "HOFFMANN",
    "HOFFMANN_AS_PRINTED",
    "KAPLAN",
    "KAPLAN_FRONTIER",
    "Bootstrap",
    "Fit",
    "KaplanLaw",
    "Law",
    "Optimum",
    "Parabola",
    "ParameterCounts",
    "PowerFrontier",
    "PowerLaw",
    "Runs",
    "TokenFlops",
    "bootstrap",
    "cost_of",
    "count",
    "fit_law",
    "flops_per_token",
    "frontier_by_parabolas",
    "optimum",
    "parabola",
    "parabolas",
    "percentiles",
    "power_law",
    "runs_of",
    "six_n",
]
