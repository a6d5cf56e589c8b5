"""What a Python file needs of the project's other files: what it imports, and what its strings name.

Standard library only. To import `a.b.c` is to run `a`, `a.b` and `a.b.c`, so each of the three is needed, and so is all
that they import, at the top or inside a function. A package's dictionary of names → modules (`course.viz`) counts too.

A string names `"course.device.choose"`, `"notebooks/source/04_attention.py"`, `ROOT / "docs"`. Where part of the name
is computed, as in `f"experiments.{name}"`, it stands for all that the name may become.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from course.messages import _

CODE = ("course", "experiments", "benchmarks", "tests")
# What a test that reads the files of lessons mentions of this module.
LESSONS_MODULE = "course.syllabus.lessons"
FILES_OF_LESSONS = {"source", "notebook", "available", "SOURCES", "NOTEBOOKS", "written_lessons"}
COMPUTED = "*"  # what stands for the computed part of a name
MODULE = re.compile(rf"(?<![\w./*-])(?:{'|'.join(CODE)})(?:\.[\w*]+)+")
PATH = re.compile(rf"(?<![\w./*-])(?:{'|'.join((*CODE, 'notebooks', 'docs'))})(?:/[\w.*-]+)+")


class CannotTell(Exception):
    """What a change needs cannot be told, so everything is. The message says why, as a whole sentence."""


@dataclass(frozen=True)
class Mentions:
    """What one file says of others: modules that it imports, modules and paths (from the root) that it names."""

    imported: frozenset[str]
    modules: frozenset[str]
    paths: frozenset[str]


class Imports:
    """Which of the project's files each of them needs. Where one cannot be read as Python, `CannotTell` is raised."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._mentions: dict[Path, Mentions] = {}
        self._found: dict[tuple[Path, bool], frozenset[Path]] = {}
        self._homes: dict[str, dict[str, str]] = {}

    @cached_property
    def modules(self) -> dict[str, Path]:
        """Dotted name → file; a package's name stands for its `__init__.py`."""
        found = {}
        for file in (file for folder in CODE for file in (self.root / folder).rglob("*.py")):
            parts = file.relative_to(self.root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
        return found

    def needed_by(self, *files: Path, named: bool = False) -> set[Path]:
        """The files and all that they import, directly or not; with `named`, also the modules that strings name."""
        needed, waiting = set(), list(files)
        while waiting:
            file = waiting.pop()
            if file not in needed:
                needed.add(file)
                waiting += self._direct(file, named)
        return needed

    def _direct(self, file: Path, named: bool) -> frozenset[Path]:
        if (file, named) not in self._found:
            mentions = self.mentions(file)
            found = {path for name in mentions.imported for path in self._files_of(name)}
            if named:
                found |= {path for name in mentions.modules for path in self._files_named(name)}
            self._found[file, named] = frozenset(found)
        return self._found[file, named]

    def mentions(self, file: Path) -> Mentions:
        """What a file says of others."""
        if file not in self._mentions:
            self._mentions[file] = _mentions(self._parse(file))
        return self._mentions[file]

    def _parse(self, file: Path) -> ast.Module:
        try:
            return ast.parse(file.read_bytes())
        except (SyntaxError, ValueError, RecursionError, MemoryError, OSError) as error:
            name, reason = printable(file.relative_to(self.root).as_posix()), str(error) or type(error).__name__
            raise CannotTell(_("{name} cannot be read as Python: {error}.").format(name=name, error=reason)) from error

    def _files_named(self, name: str) -> Iterator[Path]:
        start, computed, _rest = name.partition(COMPUTED)
        if not computed:
            yield from self._files_of(name)
        else:
            yield from (path for module, path in self.modules.items() if module.startswith(start))

    def _files_of(self, name: str) -> Iterator[Path]:
        """The files that run when `name` is imported: a module, or what a module calls so."""
        parts = name.split(".")
        for end in range(1, len(parts) + 1):
            module = ".".join(parts[:end])
            if module in self.modules:
                yield self.modules[module]
            elif home := self._lazy_homes(".".join(parts[: end - 1])).get(parts[end - 1]):
                yield from self._files_of(home)

    def _lazy_homes(self, package: str) -> dict[str, str]:
        """Names that a package imports when they are first asked for → the modules they live in."""
        if package not in self._homes:
            self._homes[package] = dict(self._read_lazy_homes(package))
        return self._homes[package]

    def _read_lazy_homes(self, package: str) -> Iterator[tuple[str, str]]:
        file = self.modules.get(package)
        if file is None or file.name != "__init__.py":
            return
        pairs = [
            (key.value, f"{package}.{value.value}")
            for node in ast.walk(self._parse(file))
            if isinstance(node, ast.Dict)
            for key, value in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant) and isinstance(key.value, str) and isinstance(value, ast.Constant)
        ]
        yield from ((name, module) for name, module in pairs if module in self.modules)


def _mentions(tree: ast.Module) -> Mentions:
    nodes = list(ast.walk(tree))  # from the outside in; walking is what takes the time
    imported = set(_imported_names(nodes))
    texts = set(_texts(nodes))
    modules = {name for text in texts for name in MODULE.findall(text)}
    paths = {path for text in texts for path in PATH.findall(text)} | set(_below_root(nodes))
    knows_lessons = any(name.startswith(LESSONS_MODULE) for name in imported - {f"{LESSONS_MODULE}.ROOT"})
    if knows_lessons and FILES_OF_LESSONS & _words(nodes):
        paths.add("notebooks")
    return Mentions(frozenset(imported), frozenset(modules), frozenset(paths))


def _imported_names(nodes: Sequence[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _texts(nodes: Sequence[ast.AST]) -> Iterator[str]:
    """Every string but those that are docstrings."""
    docstrings = {node.value for node in nodes if isinstance(node, ast.Expr)}
    yield from (text for node in nodes if node not in docstrings and (text := _text(node)) is not None)


def _text(node: ast.AST) -> str | None:
    """The string that an expression is, with `*` for what is computed in it; None where it is no string."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(value) or COMPUTED for value in node.values)
    return None


def _below_root(nodes: Sequence[ast.AST]) -> Iterator[str]:
    """Each path that is written `ROOT / "docs" / "glossary.md"`. The nodes are in order from the outside in."""
    inner = set()
    for node in nodes:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and node not in inner:
            parts, start = [], node
            while isinstance(start, ast.BinOp) and isinstance(start.op, ast.Div):
                inner.add(start)
                parts.insert(0, _text(start.right) or COMPUTED)
                start = start.left
            if "ROOT" in (getattr(start, "id", None), getattr(start, "attr", None)):
                yield "/".join(parts)


def _words(nodes: Sequence[ast.AST]) -> set[str]:
    """The names of variables and attributes."""
    return {name for node in nodes for name in (getattr(node, "id", None), getattr(node, "attr", None)) if name}


def is_named(name: str, path: str) -> bool:
    """True when a file of this name is what `path` stands for, or lies in it."""
    start, computed, _rest = path.partition(COMPUTED)
    if computed:
        return start != "" and name.startswith(start)
    return name == path or name.startswith(f"{path}/")


def printable(name: str) -> str:
    """A file's name with `\\xff` for each byte that is not UTF-8."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
