"""DPO: a policy that learns from preferences without a reward model, and losses that do the same in another way."""

from course.dpo.log_ratios import (
    AnswerLogProbabilities,
    PairLogProbabilities,
    implicit_rewards,
    pair_log_probabilities,
    preference_accuracy,
    reference_log_probabilities,
    with_reference,
)
from course.dpo.losses import dpo_loss, gradient_weights, ipo_loss, simpo_loss
from course.dpo.training import DrawnPairs, PairSettings, train_on_pairs

__all__ = [
    "AnswerLogProbabilities",
    "DrawnPairs",
    "PairLogProbabilities",
    "PairSettings",
    "dpo_loss",
    "gradient_weights",
    "implicit_rewards",
    "ipo_loss",
    "pair_log_probabilities",
    "preference_accuracy",
    "reference_log_probabilities",
    "simpo_loss",
    "train_on_pairs",
    "with_reference",
]
