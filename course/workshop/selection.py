"""Which lessons and which unit tests a named lesson needs, or a change: read from the text of the files.

Standard library only. A test also needs what its strings name. A lesson does not: what its modules import by a computed
name is its own topic (`course.exercises.attention`), which is added to it.
"""

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from course.messages import _
from course.syllabus.lessons import LESSONS, ROOT, Lesson
from course.workshop.imports import CODE, CannotTell, Imports, is_named, printable

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
# Tests → the beginnings of the files that they, or a module of the course, read.
READERS = {
    "tests/notebooks/test_front_cuts.py": ("notebooks/source/", "experiments/"),
    "tests/workshop/test_claims.py": ("docs/claims.md", "notebooks/"),
    "tests/workshop/test_readme.py": ("README.md", "notebooks/"),
}
WITHOUT_TESTS = (".md", ".png", ".svg", "LICENSE", ".cff", ".gitignore", ".gitattributes", ".editorconfig")


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
    readers = {reader for name in changed for reader, read in READERS.items() if name.startswith(read)}
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
    return bool(needed & touched) or any(is_named(name, path) for name in changed for path in paths)


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
        if name != printable(name):
            raise CannotTell(_("The name of the file {name} is not UTF-8.").format(name=printable(name)))
    return names


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
