"""The exercises of the lesson `bert`, in the order of the lesson."""

from course.exercises.bert.masking import MASK_TOKENS
from course.exercises.bert.replacing import REPLACE_TOKENS

EXERCISES = (MASK_TOKENS, REPLACE_TOKENS)
