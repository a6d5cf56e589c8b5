"""Instruction tuning: a model learns to follow instructions, and where those instructions come from."""

from course.instruction.instances import CONTRADICTION, INSTANCE_RULES, Instance, KeptInstances, kept_instances
from course.instruction.instruction_pool import LIMIT, TOO_SIMILAR, Filters, InstructionPool, Neighbor, Verdict
from course.instruction.instruction_rules import RULES, Rule, in_one_line

__all__ = [
    "CONTRADICTION",
    "INSTANCE_RULES",
    "LIMIT",
    "RULES",
    "TOO_SIMILAR",
    "Filters",
    "Instance",
    "InstructionPool",
    "KeptInstances",
    "Neighbor",
    "Rule",
    "Verdict",
    "in_one_line",
    "kept_instances",
]
