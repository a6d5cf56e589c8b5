"""What a rule says of one node of a call: the call itself, an argument, or a part of an argument."""

from enum import Enum
from typing import NamedTuple


class Absent(Enum):
    """What stands in place of a value where there is none; None is a value."""

    NOT_GIVEN = "not given"


NOT_GIVEN = Absent.NOT_GIVEN  # the value of a node that the call lacks


class NodeVerdict(NamedTuple):
    """`path` says which node: "" is the call, then an argument ("unit"), or its part ("sizes[0]", "at.x").

    `rule` is the name of the function that decided, in `course.tools.call_rules` or `course.tools.value_rules`.
    """

    path: str
    value: object
    rule: str
    ok: bool
    reason: str


Nodes = list[NodeVerdict]


def n_wrong(nodes: Nodes) -> int:
    """How many of the nodes a rule refuses."""
    return sum(not node.ok for node in nodes)
