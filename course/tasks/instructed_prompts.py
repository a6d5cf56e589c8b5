"""With which instruction an input is put to a model: in a training, in a test, and in the controls of both.

What a tuned model gains on a task that it was not trained on may come from its instruction, or from the form alone:
that something short follows, made of the input or of a few words. So a test has three forms, and the same inputs in
each: the task's own instruction, no instruction, and one of another held-out task. A training has controls of the same
kind.

Source: Wei et al. 2022, section 4.3, tunes without instructions, and tests with them.
"""

import random
import zlib
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np

from course.messages import _
from course.tasks.instructed import InstructedTask, stated
from course.tasks.instructed_examples import InstructedExample

Instruction = Literal["own", "none", "another"]


def require_instruction(instruction: str) -> None:
    """Raises `ValueError` for what is none of the three."""
    if instruction not in get_args(Instruction):
        raise ValueError(
            _("instruction is {value!r}; give one of {known}.").format(
                value=instruction, known=", ".join(get_args(Instruction))
            )
        )


def training_prompt(
    example: InstructedExample,
    task: InstructedTask,
    mix: Sequence[InstructedTask],
    instruction: Instruction,
    rng: np.random.Generator,
) -> str:
    """What the user says in a training: one of the task's wordings that are trained with, drawn, and the input.

    "another" takes the wording from another task of the mix, drawn anew each time, so that it says nothing. Raises
    `ValueError` for a mix without another task, and for another `instruction`.
    """
    require_instruction(instruction)
    if instruction == "none":
        return stated("", example.input)
    if instruction == "another":
        strangers = [other for other in mix if other.name != task.name]
        if not strangers:
            raise ValueError(
                _("The mix has no task but {name!r}: add one to take an instruction from.").format(name=task.name)
            )
        task = strangers[rng.integers(len(strangers))]
    return stated(task.wordings[rng.integers(len(task.wordings))], example.input)


def held_out_prompts(task: InstructedTask, held_out: Sequence[InstructedTask], instruction: Instruction) -> list[str]:
    """What the user says in the test of a held-out task, for each of its test examples.

    The wordings, none of which was trained with, take turns. "another" draws them from the held-out tasks of other
    clusters; the draw is the same for every model. Raises `ValueError` as `training_prompt` does.
    """
    require_instruction(instruction)
    if instruction == "none":
        return [stated("", example.input) for example in task.test]
    own = (*task.wordings, task.unseen)
    if instruction == "own":
        return [stated(own[number % len(own)], example.input) for number, example in enumerate(task.test)]
    foreign = [
        wording for other in held_out if other.cluster != task.cluster for wording in (*other.wordings, other.unseen)
    ]
    if not foreign:
        raise ValueError(_("There is no task outside the cluster {name!r}: add one.").format(name=task.cluster))
    rng = random.Random(zlib.crc32(task.name.encode()))
    return [stated(rng.choice(foreign), example.input) for example in task.test]


def wording_prompts(task: InstructedTask, examples: Sequence[InstructedExample], *, unseen: bool) -> list[str]:
    """What the user says in the test of a task that was trained on: in words of the training, or in others."""
    return [
        stated(task.unseen if unseen else task.wordings[number % len(task.wordings)], example.input)
        for number, example in enumerate(examples)
    ]
