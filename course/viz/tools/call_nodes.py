"""The verdict on a call as a tree: the call, its arguments, and the parts of each, with what the rules say of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from course.messages import _, ngettext
from course.tools import NOT_GIVEN, NodeVerdict, Outcome, Verdict

LONGEST = 80  # characters of a value
RIGHT, WRONG = "✓", "✗"
OF_CALLS = ("in_catalog", "same_name")  # rules whose value is the name that is called


@dataclass
class CallNode:
    """A node: its `name`, its `value` as it is written ("" of a call), what each rule says of it, and its parts."""

    name: str
    value: str
    verdicts: tuple[NodeVerdict, ...]
    parts: list["CallNode"] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every rule agrees with this node; its parts have verdicts of their own."""
        return all(verdict.ok for verdict in self.verdicts)

    @property
    def sign(self) -> str:
        return sign(self.ok)

    @property
    def written(self) -> str:
        """The name and the value in one line."""
        return f"{self.name} {self.value}".strip()

    def walk(self, depth: int = 0) -> Iterator[tuple[int, "CallNode"]]:
        """This node and all below it, each with how deep it is."""
        yield depth, self
        for part in self.parts:
            yield from part.walk(depth + 1)


def sign(ok: bool) -> str:
    return RIGHT if ok else WRONG


def call_tree(verdict: Verdict) -> CallNode:
    """The nodes of a verdict, each below the one that it is a part of. The first is the call, or what should be one."""
    by_path: dict[str, list[NodeVerdict]] = {"": []}
    for one in verdict.nodes:
        by_path.setdefault(one.path, []).append(one)
    above = {path: max((one for one in by_path if _is_below(path, one)), key=len, default="") for path in by_path}
    nodes = {
        path: CallNode(*_written(path, above[path], verdicts), tuple(verdicts)) for path, verdicts in by_path.items()
    }
    for path, node in nodes.items():
        if path:
            nodes[above[path]].parts.append(node)
    if verdict.outcome is Outcome.UNPARSABLE:
        nodes[""].name = _("the text")
    return nodes[""]


def _is_below(path: str, other: str) -> bool:
    return bool(other) and path.startswith(other) and path[len(other) :][:1] in (".", "[")


def _written(path: str, above: str, verdicts: list[NodeVerdict]) -> tuple[str, str]:
    """The name and the value of a node."""
    own = path[len(above) :].removeprefix(".")
    called = next((str(one.value) for one in verdicts if one.rule in OF_CALLS), None)
    if called is not None:
        return shortened(f"{own} {called}".strip()), ""
    if not path and verdicts and verdicts[0].rule == "same_count":
        n = verdicts[0].value
        assert isinstance(n, int)
        return ngettext("{n} call", "{n} calls", n).format(n=n), ""
    value = verdicts[-1].value if verdicts else ""
    return shortened(own), _("not given") if value is NOT_GIVEN else shortened(repr(value))


def shortened(text: str) -> str:
    """The text in at most `LONGEST` characters."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
