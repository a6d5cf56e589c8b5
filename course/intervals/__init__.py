"""How sure a number is: an estimate with its interval, and what the interval covers: seeds, test items, both, neither.

| what was measured | function | method |
| --- | --- | --- |
| one number a seed | `over_seeds` | Student's t, n - 1 degrees of freedom |
| right or wrong for each of n items | `share` | Wilson's score interval |
| one number an item | `mean_over_items` | bootstrap, expanded percentile |
| the same for two models that saw the same items | `mean_difference` | the same, of the paired differences |
| errors and symbols of each item and seed | `rate`, `difference_of_rates` and its like | components of variance |
| one number of either sign for each item and seed | `difference_of_scores` | the same |
| any measure of one model's answers | `score_over_items` | bootstrap, percentile |
| any measure of two models' answers to the same items | `score_difference` | paired bootstrap, percentile |
| the same for some of many models, resampled once | `score_of`, `difference_of` | the same |
| everything that the sentence is about | `exact` | counted, no interval |

Whether two models differ at all is tested by `mcnemar` and `permutation_test`; `holm` and `benjamini_hochberg` correct
many such tests. `items_needed` and `simulated_power` say how many items a difference takes, `rank_distribution` how
sure the order of many models is.

An interval covers what it says in `of` and nothing else: not other data, other sizes, other settings.
"""

from course.intervals.corrections import benjamini_hochberg, holm
from course.intervals.interval import LEVEL, Interval, Number
from course.intervals.means import exact, mean_difference, mean_over_items, over_seeds, share
from course.intervals.paired import PairedBootstrap, difference_of, score_difference, score_of, score_over_items
from course.intervals.power import TwoModels, items_for_half_width, items_needed, power_of, simulated_power
from course.intervals.ranks import RankRange, Ranks, mean_of_tasks, rank_distribution
from course.intervals.rates import (
    RunCounts,
    difference_of_gaps,
    difference_of_groups,
    difference_of_rates,
    rate,
    ratio_of_rates,
)
from course.intervals.resampling import Resamples, resample
from course.intervals.scores import RunScores, difference_of_scores
from course.intervals.significance import McNemar, PermutationTest, mcnemar, mcnemar_of_counts, permutation_test
from course.intervals.student_t import t_quantile

__all__ = [
    "LEVEL",
    "Interval",
    "McNemar",
    "Number",
    "PairedBootstrap",
    "PermutationTest",
    "RankRange",
    "Ranks",
    "Resamples",
    "RunCounts",
    "RunScores",
    "TwoModels",
    "benjamini_hochberg",
    "difference_of",
    "difference_of_gaps",
    "difference_of_groups",
    "difference_of_rates",
    "difference_of_scores",
    "exact",
    "holm",
    "items_for_half_width",
    "items_needed",
    "mcnemar",
    "mcnemar_of_counts",
    "mean_difference",
    "mean_of_tasks",
    "mean_over_items",
    "over_seeds",
    "permutation_test",
    "power_of",
    "rank_distribution",
    "rate",
    "ratio_of_rates",
    "resample",
    "score_difference",
    "score_of",
    "score_over_items",
    "share",
    "simulated_power",
    "t_quantile",
]
