"""Corrections for many tests: of twenty comparisons of equal models, one has a p-value below 0.05 on average."""

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from course.messages import _


def holm(p_values: ArrayLike) -> Float[np.ndarray, "test"]:
    """P-values to compare with α so that any false discovery among all tests has a probability of at most α.

    It holds for tests that depend on each other in any way, as those of several models on the same items do, and
    rejects whatever Bonferroni's correction rejects. Raises `ValueError` for no p-values, and for one outside 0 to 1.

    Source: Holm 1979, "A Simple Sequentially Rejective Multiple Test Procedure".
    """
    p = _checked(p_values)
    order = np.argsort(p, kind="stable")
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return _in_place(np.minimum(raised, 1), order)


def benjamini_hochberg(p_values: ArrayLike) -> Float[np.ndarray, "test"]:
    """P-values to compare with α so that of all discoveries a share of at most α is false, on average.

    It finds more than `holm` and promises less: a single one of its discoveries may well be false. It holds for tests
    that are independent or depend on each other positively. Raises `ValueError` as `holm` does.

    Source: Benjamini and Hochberg 1995, "Controlling the False Discovery Rate".
    """
    p = _checked(p_values)
    order = np.argsort(p, kind="stable")
    raised = p[order] * (len(p) / np.arange(1, len(p) + 1))
    lowered = np.minimum.accumulate(raised[::-1])[::-1]
    return _in_place(np.minimum(lowered, 1), order)


def _in_place(values: np.ndarray, order: np.ndarray) -> np.ndarray:
    found = np.empty_like(values)
    found[order] = values
    return found


def _checked(p_values: ArrayLike) -> np.ndarray:
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or not p.size:
        raise ValueError(_("There are no p-values to correct: give a list with one for each test."))
    wrong = p[~((p >= 0) & (p <= 1))]
    if wrong.size:
        raise ValueError(_("One of the p-values is {value}; it must be from 0 to 1.").format(value=wrong[0]))
    return p
