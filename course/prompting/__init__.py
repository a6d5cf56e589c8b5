"""Prompting and in-context learning: what a model does with the text before its answer, while no weight changes."""

from course.prompting.branches import branch_scores
from course.prompting.calibration import CONTENT_FREE, answer_probabilities, calibrate, calibrated_probabilities
from course.prompting.constrained import ConstrainedAnswer, constrained_answer, token_trie
from course.prompting.regression import LinearProblems, RegressionPrompts, relative_errors
from course.prompting.regression_baselines import averaging, least_squares, nearest_neighbors, ridge
from course.prompting.regressor import InContextRegressor, RegressorConfig
from course.prompting.scoring import Per, answer_scores, encode_pair
from course.prompting.self_consistency import Vote, majority_vote
from course.prompting.shared_prefix import Continuation, continuation_scores, shared_length
from course.prompting.shots import apart, balanced_shots, nearest_shots, random_shots, text_embeddings
from course.prompting.template import Part, Prompt, PromptTemplate, Shot
from course.prompting.unseen_prompts import TEST_PROBLEMS, require_training_seed, unseen_prompts

__all__ = [
    "CONTENT_FREE",
    "TEST_PROBLEMS",
    "ConstrainedAnswer",
    "Continuation",
    "InContextRegressor",
    "LinearProblems",
    "Part",
    "Per",
    "Prompt",
    "PromptTemplate",
    "RegressionPrompts",
    "RegressorConfig",
    "Shot",
    "Vote",
    "answer_probabilities",
    "answer_scores",
    "apart",
    "averaging",
    "balanced_shots",
    "branch_scores",
    "calibrate",
    "calibrated_probabilities",
    "constrained_answer",
    "continuation_scores",
    "encode_pair",
    "least_squares",
    "majority_vote",
    "nearest_neighbors",
    "nearest_shots",
    "random_shots",
    "relative_errors",
    "require_training_seed",
    "ridge",
    "shared_length",
    "text_embeddings",
    "token_trie",
    "unseen_prompts",
]
