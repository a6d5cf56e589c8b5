"""The prompts that all learners of regression are tested with: those of the training's kind, and those of others.

They are drawn from seeds of their own, which no training may have.

Source: Garg et al. 2022, section 4; that scales beyond the training's fail: Naim et al. 2024, "Re-examining
Learning Linear Functions in Context".
"""

from collections.abc import Mapping

import numpy as np

from course.layers.sizes import require_whole
from course.messages import _
from course.prompting.regression import LinearProblems, RegressionPrompts

D_X, N_POINTS = 5, 11  # up to 10 examples, twice as many as unknowns, and the point to predict
NOISE = 1.0
FIXED_W = (1.0, -1.0, 0.5, -0.5, 1.5)
N_TEST = 1000
VALIDATION_SEED, TEST_SEED = 1_000_001, 1_000_002

TEST_PROBLEMS: Mapping[str, LinearProblems] = {
    "as in training": LinearProblems(D_X),
    "noisy labels": LinearProblems(D_X, noise=NOISE),
    "inputs in a plane": LinearProblems(D_X, rank=2),
    "inputs x2": LinearProblems(D_X, x_scale=2.0),
    "inputs x3": LinearProblems(D_X, x_scale=3.0),
    "weights x2": LinearProblems(D_X, w_scale=2.0),
    "weights x3": LinearProblems(D_X, w_scale=3.0),
    "one known w": LinearProblems(D_X, fixed_w=FIXED_W),
}


def unseen_prompts(name: str, n_prompts: int = N_TEST) -> RegressionPrompts:
    """The prompts of one of `TEST_PROBLEMS`, the same each time. Raises `ValueError` for another name."""
    if name not in TEST_PROBLEMS:
        raise ValueError(
            _("There is no test {name!r}. There are: {known}.").format(name=name, known=", ".join(TEST_PROBLEMS))
        )
    number = list(TEST_PROBLEMS).index(name)
    return TEST_PROBLEMS[name].draw(n_prompts, N_POINTS, np.random.default_rng([TEST_SEED, number]))


def require_training_seed(seed: int) -> None:
    """Raises `ValueError` for what is no seed, and for the seeds whose prompts are for validation and tests."""
    require_whole(seed, "seed", least=0)
    if seed in (VALIDATION_SEED, TEST_SEED):
        raise ValueError(
            _("The seed {seed} draws prompts of the validation or the tests. Train with another.").format(seed=seed)
        )
