"""The exercises of the lesson `instruction`, in the order of the lesson."""

from course.exercises.instruction.accumulation import TOKEN_MEAN
from course.exercises.instruction.chat import CHAT_PROMPT
from course.exercises.instruction.loss_mask import TRAINED_TOKENS
from course.exercises.instruction.mixture import MIXTURE_RATES
from course.exercises.instruction.novelty import KEPT_INSTRUCTIONS
from course.exercises.instruction.packing import BLOCK_MASK

EXERCISES = (CHAT_PROMPT, TRAINED_TOKENS, TOKEN_MEAN, BLOCK_MASK, MIXTURE_RATES, KEPT_INSTRUCTIONS)
