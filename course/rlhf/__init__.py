"""RLHF: a reward model learned from preferences, and a policy that learns from its own responses to please it."""

from course.rlhf.advantages import Advantages, gae, masked_mean, whiten
from course.rlhf.best_of_n import best_of_n, best_of_n_kl, expected_best_of_n
from course.rlhf.exact import (
    all_answers,
    answer_distribution,
    answer_log_probabilities,
    optimal_policy,
    reward_and_kl,
    total_variation,
)
from course.rlhf.grpo import group_advantages, grpo_loss
from course.rlhf.grpo_trainer import GRPO, GRPOSettings, train_grpo
from course.rlhf.kl import AdaptiveKL, FixedKL, k1, k2, k3, sequence_kl
from course.rlhf.policy_methods import Iteration
from course.rlhf.policy_training import train_policy
from course.rlhf.ppo import PolicyLoss, clipped_objective, policy_loss, value_loss
from course.rlhf.ppo_trainer import PPO, PPOSettings, train_ppo
from course.rlhf.preferences import PreferencePair, pair_responses
from course.rlhf.responses import (
    Responses,
    TokenScores,
    as_responses,
    last_states,
    response_log_probabilities,
    states_before,
    token_scores,
)
from course.rlhf.reward_model import RewardModel, bradley_terry_loss, ranking_accuracy
from course.rlhf.rewards import require_end, token_rewards
from course.rlhf.rollouts import PolicySettings, Rollout, drawn
from course.rlhf.sharing import require_policy
from course.rlhf.value_model import ValueModel

__all__ = [
    "GRPO",
    "PPO",
    "AdaptiveKL",
    "Advantages",
    "FixedKL",
    "GRPOSettings",
    "Iteration",
    "PPOSettings",
    "PolicyLoss",
    "PolicySettings",
    "PreferencePair",
    "Responses",
    "RewardModel",
    "Rollout",
    "TokenScores",
    "ValueModel",
    "all_answers",
    "answer_distribution",
    "answer_log_probabilities",
    "as_responses",
    "best_of_n",
    "best_of_n_kl",
    "bradley_terry_loss",
    "clipped_objective",
    "drawn",
    "expected_best_of_n",
    "gae",
    "group_advantages",
    "grpo_loss",
    "k1",
    "k2",
    "k3",
    "last_states",
    "masked_mean",
    "optimal_policy",
    "pair_responses",
    "policy_loss",
    "ranking_accuracy",
    "require_end",
    "require_policy",
    "response_log_probabilities",
    "reward_and_kl",
    "sequence_kl",
    "states_before",
    "token_rewards",
    "token_scores",
    "total_variation",
    "train_grpo",
    "train_policy",
    "train_ppo",
    "value_loss",
    "whiten",
]
