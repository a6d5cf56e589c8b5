"""The exercises of the lesson `tools`, in the order of the lesson."""

from course.exercises.tools.accepted import ACCEPTS
from course.exercises.tools.constrained import NEXT_CHARACTERS
from course.exercises.tools.outcomes import OUTCOME
from course.exercises.tools.reading import READ_CALL
from course.exercises.tools.schema import WRONG_ARGUMENTS
from course.exercises.tools.splitting import GROUPS_BY_FUNCTION

EXERCISES = (READ_CALL, WRONG_ARGUMENTS, ACCEPTS, OUTCOME, GROUPS_BY_FUNCTION, NEXT_CHARACTERS)
