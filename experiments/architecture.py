"""What heads and layers are worth: the Transformer of the experiment on pronunciation with other numbers of them.

python -m experiments.architecture [1-head 2-layers-4-heads 1-layer 4-layers] [--seeds 0 1 2]

All have about as many weights, and are trained alike with the setting that was searched for with two layers of four
heads: the others might do better with one of their own.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from course.transformer import TransformerConfig
from experiments import pronunciation
from experiments.running import TaskRecipe, main

EPOCHS = 1.5
SIZES: Mapping[str, Mapping[str, Any]] = {
    "2-layers-4-heads": {},
    "1-head": {"n_heads": 1},
    "1-layer": {"n_layers": 1, "d_model": 160, "d_ff": 576},
    "4-layers": {"n_layers": 4, "d_model": 80, "d_ff": 288},
}


def recipes() -> Mapping[str, TaskRecipe]:
    """The model of the experiment on pronunciation, and one change of it each."""
    searched = pronunciation.recipes()["transformer"]
    assert isinstance(searched.config, TransformerConfig)
    options = {**searched.fit_options, "epochs": EPOCHS}
    return {
        name: replace(searched, config=replace(searched.config, **sizes), fit_options=options)
        for name, sizes in SIZES.items()
    }


if __name__ == "__main__":
    main("architecture", recipes, keep_weights=False)
