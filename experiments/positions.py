"""The experiment on positions: five schemes trained on 64 characters and tested on up to 256.

python -m experiments.positions [sinusoidal learned rotary alibi none none-1layer rotary-1layer] [--seeds 0 1 2]
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

import course
from course import trained
from course.layers.positions import SCHEMES
from course.tasks import next_character
from course.training import History, linear_schedule, train
from course.transformer import CausalTransformer, TransformerConfig
from experiments.running import main

STEPS, BATCH_SIZE, LEARNING_RATE = 3000, 16, 6e-3


@dataclass(frozen=True)
class PositionRecipe:
    """A model with this scheme, trained on short windows of `text` and measured on `windows`, which are long."""

    scheme: str
    n_layers: int
    text: Tensor
    windows: Tensor

    def train(self, seed: int) -> tuple[trained.Model, History]:
        model = make_model(self.scheme, self.n_layers, seed)
        history = train(
            model,
            next_character.random_windows(self.text, BATCH_SIZE, next_character.TRAIN_LENGTH, seed),
            next_character.next_character_loss,
            torch.optim.Adam(model.parameters(), betas=(0.9, 0.98)),
            steps=STEPS,
            seed=seed,
            learning_rate=linear_schedule(LEARNING_RATE, STEPS, warmup_steps=STEPS // 20),
            max_gradient_norm=1.0,
        )
        return model, history

    def measure(self, model: trained.Model) -> dict[str, object]:
        length = next_character.TRAIN_LENGTH
        short = self.windows.unfold(1, length + 1, length).flatten(0, 1)
        shuffled = next_character.shuffle_before_last(short, torch.Generator().manual_seed(0))
        return {
            "loss_by_position": [round(x, 5) for x in next_character.loss_by_position(model, self.windows).tolist()],
            "last_in_order": round(next_character.last_loss(model, short), 5),
            "last_after_shuffling": round(next_character.last_loss(model, shuffled), 5),
        }


def recipes() -> Mapping[str, PositionRecipe]:
    """Every scheme with two layers, and two with one: those show what order a second layer makes of the causal mask."""
    data = (next_character.training_text(), next_character.held_out_windows())
    return {
        **{scheme: PositionRecipe(scheme, 2, *data) for scheme in SCHEMES},
        **{f"{scheme}-1layer": PositionRecipe(scheme, 1, *data) for scheme in ("none", "rotary")},
    }


def make_model(scheme: str, n_layers: int, seed: int) -> CausalTransformer:
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
        dropout=0.0,
        norm="pre",
        positions=scheme,
    )
    return CausalTransformer(config, torch.Generator().manual_seed(seed)).to(course.device())


if __name__ == "__main__":
    main("positions", recipes)
