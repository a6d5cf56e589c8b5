"""A model with a method on it as boxes: what is in what, how large it is, and what the method put there.

All is read from the model's own modules: their names, their tensors, and which of them call which.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import nn

from course.layers.parameters import count_parameters
from course.messages import _
from course.peft import Attached, Method, Part, attach, count
from course.peft.attaching import body_of
from course.peft.places import require_bare
from course.viz.peft.tree import Node, Tree

ARROW, TIMES = "→", " × "
AGAIN, UNUSED = _("again"), _("not used")  # the notes on a box that only refers to another, and on an idle one
BLOCK = re.compile(r"^blocks\.\d+\.")


@dataclass(frozen=True)
class Box:
    """A module, as it is drawn.

    `kind` is the class of the model's own module, `part` that of what the method put in its place, if anything, and
    `added` the tensors of that part itself. `own` says that the whole module is the method's. `frozen` and `trained`
    count the numbers in it, those of the boxes in it included. With `beside` it reads no output of the box before it.
    """

    name: str
    kind: str
    size: str
    frozen: int
    trained: int
    place: str = field(compare=False)  # so that blocks that are wired alike are equal
    part: str = ""
    added: tuple[str, ...] = ()
    note: str = ""
    own: bool = False
    beside: bool = False
    inside: tuple["Box", ...] = ()

    def all(self) -> Iterator["Box"]:
        """The box and those in it, at every depth."""
        yield self
        for each in self.inside:
            yield from each.all()


@dataclass(frozen=True)
class Wiring:
    """A model with a method on it: what comes before its blocks, the blocks, what comes after; and what is trained.

    `method`, `head` and `frozen` count numbers, those of a tensor in several places once. `places` are the method's, by
    their names in the body.
    """

    before: tuple[Box, ...]
    blocks: tuple[Box, ...]
    after: tuple[Box, ...]
    method: int
    head: int
    frozen: int
    places: tuple[str, ...]

    @property
    def places_in_blocks(self) -> Mapping[int, int]:
        """How many places of the method are in each block that has some."""
        found: dict[int, int] = {}
        for place in self.places:
            first, _dot, rest = place.partition(".")
            if first == "blocks":
                number = int(rest.partition(".")[0])
                found[number] = found.get(number, 0) + 1
        return found

    def alike(self, block: int) -> list[int]:
        """The numbers of the blocks that are wired as this one, itself among them."""
        wanted = replace(self.blocks[block], name="")
        return [number for number, each in enumerate(self.blocks) if replace(each, name="") == wanted]


def wiring_of(model: nn.Module, method: Method | None) -> Wiring:
    """The model with the method on it, or with none; afterwards it is as it was before.

    A head counts as trained, all else of the model as frozen. Raises `ValueError` for a model without blocks or with
    another method on it, and for one that the method does not fit.
    """
    body = body_of(model)
    require_blocks(model)
    require_bare(body)
    if method is None:
        return _Boxes(model, None).wiring()
    with torch.random.fork_rng(devices=[]):
        attached = attach(model, method, torch.Generator().manual_seed(0))
    try:
        return _Boxes(model, attached).wiring()
    finally:
        attached.off()


def require_blocks(model: nn.Module) -> int:
    """The number of blocks. Raises `ValueError` for a model without."""
    blocks = getattr(body_of(model), "blocks", None)
    if not isinstance(blocks, nn.ModuleList) or not len(blocks):
        raise ValueError(
            _("{model} has no blocks to draw: give a BERT, a causal language model, or a classifier of one.").format(
                model=type(model).__name__
            )
        )
    return len(blocks)


class _Boxes:
    """The boxes of a model's tree, each parameter counted in the first module that has it."""

    def __init__(self, model: nn.Module, attached: Attached | None) -> None:
        self.model, self.body, self.attached = model, body_of(model), attached
        self.blocks = list(self.body.get_submodule("blocks").children())
        self.tree = Tree(model, {*self.body.children(), *self.blocks})
        self.places = self._places()
        of_body = {id(weight) for weight in self.body.parameters()}
        self.head = [weight for weight in model.parameters() if id(weight) not in of_body]
        of_method = [] if attached is None else list(attached.parameters().values())
        self.trained = {id(weight) for weight in (*of_method, *self.head)}
        self.homes: dict[int, nn.Module] = {}
        for module in model.modules():
            for weight in module.parameters(recurse=False):
                self.homes.setdefault(id(weight), module)

    def wiring(self) -> Wiring:
        nodes = [
            inner for node in self.tree.root.inside for inner in (node.inside if node.module is self.body else [node])
        ]
        boxes = self._boxes(nodes, self.tree.root)
        numbers = [number for number, node in enumerate(nodes) if node.module in self.blocks]
        after = boxes[numbers[-1] + 1 :]
        method = 0 if self.attached is None else count(self.attached)
        head = sum(weight.numel() for weight in self.head)
        return Wiring(
            boxes[: numbers[0]],
            tuple(boxes[number] for number in numbers),
            tuple(sorted(after, key=lambda box: box.note == UNUSED)),
            method,
            head,
            count_parameters(self.model) - method - head,
            () if self.attached is None else tuple(self.attached.parts),
        )

    def _places(self) -> dict[nn.Module, str]:
        """The place of each module in the body, as it is called without any part; in the model for those of a head."""
        of_body = {module: name for name, module in self.body.named_modules()}
        places: dict[nn.Module, str] = {}
        for name, module in self.model.named_modules():
            step = of_body.get(module, name).rpartition(".")[2]
            if module is self.body or module is self.model:
                places[module] = ""
            elif self.tree.is_base(module):
                places[module] = places[self.tree.parents[module]]
            else:
                places[module] = f"{places[self.tree.parents[module]]}.{step}".removeprefix(".")
        return places

    def _boxes(self, nodes: Sequence[Node], outer: Node) -> tuple[Box, ...]:
        return tuple(self._box(node, before, outer) for node, before in zip(nodes, (None, *nodes), strict=False))

    def _box(self, node: Node, before: Node | None, outer: Node) -> Box:
        module = node.module
        part = module if isinstance(module, Part) else None
        base = module if part is None else part.base
        inside = self._boxes(node.inside, node)
        trained, frozen = self._counts(node)
        box = Box(
            self._name(node),
            type(base).__name__,
            _size(base),
            frozen + sum(box.frozen for box in inside),
            trained + sum(box.trained for box in inside),
            self.places[module],
            "" if part is None else type(part).__name__,
            () if part is None else _tensors(part),
            self._note(node),
            self._is_own(module),
            before is not None and _is_beside(node, before, outer),
            inside,
        )
        return _simpler(box)

    def _is_own(self, module: nn.Module) -> bool:
        """Whether it is inside of a part, and none of the model's modules."""
        while module in self.tree.parents and not self.tree.is_base(module):
            module = self.tree.parents[module]
            if isinstance(module, Part):
                return True
        return False

    def _name(self, node: Node) -> str:
        place = self.places[node.module]
        if node.again:
            return BLOCK.sub("", place)
        steps = place.split(".")
        return ".".join(steps[-2:] if steps[-1].isdecimal() else steps[-1:])

    def _counts(self, node: Node) -> tuple[int, int]:
        """How many numbers of the module's own are trained, and how many frozen; those of a part's base with them."""
        counts = [0, 0]
        for module in _own_modules(node.module):
            for weight in module.parameters(recurse=False):
                if not node.again and self.homes[id(weight)] is module:
                    counts[id(weight) not in self.trained] += weight.numel()
        return counts[0], counts[1]

    def _note(self, node: Node) -> str:
        if node.again:
            return AGAIN
        for own in _own_modules(node.module):
            weights = list(own.parameters(recurse=False))
            homes = {self.homes[id(weight)]: weight for weight in weights}
            if weights and own not in homes:
                return _("shared with {place}").format(place=self.places[next(iter(homes))])
            if weights and not any(id(weight) in self.tree.used for weight in weights):
                return UNUSED if own is node.module else _("the frozen one is not used")
        return ""


def _simpler(box: Box) -> Box:
    """Without a box around a single one that says as much: a table of positions, the tensors of a part in a module."""
    if len(box.inside) != 1 or box.inside[0].inside or box.inside[0].note:
        return box
    [inner] = box.inside
    if box.part and inner.own:
        return replace(box, added=(*box.added, f"{inner.name} {inner.size}"), inside=())
    if not (box.part or box.own or box.size):
        return replace(inner, name=f"{box.name}.{inner.name}", beside=box.beside)
    return box


def _own_modules(module: nn.Module) -> list[nn.Module]:
    """What a box stands for: a module, and the base of a part with it."""
    return [module.base, module] if isinstance(module, Part) else [module]


def _is_beside(node: Node, before: Node, outer: Node) -> bool:
    """Whether a module reads nothing that the one before it could have given: what that read, too, what the outer one
    was given, or ids, which no module gives."""
    known = {id(tensor) for tensor in (*before.read, *outer.read)}
    return all(id(tensor) in known or not tensor.is_floating_point() for tensor in node.read)


def _size(module: nn.Module) -> str:
    """The sizes of a module's own tensors: of a linear layer from how many numbers to how many."""
    if isinstance(module, nn.Linear):
        ends = f"{module.in_features:,} {ARROW} {module.out_features:,}"
        return ends if module.bias is None else _("{ends} + bias").format(ends=ends)
    return ", ".join(_tensors(module))


def _tensors(module: nn.Module) -> tuple[str, ...]:
    """The names and shapes of a module's own parameters."""
    return tuple(
        f"{name} {TIMES.join(f'{size:,}' for size in weight.shape)}"
        for name, weight in module.named_parameters(recurse=False)
    )
