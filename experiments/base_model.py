"""The course's base model: a GPT of 3.1 million weights, pre-trained on four sources of English text.

python -m experiments.base_model [gpt] [--seeds 0]
python -m experiments.base_model --search [gpt]
python -m experiments.base_model tokenizer

Less than two hours on two cores. Two processes of one thread each come to the same weights but for rounding, and are
the choice where anything else runs: one process of two threads then waits for the slower thread at every operation.

python -m torch.distributed.run --standalone --nproc-per-node 2 -m experiments.base_model --threads 1

A run that was killed goes on from its last checkpoint, at most `CHECKPOINT_EVERY` steps back. The tokenizer is learned
once and stored; the search runs in one process.
"""

import functools
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import torch

import course
from course import data, trained
from course.files import written_whole
from course.gpt import Decoder
from course.tasks import pretraining
from course.tasks.corpus import END, Documents, corpus, encoded, training_text
from course.tasks.pretraining import BASE, Plan
from course.tokenization import ByteLevelBPE
from course.training import History, checkpoints, processes
from course.training.bits_per_byte import Score
from experiments.running import main
from experiments.search import Grid, Setting, tuned

NAME = "base_model"
TOKENIZER_COMMAND = f"python -m experiments.{NAME} tokenizer"
STEPS, BATCH_SIZE = 6000, 16  # 24.6 million tokens, four times the corpus
GRID = Grid({"decoder": 3e-3}, dropouts=(0.0,), batch_sizes=(BATCH_SIZE,), budget={"steps": 200})
CHECKPOINT_EVERY, EVALUATE_EVERY = 50, 500
FOLLOWED = 8000  # held-out tokens of each source that are scored along the way
PROMPTS = ("The film", "The United States of America", "Photosynthesis is", "My fellow citizens,")


@functools.cache
def documents() -> Mapping[str, Documents]:
    return corpus()


@functools.cache
def ids(part: str) -> Mapping[str, pretraining.Documents]:
    """The ids of the documents of each source that are for "train", "validation" or "test"."""
    tokenizer = pretraining.base_tokenizer()
    return {name: encoded(getattr(of_source, part), tokenizer) for name, of_source in documents().items()}


def learn_tokenizer() -> None:
    """Learn the tokenizer from all training documents and store it."""
    started = time.process_time()
    tokenizer = pretraining.learn_tokenizer(training_text(documents()))
    file = trained.place.FOLDER / NAME / trained.TOKENIZER
    file.parent.mkdir(exist_ok=True)
    with written_whole(file) as fresh:
        tokenizer.save(fresh, command=TOKENIZER_COMMAND)
    print(f"{TOKENIZER_COMMAND}: {tokenizer.vocab_size} tokens, {time.process_time() - started:.0f} s", flush=True)


@dataclass
class BaseRecipe:
    """The base model, and how it is trained and measured. `seed` is that of the training that is measured."""

    setting: Setting
    steps: int = STEPS
    seed: int = 0
    config = BASE
    family = "decoder"

    @property
    def plan(self) -> Plan:
        return Plan(
            self.steps,
            self.setting.learning_rate,
            self.setting.batch_size,
            warmup_steps=max(1, self.steps // 10),  # of a search of 200 steps too few would favor low rates
            micro_batch_size=4,
        )

    @property
    def checkpoint(self) -> Path:
        """Where a run of this length is kept. A finished one is measured again; delete it to train anew."""
        name = f"{NAME}-{self.setting.learning_rate:g}-{self.steps}-{self.seed}.safetensors"
        return data.cache_dir() / "training" / name

    def with_setting(self, setting: Setting, **budget: Any) -> Self:
        """This recipe with another setting; `budget` may hold fewer `steps`."""
        return replace(self, setting=setting, **budget)

    def train(self, seed: int) -> tuple[Decoder, History]:
        """Only a run of full length leaves checkpoints and samples: a search is short."""
        self.seed = seed
        tokenizer = pretraining.base_tokenizer()
        model = Decoder(self.config, torch.Generator().manual_seed(seed)).to(course.device())
        followed = pretraining.pieces(ids("validation"), FOLLOWED, self.config.context_length)
        long = self.steps == STEPS

        def evaluate(model: torch.nn.Module) -> dict[str, float]:
            found = _bits_per_byte(model, tokenizer, followed)
            if long and processes.number() == 0:
                self._keep_samples(model, tokenizer)
            return found

        history = pretraining.pretrain(
            model,
            [document for of_source in ids("train").values() for document in of_source],
            replace(self.plan, seed=seed),
            end_id=tokenizer.special.ids[END],
            evaluate=evaluate,
            evaluate_every=EVALUATE_EVERY,
            checkpoint=self.checkpoint if long else None,
            checkpoint_every=CHECKPOINT_EVERY,
        )
        return model, history

    def _keep_samples(self, model: torch.nn.Module, tokenizer: ByteLevelBPE) -> None:
        """Add what the model makes of the prompts to the file beside the checkpoint: a list of texts an evaluation.

        After a kill, what was added since the checkpoint was written is dropped: it comes again.
        """
        file, done = self.checkpoint.with_suffix(".samples.json"), 0
        if self.checkpoint.is_file():
            done = len(checkpoints.history(self.checkpoint)["evaluations"])
        kept = json.loads(file.read_text(encoding="utf-8"))[:done] if file.is_file() else []
        assert isinstance(model, Decoder)
        kept.append(pretraining.continuations(model, tokenizer, PROMPTS))
        file.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(file) as fresh:
            fresh.write_text(json.dumps(kept), encoding="utf-8")

    def validate(self, model: trained.Model) -> dict[str, float]:
        """Bits per byte of the validation stretches, the mean of the sources."""
        followed = pretraining.pieces(ids("validation"), 2 * FOLLOWED, self.config.context_length)
        found = _bits_per_byte(model, pretraining.base_tokenizer(), followed)
        return {"validation_loss": round(sum(found.values()) / len(found), 6)}

    def measure(self, model: trained.Model) -> dict[str, object]:
        tokenizer = pretraining.base_tokenizer()
        assert isinstance(model, Decoder)
        untrained = Decoder(self.config, torch.Generator().manual_seed(0)).to(course.device()).eval()
        tests = {name: pretraining.held_out_score(model, tokenizer, of_test) for name, of_test in ids("test").items()}
        followed = pretraining.pieces(ids("validation"), FOLLOWED, self.config.context_length)
        return {
            **self.setting._asdict(),
            "search_steps": GRID.budget["steps"],
            "processes": processes.count(),
            "tokens_a_step": self.setting.batch_size * self.config.context_length,
            "tokenizer": TOKENIZER_COMMAND,
            "sources": {name: self._source(name) for name in documents()},
            "bits_per_byte": {name: _kept(found) for name, found in tests.items()},
            "untrained": _bits_per_byte(untrained, tokenizer, followed),
            "prompts": PROMPTS,
            "samples_at_the_end": pretraining.continuations(model, tokenizer, PROMPTS),
            **self._along_the_way(),
        }

    def _along_the_way(self) -> dict[str, object]:
        if not self.checkpoint.is_file():
            return {}
        history = checkpoints.history(self.checkpoint)
        samples = self.checkpoint.with_suffix(".samples.json")
        losses = torch.tensor(history["losses"])
        averaged = 25
        return {
            "seconds": round(history["seconds"]),
            "averaged_steps": averaged,
            "losses": trained.one_line(
                losses[: len(losses) // averaged * averaged].view(-1, averaged).mean(1).tolist()
            ),
            "evaluations": history["evaluations"],
            "samples": json.loads(samples.read_text(encoding="utf-8")) if samples.is_file() else [],
        }

    def _source(self, name: str) -> dict[str, object]:
        of_source = documents()[name]
        sizes = {
            part: {
                "documents": len(texts := getattr(of_source, part)),
                "bytes": sum(len(text.encode()) for text in texts),
                "tokens": sum(map(len, ids(part)[name])),
            }
            for part in ("train", "validation", "test")
        }
        shared = {name: getattr(of_source, name) for name in ("left_out", "near_copies", "shared_runs")}
        return sizes | shared


def _bits_per_byte(
    model: torch.nn.Module, tokenizer: ByteLevelBPE, parts: Mapping[str, pretraining.Documents]
) -> dict[str, float]:
    return {
        name: round(pretraining.held_out_score(model, tokenizer, part).bits_per_byte, 5) for name, part in parts.items()
    }


def _kept(found: Score) -> dict[str, object]:
    """The score of a test in the record: of all, and of each document."""
    return {
        "all": found.bits_per_byte,
        "items": {"bits": trained.one_line(found.bits.tolist()), "bytes": trained.one_line(found.bytes.tolist())},
    }


def recipes() -> Mapping[str, BaseRecipe]:
    """The base model with the learning rate that its search found."""
    return tuned(NAME, {"gpt": BaseRecipe(Setting(GRID.middle_rates["decoder"], 0.0, BATCH_SIZE))}, GRID)


if __name__ == "__main__":
    if sys.argv[1:] == ["tokenizer"]:
        learn_tokenizer()
    else:
        with processes.joined():
            main(NAME, recipes, seeds=(0,), grid=GRID)
