"""The exercises of the lesson `rlhf`, in the order of the lesson."""

from course.exercises.rlhf.advantages import ADVANTAGES
from course.exercises.rlhf.best import BEST_OF_N
from course.exercises.rlhf.clipping import CLIPPED_LOSS
from course.exercises.rlhf.groups import GROUP_ADVANTAGES
from course.exercises.rlhf.optimum import OPTIMAL_POLICY
from course.exercises.rlhf.reward_loss import BRADLEY_TERRY_LOSS
from course.exercises.rlhf.token_rewards import TOKEN_REWARDS

EXERCISES = (
    BRADLEY_TERRY_LOSS,
    BEST_OF_N,
    OPTIMAL_POLICY,
    TOKEN_REWARDS,
    ADVANTAGES,
    CLIPPED_LOSS,
    GROUP_ADVANTAGES,
)
