"""The exercises of the lesson `transformer`, in the order of the lesson."""

from course.exercises.transformer.entropy import SOFTMAX_ENTROPY
from course.exercises.transformer.heads import SPLIT_HEADS
from course.exercises.transformer.mask import CAUSAL_MASK
from course.exercises.transformer.norm import LAYER_NORM
from course.exercises.transformer.smoothing import SMOOTHED_TARGET
from course.exercises.transformer.warmup import WARMUP_RATE

EXERCISES = (SOFTMAX_ENTROPY, SPLIT_HEADS, CAUSAL_MASK, LAYER_NORM, SMOOTHED_TARGET, WARMUP_RATE)
