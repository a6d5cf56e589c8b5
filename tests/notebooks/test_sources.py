"""Every notebook is its executed source: the same cells, run in order, with nothing but what a page needs."""

import ast
import builtins
import json
from collections.abc import Iterator

import jupytext
import pytest

from course.syllabus.lessons import LESSONS
from course.workshop.notebooks import out_of_date

BYTES_LIMIT = 2_000_000
LINES_LIMIT = 25  # of a code cell, without its imports; an exercise may be longer
EXERCISE = "exercise"  # the tag of an exercise's cell
NAMING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler)
IDEAS = ("class NotesModel",)  # cells that are the idea itself: the notes' own program


def used_too_early(source: str) -> list[tuple[int, str]]:
    """The lines and names that a script reads before any statement has given them; in functions, nothing is looked at.

    A linter accepts such a name where a later statement gives it.
    """
    known, found = {*dir(builtins), "__file__", "__name__"}, []
    for statement in ast.parse(source).body:
        names = [node for node in _outside_functions(statement) if isinstance(node, ast.Name)]
        given = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
        given |= {_name(node) for node in _outside_functions(statement)} - {""}
        found += [(node.lineno, node.id) for node in names if node.id not in known | given]
        known |= given
    return found


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
        for child in ast.iter_child_nodes(node):
            yield from _outside_functions(child)


def _name(node: ast.AST) -> str:
    """What a node names that is no `ast.Name`: an import, a function or class, an exception."""
    if isinstance(node, ast.alias):
        return (node.asname or node.name).partition(".")[0]
    return getattr(node, "name", None) or "" if isinstance(node, NAMING) else ""


def test_a_name_that_is_used_too_early_is_found():
    source = "import a.b\nc = [a for a in a.b]\nprint(c, d)\ndef e():\n    return f\nd = e()"
    assert used_too_early(source) == [(3, "d")]
    assert used_too_early("try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    print(error)") == []


@pytest.mark.parametrize(
    "lesson",
    [lesson for lesson in LESSONS if lesson.available or lesson.source.exists()],
    ids=lambda lesson: lesson.name,
)
class TestNotebook:
    def test_equals_its_source_and_was_run(self, lesson):
        assert out_of_date(lesson) == []

    def test_is_small_and_holds_no_widget_state(self, lesson):
        assert lesson.notebook.stat().st_size <= BYTES_LIMIT
        metadata = json.loads(lesson.notebook.read_text(encoding="utf-8"))["metadata"]
        assert set(metadata) == {"course", "kernelspec", "language_info"}

    def test_no_cell_uses_a_name_before_the_cell_that_gives_it(self, lesson):
        assert used_too_early(lesson.source.read_text(encoding="utf-8")) == []

    def test_a_cell_shows_one_thing_in_a_few_lines(self, lesson):
        long = []
        for cell in jupytext.read(lesson.source, fmt="py:percent").cells:
            if cell.cell_type == "code" and EXERCISE not in cell.metadata.get("tags", []):
                body = [
                    node for node in ast.parse(cell.source).body if not isinstance(node, ast.Import | ast.ImportFrom)
                ]
                code = {line for node in body for line in range(node.lineno, node.end_lineno + 1)}
                lines = sum(bool(text.strip()) for n, text in enumerate(cell.source.splitlines(), 1) if n in code)
                if lines > LINES_LIMIT and not any(idea in cell.source for idea in IDEAS):
                    long.append((lines, cell.source.splitlines()[0]))
        assert long == [], "move what is not the idea itself into the course, with a test"
