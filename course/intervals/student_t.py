"""The quantiles of Student's distribution."""

import math
from functools import cache
from statistics import NormalDist

from course.intervals.interval import Number

EXPANDED_FROM = 1_000  # degrees of freedom from which a series gives Student's t to nine digits


@cache
def t_quantile(level: Number, freedom: Number) -> float:
    """The t for which Student's distribution with this many degrees of freedom has `level` of itself in (-t, t).

    Degrees of freedom need not be whole, and may be infinite: the normal distribution. It is SciPy's `stats.t.ppf`, to
    whose values a test holds it. The course does without that package, which nothing else here needs; Python's
    `statistics`, NumPy and PyTorch do not have the quantiles of this distribution.

    Source: Abramowitz and Stegun 1964, "Handbook of Mathematical Functions", 26.7.5 (many degrees of freedom).
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    if freedom > EXPANDED_FROM:
        return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    log_peak = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2) - math.log(freedom * math.pi) / 2
    t, step = z, math.inf
    while step > 1e-12 * t:  # Newton's steps from below never pass the root, as the density falls
        density = math.exp(log_peak - (freedom + 1) / 2 * math.log1p(t * t / freedom))
        step = (level - _within_t(t, freedom)) / (2 * density)
        t += step
    return t


def _within_t(t: Number, freedom: Number) -> float:
    """The share of Student's distribution in (-t, t): I_x(1/2, ν/2) at x = t² / (ν + t²)."""
    x, rest = t * t / (freedom + t * t), freedom / (freedom + t * t)
    if x < 3 / (freedom + 5):  # where the fraction of I_x(a, b) converges fast: x < (a + 1) / (a + b + 2)
        return _incomplete_beta(0.5, freedom / 2, x, rest)
    return 1 - _incomplete_beta(freedom / 2, 0.5, rest, x)


def _incomplete_beta(a: Number, b: Number, x: Number, rest: Number) -> float:
    """The regularized incomplete beta function I_x(a, b), `rest` being 1 - x, by its continued fraction.

    Source: NIST Digital Library of Mathematical Functions, 8.17.22 and 8.17.23.
    """
    if x == 0:
        return 0.0
    fraction = 1.0
    for m in range(100 + math.isqrt(int(max(a, b))), 0, -1):  # from the inside out
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        fraction = 1 + even / (1 + odd / fraction)
    fraction = 1 - (a + b) * x / ((a + 1) * fraction)
    log_beta = math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    return math.exp(a * math.log(x) + b * math.log(rest) - log_beta) / (a * fraction)
