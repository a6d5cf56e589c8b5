"""Regression in context: a Transformer that reads examples of a linear function, and predicts the next label.

python -m experiments.in_context_regression --search clean noisy
python -m experiments.in_context_regression [clean] [noisy] [one-w] [untrained] [longer] [--seeds 0 1 2]

`clean` is trained on labels w·x, `noisy` on the same with noise added to them, each with the best learning rate of a
search of its own: the lowest error on validation prompts. Every prompt has a new w, so nothing about w can be in the
weights. Two controls have the same blocks: `one-w` was trained on prompts that all have the same w, with the setting of
`clean`, and `untrained` has its first weights. `longer` is `clean` with five times the steps. All read the same test
prompts; a seed draws the first weights and the prompts of the training.

Source: Garg et al. 2022, "What Can Transformers Learn In-Context? A Case Study of Simple Function Classes", with 5
dimensions in the place of 20, 3 layers in the place of 12 and some thousand steps in the place of 500,000.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

import course
from course import trained
from course.prompting import (
    TEST_PROBLEMS,
    InContextRegressor,
    LinearProblems,
    RegressionPrompts,
    RegressorConfig,
    relative_errors,
    require_training_seed,
    unseen_prompts,
)
from course.prompting.unseen_prompts import D_X, FIXED_W, N_POINTS, NOISE, VALIDATION_SEED
from course.training import History, adamw, linear_schedule, train
from course.training.batches import require_step
from experiments.running import main
from experiments.search import Grid, Setting, tuned

NAME = "in_context_regression"
CONFIG = RegressorConfig(D_X, N_POINTS)
STEPS, BATCH_SIZE = 2500, 64
GRID = Grid({"decoder": 2e-3}, dropouts=(0.0,), batch_sizes=(BATCH_SIZE,), budget={"steps": 500})
MIDDLE = Setting(GRID.middle_rates["decoder"], 0.0, BATCH_SIZE)  # before there was a search
LONGER = 5
EASIER_FOR = 0.2  # of the steps
N_VALIDATION = 500


@dataclass(frozen=True)
class PromptBatches:
    """New prompts at each step; over the first `easier_for` steps, x and prompts grow to their full size in a line.

    Source: the curriculum of Garg et al. 2022, appendix A.
    """

    problems: LinearProblems
    batch_size: int
    n_points: int
    easier_for: int
    seed: int

    def __getitem__(self, step: int) -> RegressionPrompts:
        n_dims, n_points = self.size(require_step(step))
        rng = np.random.default_rng([self.seed, step])
        return self.problems.draw(self.batch_size, n_points, rng, n_dims=n_dims)

    def size(self, step: int) -> tuple[int, int]:
        """How many numbers of x are not 0 at a step, and how many points a prompt has: twice as many and one."""
        share = min(1.0, step / self.easier_for) if self.easier_for else 1.0
        n_dims = 1 + round(share * (self.problems.d_x - 1))
        return n_dims, min(2 * n_dims + 1, self.n_points)


def squared_error(model: nn.Module, batch: RegressionPrompts) -> Float[Tensor, ""]:
    """The mean over all points, those with too few examples to know w included."""
    x, y, _target = (each.to(course.device()) for each in batch)
    return (model(x, y) - y).square().mean()


@torch.no_grad()
def errors_on(
    model: InContextRegressor, prompts: RegressionPrompts, problems: LinearProblems
) -> Float[Tensor, "prompt point"]:
    """The relative errors of a model."""
    device = course.device()
    return relative_errors(model(prompts.x.to(device), prompts.y.to(device)), prompts, problems)


@dataclass
class RegressionRecipe:
    """A regressor trained on prompts of some problems, or with its first weights where there are none."""

    problems: LinearProblems | None
    setting: Setting = MIDDLE
    steps: int = STEPS
    config: RegressorConfig = CONFIG
    family = "decoder"

    def with_setting(self, setting: Setting, **budget: Any) -> Self:
        """This recipe with another setting; `budget` may hold fewer `steps`."""
        return replace(self, setting=setting, **budget)

    def train(self, seed: int) -> tuple[InContextRegressor, History]:
        require_training_seed(seed)
        model = InContextRegressor(self.config, torch.Generator().manual_seed(seed)).to(course.device())
        if self.problems is None:
            return model.eval(), History()
        rate, _dropout, batch_size = self.setting
        easier_for = round(EASIER_FOR * self.steps)
        batches = PromptBatches(self.problems, batch_size, self.config.n_points, easier_for, seed)
        return model, train(
            model,
            batches,
            squared_error,
            adamw(model, weight_decay=0.0),
            steps=self.steps,
            seed=seed,
            learning_rate=linear_schedule(rate, self.steps, max(1, self.steps // 10)),
            max_gradient_norm=1.0,
        )

    def validate(self, model: trained.Model) -> dict[str, float]:
        """The mean relative error over validation prompts of the training's kind and over all numbers of examples.

        Raises `ValueError` for a recipe without a training.
        """
        assert isinstance(model, InContextRegressor)
        if self.problems is None:
            raise ValueError("A model that is not trained has no learning rate to search for.")
        prompts = self.problems.draw(N_VALIDATION, self.config.n_points, np.random.default_rng([VALIDATION_SEED, 0]))
        return {"validation_loss": round(errors_on(model, prompts, self.problems).mean().item(), 6)}

    def measure(self, model: trained.Model) -> dict[str, object]:
        assert isinstance(model, InContextRegressor)
        searched = self.setting._asdict() if self.problems is not None else {}
        return {**searched, "tests": {name: measured(model, name) for name in TEST_PROBLEMS}}


def measured(model: InContextRegressor, test: str) -> dict[str, Any]:
    """The relative error of a model on a test after each number of examples, and of each prompt after all of them."""
    errors = errors_on(model, unseen_prompts(test), TEST_PROBLEMS[test])
    last = errors[:, -1]
    return {
        "relative_error": last.mean().item(),
        "by_examples": trained.one_line(errors.mean(dim=0).tolist()),
        "items": {
            "errors": " ".join(f"{error:.4g}" for error in last.tolist()),
            "symbols": trained.one_line([1] * len(last)),
        },
    }


def recipes() -> Mapping[str, RegressionRecipe]:
    """The recipes by their names, with the settings of the search; `one-w` and `longer` have that of `clean`."""
    searched = {
        "clean": RegressionRecipe(LinearProblems(D_X)),
        "noisy": RegressionRecipe(LinearProblems(D_X, noise=NOISE)),
    }
    found = tuned(NAME, searched, GRID)
    one_w = RegressionRecipe(LinearProblems(D_X, fixed_w=FIXED_W), found["clean"].setting)
    longer = replace(found["clean"], steps=LONGER * STEPS)
    return {**found, "one-w": one_w, "untrained": RegressionRecipe(None), "longer": longer}


if __name__ == "__main__":
    main(NAME, recipes, grid=GRID, keep_weights=("clean", "noisy"))
