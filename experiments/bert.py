"""Small BERTs from scratch on Wikipedia's text, one of which sees both sides of a hidden word, the others one side.

python -m experiments.bert [both] [left] [right] [learned] [--seeds 0]
python -m experiments.bert --search [both ...]
python -m experiments.bert vocabulary

One architecture, the same text in the same order, the same steps, and for each the best learning rate of a search of
its own; only what a position may look at differs. `learned` sees both sides, and has BERT's learned positions in the
place of rotary ones. The vocabulary is learned once and stored. The weights of seed 0 are kept, but for `learned`:
lesson 08 shows all three, and the experiment "objectives" starts from `both`.
"""

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import torch

import course
from course import trained
from course.bert import Bert, BertConfig, MaskedLanguageModel, MaskedLM, Pieces
from course.files import written_whole
from course.tasks.masked_pretraining import (
    SMALL,
    VOCABULARY,
    Found,
    find_words,
    hide_a_word,
    learn_vocabulary,
    pretrain_bert,
    small_pairs,
    small_tokenizer,
    word_counts,
    word_record,
)
from course.training import History
from experiments.running import main
from experiments.search import Grid, Setting, tuned

NAME = "bert"
SIDES = ("both", "left", "right")
STEPS, BATCH_SIZE = 3000, 32  # 6.1 million tokens at most, about five minutes of a core
GRID = Grid({"encoder": 2e-3}, dropouts=(0.0,), batch_sizes=(BATCH_SIZE,), budget={"steps": 600})
# Where nothing is learned in a short training, its rates say little: of `learned` the two best are trained in full, and
# more, until the best rate has one on each side.
GRIDS = {"learned": replace(GRID, full_budget={"steps": STEPS}, finalists=2, brackets=True)}
MIDDLE = Setting(GRID.middle_rates["encoder"], 0.0, BATCH_SIZE)  # before there was a search
AVERAGED = 25  # steps to a point of the stored loss


@dataclass
class SideRecipe:
    """A BERT that learns masked language modeling and sees one `side`, or both."""

    side: str
    config: BertConfig = SMALL
    setting: Setting = MIDDLE
    steps: int = STEPS
    history: History = field(default_factory=History)  # of the last training
    family = "encoder"

    def with_setting(self, setting: Setting, **budget: Any) -> Self:
        """This recipe with another setting; `budget` may hold fewer `steps`."""
        return replace(self, setting=setting, **budget)

    def train(self, seed: int) -> tuple[MaskedLanguageModel, History]:
        generator = torch.Generator().manual_seed(seed)
        model = MaskedLanguageModel(Bert(self.config, generator), generator).to(course.device())
        objective = MaskedLM(Pieces(small_tokenizer()), self.config)
        objective.head = model.head
        rate, _dropout, batch_size = self.setting
        options = {"steps": self.steps, "learning_rate": rate, "batch_size": batch_size}
        self.history = pretrain_bert(model.body, objective, small_pairs("train"), side=self.side, seed=seed, **options)
        return model, self.history

    def _found(self, model: trained.Model, part: str) -> Found:
        assert isinstance(model, MaskedLanguageModel)
        pieces = Pieces(small_tokenizer())
        return find_words(model, hide_a_word(small_pairs(part), pieces), pieces, side=self.side)

    def validate(self, model: trained.Model) -> dict[str, float]:
        """The mean loss of the validation texts' hidden words, in nats."""
        return {"validation_loss": round(float(self._found(model, "validation").losses.mean()), 6)}

    def measure(self, model: trained.Model) -> dict[str, object]:
        counts = word_counts(small_pairs("train"), Pieces(small_tokenizer()))
        losses = torch.tensor(self.history.losses)
        whole = losses[: len(losses) // AVERAGED * AVERAGED].view(-1, AVERAGED)
        return {
            "side": self.side,
            "positions": self.config.positions,
            **self.setting._asdict(),
            "tokens": self.steps * self.setting.batch_size * self.config.context_length,  # at most: rows are padded
            "averaged_steps": AVERAGED,
            "losses": trained.one_line(whole.mean(dim=1).tolist()),
            "tests": {"test": word_record(self._found(model, "test"), counts)},
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
    """The recipes by their names, each with the setting that its search found."""
    learned = SideRecipe("both", replace(SMALL, positions="learned"))
    sides = {side: SideRecipe(side) for side in SIDES}
    return tuned(NAME, sides, GRID) | tuned(NAME, {"learned": learned}, GRIDS["learned"])


if __name__ == "__main__":
    if sys.argv[1:] == ["vocabulary"]:
        store_vocabulary()
    else:
        main(NAME, recipes, seeds=(0,), grid=GRID, grids=GRIDS, keep_weights=SIDES)
