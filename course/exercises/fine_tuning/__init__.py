"""The exercises of the lesson `fine_tuning`, in the order of the lesson."""

from course.exercises.fine_tuning.calibration import CALIBRATION_ERROR
from course.exercises.fine_tuning.pooling import LAST_TOKEN, MEAN_POOLING
from course.exercises.fine_tuning.scores import PRECISION_RECALL_F1
from course.exercises.fine_tuning.stopping import BEST_EPOCH
from course.exercises.fine_tuning.threshold import BEST_THRESHOLD

EXERCISES = (MEAN_POOLING, BEST_EPOCH, PRECISION_RECALL_F1, BEST_THRESHOLD, CALIBRATION_ERROR, LAST_TOKEN)
