"""How sure a number is: an estimate with its interval, and what the interval covers: seeds, test items, both, neither.

| what was measured | function | method |
| --- | --- | --- |
| one number a seed | `over_seeds` | Student's t, n - 1 degrees of freedom |
| right or wrong for each of n items | `share` | Wilson's score interval |
| one number an item | `mean_over_items` | bootstrap, expanded percentile |
| the same for two models that saw the same items | `mean_difference` | the same, of the paired differences |
| errors and symbols of each item and seed | `rate`, `difference_of_rates` and its like | components of variance |
| one number of either sign for each item and seed | `difference_of_scores` | the same |
| everything that the sentence is about | `exact` | counted, no interval |

An interval covers what it says in `of` and nothing else: not other data, other sizes, other settings.
"""

from course.intervals.interval import LEVEL, Interval, Number
from course.intervals.means import exact, mean_difference, mean_over_items, over_seeds, share
from course.intervals.rates import (
    RunCounts,
    difference_of_gaps,
    difference_of_groups,
    difference_of_rates,
    rate,
    ratio_of_rates,
)
from course.intervals.scores import RunScores, difference_of_scores
from course.intervals.student_t import t_quantile

__all__ = [
    "LEVEL",
    "Interval",
    "Number",
    "RunCounts",
    "RunScores",
    "difference_of_gaps",
    "difference_of_groups",
    "difference_of_rates",
    "difference_of_scores",
    "exact",
    "mean_difference",
    "mean_over_items",
    "over_seeds",
    "rate",
    "ratio_of_rates",
    "share",
    "t_quantile",
]
