"""Which lessons and which unit tests a named lesson needs, or a change: read from the imports of the files.

Standard library only. To import `a.b.c` is to run `a`, `a.b` and `a.b.c`, so each of the three is needed, and so is all
that they import, at the top or inside a function. What is imported by a computed name is not seen; the two such cases
of the course are known here: a package's dictionary of names → modules (`course.viz`), and the folders of topics.
"""

import ast
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
BROWSER = "tests/browser"
IN_BROWSER = f"{BROWSER}/test_lessons.py"
PINS = "tests/workshop/test_pins_resolve.py"  # a step of its own as well: it asks the package index
# Tests that read the whole tree as text, so no import says what they need; all are quick.
ALWAYS = (
    "tests/test_house.py",
    "tests/test_messages.py",
    "tests/test_translation.py",
    "tests/workshop/test_hosting.py",
    "tests/workshop/test_needs.py",
    "tests/workshop/test_supported.py",
)
# Files that are read as text → the tests that read them.
READERS = {
    "README.md": "tests/workshop/test_readme.py",
    "notebooks/": "tests/workshop/test_readme.py",
    "docs/glossary.md": "tests/syllabus/test_glossary.py",
}
WITHOUT_TESTS = (".md", ".png", ".svg", "LICENSE", ".cff", ".gitignore", ".gitattributes", ".editorconfig")


class CannotTell(Exception):
    """What a change needs cannot be told, so everything is. The message says why, as a whole sentence."""


@dataclass(frozen=True)
class Selection:
    """Lessons to run, files of unit tests (from the root, with `/`), and the lessons whose pages want a picture."""

    lessons: tuple[Lesson, ...]
    tests: tuple[str, ...]
    pictures: tuple[Lesson, ...] = ()

    def __str__(self) -> str:
        return _("Lessons: {lessons}. Files of unit tests: {count}.").format(
            lessons=", ".join(lesson.name for lesson in self.lessons) or "-", count=len(self.tests)
        )


class Imports:
    """Which of the project's files each of them needs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._direct: dict[Path, frozenset[Path]] = {}

    @cached_property
    def modules(self) -> dict[str, Path]:
        """Dotted name → file; a package's name stands for its `__init__.py`."""
        found = {}
        for file in (file for folder in CODE for file in (self.root / folder).rglob("*.py")):
            parts = file.relative_to(self.root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
        return found

    def needed_by(self, *files: Path) -> set[Path]:
        """The files and all that they import, directly or not."""
        needed, waiting = set(), list(files)
        while waiting:
            file = waiting.pop()
            if file not in needed:
                needed.add(file)
                waiting += self._imported(file)
        return needed

    def _imported(self, file: Path) -> frozenset[Path]:
        if file not in self._direct:
            names = _imported_names(ast.parse(file.read_text(encoding="utf-8")))
            self._direct[file] = frozenset(path for name in names for path in self._files_of(name))
        return self._direct[file]

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
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.Dict)
            for key, value in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant) and isinstance(key.value, str) and isinstance(value, ast.Constant)
        ]
        return {name: module for name, module in pairs if module in self.modules}


def _imported_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def for_lessons(lessons: Iterable[Lesson], root: Path = ROOT) -> Selection:
    """The lessons, and the unit tests of every folder of `course` that one of them imports from, directly or not."""
    lessons = tuple(lessons)
    imports = Imports(root)
    needed = imports.needed_by(*(file for lesson in lessons for file in _sources(lesson, root)))
    tests = {root / name for name in ALWAYS}
    for file in needed:
        if file.is_relative_to(root / "course"):
            place = file.relative_to(root / "course")
            tests |= set((root / "tests" / place.parent).glob("test_*.py" if place.parts[1:] else f"test_{place.name}"))
    return Selection(lessons, _names(tests - {root / PINS}, root), pictures=())


def for_changes(root: Path = ROOT) -> Selection:
    """The lessons and tests that need a file that differs from where this branch left the default branch.

    Raises `CannotTell`.
    """
    changed = changed_files(root)
    imports = Imports(root)
    touched = {file for name in changed for file in _touched(name, imports)}
    readers = {reader for name in changed for read, reader in READERS.items() if name.startswith(read)}
    tests = {root / name for name in (*ALWAYS, *readers)} if changed else set()
    tests |= {file for file in (root / "tests").rglob("test_*.py") if imports.needed_by(file) & touched}
    tests -= {root / name for name in (SOURCES, FRESH_KERNEL, IN_BROWSER, PINS)}
    written = [lesson for lesson in LESSONS if _source(lesson, root).exists()]
    own = tuple(lesson for lesson in written if changed & _own_files(lesson))
    lessons = tuple(lesson for lesson in written if lesson in own or imports.needed_by(*_runs(lesson, root)) & touched)
    return Selection(lessons, _names(tests, root), pictures=own)


def changed_files(root: Path) -> set[str]:
    """Names, from the root, of what differs from where this branch left the default branch, committed or not.

    Raises `CannotTell`.
    """
    _git(root, "rev-parse", "--git-dir")
    base = _git(root, "merge-base", "HEAD", _default_branch(root)).strip()
    differ = _git(root, "diff", "--name-only", "--no-renames", "--relative", "-z", base)
    new = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    return {name for name in (differ + new).split("\0") if name}


def _default_branch(root: Path) -> str:
    for name in ("origin/HEAD", "origin/main", "main"):
        try:
            return _git(root, "rev-parse", "--verify", "--quiet", name).strip()
        except CannotTell:
            continue
    raise CannotTell(_("There is no branch main or origin/main to compare with."))


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stdout
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


def _source(lesson: Lesson, root: Path) -> Path:
    return root / "notebooks" / "source" / f"{lesson.name}.py"


def _sources(lesson: Lesson, root: Path) -> list[Path]:
    """A lesson and its exercises, which it names and does not import."""
    exercises = root / "course" / "exercises"
    topic = [exercises / f"{lesson.slug}.py", *(exercises / lesson.slug).glob("*.py")]
    return [_source(lesson, root), *(file for file in topic if file.exists())]


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
