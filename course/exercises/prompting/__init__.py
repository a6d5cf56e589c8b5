"""The exercises of the lesson `prompting`, in the order of the lesson."""

from course.exercises.prompting.calibrating import CALIBRATE
from course.exercises.prompting.constraint import ALLOWED_NEXT
from course.exercises.prompting.few_shots import FEW_SHOT_PROMPT
from course.exercises.prompting.regression import LEAST_SQUARES
from course.exercises.prompting.rouge import ROUGE_L
from course.exercises.prompting.scoring import ANSWER_SCORE
from course.exercises.prompting.voting import MAJORITY

EXERCISES = (FEW_SHOT_PROMPT, ANSWER_SCORE, ROUGE_L, CALIBRATE, MAJORITY, ALLOWED_NEXT, LEAST_SQUARES)
