"""The experiment on positions: five schemes trained on 64 characters and tested on up to 256.

python -m experiments.positions [sinusoidal learned rotary alibi none none-1layer rotary-1layer] [--seeds 0 1 2]
python -m experiments.positions --search [sinusoidal learned rotary alibi none none-1layer rotary-1layer]
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import torch
from torch import Tensor

import course
from course import trained
from course.layers.positions import SCHEMES
from course.tasks import next_character
from course.training import History, linear_schedule, train
from course.transformer import CausalTransformer, TransformerConfig
from experiments.running import main
from experiments.search import Grid, Setting, tuned

STEPS = 3000
GRID = Grid(
    {"transformer": 6e-3},
    dropouts=(0.0,),
    batch_sizes=(16,),
    budget={"steps": 1000},
    full_budget={"steps": STEPS},
    finalists=2,
)


@dataclass(frozen=True)
class PositionRecipe:
    """A model with this scheme, trained on short windows of `text` and measured on `windows`, which are long."""

    scheme: str
    n_layers: int
    text: Tensor
    windows: Tensor
    setting: Setting
    steps: int = STEPS
    family = "transformer"

    def with_setting(self, setting: Setting, **budget: Any) -> Self:
        """This recipe with another setting; `budget` may hold fewer `steps`."""
        return replace(self, setting=setting, **budget)

    def train(self, seed: int) -> tuple[trained.Model, History]:
        rate, dropout, batch_size = self.setting
        model = make_model(self.scheme, self.n_layers, seed, dropout)
        history = train(
            model,
            next_character.random_windows(self.text, batch_size, next_character.TRAIN_LENGTH, seed),
            next_character.next_character_loss,
            torch.optim.Adam(model.parameters(), betas=(0.9, 0.98)),
            steps=self.steps,
            seed=seed,
            learning_rate=linear_schedule(rate, self.steps, warmup_steps=self.steps // 20),
            max_gradient_norm=1.0,
        )
        return model, history

    def validate(self, model: trained.Model) -> dict[str, float]:
        """The mean loss on validation, in bits a character, at the length that is trained."""
        losses = next_character.loss_by_position(model, next_character.validation_windows())
        return {"validation_loss": round(losses.mean().item(), 6)}

    def measure(self, model: trained.Model) -> dict[str, object]:
        length = next_character.TRAIN_LENGTH
        short = self.windows.unfold(1, length + 1, length).flatten(0, 1)
        shuffled = next_character.shuffle_before_last(short, torch.Generator().manual_seed(0))
        return {
            **self.setting._asdict(),
            "loss_by_position": [round(x, 5) for x in next_character.loss_by_position(model, self.windows).tolist()],
            "last_in_order": round(next_character.last_loss(model, short), 5),
            "last_after_shuffling": round(next_character.last_loss(model, shuffled), 5),
        }


def recipes() -> Mapping[str, PositionRecipe]:
    """Each model with the learning rate that its search found."""
    return tuned("positions", models(), GRID)


def models() -> Mapping[str, PositionRecipe]:
    """Every scheme with two layers, and two with one: those show what order a second layer makes of the causal mask."""
    middle = Setting(GRID.middle_rates["transformer"], GRID.dropouts[0], GRID.batch_sizes[0])
    data = (next_character.training_text(), next_character.held_out_windows(), middle)
    return {
        **{scheme: PositionRecipe(scheme, 2, *data) for scheme in SCHEMES},
        **{f"{scheme}-1layer": PositionRecipe(scheme, 1, *data) for scheme in ("none", "rotary")},
    }


def make_model(scheme: str, n_layers: int, seed: int, dropout: float) -> CausalTransformer:
    """An untrained model of about 50,000 weights for each layer, with places for the longest test."""
    vocab_size = next_character.TOKENIZER.vocab_size
    config = TransformerConfig(
        vocab_size,
        vocab_size,
        d_model=64,
        n_heads=4,
        d_ff=256,
        n_layers=n_layers,
        context_length=next_character.TEST_LENGTHS[-1],
        dropout=dropout,
        norm="pre",
        positions=scheme,
    )
    return CausalTransformer(config, torch.Generator().manual_seed(seed)).to(course.device())


if __name__ == "__main__":
    main("positions", recipes, grid=GRID)
