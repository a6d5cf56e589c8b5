"""Which lessons and which unit tests a named lesson needs, or a change: read from the text of the files.

Standard library only. To import `a.b.c` is to run `a`, `a.b` and `a.b.c`, so each of the three is needed, and so is all
that they import, at the top or inside a function. A package's dictionary of names → modules (`course.viz`) counts too.

A test also needs what a string names: `"course.device.choose"`, `"notebooks/source/04_attention.py"`, `ROOT / "docs"`.
Where part of the name is computed, as in `f"experiments.{name}"`, it needs all that the name may become. A lesson does
not: what its modules import by a computed name is its own topic (`course.exercises.attention`), which is added to it.
"""

import ast
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from course.messages import _
from course.syllabus.lessons import LESSONS, ROOT, Lesson

CODE = ("course", "experiments", "benchmarks", "tests")
# Test files that go lesson by lesson: they are steps of their own.
SOURCES = "tests/notebooks/test_sources.py"
FRESH_KERNEL = "tests/notebooks/test_nbval.py"
IN_BROWSER = "tests/browser/test_lessons.py"
PINS = "tests/workshop/test_pins_resolve.py"  # a step of its own as well: it asks the package index
# Tests that read the whole tree as text, so no import says what they need; all are quick.
ALWAYS = (
    "tests/test_house.py",
    "tests/test_messages.py",
    "tests/test_translation.py",
    "tests/viz/test_package.py",
    "tests/workshop/test_hosting.py",
    "tests/workshop/test_needs.py",
    "tests/workshop/test_supported.py",
)
# Files that are read by a module of the course → the tests of that module.
READERS = {
    "README.md": "tests/workshop/test_readme.py",
    "notebooks/": "tests/workshop/test_readme.py",
}
# What a test that reads the files of lessons mentions of this module.
LESSONS_MODULE = "course.syllabus.lessons"
FILES_OF_LESSONS = {"source", "notebook", "available", "SOURCES", "NOTEBOOKS", "written_lessons"}
COMPUTED = "*"  # what stands for the computed part of a name
MODULE = re.compile(rf"(?<![\w./*-])(?:{'|'.join(CODE)})(?:\.[\w*]+)+")
PATH = re.compile(rf"(?<![\w./*-])(?:{'|'.join((*CODE, 'notebooks', 'docs'))})(?:/[\w.*-]+)+")
WITHOUT_TESTS = (".md", ".png", ".svg", "LICENSE", ".cff", ".gitignore", ".gitattributes", ".editorconfig")


class CannotTell(Exception):
    """What a change needs cannot be told, so everything is. The message says why, as a whole sentence."""


@dataclass(frozen=True)
class Selection:
    """Lessons to run, files of unit tests (from the root, with `/`), and the lessons whose pages want a picture.

    `steps` are the test files of other steps, to run for every lesson. `whole`: all of the unit tests run, not only
    what is about the lessons.
    """

    lessons: tuple[Lesson, ...]
    tests: tuple[str, ...]
    pictures: tuple[Lesson, ...] = ()
    steps: tuple[str, ...] = ()
    whole: bool = False

    def __str__(self) -> str:
        return _("Lessons: {lessons}. Files of unit tests: {count}.").format(
            lessons=", ".join(lesson.name for lesson in self.lessons) or "-", count=len(self.tests)
        )


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
            name, reason = _printable(file.relative_to(self.root).as_posix()), str(error) or type(error).__name__
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
        file = self.modules.get(package)
        if file is None or file.name != "__init__.py":
            return {}
        pairs = [
            (key.value, f"{package}.{value.value}")
            for node in ast.walk(self._parse(file))
            if isinstance(node, ast.Dict)
            for key, value in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant) and isinstance(key.value, str) and isinstance(value, ast.Constant)
        ]
        return {name: module for name, module in pairs if module in self.modules}


def _mentions(tree: ast.Module) -> Mentions:
    imported = set(_imported_names(tree))
    texts = set(_texts(tree))
    modules = {name for text in texts for name in MODULE.findall(text)}
    paths = {path for text in texts for path in PATH.findall(text)} | set(_below_root(tree))
    knows_lessons = any(name.startswith(LESSONS_MODULE) for name in imported - {f"{LESSONS_MODULE}.ROOT"})
    if knows_lessons and FILES_OF_LESSONS & _words(tree):
        paths.add("notebooks")
    return Mentions(frozenset(imported), frozenset(modules), frozenset(paths))


def _imported_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _texts(tree: ast.Module) -> Iterator[str]:
    """Every string but those that are docstrings."""
    docstrings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    yield from (text for node in ast.walk(tree) if node not in docstrings and (text := _text(node)) is not None)


def _text(node: ast.AST) -> str | None:
    """The string that an expression is, with `*` for what is computed in it; None where it is no string."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(value) or COMPUTED for value in node.values)
    return None


def _below_root(tree: ast.Module) -> Iterator[str]:
    """Each path that is written `ROOT / "docs" / "glossary.md"`."""
    inner = set()
    for node in ast.walk(tree):  # from the outside in
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and node not in inner:
            parts, start = [], node
            while isinstance(start, ast.BinOp) and isinstance(start.op, ast.Div):
                inner.add(start)
                parts.insert(0, _text(start.right) or COMPUTED)
                start = start.left
            if "ROOT" in (getattr(start, "id", None), getattr(start, "attr", None)):
                yield "/".join(parts)


def _words(tree: ast.Module) -> set[str]:
    """The names of variables and attributes."""
    return {
        name for node in ast.walk(tree) for name in (getattr(node, "id", None), getattr(node, "attr", None)) if name
    }


def _is_named(name: str, path: str) -> bool:
    """True when a file of this name is what `path` stands for, or lies in it."""
    start, computed, _rest = path.partition(COMPUTED)
    if computed:
        return start != "" and name.startswith(start)
    return name == path or name.startswith(f"{path}/")


def for_lessons(lessons: Iterable[Lesson], root: Path = ROOT) -> Selection:
    """The lessons, and the unit tests of every folder of `course` that one of them imports from, directly or not.

    Raises `CannotTell`.
    """
    lessons = tuple(lessons)
    imports = Imports(root)
    needed = imports.needed_by(*(file for lesson in lessons for file in _sources(lesson, root)))
    tests = {root / name for name in ALWAYS}
    for file in needed:
        if file.is_relative_to(root / "course"):
            place = file.relative_to(root / "course")
            tests |= set((root / "tests" / place.parent).glob("test_*.py" if place.parts[1:] else f"test_{place.name}"))
    return Selection(lessons, _names(tests - {root / PINS}, root))


def for_changes(root: Path = ROOT) -> Selection:
    """The lessons and tests that need a file that differs from where this branch left the default branch.

    Raises `CannotTell`.
    """
    changed = changed_files(root)
    imports = Imports(root)
    touched = {file for name in changed for file in _touched(name, imports)}
    for name in sorted(changed):
        if name.endswith(".py") and (root / name).exists():
            imports.mentions(root / name)  # raises, whether or not anything needs the file
    readers = {reader for name in changed for read, reader in READERS.items() if name.startswith(read)}
    tests = {root / name for name in (*ALWAYS, *readers)} if changed else set()
    every = set((root / "tests").rglob("test_*.py"))
    tests |= {file for file in every if _depends(file, changed, touched, imports)}
    for file in touched - set().union(*(imports.needed_by(test, named=True) for test in every)):
        tests |= _tests_nearby(file, root)
    tests -= {root / name for name in (SOURCES, FRESH_KERNEL, IN_BROWSER, PINS)}
    there = [lesson for lesson in LESSONS if any(file.exists() for file in _source_and_notebook(lesson, root))]
    own = tuple(lesson for lesson in there if changed & _own_files(lesson))
    lessons = tuple(lesson for lesson in there if lesson in own or imports.needed_by(*_runs(lesson, root)) & touched)
    return Selection(lessons, _names(tests, root), pictures=own, steps=_steps(touched, imports), whole=True)


def _depends(test: Path, changed: set[str], touched: set[Path], imports: Imports) -> bool:
    """True when a test needs a module that is touched, or names a file that has changed, itself or in a helper."""
    needed = imports.needed_by(test, named=True)
    helpers = (file for file in imports.needed_by(test) if file.is_relative_to(imports.root / "tests"))
    paths = {path for file in helpers for path in imports.mentions(file).paths}
    return bool(needed & touched) or any(_is_named(name, path) for name in changed for path in paths)


def _steps(touched: set[Path], imports: Imports) -> tuple[str, ...]:
    """The steps with tests of their own that a touched file is part of, of all lessons.

    What the run in a fresh kernel shares with the run in the browser is tested by either, lesson by lesson.
    """
    files = {
        name: imports.root / name
        for name in (SOURCES, PINS, FRESH_KERNEL, IN_BROWSER)
        if (imports.root / name).exists()
    }
    needed = {name: imports.needed_by(file) & touched for name, file in files.items()}
    shared = needed.pop(IN_BROWSER, set())
    return tuple(name for name, files in needed.items() if files - (shared if name == FRESH_KERNEL else set()))


def changed_files(root: Path) -> set[str]:
    """Names, from the root, of what differs from where this branch left the default branch, committed or not.

    Raises `CannotTell`.
    """
    _git(root, "rev-parse", "--git-dir")
    base = _git(root, "merge-base", "HEAD", _default_branch(root)).strip()
    differ = _git(root, "diff", "--name-only", "--no-renames", "--relative", "-z", base)
    new = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    names = {name for name in (differ + new).split("\0") if name}
    for name in sorted(names):
        if name != _printable(name):
            raise CannotTell(_("The name of the file {name} is not UTF-8.").format(name=_printable(name)))
    return names


def _printable(name: str) -> str:
    """A file's name with `\\xff` for each byte that is not UTF-8."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _default_branch(root: Path) -> str:
    for name in ("origin/HEAD", "origin/main", "main"):
        try:
            return _git(root, "rev-parse", "--verify", "--quiet", name).strip()
        except CannotTell:
            continue
    raise CannotTell(_("There is no branch main or origin/main to compare with."))


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    text = {"text": True, "encoding": "utf-8", "errors": "surrogateescape"}
    try:
        return subprocess.run(command, capture_output=True, check=True, **text).stdout
    except OSError as error:
        raise CannotTell(_("git cannot be run: {error}.").format(error=error)) from error
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip().splitlines() or [_("it gives no reason")]
        message = _("git {command} fails: {reason}.")
        raise CannotTell(message.format(command=arguments[0], reason=reason[-1].rstrip("."))) from error


def _touched(name: str, imports: Imports) -> set[Path]:
    """The Python files that a changed file is, or belongs to. Raises `CannotTell` for one that any test may depend on.

    What is no Python file, or is deleted, belongs to the modules of its folder, or of the next folder above with some.
    """
    path, file = PurePosixPath(name), imports.root / name
    in_code = path.parts[0] in CODE
    if path.name == "conftest.py" or not (in_code or path.parts[0] == "notebooks" or name.endswith(WITHOUT_TESTS)):
        raise CannotTell(_("{name} has changed, on which everything depends.").format(name=name))
    if not in_code:
        return set()
    if file in imports.modules.values():
        return {file}
    return next((found for folder in file.parents if (found := set(folder.glob("*.py")))), set())


def _tests_nearby(file: Path, root: Path) -> set[Path]:
    """For a file of the tests that none of them is seen to need: the tests of the nearest folder above with some."""
    if not file.is_relative_to(root / "tests") or file.is_relative_to(root / "tests" / "browser"):
        return set()
    return next((found for folder in file.parents if (found := set(folder.glob("test_*.py")))), set())


def _source_and_notebook(lesson: Lesson, root: Path) -> tuple[Path, Path]:
    folder = root / "notebooks"
    return folder / "source" / f"{lesson.name}.py", folder / f"{lesson.name}.ipynb"


def _sources(lesson: Lesson, root: Path) -> list[Path]:
    """A lesson and its exercises, which it names and does not import."""
    exercises = root / "course" / "exercises"
    files = [exercises / f"{lesson.slug}.py", *(exercises / lesson.slug).glob("*.py")]
    return [file for file in (_source_and_notebook(lesson, root)[0], *files) if file.exists()]


def _runs(lesson: Lesson, root: Path) -> list[Path]:
    """A lesson, its exercises, and what runs it in the browser."""
    browser = root / "tests" / "browser"
    scripts = [browser / "conftest.py", browser / "test_lessons.py", browser / "lessons" / f"{lesson.slug}.py"]
    return [*_sources(lesson, root), *(file for file in scripts if file.exists())]


def _own_files(lesson: Lesson) -> set[str]:
    source, notebook = f"notebooks/source/{lesson.name}.py", f"notebooks/{lesson.name}.ipynb"
    return {source, notebook, f"tests/browser/lessons/{lesson.slug}.py"}


def _names(files: Iterable[Path], root: Path) -> tuple[str, ...]:
    return tuple(sorted(file.relative_to(root).as_posix() for file in files if file.exists()))
