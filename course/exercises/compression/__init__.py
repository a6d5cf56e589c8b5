"""The exercises of the lesson `compression`, in the order of the lesson."""

from course.exercises.compression.loss import DISTILLATION_LOSS
from course.exercises.compression.nibbles import PACK_NIBBLES
from course.exercises.compression.pruning import PRUNE_MASK
from course.exercises.compression.rows import QUANTIZE_ROWS
from course.exercises.compression.targets import SOFT_TARGETS
from course.exercises.compression.tasks import TWO_TASKS
from course.exercises.compression.wanda import WANDA_MASK

EXERCISES = (
    SOFT_TARGETS,
    DISTILLATION_LOSS,
    TWO_TASKS,
    QUANTIZE_ROWS,
    PACK_NIBBLES,
    PRUNE_MASK,
    WANDA_MASK,
)
