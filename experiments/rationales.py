"""Distilling step by step: small decoders that learn word problems from labels, or from labels and rationales.

python -m experiments.rationales --search [steps-labels ... asdiv-labels ...] --threads 1
python -m experiments.rationales [steps-labels ... steps-more-labels ...] [--seeds 0 1 2] --threads 1 [--missing]

Four data sets, whose names are the first part of a model's:

* steps: 400 problems made by rule, whose steps are known, of three kinds; steps-more: about 1,100 of them and more
  steps, the control that says whether a student of this size can learn the task at all;
* asdiv: the training problems of ASDiv whose one step a rule finds, with that step as the rationale;
* notes: the two-step process as it is often described: SmolLM2 writes rationale and label of 100 training problems of
  ASDiv (`experiments.rationales_teacher`), and the student learns its calculations and its label, right or wrong;
  notes-kept: those alone whose answer is right.

The ways are those of `course.tasks.rationales.WAYS`: labels, labels-twice (the second pass of each step has labels,
too), rationales (alpha 0.5), rationales-0.8, shuffled (the rationales of other problems) and chain (rationale and label
in one sequence, both written at test time). All ways of a data set have the same problems, the same steps, the same
first passes, the same test, and three learning rates to choose from on validation, each with seed 0 and all
steps. A seed draws the first weights and the order of the problems. No weights are kept.
"""

import argparse
import functools
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple, Self

import torch

from course import trained
from course.compression import Reasoned
from course.data.splits import draw
from course.data.word_problems import split_problems, word_problems
from course.gpt import Decoder
from course.tasks.rationales import (
    WAYS,
    StepBatches,
    Way,
    answer,
    label_loss,
    new_student,
    student_tokenizer,
    train_student,
    training_costs,
)
from course.tasks.stepwise import StepProblem, step_sets
from course.tasks.word_steps import only_step, plain, reasoned
from course.tokenization import ByteLevelBPE
from course.training import History
from experiments.running import THREADS, has_record, run
from experiments.search import Grid, Run, Setting, train_row

NAME = "rationales"
RATES = (2e-3, 4e-3, 8e-3)  # the same three for each way
BATCH = 32
STEPS: Mapping[str, int] = {"steps": 600, "steps-more": 1500, "asdiv": 300, "notes": 100, "notes-kept": 100}
GRID = Grid({"student": 4e-3}, dropouts=(0.0,), batch_sizes=(BATCH,), budget={"steps": STEPS["steps-more"]})
SEEDS = (0, 1, 2)
N_VALIDATION, N_TEST = 120, 300  # of ASDiv, drawn
LABEL_TOKENS, CHAIN_TOKENS = 12, 64  # the most that are written
SHOWN = 5  # questions of the test whose outputs a record keeps


class Sets(NamedTuple):
    """Problems to train on, to choose with and to test with, and the vocabulary of the first."""

    training: Sequence[Reasoned]
    validation: Sequence[Reasoned]
    test: Sequence[Reasoned]
    tokenizer: ByteLevelBPE


@functools.cache
def sets_of(data: str) -> Sets:
    """The sets of a data set. Those named alike have the same validation, test and vocabulary."""
    if data.startswith("steps"):
        training, more, validation, test = step_sets()
        return Sets(more if data == "steps-more" else training, validation, test, student_tokenizer(training))
    train, (for_validation, for_test) = split_problems(word_problems())
    known = [reasoned(one) for one in train if only_step(one)]
    validation = draw([reasoned(one) for one in for_validation if one.value is not None], N_VALIDATION)
    test = draw([reasoned(one) for one in for_test if one.value is not None], N_TEST)
    training = known if data == "asdiv" else written_by_smollm2(kept=data == "notes-kept")
    return Sets(training, validation, test, student_tokenizer(known))


def written_by_smollm2(*, kept: bool) -> list[Reasoned]:
    """The problems of the teacher's record that it answered after some steps, with its labels and rationales.

    With `kept`, those alone whose answer is right.
    """
    record = trained.record_of("rationales_teacher", "smollm2-steps")["tests"]["asdiv training"]
    everything = word_problems()
    problems = [everything[int(place)] for place in trained.numbers(record["places"])]
    rows = zip(problems, record["answers"], record["rationales"], strict=True)
    found = [(one, Reasoned(one.text, said, steps)) for one, said, steps in rows if said is not None and steps]
    return [each for one, each in found if not kept or each.label == plain(one.value or 0.0)]


@dataclass
class StudentRecipe:
    """A student of a data set, trained in a way."""

    data: str
    way: str
    searched: Setting | None = None  # what a search tries; else the best of its rows
    family: str = "student"

    @property
    def name(self) -> str:
        return f"{self.data}-{self.way}"

    @property
    def setting(self) -> Setting:
        rows = [row for row in trained.search(NAME) if row["model"] == self.name]
        rate = trained.best_row(rows, self.name)["learning_rate"] if rows else RATES[1]
        return self.searched or Setting(rate, 0.0, BATCH)

    @property
    def _way(self) -> Way:
        return WAYS[self.way]

    def with_setting(self, setting: Setting, **_budget: Any) -> Self:
        return replace(self, searched=setting)

    def train(self, seed: int) -> tuple[trained.Model, History]:
        sets, setting = sets_of(self.data), self.setting
        student = new_student(sets.tokenizer, seed)
        history = train_student(
            student,
            sets.tokenizer,
            sets.training,
            self._way,
            steps=STEPS[self.data],
            learning_rate=setting.learning_rate,
            batch_size=setting.batch_size,
            seed=seed,
        )
        return student, history

    def right(self, model: Decoder, problems: Sequence[Reasoned]) -> tuple[list[bool], list[str], list[int]]:
        """Whether each label is right, what was written, and in how many tokens."""
        most = CHAIN_TOKENS if self._way.chain else LABEL_TOKENS
        questions = [one.question for one in problems]
        said = answer(model, sets_of(self.data).tokenizer, questions, chain=self._way.chain, max_tokens=most)
        return [a == one.label for a, one in zip(said.labels, problems, strict=True)], said.outputs, said.tokens

    def validate(self, model: trained.Model) -> dict[str, float]:
        """The share of wrong labels on validation, and the loss; that of a chain is of its steps, too, where known."""
        assert isinstance(model, Decoder)
        sets = sets_of(self.data)
        right, _outputs, _tokens = self.right(model, sets.validation)
        known = [one for one in sets.validation if one.rationale] if self._way.chain else sets.validation
        return {
            "validation_error": round(1 - sum(right) / len(right), 6),
            "validation_loss": round(label_loss(model, sets.tokenizer, known, chain=self._way.chain).item(), 6),
        }

    def measure(self, model: trained.Model) -> dict[str, object]:
        assert isinstance(model, Decoder)
        sets = sets_of(self.data)
        batches = StepBatches(sets.tokenizer, sets.training, self._way, batch_size=BATCH)
        right, outputs, tokens = self.right(model, sets.test)
        seen, _outputs, _tokens = self.right(model, draw(sets.training, min(len(sets.training), N_TEST)))
        found: dict[str, Any] = {
            "problems": len(right),
            "right": sum(right),
            "exact_match": sum(right) / len(right),
            "tokens_written": sum(tokens) / len(tokens),
            "training_exact_match": sum(seen) / len(seen),
            "items": {
                "errors": trained.one_line(int(not one) for one in right),
                "symbols": trained.one_line(1 for _one in right),
            },
            "shown": outputs[:: len(outputs) // SHOWN][:SHOWN],
        }
        if self.data.startswith("steps"):
            found["by_kind"] = by_kind(sets.test, right)
        return {
            "data": self.data,
            "way": self.way,
            **self.setting._asdict(),
            "alpha": self._way.alpha,
            "problems": len(sets.training),
            **asdict(training_costs(batches, STEPS[self.data])),
            "tests": {self.data.partition("-")[0]: found},
        }


def by_kind(problems: Sequence[Reasoned], right: Sequence[bool]) -> dict[str, dict[str, int]]:
    """How many problems of each kind there are, and how many are right."""
    found: dict[str, dict[str, int]] = {}
    for one, is_right in zip(problems, right, strict=True):
        assert isinstance(one, StepProblem)
        counts = found.setdefault(one.kind, {"problems": 0, "right": 0})
        counts["problems"] += 1
        counts["right"] += is_right
    return dict(sorted(found.items()))


def recipes() -> dict[str, StudentRecipe]:
    """Each way of each data set; of more problems and of SmolLM2's, those that answer the question."""
    ways = {
        "steps": tuple(WAYS),
        "steps-more": ("labels", "labels-twice", "rationales", "shuffled", "chain"),
        "asdiv": tuple(WAYS),
        "notes": ("labels", "rationales", "chain"),
        "notes-kept": ("labels", "rationales"),
    }
    return {f"{data}-{way}": StudentRecipe(data, way) for data, of_data in ways.items() for way in of_data}


def search(name: str, recipe: StudentRecipe) -> None:
    """Try the rates that have no row yet, each with seed 0 and all steps."""
    tried = {row["learning_rate"] for row in trained.search(NAME) if row["model"] == name}
    for rate in RATES:
        if rate not in tried:
            train_row(NAME, name, recipe, Run(Setting(rate, 0.0, BATCH), {"steps": STEPS[recipe.data]}))


def main() -> None:
    every = recipes()
    parser = argparse.ArgumentParser(prog=f"python -m experiments.{NAME}")
    parser.add_argument("models", nargs="*", choices=[*every, []], help="which models (default: all)")
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--threads", type=int, default=THREADS)
    parser.add_argument("--missing", action="store_true", help="leave out the runs that have a record")
    parser.add_argument("--search", action="store_true", help="search for the learning rates on validation")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    names = arguments.models or list(every)
    if arguments.search:
        for name in names:
            search(name, every[name])
        return
    for seed in arguments.seeds:
        for name in names:
            if not (arguments.missing and has_record(NAME, name, seed)):
                run(NAME, name, every[name], seed)


if __name__ == "__main__":
    main()
