"""The modules of a model in the order in which they compute: each in the module that calls it, not in its owner.

So a residual connection holds the attention that it adds, with its normalization before or after it, as it is computed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from torch import Tensor, nn

from course.layers.positions import Positions
from course.peft import Part
from course.viz.peft.calls import Call, forward_pass

NOT_DRAWN = (nn.Dropout, nn.Identity)
LISTS = (nn.ModuleList, nn.ModuleDict)


@dataclass(eq=False)
class Node:
    """A module that is drawn. `again`: only as a reference, it is drawn in full elsewhere. `read` is what it was given.

    A part stands for its base, too: what that calls is in the part.
    """

    module: nn.Module
    read: tuple[Tensor, ...] = ()
    again: bool = False
    inside: list["Node"] = field(default_factory=list)

    def all(self) -> Iterator["Node"]:
        """The node and those in it, at every depth."""
        yield self
        for each in self.inside:
            yield from each.all()


class Tree:
    """The nodes of a model, from `root`, that of the model itself, and the ids of the parameters that are `used`.

    `tops` are the modules whose nodes can be shown alone: what is in another one is a reference in them. What has
    weights or is a part, and was not called where it is, is in the module that it belongs to, after its neighbor there.
    """

    def __init__(self, model: nn.Module, tops: set[nn.Module]) -> None:
        self.parents = {child: module for module in model.modules() for child in module.children()}
        self._tops = tops
        self._drawn: set[nn.Module] = set()
        seen = forward_pass(model)
        self.used = seen.used
        self.root = self._node(seen.whole, None)
        self._add_uncalled(model)

    def _node(self, call: Call, top: nn.Module | None) -> Node:
        self._drawn.add(call.module)
        top = call.module if call.module in self._tops else top
        node = Node(call.module, call.read)
        for each in self._calls_in(call):
            inner = each.module if each.module in self._tops else top
            again = each.module in self._drawn or (inner is not None and not self._is_in(each.module, inner))
            place = self._group(node, each)
            place.inside.append(Node(each.module, each.read, again=True) if again else self._node(each, top))
        return node

    def _calls_in(self, call: Call) -> Iterator[Call]:
        """Those that are drawn: of a part's base, what it calls."""
        for each in call.inside:
            if isinstance(call.module, Part) and each.module is call.module.base:
                yield from each.inside
            elif not isinstance(each.module, NOT_DRAWN):
                yield each

    def _group(self, node: Node, call: Call) -> Node:
        """Where to draw a call: in a node of its own for each module between, of which only functions are called."""
        for module in self._between(call.module, node.module):
            if not node.inside or node.inside[-1].module is not module:
                node.inside.append(Node(module, call.read))
                self._drawn.add(module)
            node = node.inside[-1]
        return node

    def _between(self, module: nn.Module, outer: nn.Module) -> list[nn.Module]:
        """The modules between the two, from the outside, where the first is in the other; without bases and lists."""
        found: list[nn.Module] = []
        while self._is_in(module, outer) and (module := self.parents[module]) is not outer:
            if not self.is_base(module) and not isinstance(module, LISTS):
                found.append(module)
        return found[::-1]

    def _is_in(self, module: nn.Module, outer: nn.Module) -> bool:
        while module is not outer and module in self.parents:
            module = self.parents[module]
        return module is outer

    def is_base(self, module: nn.Module) -> bool:
        """Whether it is what a part was put in the place of."""
        parent = self.parents.get(module)
        return isinstance(parent, Part) and parent.base is module

    def _add_uncalled(self, model: nn.Module) -> None:
        nodes = {node.module: node for node in self.root.all() if not node.again}
        for module in model.modules():
            wanted = isinstance(module, Part | Positions) or next(module.parameters(recurse=False), None) is not None
            if wanted and module not in nodes and not self.is_base(module):
                outer = self.parents[module]
                while outer not in nodes:
                    outer = self.parents[outer]
                nodes[module] = Node(module)
                nodes[outer].inside.insert(self._number_in(nodes[outer], module), nodes[module])

    def _number_in(self, node: Node, module: nn.Module) -> int:
        """Where in a node to put a module: after the module that is before it in its owner, else last."""
        siblings = [
            inner
            for child in self.parents[module].children()
            for inner in (child.children() if isinstance(child, LISTS) else [child])
        ]
        drawn = [each.module for each in node.inside]
        for sibling in reversed(siblings[: siblings.index(module)]):
            if sibling in drawn:
                return drawn.index(sibling) + 1
        return len(drawn)
