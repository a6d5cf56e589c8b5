"""The exercises of the lesson `looking_inside`, in the order of the lesson."""

from course.exercises.looking_inside.induction import INDUCTION_SCORE
from course.exercises.looking_inside.paired import PAIRED_DIFFERENCE
from course.exercises.looking_inside.removal import REMOVE_HEAD

EXERCISES = (REMOVE_HEAD, PAIRED_DIFFERENCE, INDUCTION_SCORE)
