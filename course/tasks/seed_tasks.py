"""Seed tasks for Self-Instruct, written for the course: what a model sees as examples of instructions."""

import functools
import tomllib
from pathlib import Path
from typing import NamedTuple

from course.evaluation.rouge import rouge_l
from course.instruction import InstructionPool

FILE = Path(__file__).parent / "seed_tasks.toml"


class SeedTask(NamedTuple):
    """An instruction with a right output; `input` is empty where the instruction says all."""

    instruction: str
    output: str
    input: str = ""


@functools.cache
def seed_tasks() -> tuple[SeedTask, ...]:
    """The seed tasks, in the order of their file."""
    content = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return tuple(SeedTask(**task) for task in content["tasks"])


def seed_pool() -> InstructionPool:
    """A new pool with the instructions of all seed tasks, compared by ROUGE-L, as in the paper."""
    return InstructionPool((task.instruction for task in seed_tasks()), rouge_l)
