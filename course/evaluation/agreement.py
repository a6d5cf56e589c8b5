"""How far two who label the same items agree, beyond what they would by chance: Cohen's kappa."""

import math
import warnings
from collections.abc import Iterable

import numpy as np

from course.evaluation.classification import Class, UndefinedScoreWarning, confusion_matrix
from course.messages import _


def cohen_kappa(first: Iterable[Class], second: Iterable[Class]) -> float:
    """(p_o - p_e) / (1 - p_e): p_o is the share of items on which both agree, p_e what it would be by chance.

    By chance, each gives its labels as often as here, to items at random. 1 is full agreement, 0 is no more than
    chance, below 0 is less. Which of the two is called the truth does not matter. Where both give one and the same
    label to all items, chance agrees on all of them: NaN with a warning, as in scikit-learn. Raises `TypeError` and
    `ValueError` as `confusion_matrix` does.

    Source: Cohen 1960, "A Coefficient of Agreement for Nominal Scales".
    """
    counts = confusion_matrix(first, second).counts
    n = int(counts.sum())
    agreed = int(np.trace(counts)) * n
    by_chance = int((counts.sum(axis=0) * counts.sum(axis=1)).sum())
    if by_chance == n * n:
        warnings.warn(
            _("Both give one label to all items: Cohen's kappa is undefined, and is NaN."),
            UndefinedScoreWarning,
            stacklevel=2,
        )
        return math.nan
    return (agreed - by_chance) / (n * n - by_chance)
