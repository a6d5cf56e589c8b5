"""Post-norm and pre-norm, with and without warm-up, at several learning rates: small Transformers learn to reverse.

python -m experiments.normalization [post-warmup-0.006 post-constant-0.006 pre-warmup-0.006 ...] [--seeds 0 1 2]

The text to reverse is six random digits. With warm-up, the rate rises over a quarter of the steps.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor, nn

import course
from course import trained
from course.tasks import Batch
from course.training import GeneratedBatches, History, label_smoothed_loss, train
from course.transformer import Transformer, TransformerConfig
from experiments.running import main

STEPS, BATCH_SIZE, N_DIGITS = 300, 32, 6
RATES = (6e-3, 2e-3, 1e-3)
AVERAGED = 10  # steps, for each point of a curve


@dataclass
class ReversalRecipe:
    """Four layers with this `norm`, trained at `rate`; the losses of training are what is measured."""

    norm: str
    warmup: bool
    rate: float

    def train(self, seed: int) -> tuple[trained.Model, History]:
        config = TransformerConfig(
            13, 13, d_model=32, n_heads=4, d_ff=64, n_layers=4, context_length=16, dropout=0.0, norm=self.norm
        )
        model = Transformer(config, torch.Generator().manual_seed(seed)).to(course.device())
        rise = STEPS / 4 if self.warmup else 1
        self.history = train(
            model,
            GeneratedBatches(reversals, seed),
            reversal_loss,
            torch.optim.Adam(model.parameters(), betas=(0.9, 0.98)),
            steps=STEPS,
            seed=seed,
            learning_rate=lambda step: self.rate * min(1.0, step / rise),
        )
        return model, self.history

    def measure(self, model: trained.Model) -> dict[str, object]:
        averaged = np.reshape(self.history.losses, (-1, AVERAGED)).mean(axis=1)
        return {
            "norm": self.norm,
            "warmup": self.warmup,
            "learning_rate": self.rate,
            "averaged_steps": AVERAGED,
            "losses": trained.one_line(averaged),
            "last_loss": float(averaged[-3:].mean()),
        }


def reversals(rng: np.random.Generator) -> Batch:
    """Texts of random digits, to be written backwards; the ids 1 and 3 to 12 are the start mark and the digits."""
    digits: Int[Tensor, "batch position"] = torch.from_numpy(rng.integers(3, 13, size=(BATCH_SIZE, N_DIGITS)))
    backwards = digits.flip(1)
    start = torch.ones(BATCH_SIZE, 1, dtype=torch.long)
    return Batch(*(part.to(course.device()) for part in (digits, torch.cat((start, backwards[:, :-1]), 1), backwards)))


def reversal_loss(model: nn.Module, batch: Batch) -> Tensor:
    return label_smoothed_loss(model(batch.source, batch.read), batch.write, pad_id=0, smoothing=0.0)


def recipes() -> Mapping[str, ReversalRecipe]:
    """Each order of norm and sublayer, with and without warm-up, at each rate."""
    return {
        f"{norm}-{'warmup' if warmup else 'constant'}-{rate:g}": ReversalRecipe(norm, warmup, rate)
        for rate in RATES
        for norm in ("post", "pre")
        for warmup in (True, False)
    }


if __name__ == "__main__":
    main("normalization", recipes, keep_weights=False)
