"""The exercises of the lesson `dpo`, in the order of the lesson."""

from course.exercises.dpo.gradient import GRADIENT_WEIGHTS
from course.exercises.dpo.implicit import REWARD_FROM_POLICY
from course.exercises.dpo.ipo import IPO_LOSS
from course.exercises.dpo.loss import DPO_LOSS
from course.exercises.dpo.sequence import SEQUENCE_LOG_PROBABILITY
from course.exercises.dpo.simpo import SIMPO_LOSS

EXERCISES = (
    REWARD_FROM_POLICY,
    DPO_LOSS,
    SEQUENCE_LOG_PROBABILITY,
    GRADIENT_WEIGHTS,
    IPO_LOSS,
    SIMPO_LOSS,
)
