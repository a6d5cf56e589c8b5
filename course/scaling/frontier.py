"""The compute-optimal frontier: the size and the number of tokens that reach the lowest loss for so many operations."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from course.layers.sizes import require_positive
from course.messages import _
from course.scaling.counting import FLOPS_PER_PARAMETER, require_counting
from course.scaling.fit import loss_of_record
from course.scaling.law import KaplanLaw, Law, Number, Numbers

Cost = Callable[[float], Number]  # parameters → operations of a token
SMALLEST, LARGEST = 1.0, 1e16  # parameters between which an optimum is searched for


class Optimum(NamedTuple):
    """The best way to spend `flops`, and the loss that it reaches."""

    flops: Number
    parameters: float
    tokens: float
    loss: float


def optimum(law: Law | KaplanLaw, flops: Number, cost: Cost | None = None) -> Optimum:
    """The best size and number of tokens under a law. `cost` gives a token's operations for a size; 6N unless given.

    With 6N it is a formula; with another cost, and for Kaplan's form, the size is searched for between `SMALLEST` and
    `LARGEST`. Raises `ValueError` for operations or a cost that are not above 0, and for a best size that is not
    between these two.

    Source of the formula: Hoffmann et al. 2022, equation 4.
    """
    require_positive(flops, "flops")
    if cost is None and isinstance(law, Law):
        ratio = (law.alpha * law.A / (law.beta * law.B)) ** (1 / (law.alpha + law.beta))
        size = ratio * (flops / FLOPS_PER_PARAMETER) ** law.size_exponent
        tokens = flops / FLOPS_PER_PARAMETER / size
    else:
        price = _checked(cost or (lambda n: FLOPS_PER_PARAMETER * n))
        size = _lowest(lambda n: float(law.loss(n, flops / price(n))))
        if not 1.001 * SMALLEST < size < 0.999 * LARGEST:
            raise ValueError(
                _(
                    "The best size for {flops:.3g} operations is not between {smallest:.0e} and {largest:.0e} "
                    "parameters: give another budget, or a cost that grows with the size."
                ).format(flops=flops, smallest=SMALLEST, largest=LARGEST)
            )
        tokens = flops / price(size)
    return Optimum(flops, size, tokens, float(law.loss(size, tokens)))


def _checked(cost: Cost) -> Cost:
    """The cost, which is refused where it is no finite number above 0."""

    def price(n_parameters: float) -> Number:
        found = cost(n_parameters)
        require_positive(found, "cost")
        return found

    return price


def _lowest(loss: Callable[[float], float], steps: int = 120) -> float:
    """Where a function of the size with one valley is lowest, by golden section on the logarithm."""
    golden = (math.sqrt(5) - 1) / 2
    low, high = math.log(SMALLEST), math.log(LARGEST)
    inner = [high - golden * (high - low), low + golden * (high - low)]
    values = [loss(math.exp(x)) for x in inner]
    for _step in range(steps):
        if values[0] <= values[1]:
            high, inner, values = inner[1], [high - golden * (inner[1] - low), inner[0]], [math.nan, values[0]]
            inner[0] = high - golden * (high - low)
            values[0] = loss(math.exp(inner[0]))
        else:
            low, inner, values = inner[0], [inner[1], math.nan], [values[1], math.nan]
            inner[1] = low + golden * (high - low)
            values[1] = loss(math.exp(inner[1]))
    return math.exp((low + high) / 2)


def cost_of(records: Iterable[Mapping[str, Any]], counting: str = "all") -> Cost:
    """A token's operations for any size, read off the models of these records: a line between each two, in logarithms.

    Below the smallest and above the largest model the last line goes on. Raises `ValueError` for another way to count,
    and for fewer than two sizes.
    """
    require_counting(counting)
    known = dict(sorted((one["counts"][counting], one["flops_per_token"]["total"]) for one in records))
    if len(known) < 2:
        raise ValueError(_("A line needs two sizes, and the records have {n}.").format(n=len(known)))
    x, y = np.log(list(known)), np.log(list(known.values()))

    def cost(n_parameters: Number) -> float:
        require_positive(n_parameters, "n_parameters")
        at = math.log(n_parameters)
        left = int(np.clip(np.searchsorted(x, at) - 1, 0, len(x) - 2))
        slope = (y[left + 1] - y[left]) / (x[left + 1] - x[left])
        return float(np.exp(y[left] + slope * (at - x[left])))

    return cost


class PowerLaw(NamedTuple):
    """y = factor · x^exponent."""

    factor: float
    exponent: float

    def at(self, x: Numbers) -> Float[np.ndarray, "*x"]:
        return np.asarray(self.factor * np.asarray(x, np.float64) ** self.exponent)


def power_law(x: Numbers, y: Numbers) -> PowerLaw:
    """The straight line through these points in logarithms, by least squares.

    Raises `ValueError` for fewer than two different x, for not as many y, and for a number that is not finite and above
    0.
    """
    if np.shape(x) != np.shape(y):
        raise ValueError(
            _("There are {n} x and {m} y: a power law needs a y for each x.").format(n=np.size(x), m=np.size(y))
        )
    points = np.stack((np.asarray(x, np.float64), np.asarray(y, np.float64)))
    wrong = points[~(np.isfinite(points) & (points > 0))]
    if wrong.size:
        raise ValueError(_("{value} has no logarithm: give finite numbers above 0.").format(value=wrong.flat[0]))
    if len(np.unique(points[0])) < 2:
        raise ValueError(_("A power law needs two different numbers to begin with."))
    log_x, log_y = np.log(points)
    exponent, intercept = np.polyfit(log_x, log_y, 1)
    return PowerLaw(float(np.exp(intercept)), float(exponent))


class Parabola(NamedTuple):
    """One line of equal cost: loss against the log of the size, and where the parabola through it is lowest.

    `inside` is False where that is not between the smallest and the largest size of the line, the parabola opens
    downwards, or all losses are the same: then `parameters` and `loss` say nothing.
    """

    flops: Number
    coefficients: tuple[float, float, float]  # of the squared log, the log, and 1
    parameters: float
    loss: float
    inside: bool


def parabola(flops: Number, n_parameters: Sequence[Number], losses: Sequence[Number]) -> Parabola:
    """Fit a parabola to runs that cost the same, by least squares.

    It is approach 2. The valley of the law is no parabola in log N: where the sizes reach far, lie to one side of the
    best one, or alpha and beta differ, the lowest point is off even without noise. Raises `ValueError` for fewer than
    three sizes and for a number that is not above 0.

    Source: Hoffmann et al. 2022, section 3.2; of its errors without noise: Czech et al. 2026, abstract.
    """
    for name, values in (("flops", [flops]), ("n_parameters", n_parameters), ("losses", losses)):
        for value in values:
            require_positive(value, name)
    if len(set(n_parameters)) < 3 or len(n_parameters) != len(losses):
        raise ValueError(
            _(
                "A parabola needs three different sizes with a loss each; here are {sizes} sizes, {losses} losses."
            ).format(sizes=len(set(n_parameters)), losses=len(losses))
        )
    logs = np.log(np.asarray(n_parameters, np.float64))
    center = float(logs.mean())
    square, slope, level = map(float, np.polyfit(logs - center, np.asarray(losses, np.float64), 2))
    lowest = center - slope / (2 * square) if square else math.inf
    inside = len(set(losses)) > 1 and square > 0 and bool(logs.min() <= lowest <= logs.max())
    coefficients = (square, slope - 2 * square * center, level - slope * center + square * center**2)
    size = math.exp(min(lowest, 700.0))
    return Parabola(flops, coefficients, size, level - slope**2 / (4 * square) if square else math.nan, inside)


def parabolas(
    records: Sequence[Mapping[str, Any]], counting: str = "all", test: str = "held-out text"
) -> list[Parabola]:
    """A parabola for each line of equal cost among the records of the experiment `scaling`, the cheapest first.

    Runs are of one line whose operations differ by less than a twentieth. Lines with fewer than three sizes are left
    out. Raises `ValueError` for another way to count, for a test that a record does not have, and for operations that
    are not above 0.
    """
    require_counting(counting)
    for one in records:
        require_positive(one["flops"], "flops")
    lines: list[list[Mapping[str, Any]]] = []
    for one in sorted(records, key=lambda record: record["flops"]):
        if lines and one["flops"] < 1.05 * lines[-1][0]["flops"]:
            lines[-1].append(one)
        else:
            lines.append([one])
    return [
        parabola(
            float(np.mean([one["flops"] for one in line])),
            [one["counts"][counting] for one in line],
            [loss_of_record(one, test) for one in line],
        )
        for line in lines
        if len({one["counts"][counting] for one in line}) >= 3
    ]


def frontier_by_parabolas(found: Iterable[Parabola]) -> PowerLaw:
    """N ∝ C^a through the lowest points that are inside their lines. Raises `ValueError` for fewer than two of them."""
    used = [each for each in found if each.inside]
    if len(used) < 2:
        raise ValueError(
            _(
                "{n} parabolas have their lowest point inside: a frontier needs two. Run smaller or larger sizes."
            ).format(n=len(used))
        )
    return power_law([each.flops for each in used], [each.parameters for each in used])
