"""The three uses of a prompt on more texts than a lesson can read: SmolLM2 beside each task's baseline. No training.

python -m experiments.prompted_tasks [classification extraction summary votes] --tests 60 --threads 1 [--missing]

A record has a line of numbers for each kind of prompt and measure, one number a text: without shots, and behind four
shots of each of `N_DRAWS` draws. The baseline reads the same shots. `votes` are on the extraction behind the first
draw: the most probable answer, sampled ones, and what the first few of these elect. About 1.5 CPU seconds for each text
and prompt, and 5 for each text of `votes`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from course import trained
from course.data.splits import draw
from course.decoding import sample
from course.evaluation import exact_answer
from course.pretrained import load
from course.prompting import Shot, majority_vote, random_shots
from course.tasks.prompted import N_TEST, PromptedTask, prompted_answers, prompted_tasks, scores_of
from experiments.measuring import cpu_seconds
from experiments.running import has_record, parts_to_measure

NAME = "prompted_tasks"
K, N_DRAWS = 4, 3
N_SAMPLES, TEMPERATURE, LONGEST = 9, 0.7, 12  # of sampled answers; the longest has so many tokens
VOTERS = (3, 5, 9)
TASKS, VOTES = ("classification", "extraction", "summary"), "votes"


def prompts_of(task: PromptedTask) -> dict[str, list[Shot]]:
    """The shots of each kind of prompt, by its name."""
    drawn = {f"k{K}-{number}": random_shots(task.pool, K, seed=number) for number in range(N_DRAWS)}
    return {"k0": [], **drawn}


def measure(task: PromptedTask, n_tests: int) -> dict[str, Any]:
    """The scores of the model's and of the baseline's answers on some of the task's tests, drawn."""
    model, tokenizer = load("smollm2")
    tests = draw(task.tests, n_tests)
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


def votes(n_tests: int) -> dict[str, Any]:
    """Whether an answer to the extraction is right: the most probable, each sampled one on average, and elected ones.

    Where answers tie, the one that was given first is elected.
    """
    model, tokenizer = load("smollm2")
    task = prompted_tasks()["extraction"]
    tests, shots = draw(task.tests, n_tests), prompts_of(task)[f"k{K}-0"]
    (line_break,) = tokenizer.encode("\n")
    generator = torch.Generator().manual_seed(0)
    lines: dict[str, list[float]] = {name: [] for name in ("greedy", "sampled", *map(str, VOTERS))}
    greedy = prompted_answers(task, model, tokenizer, [test.text for test in tests], shots, max_answer=LONGEST)
    for test, most_probable in zip(tests, greedy, strict=True):
        ids = torch.tensor([tokenizer.encode(task.template.render(test.text, shots).text)])
        drawn = sample(
            model,
            ids,
            eos_id=line_break,
            max_length=LONGEST,
            n_samples=N_SAMPLES,
            temperature=TEMPERATURE,
            generator=generator,
        )
        texts = [tokenizer.decode(row.tolist()).partition("\n")[0].strip() for row in drawn.tokens]
        lines["greedy"].append(exact_answer(most_probable, test.answer))
        lines["sampled"].append(sum(exact_answer(text, test.answer) for text in texts) / N_SAMPLES)
        for n in VOTERS:
            winners = majority_vote(texts[:n], lambda text: text or None).winners
            lines[str(n)].append(exact_answer(winners[0] if winners else "", test.answer))
    return {"samples": N_SAMPLES, "temperature": TEMPERATURE, "right": _lines(lines)}


def _lines(scores: dict[str, list[float]]) -> dict[str, str]:
    return {measure: trained.one_line(line) for measure, line in scores.items()}


def main(names: Sequence[str], n_tests: int, threads: int, *, missing: bool) -> None:
    torch.set_num_threads(threads)
    tasks = prompted_tasks()
    for name in names:
        if missing and has_record(NAME, name):
            continue
        with cpu_seconds() as seconds:
            cells = votes(n_tests) if name == VOTES else measure(tasks[name], n_tests)
        command = f"python -m experiments.{NAME} {name} --tests {n_tests} --seeds 0 --threads {threads}"
        found = {"command": command, "cpu_seconds": seconds(), "texts": n_tests, "cells": cells}
        trained.save_record(NAME, name, 0, found)
        print(f"{command}: {seconds():.0f} s", flush=True)


def recipes() -> Mapping[str, object]:
    """What is measured, by the names of the records."""
    return {**prompted_tasks(), VOTES: votes}


if __name__ == "__main__":
    arguments = parts_to_measure(NAME, (*TASKS, VOTES), tests=60, most=N_TEST)
    main(arguments.parts, arguments.tests, arguments.threads, missing=arguments.missing)
