"""How many test items tell two models apart: the power of a paired and an unpaired comparison of accuracies."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np

from course.intervals.interval import LEVEL, Interval, Number, require_level
from course.intervals.means import share
from course.intervals.significance import exact_p
from course.layers.sizes import require_whole
from course.messages import _

ALPHA, POWER = 0.05, 0.8
Test = Literal["mcnemar", "two_proportions", "separate_intervals"]
NORMAL = NormalDist()


@dataclass(frozen=True)
class TwoModels:
    """Two models as they would be on endless items: accuracy of a, how much better it is than b, how often they differ.

    `discordance` is the share of items that one of them alone gets right. It is at least the difference; models that
    are similar have a small one, and a given difference is then found with fewer items. Raises `ValueError` for shares
    that no two models can have together.
    """

    accuracy: float
    difference: float
    discordance: float

    def __post_init__(self) -> None:
        for name, value in (("accuracy", self.accuracy), ("discordance", self.discordance)):
            if not 0 <= value <= 1:
                raise ValueError(_("{name} is {value}; it must be from 0 to 1.").format(name=name, value=value))
        if not abs(self.difference) <= self.discordance:
            raise ValueError(
                _(
                    "The difference {difference} is more than the discordance {discordance} allows: it must be less."
                ).format(difference=self.difference, discordance=self.discordance)
            )
        if min(self.shares()) < -1e-12:
            only_a, only_b, both, neither = (f"{value:.3g}" for value in self.shares())
            raise ValueError(
                _(
                    "No two models are like this: of the items, only a would get {only_a} right, only b {only_b}, both "
                    "{both}, and neither {neither}. Give a smaller discordance {discordance}."
                ).format(only_a=only_a, only_b=only_b, both=both, neither=neither, discordance=self.discordance)
            )

    @classmethod
    def independent(cls, accuracy_a: float, accuracy_b: float) -> "TwoModels":
        """Two models whose errors have nothing to do with each other: as if each had its own items."""
        discordance = accuracy_a * (1 - accuracy_b) + accuracy_b * (1 - accuracy_a)
        return cls(accuracy_a, accuracy_a - accuracy_b, discordance)

    @property
    def accuracy_b(self) -> float:
        return self.accuracy - self.difference

    def shares(self) -> tuple[float, float, float, float]:
        """The shares of items that a alone, b alone, both and neither get right."""
        only_a, only_b = (self.discordance + self.difference) / 2, (self.discordance - self.difference) / 2
        both = self.accuracy - only_a
        return only_a, only_b, both, 1 - self.discordance - both


def items_needed(models: TwoModels, *, paired: bool = True, power: float = POWER, alpha: float = ALPHA) -> int:
    """The number of items of which a comparison finds the difference with probability `power`, at a level of `alpha`.

    Paired, by McNemar's test: ((z_α √q + z_β √(q - d²)) / d)². Unpaired, with its own items for each model, by the
    test of two proportions: ((z_α √(2 p (1 - p)) + z_β √(p_a (1 - p_a) + p_b (1 - p_b))) / d)², for each. z_α is that
    of α / 2, since nobody knows which model is better. Normal approximations: `simulated_power` says how good.

    Source: Connor 1987, "Sample size for testing differences in proportions for the paired-sample design"; Fleiss,
    Tytun and Ury 1980, "A simple approximation for calculating sample sizes for comparing independent proportions"
    (whose continuity correction is left out); in language processing: Card et al. 2020, "With Little Power Comes Great
    Responsibility". Raises `ValueError` for no difference, and for a power or α outside 0 to 1.
    """
    if not models.difference:
        raise ValueError(_("The difference is 0, and no number of items finds it. Give the smallest that matters."))
    require_level(power)
    under_null, under_truth = _deviations(models, paired)
    z_power = NORMAL.inv_cdf(power)
    return max(1, math.ceil(((_z(alpha) * under_null + z_power * under_truth) / models.difference) ** 2 - 1e-9))


def power_of(models: TwoModels, n: int, *, paired: bool = True, alpha: float = ALPHA) -> float:
    """The probability that a comparison on n items finds the difference; the formulas are those of `items_needed`."""
    require_whole(n, "n")
    under_null, under_truth = _deviations(models, paired)
    shift, beyond = math.sqrt(n) * abs(models.difference), _z(alpha) * under_null
    if not under_truth:
        return float(shift > beyond)
    return NORMAL.cdf((shift - beyond) / under_truth) + NORMAL.cdf((-shift - beyond) / under_truth)


def simulated_power(
    models: TwoModels,
    n: int,
    test: Test = "mcnemar",
    *,
    same_items: bool = True,
    alpha: float = ALPHA,
    n_runs: int = 4_000,
    seed: int = 0,
) -> Interval:
    """The share of simulated experiments on n items in which a test finds a difference, with its interval over them.

    "mcnemar" is the exact test. "two_proportions" compares the accuracies as if the items were others, and
    "separate_intervals" asks whether their Wilson intervals do not overlap: with `same_items` both waste the pairing.
    Without it, each model has n items of its own. Raises `ValueError` for McNemar's test without the same items.
    """
    require_whole(n, "n")
    require_whole(n_runs, "n_runs")
    if test not in ("mcnemar", "two_proportions", "separate_intervals"):
        raise ValueError(
            _("test is {test!r}; give 'mcnemar', 'two_proportions' or 'separate_intervals'.").format(test=test)
        )
    rng = np.random.default_rng(seed)
    only_a, only_b = np.zeros((2, n_runs), dtype=np.int64)
    if same_items:
        shares = np.clip(models.shares(), 0, 1)
        only_a, only_b, both, _neither = rng.multinomial(n, shares / shares.sum(), size=n_runs).T
        right_a, right_b = both + only_a, both + only_b
    elif test == "mcnemar":
        raise ValueError(_("McNemar's test needs the same items for both models: same_items=True."))
    else:
        right_a, right_b = (rng.binomial(n, p, size=n_runs) for p in (models.accuracy, models.accuracy_b))
    if test == "mcnemar":
        cases, index = np.unique(np.stack([only_a, only_b], axis=1), axis=0, return_inverse=True)
        p_values = np.array([exact_p(min(case), sum(case)) for case in cases.tolist()])[index.ravel()]
        found = p_values <= alpha
    elif test == "two_proportions":
        pooled = (right_a + right_b) / (2 * n)
        found = np.abs(right_a - right_b) > _z(alpha) * np.sqrt(2 * n * pooled * (1 - pooled))
    else:
        ends = {k: share(k, n, level=1 - alpha) for k in {*right_a.tolist(), *right_b.tolist()}}
        pairs = zip(right_a.tolist(), right_b.tolist(), strict=True)
        found = np.array([ends[i].low > ends[j].high or ends[j].low > ends[i].high for i, j in pairs])
    return share(int(found.sum()), n_runs, of=_("simulated experiments"))


def items_for_half_width(half_width: float, accuracy: float = 0.5, *, level: Number = LEVEL) -> int:
    """The number of items of which the interval of one accuracy reaches `half_width` to each side: z² p (1 - p) / h².

    An accuracy of 0.5 needs most. Raises `ValueError` for a half width or an accuracy outside 0 to 1.
    """
    require_level(level)
    for name, value in (("half_width", half_width), ("accuracy", accuracy)):
        if not 0 < value < 1:
            raise ValueError(_("{name} is {value}; it must be between 0 and 1.").format(name=name, value=value))
    return math.ceil((_z(1 - level) / half_width) ** 2 * accuracy * (1 - accuracy) - 1e-9)


def _deviations(models: TwoModels, paired: bool) -> tuple[float, float]:
    """√n times the standard deviation of the difference, where the models are equal and as they are."""
    if paired:
        return math.sqrt(models.discordance), math.sqrt(models.discordance - models.difference**2)
    a, b = models.accuracy, models.accuracy_b
    mean = (a + b) / 2
    return math.sqrt(2 * mean * (1 - mean)), math.sqrt(a * (1 - a) + b * (1 - b))


def _z(alpha: float) -> float:
    require_level(alpha)
    return NORMAL.inv_cdf(1 - alpha / 2)
