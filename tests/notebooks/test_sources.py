"""Every notebook is its executed source: the same cells, run in order, with nothing but what a page needs."""

import ast
import json

import jupytext
import pytest

from course.syllabus.lessons import LESSONS
from course.workshop.notebooks import out_of_date

BYTES_LIMIT = 2_000_000
LINES_LIMIT = 25  # of a code cell, without its imports; an exercise may be longer
TABLE = "text/markdown"
EXERCISE = "exercise"  # the tag of an exercise's cell
IDEAS = ("class NotesModel",)  # cells that are the idea itself: the notes' own program


def is_shown(called):
    """Whether what is called makes something that only a cell's last expression shows."""
    return isinstance(called, ast.Name) and (called.id == "table" or called.id.endswith("_figure"))


def makes_table(code):
    """Whether the code has a statement that only makes a table, outside of functions."""
    found = []

    class Statements(ast.NodeVisitor):
        def visit_FunctionDef(self, node):
            pass

        def visit_Expr(self, node):
            call = node.value
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "table":
                found.append(node)

    Statements().visit(ast.parse(code))
    return bool(found)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("table(rows)", True),
        ("with open(name):\n    table(rows)", True),
        ("table(rows)\nprint(1)", True),
        ("shown = table(rows)", False),
        ("def rows():\n    table([])", False),
        ("progress.table()", False),
    ],
)
def test_a_cell_that_makes_a_table_is_known(code, expected):
    assert makes_table(code) is expected


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

    def test_a_table_that_a_cell_makes_is_on_the_page(self, lesson):
        cells = json.loads(lesson.notebook.read_text(encoding="utf-8"))["cells"] if lesson.notebook.exists() else []
        lost = [
            cell["source"]
            for cell in cells
            if cell["cell_type"] == "code"
            and cell["execution_count"]
            and makes_table("".join(cell["source"]))
            and not any(TABLE in output.get("data", {}) for output in cell["outputs"])
        ]
        assert lost == [], "make table(...) the last expression of its cell"

    def test_what_a_cell_shows_is_its_last_expression(self, lesson):
        """A notebook shows the value of a cell's last expression only: a table or a figure before it is lost."""
        lost = [
            ast.unparse(node)[:60]
            for cell in jupytext.read(lesson.source, fmt="py:percent").cells
            if cell.cell_type == "code"
            for node in ast.parse(cell.source).body[:-1]
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and is_shown(node.value.func)
        ]
        assert lost == [], "give each a cell of its own"

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
