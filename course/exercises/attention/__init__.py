"""The exercises of the lesson `attention`, in the order of the lesson."""

from course.exercises.attention.scores import ADDITIVE_SCORES, DOT_SCORES
from course.exercises.attention.values import ATTEND, WEIGHTED_SUM
from course.exercises.attention.weights import ATTENTION_WEIGHTS, MASKED_WEIGHTS

EXERCISES = (DOT_SCORES, ATTENTION_WEIGHTS, WEIGHTED_SUM, ATTEND, MASKED_WEIGHTS, ADDITIVE_SCORES)
