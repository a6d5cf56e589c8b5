"""The five tasks of lesson 01, each by four kinds of systems on the same test items. No weights are kept.

python -m experiments.five_tasks [classification names translation summary questions] --threads 1 [--missing]

A task is answered by its trivial and its simple baseline, by the best model that the course has for it, and by SmolLM2
under three wordings of a prompt. Where SmolLM2 is the best there is, the model is its first wording. A record keeps
what each measure sums of each item, the confidence of each answer, and the group of each item; no text. About two
minutes of one core for the classification, and ten for each task that SmolLM2 writes an answer for.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from course import trained
from course.tasks.language_tasks import LEVELS, TASKS, Answer, LanguageTask, prompted, results
from experiments.measuring import cpu_seconds
from experiments.running import has_record, parts_to_measure

NAME = "five_tasks"


def measured(task: LanguageTask, answers: Sequence[Answer]) -> dict[str, Any]:
    """What each measure sums of each item, a line for each number, and how sure the answers are, -1 where unknown."""
    right, found = [item.right for item in task.items], [answer.value for answer in answers]
    sums = {name: measure.table(right, found).T.tolist() for name, measure in task.measures.items()}
    return {
        "sums": {name: [trained.one_line(line) for line in lines] for name, lines in sums.items()},
        "confidence": trained.one_line(-1 if one.confidence is None else one.confidence for one in answers),
    }


def measure(task: LanguageTask) -> dict[str, Any]:
    """The cells of a task, by the name of the system."""
    cells = {level: measured(task, task.tested(level)) for level in LEVELS}
    first = 1 if task.name in results.PROMPTED else 0
    for wording in range(first, len(task.wordings)):
        answers = prompted(task, wording)([item.source for item in task.items])
        cells[f"prompt-{wording}"] = measured(task, answers)
        print(f"{task.name}: wording {wording} of {len(task.wordings)}", flush=True)
    return cells


def main(names: Sequence[str], threads: int, *, missing: bool) -> None:
    torch.set_num_threads(threads)
    for name in names:
        if missing and has_record(NAME, name):
            continue
        task = TASKS[name]()
        with cpu_seconds() as seconds:
            cells = measure(task)
        groups = {group: number for number, group in enumerate(dict.fromkeys(item.group for item in task.items))}
        command = f"python -m experiments.{NAME} {name} --seeds 0 --threads {threads}"
        found = {
            "command": command,
            "cpu_seconds": seconds(),
            "texts": len(task.items),
            "groups": trained.one_line(groups[item.group] for item in task.items),
            "cells": cells,
        }
        trained.save_record(NAME, name, 0, found)
        print(f"{command}: {seconds():.0f} s", flush=True)


def recipes() -> Mapping[str, object]:
    """What is measured, by the names of the records."""
    return TASKS


if __name__ == "__main__":
    arguments = parts_to_measure(NAME, tuple(TASKS), tests=1, most=1)
    main(arguments.parts, arguments.threads, missing=arguments.missing)
