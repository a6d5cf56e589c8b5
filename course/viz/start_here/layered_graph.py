"""Layered layout of a dependency graph: prerequisites are above, and arrows bend around boxes.

Source: Sugiyama, Tagawa and Toda 1981, "Methods for visual understanding of hierarchical system structures":
layers by longest path, a bend in each layer that an arrow crosses, order by the mean position of the neighbors.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

Node = Hashable
SWEEPS = 12


@dataclass(frozen=True)
class Layout:
    """`layer` and `x` of each node, and for each edge its x-positions, one per layer from end to end."""

    layer: dict[Node, int]
    x: dict[Node, float]
    edges: dict[tuple[Node, Node], list[float]]


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


def layered(needs: Mapping[Node, Sequence[Node]], *, width: float, bend_width: float) -> Layout:
    """A layout of the nodes of `needs` (node → its needs), each `width` wide; an arrow takes `bend_width` in a row."""
    layer: dict[Node, int] = {}

    def depth(node: Node) -> int:
        if node not in layer:
            layer[node] = 1 + max((depth(need) for need in needs[node]), default=-1)
        return layer[node]

    rows: list[list[Node]] = [[] for _row in range(1 + max((depth(node) for node in needs), default=-1))]
    for node in needs:
        rows[layer[node]].append(node)
    chains: dict[tuple[Node, Node], list[Node]] = {}
    up: dict[Node, list[Node]] = {node: [] for node in needs}
    down: dict[Node, list[Node]] = {node: [] for node in needs}
    for node, direct in needs.items():
        for need in direct:
            bends = [(need, node, row) for row in range(layer[need] + 1, layer[node])]
            for bend in bends:
                rows[bend[2]].append(bend)
                up[bend], down[bend] = [], []
            chains[need, node] = chain = [need, *bends, node]
            for higher, lower in pairwise(chain):
                up[lower].append(higher)
                down[higher].append(lower)
    widths = {node: width if node in needs else bend_width for row in rows for node in row}
    x = _placed(rows, up, down, widths)
    return Layout(
        layer, {node: x[node] for node in needs}, {edge: [x[n] for n in chain] for edge, chain in chains.items()}
    )


def _placed(
    rows: list[list[Node]],
    up: Mapping[Node, Sequence[Node]],
    down: Mapping[Node, Sequence[Node]],
    widths: Mapping[Node, float],
) -> dict[Node, float]:
    """An x for each node, close to its neighbors in the rows above and below, without overlap in its row."""
    x: dict[Node, float] = {}
    for row in rows:
        x.update(_packed(row, dict.fromkeys(row, 0.0), widths))
    for _sweep in range(SWEEPS):
        for ordered, neighbors in ((rows, up), (reversed(rows), down)):
            for row in ordered:
                wanted = {n: fmean(x[m] for m in neighbors[n]) if neighbors[n] else x[n] for n in row}
                row.sort(key=wanted.__getitem__)
                x.update(_packed(row, wanted, widths))
    return x


def _packed(row: Sequence[Node], wanted: Mapping[Node, float], widths: Mapping[Node, float]) -> dict[Node, float]:
    """The nodes of a row, in order, as near to their wanted positions as their widths allow (least squares).

    Neighbors that would overlap form a block, which is placed at the mean of the positions that its nodes want.
    """
    blocks: list[tuple[list[Node], list[float], float]] = []  # nodes, their offsets in the block, the block's position
    for node in row:
        nodes, offsets, place = [node], [0.0], wanted[node]
        while blocks:
            before, before_offsets, before_place = blocks[-1]
            gap = (widths[before[-1]] + widths[nodes[0]]) / 2
            if place + offsets[0] - (before_place + before_offsets[-1]) >= gap - 1e-9:
                break
            blocks.pop()
            shift = before_offsets[-1] + gap - offsets[0]
            nodes = [*before, *nodes]
            offsets = [*before_offsets, *(offset + shift for offset in offsets)]
            place = fmean(wanted[n] - offset for n, offset in zip(nodes, offsets, strict=True))
        blocks.append((nodes, offsets, place))
    return {n: place + offset for nodes, offsets, place in blocks for n, offset in zip(nodes, offsets, strict=True)}
