"""Pre-train, then fine-tune, against the labels alone: the base model and one with random weights on movie reviews.

python -m experiments.decoder_reviews [pretrained-64 scratch-64 pretrained-256 ... scratch-1024] [--seeds 0 1 2 3 4]
python -m experiments.decoder_reviews --search pretrained-1024 scratch-1024

GPT-1's recipe (Radford et al. 2018, section 3.2) without its second objective: a head on the hidden state of the last
token, all weights trained. The base model has read the text of the training reviews, never a label; the reviews that
are tested are of other movies. Each way has the learning rate that its search found with 1,024 labels, and as many
steps as the other: 64, 128 and 192, since random weights need more than pre-trained ones; the loss of the last epoch
says whether the labels were learned. The baseline of counted words, which also learns from these labels alone, is
`tfidf-64` and so on of `experiments/fine_tuning.py`: the same training and test reviews.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

import torch

import course
from course import trained
from course.fine_tuning import DecoderClassifier, Recipe, fine_tune, predict_logits
from course.fine_tuning.recipe import loss_and_accuracy, rows_with_targets
from course.gpt import Decoder
from course.tasks.labelled import CLASSES
from course.tasks.labelled import review_sets as reviews
from course.tasks.pretraining import BASE, base_tokenizer
from course.training import History
from experiments.fine_tuning import measures_of, subset
from experiments.running import main
from experiments.search import Grid, Setting, best

NAME = "decoder_reviews"
LIMIT = 128  # tokens
EPOCHS: Mapping[int, int] = {64: 32, 256: 16, 1024: 6}
SEARCHED = 1024  # labels
GRID = Grid(
    {"pretrained": 4e-4, "scratch": 4e-4}, dropouts=(0.1,), batch_sizes=(32,), budget={"epochs": EPOCHS[SEARCHED]}
)
SEEDS = (0, 1, 2, 3, 4)
Way = Literal["pretrained", "scratch"]


@dataclass
class ReviewsRecipe:
    """A decoder with a head for the whole text, trained on `n_labels` reviews."""

    way: Way
    n_labels: int
    setting: Setting
    epochs: float
    seed: int = 0  # of the last training
    last_loss: float = 0.0  # the mean of its last epoch

    @property
    def family(self) -> str:
        return self.way

    def with_setting(self, setting: Setting, **budget: Any) -> Self:
        """This recipe with another setting; `budget` may hold other `epochs`."""
        return replace(self, setting=setting, **budget)

    def new_model(self, seed: int) -> DecoderClassifier:
        generator = torch.Generator().manual_seed(seed)
        if self.way == "pretrained":
            body = trained.load("base_model/gpt")
            assert isinstance(body, Decoder)
        else:
            body = Decoder(BASE, generator).to(course.device())
        options = {"limit": LIMIT, "dropout": self.setting.dropout, "generator": generator}
        return DecoderClassifier(body, base_tokenizer(), CLASSES, **options)

    def train(self, seed: int) -> tuple[Any, History]:
        self.seed, model = seed, self.new_model(seed)
        rate, _dropout, batch_size = self.setting
        recipe = Recipe(rate, self.epochs, batch_size)
        history = fine_tune(model, subset(reviews(), self.n_labels, seed), recipe, seed=seed)
        last_epoch = history.losses[-math.ceil(self.n_labels / batch_size) :]
        self.last_loss = sum(last_epoch) / len(last_epoch)
        return model, history

    def validate(self, model: Any) -> dict[str, float]:
        """The error rate and the loss on validation."""
        found = loss_and_accuracy(model, rows_with_targets(model, reviews().validation))
        return {
            "validation_error": round(1 - found["accuracy"], 6),
            "validation_loss": round(found["loss"], 6),
        }

    def measure(self, model: Any) -> dict[str, object]:
        test = reviews().test
        return {
            "way": self.way,
            "labels": self.n_labels,
            **self.setting._asdict(),
            "epochs": self.epochs,
            "training_loss": round(self.last_loss, 6),
            "tests": {"test": measures_of(predict_logits(model, test.texts), test, with_probabilities=False)},
        }


def recipes() -> Mapping[str, ReviewsRecipe]:
    """Both ways at each number of labels."""
    ways: tuple[Way, ...] = ("pretrained", "scratch")
    found = {}
    for n_labels, epochs in EPOCHS.items():
        for way in ways:
            middle = Setting(GRID.middle_rates[way], GRID.dropouts[0], GRID.batch_sizes[0])
            setting = best(NAME, f"{way}-{SEARCHED}", way, GRID) or middle
            found[f"{way}-{n_labels}"] = ReviewsRecipe(way, n_labels, setting, epochs)
    return found


if __name__ == "__main__":
    main(NAME, recipes, SEEDS, grid=GRID, keep_weights=False)
