"""SmolLM2 calling functions that it was not trained on: as it is and tuned, with documents and without.

python -m experiments.tools [retrievers zero-shot tuned-none tuned-oracle tuned-retrieved tuned-longer self-instruct]
    --seeds 0 --tests 100 --threads 1 [--missing] [--cells none oracle retrieved bad changed ...]

`retrievers` has the rank of the right function in all functions of the data, by vectors and by BM25; the better of the
two on validation finds the documents of all others. `zero-shot` is the model as it is. The others are tuned, by LoRA on
query and value, for `STEPS` steps of `BATCH_SIZE` requests, the loss on the call alone: without documents, with the
right one ("tuned-oracle"), and with three that a search found, in a drawn order, among which the right one is missing
in one of five ("tuned-retrieved"); what is to be written is the right call even then. "tuned-longer" is the last of
these with more than five times as many requests, for the lesson's own use. Wrong documents of a training are
functions of training tasks. No setting was searched for.

Each is tested in `SETTINGS` of `course.tasks.tool_calls`, and in three of them again with a grammar of the whole
catalog, so that no other name can be written. The record is written after each of these cells, and has each answer, its
outcome, the first rule that it breaks and APIBench's verdict; with `--missing`, a command that was stopped goes on. Of
the trained weights, those of `tuned-longer` with seed 0 are kept. `self-instruct` has pairs of a request and a call
that the model as it is wrote for functions of training tasks, with the rule that dropped each.
"""

import argparse
import functools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from course import peft, trained
from course.data.api_calls import CallTask
from course.data.api_functions import Function
from course.data.overlap import disjoint
from course.data.splits import draw
from course.gpt import Decoder
from course.instruction import SMOLLM2, collate, masked_loss, padding_id
from course.peft import LoRA, attach, freeze
from course.pretrained import load
from course.tasks.self_instruct import model_writer
from course.tasks.tool_answers import call_answers, call_conversation, judged, prompt_ids
from course.tasks.tool_calls import (
    METHODS,
    K,
    call_sets,
    one_of_each,
    rankings,
    readings,
    right_call,
    right_function,
    training_catalog,
    whole_catalog,
)
from course.tasks.tool_pairs import make_pairs, request_pool
from course.tokenization import ByteLevelBPE
from course.tools import CallGrammar, GrammarTokens, Outcome
from course.training import adamw, linear_schedule, train
from experiments.measuring import cpu_seconds
from experiments.running import has_record

NAME = "tools"
N_TESTS = 100
LOOKED_AT = 32  # drawn requests whose answers were read while the prompt was worded; they are in no test
STEPS, BATCH_SIZE, LEARNING_RATE, RANK = 60, 4, 1e-3, 8
NONE_RIGHT = 0.2  # share of the requests of `tuned-retrieved` whose right document is missing
CONSTRAINED = " constrained"  # the end of the name of a cell
CELLS = (
    "oracle",
    "retrieved",
    "none",
    "bad",
    "changed",
    *(f"{each}{CONSTRAINED}" for each in ("oracle", "retrieved", "none")),
)
SEARCHED = ("retrieved", "bad")  # settings for which a search is needed
DEPTH = 10  # ranks that are recorded
STORED = "tuned-longer"
RETRIEVERS, PAIRS = "retrievers", "self-instruct"
N_FUNCTIONS = 24  # for which pairs are written
SAMPLING = {"max_new_tokens": 72, "n_samples": 3, "temperature": 0.8, "top_p": 0.9}


@dataclass(frozen=True)
class Arm:
    """A model that is tested: what it reads in its training, or None where it is not trained, and for how long."""

    documents: str | None
    steps: int = STEPS
    batch_size: int = BATCH_SIZE


ARMS: Mapping[str, Arm] = {
    "zero-shot": Arm(None),
    "tuned-none": Arm("none"),
    "tuned-oracle": Arm("oracle"),
    "tuned-retrieved": Arm("retrieved"),
    STORED: Arm("retrieved", steps=160, batch_size=8),
}


# --- Retrieval ---


def ranks(tasks: Sequence[CallTask], method: str) -> list[int]:
    """The rank of the function that answers, from 1; 0 where it is not among the first `DEPTH`."""
    found = rankings([task.question for task in tasks], whole_catalog(), method, DEPTH)
    names = [[function.name for function in of_task] for of_task in found]
    right = [task.answers[0].name for task in tasks]
    return [of_task.index(name) + 1 if name in of_task else 0 for of_task, name in zip(names, right, strict=True)]


def recall(of_tasks: Sequence[int], k: int = K) -> float:
    return round(sum(0 < rank <= k for rank in of_tasks) / len(of_tasks), 6)


@functools.cache
def best_method() -> str:
    """The search that finds more right functions for validation requests among the first `K`; BM25 of equal ones."""
    return max(METHODS, key=lambda method: recall(ranks(call_sets().validation, method)))


def retrievers(n_tests: int) -> dict[str, Any]:
    sets = {"validation": call_sets().validation, "test": tested_tasks(n_tests)}
    cells = {}
    for method in METHODS:
        of_sets = {name: ranks(tasks, method) for name, tasks in sets.items()}
        cells[method] = {
            name: {f"recall_at_{K}": recall(found), "ranks": trained.one_line(found)} for name, found in of_sets.items()
        }
    return {"functions": len(whole_catalog()), "chosen": best_method(), "cells": cells}


# --- Training ---


class CallBatches:
    """The batches of a training: every request once in each epoch, in a drawn order, with documents that are drawn."""

    def __init__(self, tokenizer: ByteLevelBPE, arm: Arm, seed: int) -> None:
        self.tokenizer, self.kind, self.seed, self.batch_size = tokenizer, arm.documents, seed, arm.batch_size
        self.tasks = call_sets().training
        self.wrong: list[list[Function]] = []
        if self.kind == "retrieved":
            questions = [task.question for task in self.tasks]
            found = rankings(questions, training_catalog(), best_method(), K + 1)
            self.wrong = [
                [function for function in of_task if function.name != task.answers[0].name][:K]
                for of_task, task in zip(found, self.tasks, strict=True)
            ]

    def __getitem__(self, step: int) -> Int[Tensor, "row 2 position"]:
        n = len(self.tasks)
        places = range(step * self.batch_size, (step + 1) * self.batch_size)
        orders = {epoch: np.random.default_rng([self.seed, epoch]).permutation(n) for epoch in {p // n for p in places}}
        rng = np.random.default_rng([self.seed, step, 1])
        drawn = [int(orders[place // n][place % n]) for place in places]
        rows = [
            call_conversation(
                self.tokenizer,
                self.tasks[number].question,
                self.documents(number, rng),
                right_call(self.tasks[number]),
            )
            for number in drawn
        ]
        return collate(rows, padding_id(self.tokenizer, SMOLLM2))

    def documents(self, number: int, rng: np.random.Generator) -> list[Function]:
        """What is read with a training request."""
        if self.kind == "none":
            return []
        right = right_function(self.tasks[number])
        if self.kind == "oracle":
            return [right]
        read = [*self.wrong[number]]
        if rng.random() >= NONE_RIGHT:
            read = [right, *read[: K - 1]]
        return [read[place] for place in rng.permutation(len(read))]


def tuned(arm: Arm, seed: int, file: Path) -> dict[str, Any]:
    """Train LoRA and store it in the file, in half precision."""
    model, tokenizer = load("smollm2")
    freeze(model)
    attached = attach(model, LoRA(RANK), torch.Generator().manual_seed(seed))
    batches = CallBatches(tokenizer, arm, seed)
    with cpu_seconds() as seconds:
        history = train(
            model,
            batches,
            masked_loss(),
            adamw(model, learning_rate=LEARNING_RATE, weight_decay=0.0),
            steps=arm.steps,
            seed=seed,
            learning_rate=linear_schedule(LEARNING_RATE, arm.steps, max(1, arm.steps // 10)),
            max_gradient_norm=1.0,
        )
    file.parent.mkdir(exist_ok=True)
    peft.save(attached, file, torch.float16)
    return {
        "trained_parameters": peft.count(attached),
        "steps": arm.steps,
        "batch_size": arm.batch_size,
        "learning_rate": LEARNING_RATE,
        "training_seconds": seconds(),
        "losses": trained.one_line(round(loss, 4) for loss in history.losses),
    }


# --- Cells ---


def tested_tasks(n: int) -> list[CallTask]:
    """Requests to measure with, drawn from those that had no part in the wording of the prompt.

    Raises `ValueError` where a function that answers one of them answers one that had, or one of training or
    validation.
    """
    sets = call_sets()
    looked_at = draw(sets.test, LOOKED_AT)
    tasks = draw([task for task in sets.test if task not in looked_at], n)
    disjoint(
        sets.training,
        sets.validation,
        looked_at,
        tasks,
        text=lambda task: task.answers[0].name,
        names=("training", "validation", "looked at", "test"),
    )
    return tasks


@functools.cache
def grammar() -> CallGrammar:
    return CallGrammar(whole_catalog())


@functools.cache
def grammar_tokens(tokenizer: ByteLevelBPE) -> GrammarTokens:
    return GrammarTokens(tokenizer)


def cell(model: Decoder, tokenizer: ByteLevelBPE, tasks: Sequence[CallTask], name: str) -> dict[str, Any]:
    """What the model answers in a setting, which may be constrained."""
    setting = name.removesuffix(CONSTRAINED)
    method = best_method() if setting in SEARCHED else METHODS[0]
    read = readings(tasks, setting, whole_catalog(), method=method)
    options: dict[str, Any] = {}
    if name.endswith(CONSTRAINED):
        options = {"grammar": grammar(), "tokens": grammar_tokens(tokenizer)}
    with cpu_seconds() as seconds:
        answers = call_answers(model, tokenizer, read, **options)
    verdicts = [judged(answer, one) for answer, one in zip(answers, read, strict=True)]
    has_right = [float(one.answer.name in {function.name for function in one.documents}) for one in read]
    return {
        **({"method": method} if setting in SEARCHED else {}),
        "outcomes": {
            outcome.value: trained.one_line(float(one.outcome is outcome) for one in verdicts) for outcome in Outcome
        },
        "shares": {
            outcome.value: round(sum(one.outcome is outcome for one in verdicts) / len(verdicts), 6)
            for outcome in Outcome
        },
        "apibench": trained.one_line(float(one.apibench) for one in verdicts),
        "reads_right_document": trained.one_line(has_right),
        "prompt_tokens": round(sum(len(prompt_ids(tokenizer, one)) for one in read) / len(read), 1),
        "seconds_an_answer": round(seconds() / len(read), 3),
        "rules": [one.rule for one in verdicts],
        "answers": answers,
    }


def run(name: str, seed: int, n_tests: int, names: Sequence[str], found: dict[str, Any], command: str) -> None:
    """Train where that is due, and make the cells that are not in `found`, the record so far, which may be empty.

    Cells of other requests are made again.
    """
    tasks = tested_tasks(n_tests)
    ids = [task.id for task in tasks]
    about = {"command": command, "tests_drawn": n_tests, "ids": ids}
    if found.get("ids") != ids:
        found = {key: value for key, value in found.items() if key not in ("ids", "cells")}
    record: dict[str, Any] = about | found | about
    kind, kept = ARMS[name].documents, seed == 0 and name == STORED
    file = trained.place.FOLDER / NAME / f"{name}{'' if kept else f'-{seed}'}.safetensors"
    if kind is not None and not ("losses" in record and file.is_file()):
        record |= tuned(ARMS[name], seed, file)
        trained.save_record(NAME, name, seed, record)
        print(f"{name} is trained: {record['training_seconds']:.0f} s", flush=True)
    model, tokenizer = load("smollm2")
    model.requires_grad_(False)
    if kind is not None:
        peft.load(file, model)
    model.eval()
    record.setdefault("cells", {})
    for each in names:
        if each not in record["cells"]:
            record["cells"][each] = cell(model, tokenizer, tasks, each)
            trained.save_record(NAME, name, seed, record)
            print(f"{name}, {each}: {record['cells'][each]['shares']}", flush=True)
    if not kept and set(record["cells"]) == set(CELLS):
        file.unlink(missing_ok=True)


def pairs(_n_tests: int) -> dict[str, Any]:
    """What the model as it is makes of the documents of training functions, and what the rules leave."""
    model, tokenizer = load("smollm2")
    tasks = call_sets().training
    functions = [right_function(task) for task in draw(one_of_each(tasks), N_FUNCTIONS)]
    write = model_writer(model, tokenizer, generator=torch.Generator().manual_seed(0), **SAMPLING)
    made = make_pairs(functions, tasks, write, request_pool(tasks), rng=random.Random(0))
    return {
        "settings": SAMPLING,
        "kept": sum(one.rule is None for one in made),
        "made": [one._asdict() for one in made],
    }


PARTS = {RETRIEVERS: retrievers, PAIRS: pairs}


def recipes() -> Mapping[str, object]:
    """What is measured, by the names of the records."""
    return {RETRIEVERS: retrievers, **ARMS, PAIRS: pairs}


def main(
    names: Sequence[str], seeds: Sequence[int], n_tests: int, cells: Sequence[str], threads: int, *, missing: bool
) -> None:
    torch.set_num_threads(threads)
    for seed in seeds:
        for name in names:
            command = f"python -m experiments.{NAME} {name} --tests {n_tests} --seeds {seed} --threads {threads}"
            known = trained.record_of(NAME, name, seed) if missing and has_record(NAME, name, seed) else {}
            found = {key: value for key, value in known.items() if key not in ("model", "seed")}
            if name in ARMS:
                run(name, seed, n_tests, cells, found, command)
            elif not found:
                with cpu_seconds() as seconds:
                    found = PARTS[name](n_tests)
                about = {"command": command, "tests_drawn": n_tests, "cpu_seconds": seconds()}
                trained.save_record(NAME, name, seed, about | found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog=f"python -m experiments.{NAME}")
    parser.add_argument("models", nargs="*", choices=[*recipes(), []], help="which models (default: all)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--tests", type=int, default=N_TESTS)
    parser.add_argument("--cells", nargs="+", choices=CELLS, default=CELLS, help="which cells (default: all)")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--missing", action="store_true", help="keep what a record has, and make the rest")
    arguments = parser.parse_args()
    main(
        arguments.models or list(recipes()),
        arguments.seeds,
        arguments.tests,
        arguments.cells,
        arguments.threads,
        missing=arguments.missing,
    )
