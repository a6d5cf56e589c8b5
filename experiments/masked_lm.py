"""A masked-LM head for MiniLM, which ships none: trained on Wikipedia's text, so that it can say what was hidden.

python -m experiments.masked_lm [minilm] [minilm-head] [--seeds 0]

`minilm` trains the head and the body's last two blocks: MiniLM was trained to give vectors of sentences, and its last
blocks no longer say which token a position has. `minilm-head`, on request, trains the head alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch

import course
from course import trained
from course.bert import MaskedLanguageModel, MaskedLM, Pieces
from course.fine_tuning import trained_parameters
from course.pretrained import load, load_tokenizer
from course.tasks.masked_pretraining import (
    document_pairs,
    find_words,
    hide_a_word,
    pretrain_bert,
    token_counts,
    word_record,
)
from course.training import History
from experiments.running import main

NAME = "masked_lm"
LENGTH = 96  # tokens of an input
STEPS, BATCH_SIZE, LEARNING_RATE = 500, 16, 5e-4  # 0.8 million tokens, about nine minutes of a core
N_UPPER = 2  # blocks
N_TEST = 2000  # documents at most


@dataclass
class HeadRecipe:
    """A head on MiniLM, trained with its last `n_upper` blocks."""

    n_upper: int
    steps: int = STEPS

    def train(self, seed: int) -> tuple[MaskedLanguageModel, History]:
        body, tokenizer = load("minilm")
        generator = torch.Generator().manual_seed(seed)
        model = MaskedLanguageModel(body, generator, base="minilm", n_trained_blocks=self.n_upper).to(course.device())
        objective = MaskedLM(Pieces(tokenizer), body.config)
        objective.head = model.head
        options = {"steps": self.steps, "learning_rate": LEARNING_RATE, "batch_size": BATCH_SIZE}
        return model, pretrain_bert(body, objective, document_pairs("train", tokenizer, LENGTH), seed=seed, **options)

    def measure(self, model: trained.Model) -> dict[str, object]:
        assert isinstance(model, MaskedLanguageModel)
        tokenizer = load_tokenizer("minilm")
        pieces = Pieces(tokenizer)
        counts = token_counts(document_pairs("train", tokenizer, LENGTH), tokenizer.vocab_size)
        rows = hide_a_word(document_pairs("test", tokenizer, LENGTH, most=N_TEST), pieces)
        return {
            "n_trained_blocks": self.n_upper,
            "learning_rate": LEARNING_RATE,
            "batch_size": BATCH_SIZE,
            "trained_parameters": sum(weight.numel() for weight in trained_parameters(model).values()),
            "tests": {"test": word_record(find_words(model, rows, pieces), counts)},
        }


def recipes() -> Mapping[str, HeadRecipe]:
    return {"minilm": HeadRecipe(N_UPPER), "minilm-head": HeadRecipe(0)}


if __name__ == "__main__":
    main(NAME, recipes, seeds=(0,), keep_weights=("minilm",), on_request=("minilm-head",))
