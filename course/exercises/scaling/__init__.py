"""The exercises of the lesson `scaling`, in the order of the lesson."""

from course.exercises.scaling.flops import TRAINING_FLOPS
from course.exercises.scaling.huber import HUBER_LOG_ERROR
from course.exercises.scaling.interval import BOOTSTRAP_INTERVAL
from course.exercises.scaling.loss import PREDICTED_LOSS
from course.exercises.scaling.parabola import PARABOLA_MINIMUM
from course.exercises.scaling.parameters import PARAMETERS
from course.exercises.scaling.split import BEST_SPLIT

EXERCISES = (
    PARAMETERS,
    TRAINING_FLOPS,
    PREDICTED_LOSS,
    HUBER_LOG_ERROR,
    BOOTSTRAP_INTERVAL,
    BEST_SPLIT,
    PARABOLA_MINIMUM,
)
