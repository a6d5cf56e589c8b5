"""Prompting and in-context learning: what a model does with examples in its prompt, while no weight changes."""

from course.prompting.regression import LinearProblems, RegressionPrompts, relative_errors
from course.prompting.regression_baselines import averaging, least_squares, nearest_neighbors, ridge
from course.prompting.regressor import InContextRegressor, RegressorConfig
from course.prompting.unseen_prompts import TEST_PROBLEMS, require_training_seed, unseen_prompts

__all__ = [
    "TEST_PROBLEMS",
    "InContextRegressor",
    "LinearProblems",
    "RegressionPrompts",
    "RegressorConfig",
    "averaging",
    "least_squares",
    "nearest_neighbors",
    "relative_errors",
    "require_training_seed",
    "ridge",
    "unseen_prompts",
]
