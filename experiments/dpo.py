"""DPO and IPO on the pairs of the experiment on RLHF: policies that learn from preferences without a reward model.

python -m experiments.dpo --search dpo-0.1 ipo-0.1 --threads 1
python -m experiments.dpo [dpo-0.05 dpo-0.1 dpo-0.5 ipo-0.1] [--seeds 0 1 2] --threads 1

The 2,000 training pairs, the reference policy, the LoRA weights, the test prompts and the estimate of the KL divergence
are those of `experiments.rlhf`, whose `sft`, `pairs` and proxies must be there. The rate of DPO is chosen with β = 0.1
by its loss on the validation pairs, as is that of IPO; DPO has the same rate with every β. While it trains, a policy is
measured on the validation pairs, and on its own responses to validation prompts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

import torch

from course import trained
from course.data.splits import draw
from course.dpo import (
    PairLogProbabilities,
    PairSettings,
    dpo_loss,
    ipo_loss,
    pair_log_probabilities,
    preference_accuracy,
    reference_log_probabilities,
    train_on_pairs,
    with_reference,
)
from course.gpt import Decoder
from course.peft import Attached
from course.rlhf import PreferencePair
from course.tasks.review_continuations import response_padding
from course.tasks.review_pairs import labelled_pairs, training_pairs
from course.tasks.review_policies import reference_policy
from course.training import History
from experiments.rlhf_policies import Tested, new_policy, test_words, validation_words
from experiments.rlhf_rewards import keep_method, n_trained_by
from experiments.running import main
from experiments.search import Grid, Setting, tuned

NAME = "dpo"
N_PAIRS = 2000
N_FOLLOWED = 240  # validation pairs and half as many prompts, measured while a policy trains
BATCH = 32
STEPS = 125  # two passes
EVERY = 25  # steps, between measurements
BETAS = (0.05, 0.1, 0.5)
BETA = 0.1  # of the searches, and of IPO
GRIDS = {
    name: Grid({name: 1e-3}, dropouts=(0.0,), batch_sizes=(BATCH,), budget={"steps": STEPS})
    for name in (f"dpo-{BETA}", f"ipo-{BETA}")
}
GRID = GRIDS[f"dpo-{BETA}"]
ROWS = 120  # pairs that are computed at once


@torch.no_grad()
def log_probabilities(model: Decoder, pairs: list[PreferencePair], reference: Decoder) -> PairLogProbabilities:
    """What the policy and the reference say of many pairs."""
    batches = []
    for start in range(0, len(pairs), ROWS):
        some = pairs[start : start + ROWS]
        stored = reference_log_probabilities(reference, some, pad_id=response_padding(), batch_size=ROWS)
        batches.append(with_reference(pair_log_probabilities(model, some, pad_id=response_padding()), stored))
    return PairLogProbabilities(*(torch.cat(parts) for parts in zip(*batches, strict=True)))


@dataclass
class PairsPolicyRecipe:
    """The reference policy, trained on the pairs with one of the losses."""

    name: str
    method: Literal["dpo", "ipo"]
    beta: float
    setting: Setting
    steps: int = STEPS
    follow: bool = True  # whether it is measured while it trains
    attached: Attached | None = field(default=None, repr=False)  # of the last training
    start: dict[str, int | float] = field(default_factory=dict, repr=False)  # measured before the first step
    history: History = field(default_factory=History, repr=False)

    @property
    def family(self) -> str:
        return self.name

    def with_setting(self, setting: Setting, **budget: Any) -> Self:
        """This recipe with another setting. With a `budget`, of a search, it is not measured while it trains."""
        return replace(self, setting=setting, follow=self.follow and not budget, **budget)

    @property
    def loss(self) -> Callable[[PairLogProbabilities], torch.Tensor]:
        of = dpo_loss if self.method == "dpo" else ipo_loss
        return lambda pairs: of(pairs, self.beta)

    def train(self, seed: int) -> tuple[Any, History]:
        policy, self.attached = new_policy(seed)
        reference = reference_policy()
        settings = PairSettings(self.setting.learning_rate, self.steps, self.setting.batch_size)
        options: dict[str, Any] = {}
        if self.follow:
            self.start = {"step": 0, **of_pairs(policy, reference, own=True)}
            options = {"evaluate": lambda model: of_pairs(model, reference, own=True), "evaluate_every": EVERY}
        self.history = train_on_pairs(
            policy,
            reference,
            training_pairs(N_PAIRS),
            settings,
            loss=self.loss,
            pad_id=response_padding(),
            seed=seed,
            **options,
        )
        return policy, self.history

    def validate(self, model: Any) -> dict[str, float]:
        pairs = log_probabilities(model, [one.pair for one in labelled_pairs("validation")], reference_policy())
        return {
            "validation_loss": round(self.loss(pairs).item(), 6),
            "accuracy": round(preference_accuracy(pairs).item(), 6),
        }

    def measure(self, model: Any) -> dict[str, object]:
        found = [self.start, *self.history.evaluations] if self.follow else []
        return {
            "method": self.method,
            "beta": self.beta,
            "pairs": N_PAIRS,
            **self.setting._asdict(),
            "trained_parameters": n_trained_by(self.attached),
            "losses": trained.one_line(self.history.losses),
            "curve": {name: trained.one_line(one[name] for one in found) for name in (found[0] if found else ())},
            "tests": {
                "test": Tested(model, test_words(), seed=0).record(),
                "test pairs": of_pairs(model, reference_policy(), role="test"),
            },
        }

    def keep(self, name: str, _model: Any, _command: str) -> None:
        keep_method(self.attached, name)


def of_pairs(
    model: Decoder, reference: Decoder, *, role: Literal["validation", "test"] = "validation", own: bool = False
) -> dict[str, int | float]:
    """Means over the pairs of a set; with `own` over some of them, and over its own responses to validation prompts."""
    all_pairs = labelled_pairs(role)
    some = draw(all_pairs, min(N_FOLLOWED, len(all_pairs))) if own else all_pairs
    pairs = log_probabilities(model, [one.pair for one in some], reference)
    found: dict[str, int | float] = {
        "accuracy": preference_accuracy(pairs).item(),
        "chosen_log_ratio": pairs.chosen_log_ratio.mean().item(),
        "rejected_log_ratio": pairs.rejected_log_ratio.mean().item(),
        "margin": pairs.margin.mean().item(),
        "margin_std": pairs.margin.std().item(),
    }
    if own:
        words = validation_words()
        tested = Tested(model, draw(words, min(N_FOLLOWED // 2, len(words))), seed=0)
        found |= {name: tested.mean(name) for name in tested.values}
    return found


def recipes() -> Mapping[str, Any]:
    """DPO with each β and IPO, with the rates that the searches found."""
    searched: dict[str, PairsPolicyRecipe] = {}
    for name, grid in GRIDS.items():
        middle = Setting(grid.middle_rates[name], grid.dropouts[0], grid.batch_sizes[0])
        method: Literal["dpo", "ipo"] = "dpo" if name.startswith("dpo") else "ipo"
        searched |= tuned(NAME, {name: PairsPolicyRecipe(name, method, BETA, middle)}, grid)
    dpo = searched.pop(f"dpo-{BETA}")
    return {f"dpo-{beta}": replace(dpo, name=f"dpo-{beta}", beta=beta) for beta in BETAS} | searched


if __name__ == "__main__":
    main(NAME, recipes, grid=GRID, grids=GRIDS, keep_weights=(f"dpo-{BETA}",))
