"""The exercises of the lesson `transformer`, in the order of the lesson."""

from course.exercises.transformer.attention import ATTENTION
from course.exercises.transformer.encoder_layer import ENCODER_LAYER
from course.exercises.transformer.entropy import SOFTMAX_ENTROPY
from course.exercises.transformer.heads import SPLIT_HEADS
from course.exercises.transformer.mask import CAUSAL_MASK
from course.exercises.transformer.multi_head import CROSS_ATTENTION, MULTI_HEAD
from course.exercises.transformer.norm import LAYER_NORM
from course.exercises.transformer.residual import RESIDUAL
from course.exercises.transformer.smoothing import SMOOTHED_TARGET
from course.exercises.transformer.warmup import WARMUP_RATE

EXERCISES = (
    SOFTMAX_ENTROPY,
    CAUSAL_MASK,
    ATTENTION,
    SPLIT_HEADS,
    MULTI_HEAD,
    LAYER_NORM,
    RESIDUAL,
    ENCODER_LAYER,
    CROSS_ATTENTION,
    SMOOTHED_TARGET,
    WARMUP_RATE,
)
