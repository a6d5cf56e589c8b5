"""How long to train: models of the experiment on pronunciation, with shorter and longer trainings.

python -m experiments.passes [lstm-attention-1.5 lstm-attention-3 lstm-attention-12 transformer-1.5 ...] [--seeds 0]

The number is that of the passes over the training set, each run with a schedule of its own. Six passes are the
experiment on pronunciation itself. The setting is the one that the search found best for six.
"""

from collections.abc import Mapping
from dataclasses import replace

from experiments import pronunciation
from experiments.running import TaskRecipe, main

MODELS = ("lstm-attention", "transformer")
PASSES = (1.5, 3, 12)


def recipes() -> Mapping[str, TaskRecipe]:
    """Each model with each number of passes."""
    searched = pronunciation.recipes()
    return {
        f"{model}-{passes:g}": replace(recipe, fit_options={**recipe.fit_options, "epochs": passes})
        for model in MODELS
        for recipe in [searched[model]]
        for passes in PASSES
    }


if __name__ == "__main__":
    main("passes", recipes, seeds=(0,), keep_weights=False)
