"""Instances of an instruction, an input and its output each, and the rules by which Self-Instruct drops some.

Source: Wang et al. 2023, section 2.2, and the authors' code (yizhongw/self-instruct, `prepare_for_finetuning.py`).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from course.messages import _


class Instance(NamedTuple):
    """`input` is empty where the instruction needs none."""

    input: str
    output: str


class InstanceRule(NamedTuple):
    """`drops` is true of an instance that breaks the rule; `reason` says what the rule is for."""

    name: str
    reason: str
    drops: Callable[[Instance], bool]


def has_no_output(instance: Instance) -> bool:
    return not instance.output


def repeats_its_input(instance: Instance) -> bool:
    return instance.input == instance.output


def ends_with_a_colon(instance: Instance) -> bool:
    return any(text.endswith(":") for text in instance)


INSTANCE_RULES: tuple[InstanceRule, ...] = (
    InstanceRule("empty", _("An instance without an output teaches nothing."), has_no_output),
    InstanceRule("copy", _("An output that is the input shows no work."), repeats_its_input),
    InstanceRule("colon", _("A text that ends with a colon is unfinished."), ends_with_a_colon),
)
CONTRADICTION = "contradiction"  # the rule that reads all instances of a task


class KeptInstances(NamedTuple):
    """The instances that are left of a task, and the rule that dropped each of the others, in their order."""

    kept: list[Instance]
    dropped: list[tuple[Instance, str]]


def kept_instances(instances: Sequence[Instance]) -> KeptInstances:
    """What the rules leave of a task's instances, each once, and without spaces around its texts.

    When two of those that are left have the same input, not an empty one, and different outputs, the task is unclear,
    and all of its instances are dropped.
    """
    stripped = [Instance(*(text.strip() for text in instance)) for instance in instances]
    kept, dropped = [], []
    for instance in stripped:
        broken = next((rule.name for rule in INSTANCE_RULES if rule.drops(instance)), None)
        if broken:
            dropped.append((instance, broken))
        elif instance not in kept:
            kept.append(instance)
    with_input = [instance.input for instance in kept if instance.input]
    if len(with_input) > len(set(with_input)):
        return KeptInstances([], dropped + [(instance, CONTRADICTION) for instance in kept])
    return KeptInstances(kept, dropped)
