"""Reading a call that a model wrote: its name and its arguments as values, without running anything.

Python's own parser reads the text as one expression; only calls with literal values are taken out of it.
"""

import ast
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field

from course.data.api_functions import Function
from course.messages import _
from course.tools.literals import dotted_name, why_no_literal
from course.tools.schema import Catalog

LONGEST = 10_000  # characters of a text
DEEPEST = 20  # brackets within brackets
BY_POSITION = "#{}"  # names an argument whose parameter is not known, because no name of a parameter begins so
FENCE = re.compile(r"^```(?:[a-zA-Z_]*\n)?(.*?)(?:```|\Z)", re.DOTALL | re.MULTILINE)
AROUND = "` \t\r\n"
QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
LINE_END = re.compile(r"(?<=\n)|(?<=\r)(?!\n)")


class CallError(ValueError):
    """The text is no call. The message says what and where; `at` is the index of the character where it shows."""

    def __init__(self, what: str, text: str, at: int) -> None:
        self.what, self.at = what, at
        near = text[at : at + 20]
        super().__init__(_("{what} At character {at}: {near!r}.").format(what=what, at=at + 1, near=near))


@dataclass(frozen=True)
class Call:
    """A function's name and the arguments by the names of their parameters. Its text is a call in Python."""

    name: str
    arguments: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        by_name = (
            repr(value) if name.startswith("#") else f"{name}={value!r}" for name, value in self.arguments.items()
        )
        return f"{self.name}({', '.join(by_name)})"


def parse_calls(text: str, catalog: Catalog | None = None) -> list[Call]:
    """The calls that the text consists of: one, or several in a list, `[f(x=1), g(y=2)]`; an empty list has none.

    A code fence is taken off together with what is written around it. Arguments without a name get that of the
    parameter in the signature of the `catalog`; where no signature says it, `BY_POSITION` numbers them from 1. Values
    are literals: numbers, texts, True, False, None, and lists, tuples and dictionaries of these. Raises `CallError`.
    """
    source, start = without_fence(text)
    _require_limits(source, text, start)
    tree = _parsed(source, text, start)
    nodes = tree.elts if isinstance(tree, ast.List | ast.Tuple) else [tree]
    reader = _Reader(source, text, start)
    return [reader.call(node, catalog) for node in nodes]


def without_fence(text: str) -> tuple[str, int]:
    """What stands in the first code fence, or the whole text, without `AROUND` on its sides; and where it begins."""
    fence = FENCE.search(text)
    inside, start = (fence[1], fence.start(1)) if fence else (text, 0)
    return inside.strip(AROUND), start + len(inside) - len(inside.lstrip(AROUND))


def _require_limits(source: str, text: str, start: int) -> None:
    if not source:
        raise CallError(_("The text is empty: a call is needed."), text, start)
    if len(text) > LONGEST:
        what = _("The text has {n} characters; {limit} are allowed.").format(n=f"{len(text):,}", limit=f"{LONGEST:,}")
        raise CallError(what, text, LONGEST)
    if (at := source.find("\0")) >= 0:
        raise CallError(_("The text has a null byte in it."), text, start + at)
    depth = 0
    plain = QUOTED.sub(lambda quoted: " " * len(quoted[0]), source)
    for at, character in enumerate(plain):
        depth += (character in "([{") - (character in ")]}")
        if depth > DEEPEST:
            what = _("More than {limit} brackets are open within one another.").format(limit=DEEPEST)
            raise CallError(what, text, start + at)


def _parsed(source: str, text: str, start: int) -> ast.expr:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes such as \d, which stay as they are
            return ast.parse(source, mode="eval").body
    except SyntaxError as error:
        line = LINE_END.split(source)[: max((error.lineno or 1) - 1, 0)]
        at = min(sum(map(len, line)) + max((error.offset or 1) - 1, 0), len(source))
        raise CallError(
            _("This is no expression of Python ({reason}).").format(reason=error.msg), text, start + at
        ) from error
    except (ValueError, MemoryError, RecursionError) as error:
        raise CallError(_("Python's parser gives up on the text."), text, start) from error


@dataclass(frozen=True)
class _Reader:
    """Reads nodes of the tree of `source`, which begins at `start` of the whole `text`."""

    source: str
    text: str
    start: int

    def error(self, node: ast.expr | ast.keyword, what: str) -> CallError:
        lines = LINE_END.split(self.source)[: node.lineno]
        column = len(lines[-1].encode()[: node.col_offset].decode())
        return CallError(what, self.text, self.start + sum(map(len, lines[:-1])) + column)

    def written(self, node: ast.expr | ast.keyword) -> str:
        return ast.get_source_segment(self.source, node) or ""

    def call(self, node: ast.expr, catalog: Catalog | None) -> Call:
        if not isinstance(node, ast.Call):
            raise self.error(node, _("This is no call: a name and arguments in parentheses are needed."))
        name = dotted_name(node.func)
        if name is None:
            raise self.error(node.func, _("Only a name can be called, dots within it allowed."))
        if self.written(node.func) != name:  # Python reads letters of other alphabets as their plain look-alikes
            raise self.error(
                node.func, _("The name is written with other letters or spaces than {name}.").format(name=name)
            )
        arguments: dict[str, object] = {}
        for parameter, value in self.named(node, catalog.get(name) if catalog else None):
            if parameter in arguments:
                raise self.error(value, _("The argument {name} is given twice.").format(name=parameter))
            arguments[parameter] = self.value(value)
        return Call(name, arguments)

    def named(self, node: ast.Call, function: Function | None) -> list[tuple[str, ast.expr]]:
        """Each argument of the call with the name of its parameter."""
        for value in node.args:
            if isinstance(value, ast.Starred):
                raise self.error(value, _("Arguments are written out, not unpacked by *."))
        for argument in node.keywords:
            if argument.arg is None:
                raise self.error(argument, _("Arguments are written out, not unpacked by **."))
            if not self.written(argument).startswith(argument.arg):
                what = _("The name is written with other letters than {name}.").format(name=argument.arg)
                raise self.error(argument, what)
        known = [parameter.name for parameter in function.ordered] if function else []
        numbered = [BY_POSITION.format(number) for number in range(1, len(node.args) + 1)]
        names = known[: len(node.args)] + numbered[len(known) :]
        by_name = [(argument.arg or "", argument.value) for argument in node.keywords]
        return [*zip(names, node.args, strict=True), *by_name]

    def value(self, node: ast.expr) -> object:
        for part in ast.walk(node):
            if isinstance(part, ast.expr) and (reason := why_no_literal(part)):
                raise self.error(part, reason)
        return ast.literal_eval(node)
