"""A dependency graph as rails beside a list: one rail for each node that others need, in lanes that never overlap."""

from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple

Node = Hashable


class Rail(NamedTuple):
    """From the row of a node to the rows of those that need it; lane 0 is next to the list."""

    start: int
    ends: tuple[int, ...]
    lane: int

    @property
    def first(self) -> int:
        return min(self.start, *self.ends)

    @property
    def last(self) -> int:
        return max(self.start, *self.ends)


def reduced(needs: Mapping[Node, Sequence[Node]]) -> dict[Node, list[Node]]:
    """`needs` (node → its needs) without those that another need implies: the transitive reduction.

    Raises `ValueError` for a need that is not a node, and for a cycle.
    """
    above: dict[Node, set[Node]] = {}

    def everything_above(node: Node, path: tuple[Node, ...] = ()) -> set[Node]:
        if node not in needs:
            raise ValueError(f"{path[-1]!r} needs {node!r}, which is not there.")
        if node in path:
            raise ValueError(f"{node!r} needs itself, over {' → '.join(map(str, path[path.index(node) :]))}.")
        if node not in above:
            direct = needs[node]
            above[node] = set(direct).union(*(everything_above(need, (*path, node)) for need in direct))
        return above[node]

    for node in needs:
        everything_above(node)
    return {
        node: [need for need in direct if not any(need in above[other] for other in direct)]
        for node, direct in needs.items()
    }


def rails(needs: Mapping[Node, Sequence[Node]]) -> list[Rail]:
    """The rails of a list whose rows are the nodes of `needs` (node → its needs) in their order.

    The shortest get the innermost lanes. Two rails share a lane when one ends at the row where the other begins, or
    before it.
    """
    row = {node: place for place, node in enumerate(needs)}
    ends = {row[need]: [row[node] for node, direct in needs.items() if need in direct] for need in needs}
    lanes: list[list[Rail]] = []
    waiting = [Rail(start, tuple(to), 0) for start, to in ends.items() if to]
    for rail in sorted(waiting, key=lambda rail: (rail.last - rail.first, rail.first)):
        lane = next((i for i, others in enumerate(lanes) if all(_apart(rail, other) for other in others)), len(lanes))
        if lane == len(lanes):
            lanes.append([])
        lanes[lane].append(rail._replace(lane=lane))
    return sorted(rail for lane in lanes for rail in lane)


def _apart(one: Rail, other: Rail) -> bool:
    return one.last <= other.first or other.last <= one.first
