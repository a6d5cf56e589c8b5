"""The exercises of the lesson `bert`, in the order of the lesson."""

from course.exercises.bert.masked_loss import MASKED_LOSS
from course.exercises.bert.masking import MASK_TOKENS
from course.exercises.bert.order import ORDER_PAIR
from course.exercises.bert.reading import PAIR_INPUT
from course.exercises.bert.replacing import REPLACE_TOKENS
from course.exercises.bert.spans import BOUNDARY_POSITIONS, SPAN_PROBABILITIES

EXERCISES = (
    PAIR_INPUT,
    MASK_TOKENS,
    MASKED_LOSS,
    ORDER_PAIR,
    REPLACE_TOKENS,
    SPAN_PROBABILITIES,
    BOUNDARY_POSITIONS,
)
