"""The exercises of the lesson `transformer`, in the order of the lesson."""

from course.exercises.transformer.attention import CAUSAL_MASK, SOFTMAX_ENTROPY, SPLIT_HEADS
from course.exercises.transformer.training import LAYER_NORM, SMOOTHED_TARGET, WARMUP_RATE

EXERCISES = (SOFTMAX_ENTROPY, SPLIT_HEADS, CAUSAL_MASK, LAYER_NORM, SMOOTHED_TARGET, WARMUP_RATE)
