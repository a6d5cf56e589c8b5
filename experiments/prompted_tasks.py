"""The three uses of a prompt on more texts than a lesson can read: SmolLM2 beside each task's baseline. No training.

python -m experiments.prompted_tasks [classification extraction summary] --tests 100 --seeds 0 --threads 1 [--missing]

A record has a line of numbers for each kind of prompt and measure, one number a text: without shots, and behind four
shots of each of `N_DRAWS` draws. The baseline reads the same shots. About 0.5 CPU seconds for each text and prompt.
"""

import argparse
from collections.abc import Sequence
from typing import Any

import torch

from course import trained
from course.pretrained import load
from course.prompting import Shot, random_shots
from course.tasks.prompted import N_TEST, PromptedTask, prompted_answers, prompted_tasks, scores_of
from experiments.measuring import cpu_seconds

NAME = "prompted_tasks"
K, N_DRAWS = 4, 3


def prompts_of(task: PromptedTask) -> dict[str, list[Shot]]:
    """The shots of each kind of prompt, by its name."""
    drawn = {f"k{K}-{number}": random_shots(task.pool, K, seed=number) for number in range(N_DRAWS)}
    return {"k0": [], **drawn}


def measure(task: PromptedTask, n_tests: int) -> dict[str, Any]:
    """The scores of the model's and of the baseline's answers on the first texts of the task's tests."""
    model, tokenizer = load("smollm2")
    tests = task.tests[:n_tests]
    texts, right = [test.text for test in tests], [test.answer for test in tests]
    cells: dict[str, Any] = {}
    for name, shots in prompts_of(task).items():
        answers = prompted_answers(task, model, tokenizer, texts, shots)
        simple = list(map(task.baseline(shots), texts))
        cells[name] = {
            "smollm2": _lines(scores_of(task, answers, right)),
            "baseline": _lines(scores_of(task, simple, right)),
        }
    return cells


def _lines(scores: dict[str, list[float]]) -> dict[str, str]:
    return {measure: trained.one_line(line) for measure, line in scores.items()}


def main(names: Sequence[str], n_tests: int, threads: int, *, missing: bool) -> None:
    torch.set_num_threads(threads)
    tasks = prompted_tasks()
    for name in names:
        if missing and (trained.place.FOLDER / NAME / f"{name}-0.json").is_file():
            continue
        with cpu_seconds() as seconds:
            cells = measure(tasks[name], n_tests)
        command = f"python -m experiments.{NAME} {name} --tests {n_tests} --seeds 0 --threads {threads}"
        found = {"command": command, "cpu_seconds": seconds(), "texts": n_tests, "cells": cells}
        trained.save_record(NAME, name, 0, found)
        print(f"{command}: {seconds():.0f} s", flush=True)


def recipes() -> dict[str, PromptedTask]:
    """What is measured, by the names of the records."""
    return prompted_tasks()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog=f"python -m experiments.{NAME}")
    parser.add_argument("tasks", nargs="*", default=["classification", "extraction", "summary"])
    parser.add_argument("--seeds", type=int, nargs="+", choices=[0], default=[0])
    parser.add_argument("--tests", type=int, default=100)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--missing", action="store_true", help="leave out what has a record")
    arguments = parser.parse_args()
    for task_name in arguments.tasks:
        if task_name not in recipes():
            parser.error(f"there is no task {task_name!r}; there are: {', '.join(recipes())}")
    if not 0 < arguments.tests <= N_TEST:
        parser.error(f"--tests is {arguments.tests}; it must be from 1 to {N_TEST}")
    main(arguments.tasks, arguments.tests, arguments.threads, missing=arguments.missing)
