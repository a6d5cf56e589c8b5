"""RLHF on movie reviews: reward models that learn from a classifier's preferences, PPO, GRPO, and best of n.

python -m experiments.rlhf sft --seeds 0 --threads 1
python -m experiments.rlhf pairs --seeds 0 --threads 1
python -m experiments.rlhf --search proxy-200 proxy-2000 --threads 1
python -m experiments.rlhf proxy-200 proxy-2000 --seeds 0 --threads 1
python -m experiments.rlhf --search ppo-0.1 grpo --threads 1
python -m experiments.rlhf [ppo-0 ppo-0.1 ppo-0.4 ppo-200-0 grpo] [--seeds 0 1 2] --threads 1
python -m experiments.rlhf best-of-n --seeds 0 --threads 1

In this order: each needs what those before it have stored. `sft` trains the model of lesson 13 to finish the first
sentence of a review after its first words; with a temperature of 0.7 folded into it, it is the reference policy. (On
validation it had 4.27 nats a token; after 1,000 steps in place of 400 it had 4.39, and 4.28 with half the rate.)
`pairs` draws two of its responses to each prompt, and the gold, a classifier of real reviews, says which is better:
always the one with the higher score, without noise. `proxy-2000` learns from the 2,000 training pairs, `proxy-200` from
200 of them. A policy is the reference with LoRA weights that learn to please a proxy: `ppo-0`, `ppo-0.1` and `ppo-0.4`
have that weight of the KL penalty and `proxy-2000`, `ppo-200-0` has `proxy-200`; `grpo` has `proxy-2000`. `best-of-n`
trains nothing. Scores are in standard deviations of the reference's responses to validation prompts, and their mean is
0.

The rates are chosen on validation: that of a proxy by its error on validation pairs, that of PPO and GRPO by the proxy
reward minus β times the KL divergence on validation prompts, after fewer iterations; the other weights of the penalty
and the other proxy have PPO's rate for β = 0.1. All policies are tested on the same drawn test prompts, whose movies
and first words are in no training set; a record has proxies, gold, KL divergence and length of each item.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from experiments.rlhf_policies import BestOfN, PolicyRecipe
from experiments.rlhf_rewards import EPOCHS, ContinuationRecipe, PairsRecipe, ProxyRecipe
from experiments.running import main
from experiments.search import Grid, Setting, tuned

NAME = "rlhf"
N_RESPONSES, SEARCHED_ITERATIONS = 48, 15
GRIDS = {
    name: Grid({name: 2e-3}, dropouts=(0.0,), batch_sizes=(32,), budget={"epochs": epochs})
    for name, epochs in EPOCHS.items()
} | {
    name: Grid({name: 2e-3}, dropouts=(0.0,), batch_sizes=(N_RESPONSES,), budget={"steps": SEARCHED_ITERATIONS})
    for name in ("ppo-0.1", "grpo")
}
GRID = GRIDS["ppo-0.1"]
FIRST = ("sft", "pairs", "proxy-200", "proxy-2000", "best-of-n")  # of seed 0 alone
KEPT = (*FIRST[:-1], "ppo-0", "ppo-0.1", "ppo-0.4")  # whose weights something else is computed with


def recipes() -> Mapping[str, Any]:
    """All that is trained or drawn, with the settings that the searches found."""
    found: dict[str, Any] = {"sft": ContinuationRecipe(), "pairs": PairsRecipe()}
    for name, grid in GRIDS.items():
        middle = Setting(grid.middle_rates[name], grid.dropouts[0], grid.batch_sizes[0])
        recipe: Any
        if name in EPOCHS:
            recipe = ProxyRecipe(name, int(name.removeprefix("proxy-")), middle, EPOCHS[name])
        else:
            recipe = PolicyRecipe(name, "grpo" if name == "grpo" else "ppo", "proxy-2000", 0.1, middle)
        found |= tuned(NAME, {name: recipe}, grid)
    ppo = found["ppo-0.1"]
    found |= {
        "ppo-0": replace(ppo, name="ppo-0", beta=0.0),
        "ppo-0.4": replace(ppo, name="ppo-0.4", beta=0.4),
        "ppo-200-0": replace(ppo, name="ppo-200-0", proxy="proxy-200", beta=0.0),
        "best-of-n": BestOfN(),
    }
    return found


if __name__ == "__main__":
    main(NAME, recipes, grid=GRID, grids=GRIDS, keep_weights=KEPT, on_request=FIRST)
