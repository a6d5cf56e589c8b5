"""The exercises of the lesson `evaluation`, in the order of the lesson."""

from course.exercises.evaluation.bits import BITS_PER_BYTE
from course.exercises.evaluation.calibration import CALIBRATION_ERROR
from course.exercises.evaluation.clipped import CLIPPED_PRECISION
from course.exercises.evaluation.holm import HOLM
from course.exercises.evaluation.matthews import MATTHEWS
from course.exercises.evaluation.mcnemar import MCNEMAR
from course.exercises.evaluation.ranks import AVERAGE_RANKS
from course.exercises.evaluation.win_rate import WIN_RATE

EXERCISES = (
    MATTHEWS,
    AVERAGE_RANKS,
    CLIPPED_PRECISION,
    BITS_PER_BYTE,
    CALIBRATION_ERROR,
    MCNEMAR,
    WIN_RATE,
    HOLM,
)
