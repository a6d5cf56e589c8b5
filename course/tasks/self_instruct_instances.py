"""The second step of Self-Instruct: the model gives an input and an output for each instruction that was kept.

The prompt has two whole seed tasks, one with an input and one without, the input before the output (the paper's
"input-first"; its "output-first" for classification is left out here). Source: Wang et al. 2023, section 2.2, and the
authors' code (yizhongw/self-instruct).
"""

import random
import re
from collections.abc import Sequence
from typing import NamedTuple

from course.instruction import Instance, kept_instances
from course.tasks.seed_tasks import SeedTask, seed_tasks
from course.tasks.self_instruct import BLANK_LINE, Continuation, Writer

INTRODUCTION = "Give an example for each task: an input, if the task needs one, and the output."
NO_INPUT = "none"
UNPARSED, UNFINISHED = "unparsed", "unfinished"  # why there is no instance, besides the rules of `kept_instances`
OUTPUT = re.compile(r"\n\s*Output\s*:")
NEXT_TASK = re.compile(r"\n\s*(?:Task|Input)\s*:")


class Made(NamedTuple):
    """What the model made for an instruction; `rule` says why it is dropped, None where it is kept."""

    instruction: str
    instance: Instance
    rule: str | None


def instance_prompt(instruction: str, examples: Sequence[SeedTask]) -> str:
    """Seed tasks with their inputs and outputs, and the instruction, which ends where its input begins."""
    blocks = [f"Task: {one.instruction}\nInput: {one.input or NO_INPUT}\nOutput: {one.output}" for one in examples]
    return BLANK_LINE.join([INTRODUCTION, *blocks, f"Task: {instruction}\nInput:"])


def parse_instance(instruction: str, continuation: Continuation) -> Made:
    """The input and the output in the text that continues the prompt, and whether the rules for instances keep it."""
    text = continuation.text
    found = OUTPUT.search(text)
    given, output = (text[: found.start()], text[found.end() :]) if found else (text, "")
    after = NEXT_TASK.search(output)
    output = (output[: after.start()] if after else output).strip()
    given = given.strip()
    instance = Instance("" if given.lower().rstrip(".") == NO_INPUT else given, output)
    if not found:
        return Made(instruction, instance, UNPARSED)
    if not (continuation.finished or after):
        return Made(instruction, instance, UNFINISHED)
    kept, dropped = kept_instances([instance])
    return Made(instruction, kept[0], None) if kept else Made(instruction, *dropped[0])


def make_instances(instructions: Sequence[str], write: Writer, *, rng: random.Random) -> list[Made]:
    """An instance of each instruction, dropped or not; each prompt has seed tasks of its own draw, in a drawn order.

    All are continued at once.
    """
    if not instructions:
        return []
    continuations = write([instance_prompt(one, _examples(rng)) for one in instructions])
    return list(map(parse_instance, instructions, continuations))


def _examples(rng: random.Random) -> list[SeedTask]:
    with_input, without = ([task for task in seed_tasks() if bool(task.input) == wanted] for wanted in (True, False))
    drawn = [rng.choice(with_input), rng.choice(without)]
    rng.shuffle(drawn)
    return drawn
