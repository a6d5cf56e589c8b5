"""A masked-LM head for MiniLM, which ships none: trained on Wikipedia's text, so that it can say what was hidden.

python -m experiments.masked_lm [minilm] [minilm-head] [--seeds 0]
python -m experiments.masked_lm --search minilm

`minilm` trains the head and the body's last three blocks: MiniLM was trained to give vectors of sentences, so its last
blocks need not say which token a position has. `minilm-head`, on request, trains the head alone. The head's own layer
begins as the identity: so it learns much faster than from random weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self, cast

import torch
from torch import nn

import course
from course import trained
from course.bert import BertConfig, MaskedLanguageModel, MaskedLM, Pieces
from course.fine_tuning import trained_parameters
from course.pretrained import load, load_tokenizer
from course.tasks.masked_pretraining import (
    Found,
    document_pairs,
    find_words,
    hide_a_word,
    pretrain_bert,
    word_counts,
    word_record,
)
from course.training import History
from experiments.running import main
from experiments.search import Grid, Setting, tuned

NAME = "masked_lm"
LENGTH = 96  # tokens of an input
STEPS, BATCH_SIZE = 1500, 16  # 2.3 million tokens at most, about twenty minutes of a core
GRID = Grid({"encoder": 5e-4}, dropouts=(0.1,), batch_sizes=(BATCH_SIZE,), budget={"steps": 150})
MIDDLE = Setting(GRID.middle_rates["encoder"], GRID.dropouts[0], BATCH_SIZE)  # before there was a search
N_UPPER = 3  # blocks
N_HELD_OUT = 2000  # documents of validation, and of the test, at most


@dataclass
class HeadRecipe:
    """A head on MiniLM, trained with its last `n_upper` blocks."""

    n_upper: int
    setting: Setting = MIDDLE
    steps: int = STEPS
    family = "encoder"

    @property
    def config(self) -> BertConfig:
        """That of MiniLM."""
        return load("minilm")[0].config

    def with_setting(self, setting: Setting, **budget: Any) -> Self:
        """This recipe with another setting; `budget` may hold fewer `steps`. The share of dropout is MiniLM's own."""
        return replace(self, setting=setting, **budget)

    def train(self, seed: int) -> tuple[MaskedLanguageModel, History]:
        body, tokenizer = load("minilm")
        generator = torch.Generator().manual_seed(seed)
        model = MaskedLanguageModel(body, generator, base="minilm", n_trained_blocks=self.n_upper).to(course.device())
        nn.init.eye_(cast(nn.Linear, model.head.transform[0]).weight)
        objective = MaskedLM(Pieces(tokenizer), body.config)
        objective.head = model.head
        rate, _dropout, batch_size = self.setting
        options = {"steps": self.steps, "learning_rate": rate, "batch_size": batch_size}
        return model, pretrain_bert(body, objective, document_pairs("train", tokenizer, LENGTH), seed=seed, **options)

    def _found(self, model: trained.Model, part: str) -> Found:
        assert isinstance(model, MaskedLanguageModel)
        tokenizer = load_tokenizer("minilm")
        pieces = Pieces(tokenizer)
        return find_words(model, hide_a_word(document_pairs(part, tokenizer, LENGTH, most=N_HELD_OUT), pieces), pieces)

    def validate(self, model: trained.Model) -> dict[str, float]:
        """The mean loss of the validation texts' hidden words, in nats."""
        return {"validation_loss": round(float(self._found(model, "validation").losses.mean()), 6)}

    def measure(self, model: trained.Model) -> dict[str, object]:
        assert isinstance(model, MaskedLanguageModel)
        tokenizer = load_tokenizer("minilm")
        counts = word_counts(document_pairs("train", tokenizer, LENGTH), Pieces(tokenizer))
        return {
            "n_trained_blocks": self.n_upper,
            **self.setting._asdict(),
            "trained_parameters": sum(weight.numel() for weight in trained_parameters(model).values()),
            "tests": {"test": word_record(self._found(model, "test"), counts)},
        }


def recipes() -> Mapping[str, HeadRecipe]:
    """The recipes by their names, each with the setting that its search found."""
    return tuned(NAME, {"minilm": HeadRecipe(N_UPPER), "minilm-head": HeadRecipe(0)}, GRID)


if __name__ == "__main__":
    main(NAME, recipes, seeds=(0,), grid=GRID, keep_weights=("minilm",), on_request=("minilm-head",))
