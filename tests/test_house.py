"""The rules of the house: a room imports only the rooms before it, and a topic has one name everywhere."""

import ast
from pathlib import Path

import pytest

from course.syllabus.lessons import LESSONS, ROOT

COURSE = ROOT / "course"
TOPICS = tuple(lesson.slug for lesson in LESSONS)
# A room is a module or package directly in `course`. Each may import those before it. Topics come in syllabus order.
BEFORE = (
    "messages",
    "files",
    "folders",
    "course",
    "syllabus",
    "data",
    "tokenization",
    "layers",
    "training",
    "evaluation",
)
AFTER = (
    "intervals",
    "claims",
    "decoding",
    "pretrained",
    "trained",
    "tasks",
    "interpretability",
    "exercises",
    "workshop",
    "viz",
)
ORDER = (*BEFORE, *(topic for topic in TOPICS if topic not in BEFORE), *AFTER)
# What a folder of topics may hold besides topics.
SHARED = {
    "course/viz": {"kit", "figures", "diagrams", "attention_explorer"},
    "course/exercises": {"questions"},
    "tests/viz": {"kit", "figures", "diagrams", "attention_explorer"},
    "tests/exercises": {"inputs", "ways", "wrong"},
}
FILES = sorted(COURSE.rglob("*.py"))


def name_of(file: Path) -> str:
    """The dotted name of a module below `course`: "layers.norm", "viz" for a package, "course" for the root."""
    parts = file.relative_to(COURSE).with_suffix("").parts
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    return ".".join(parts) or "course"


MODULES = {name_of(file): file for file in FILES if file.name != "__main__.py"}


def imported(file: Path) -> set[str]:
    """The modules of the course that a file imports, wherever the import stands in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            first, _dot, rest = name.partition(".")
            if first != "course":
                continue
            while rest and rest not in MODULES:  # what follows the module is a name in it
                rest = rest.rpartition(".")[0]
            found.add(rest or "course")
    return found


def room_of(module: str) -> str:
    return module.partition(".")[0]


def in_circles(needs: dict[str, set[str]]) -> list[str]:
    """The names that are in a circle of needs, or behind one."""
    waiting = dict(needs)
    while free := [name for name, others in waiting.items() if not others & set(waiting)]:
        for name in free:
            del waiting[name]
    return sorted(waiting)


def test_a_circle_is_seen():
    assert in_circles({"a": {"b"}, "b": {"a"}, "c": set(), "d": {"a", "c"}}) == ["a", "b", "d"]


def test_every_room_has_its_place_in_the_order():
    assert {room_of(module) for module in MODULES} <= set(ORDER)


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_no_import_goes_up(module):
    place = ORDER.index(room_of(module))
    assert {name for name in imported(MODULES[module]) if ORDER.index(room_of(name)) > place} == set()


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_package_re_exports_its_own_folder_only(module):
    file = MODULES[module]
    names = {name for name in imported(file) if name not in ("course", "messages")}
    if file.name == "__init__.py" and module != "course":
        assert {name for name in names if not name.startswith(f"{module}.")} == set()


def test_no_modules_import_one_another_in_a_circle():
    # A package's `__init__` is imported with each of its modules, and imports them: that circle Python allows.
    assert in_circles({module: imported(file) - {module, "course"} for module, file in MODULES.items()}) == []


def test_no_folders_import_one_another_in_a_circle():
    def folder(module: str) -> str:
        file = MODULES[module]
        return module if file.name == "__init__.py" else module.rpartition(".")[0] or module

    needs = {folder(module): set() for module in MODULES}
    for module, file in MODULES.items():
        needs[folder(module)] |= {folder(name) for name in imported(file)} - {folder(module), "course"}
    assert in_circles(needs) == []


@pytest.mark.parametrize(("folder", "shared"), SHARED.items(), ids=SHARED)
def test_a_topics_slug_is_the_name_of_its_folder(folder, shared):
    folders = {path.name for path in (ROOT / folder).iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders - shared <= set(TOPICS)


def test_the_tests_mirror_the_course():
    missing = []
    for file in sorted((ROOT / "tests").rglob("*.py")):
        folder = file.relative_to(ROOT / "tests").parent
        of_course = folder.parts and folder.parts[0] not in ("support", "browser", "notebooks")
        if of_course and folder.name not in SHARED["tests/exercises"] and not (COURSE / folder).is_dir():
            missing.append(str(folder))
    assert missing == []


def test_a_topic_is_a_package_when_it_has_two_files():
    small = [
        package.name
        for package in (COURSE / topic for topic in TOPICS)
        if package.is_dir() and len([file for file in package.glob("*.py") if file.name != "__init__.py"]) < 2
    ]
    assert small == []
