"""Rules for all of `course.viz`: it never prints, does not import training, and nothing else imports it."""

import ast
from pathlib import Path

import pytest

import course
from course import viz

COURSE = Path(course.__file__).parent
VIZ = sorted(Path(viz.__file__).parent.rglob("*.py"))
REST = sorted(set(COURSE.rglob("*.py")) - set(VIZ))


def imported(file: Path) -> set[str]:
    """Every module that a file names in an import."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("file", VIZ, ids=lambda file: file.name)
def test_no_callback_prints(file):
    calls = [
        n.func.id
        for n in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
    ]
    assert "print" not in calls


@pytest.mark.parametrize("file", VIZ, ids=lambda file: file.name)
def test_it_knows_nothing_of_training(file):
    assert not {name for name in imported(file) if name.startswith("course.training")}


@pytest.mark.parametrize("file", REST, ids=lambda file: str(file.relative_to(COURSE)))
def test_nothing_else_depends_on_it(file):
    assert not {name for name in imported(file) if name.startswith("course.viz")}


@pytest.mark.parametrize("name", viz.__all__)
def test_every_name_of_the_package_is_there(name):
    assert getattr(viz, name) is not None


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="Nothing"):
        _ = viz.Nothing
