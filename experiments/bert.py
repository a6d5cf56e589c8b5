"""Small BERTs from scratch on Wikipedia's text, one of which sees both sides of a hidden word, the others one side.

python -m experiments.bert [both] [left] [right] [--seeds 0]
python -m experiments.bert vocabulary

One architecture, the same text in the same order, the same steps; only what a position may look at differs. The
vocabulary is learned once and stored. The weights of seed 0 are kept: lesson 08 shows all three, and the experiment
"objectives" starts from `both`.
"""

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch

import course
from course import trained
from course.bert import Bert, MaskedLanguageModel, MaskedLM, Pieces
from course.files import written_whole
from course.tasks.masked_pretraining import (
    SMALL,
    VOCABULARY,
    find_words,
    hide_a_word,
    learn_vocabulary,
    pretrain_bert,
    small_pairs,
    small_tokenizer,
    token_counts,
    word_record,
)
from course.training import History
from experiments.running import main

NAME = "bert"
SIDES = ("both", "left", "right")
STEPS, BATCH_SIZE, LEARNING_RATE = 3000, 32, 2e-3  # 6.1 million tokens, about six minutes of a core
AVERAGED = 25  # steps to a point of the stored loss


@dataclass
class SideRecipe:
    """A BERT that learns masked language modeling and sees one `side`, or both."""

    side: str
    steps: int = STEPS
    history: History = field(default_factory=History)  # of the last training

    def train(self, seed: int) -> tuple[MaskedLanguageModel, History]:
        generator = torch.Generator().manual_seed(seed)
        model = MaskedLanguageModel(Bert(SMALL, generator), generator).to(course.device())
        objective = MaskedLM(Pieces(small_tokenizer()), SMALL)
        objective.head = model.head
        options = {"steps": self.steps, "learning_rate": LEARNING_RATE, "batch_size": BATCH_SIZE}
        self.history = pretrain_bert(model.body, objective, small_pairs("train"), side=self.side, seed=seed, **options)
        return model, self.history

    def measure(self, model: trained.Model) -> dict[str, object]:
        assert isinstance(model, MaskedLanguageModel)
        pieces, counts = Pieces(small_tokenizer()), token_counts(small_pairs("train"), SMALL.vocab_size)
        rows = hide_a_word(small_pairs("test"), pieces)
        losses = torch.tensor(self.history.losses)
        whole = losses[: len(losses) // AVERAGED * AVERAGED].view(-1, AVERAGED)
        return {
            "side": self.side,
            "learning_rate": LEARNING_RATE,
            "batch_size": BATCH_SIZE,
            "tokens": self.steps * BATCH_SIZE * SMALL.context_length,  # at most: short inputs are padded
            "averaged_steps": AVERAGED,
            "losses": trained.one_line(whole.mean(dim=1).tolist()),
            "tests": {"test": word_record(find_words(model, rows, pieces, side=self.side), counts)},
        }


def store_vocabulary() -> None:
    """Learn the vocabulary and store it."""
    started = time.process_time()
    tokenizer = learn_vocabulary()
    file = trained.place.FOLDER / NAME / VOCABULARY
    file.parent.mkdir(exist_ok=True)
    with written_whole(file) as fresh:
        fresh.write_text("".join(f"{token}\n" for token in tokenizer.tokens), encoding="utf-8")
    print(f"{tokenizer.vocab_size} tokens, {time.process_time() - started:.0f} s", flush=True)


def recipes() -> Mapping[str, SideRecipe]:
    return {side: SideRecipe(side) for side in SIDES}


if __name__ == "__main__":
    if sys.argv[1:] == ["vocabulary"]:
        store_vocabulary()
    else:
        main(NAME, recipes, seeds=(0,))
