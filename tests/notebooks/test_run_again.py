"""A learner scrolls back and runs one cell again: it finds the names as they were when the lesson passed it.

So no cell may give another meaning to a name that an earlier cell reads from a cell before it. The names of exercises
count: the learner's function must not take the place of the course's in a cell that shows the course's.
"""

import ast
import builtins

import jupytext
import pytest

from course.syllabus.lessons import LESSONS

COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def given_names(node: ast.AST) -> set[str]:
    """The names that a statement or a comprehension's `for` gives a meaning in its own scope."""
    if isinstance(node, COMPREHENSIONS | ast.Lambda):
        return set()
    if isinstance(node, ast.alias):
        return {(node.asname or node.name).partition(".")[0]}
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    own = {node.id} if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del) else set()
    if isinstance(node, ast.ExceptHandler) and node.name:
        own = {node.name}
    return own.union(*map(given_names, ast.iter_child_nodes(node)))


def read_names(node: ast.AST) -> set[str]:
    """The names that a statement reads from outside itself; what a comprehension or a function calls its own is not."""
    own: set[str] = set()
    if isinstance(node, COMPREHENSIONS):
        own = set().union(*(given_names(each.target) for each in node.generators))
    elif isinstance(node, FUNCTIONS):
        parameters = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
        own = {each.arg for each in parameters if each}
        own = own.union(*map(given_names, node.body if isinstance(node.body, list) else []))
    here = {node.id} if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) else set()
    if isinstance(node, ast.AugAssign):
        here |= given_names(node.target)
    return here.union(*map(read_names, ast.iter_child_nodes(node))) - own


def names(source: str) -> tuple[set[str], set[str]]:
    """The names that a cell reads from cells before it, and those that it gives a meaning."""
    read: set[str] = set()
    bound: set[str] = set()
    for statement in ast.parse(source).body:
        given = given_names(statement)
        # a loop's variable or a function's own name is there before the statement's body reads it, and so is x := 1
        before = {each.target.id for each in ast.walk(statement) if isinstance(each, ast.NamedExpr)}
        read |= read_names(statement) - bound - (before if isinstance(statement, SIMPLE) else given)
        bound |= given
    return read - set(vars(builtins)), bound


SIMPLE = ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr


def changed_meanings(cells: list[str]) -> list[str]:
    """For each name that a cell reads and a later one changes: `cell 3 reads word, cell 9 changes it`."""
    found: list[str] = []
    known: dict[str, int] = {}
    reads, bounds = zip(*map(names, cells), strict=True)
    for number, read in enumerate(reads):
        for name in sorted(read & known.keys()):
            changing = [later for later in range(number + 1, len(cells)) if name in bounds[later]]
            if changing:
                found.append(f"cell {number} reads {name}, cell {changing[0]} changes it")
            if known[name] > 1:
                found.append(f"cell {number} reads {name}, to which {known[name]} cells before it give a meaning")
        known |= {name: known.get(name, 0) + 1 for name in bounds[number]}
    return found


def unknown_names(cells: list[str]) -> list[str]:
    """For each name that a cell reads and no cell before it binds: `cell 3 reads word, which no cell before it binds`.

    A restarted kernel stops there, while one in which a later cell has run goes on.
    """
    found: list[str] = []
    known: set[str] = set()
    for number, (read, bound) in enumerate(map(names, cells)):
        found += [f"cell {number} reads {name}, which no cell before it binds" for name in sorted(read - known)]
        known |= bound
    return found


def test_what_it_finds():
    assert changed_meanings(["word = 1", "print(word)", "word = 2"]) == ["cell 1 reads word, cell 2 changes it"]
    assert changed_meanings(["from a import f", "f()", "def f(): ..."]) == ["cell 1 reads f, cell 2 changes it"]
    assert changed_meanings(["x = 1", "def g():\n    return x", "for x in (1, 2): print(x)"]) != []
    assert changed_meanings(["x = 1", "x = x + 1", "x = 2"]) != []
    assert changed_meanings(["x = 1", "x = 2", "print(x)"]) != []
    assert changed_meanings(["x = 1", "x += 1", "x = 2"]) != []
    assert changed_meanings(["x = 1", "x = 2\nprint(x)", "x = 3\nprint([x for x in (1, 2)])"]) == []
    assert changed_meanings(["x = 1", "[x for x in (1, 2)]", "def f(x): return x", "x = 2"]) == []
    assert changed_meanings(["x = 1", "print([x for x in (1, 2)])\nfor x in (1, 2):\n    print(x)", "x = 2"]) == []


def test_which_names_are_unknown():
    assert unknown_names(["print(x)", "x = 1"]) == ["cell 0 reads x, which no cell before it binds"]
    assert unknown_names(["def f(x): return x + y", "y = f(1)"]) != []
    assert unknown_names(["x = 1", "print([x + y for y in (1, 2)])", "from a import b as c\nc(x)"]) == []
    assert unknown_names(["print([(y := x, y + 1) for x in (1, 2)], y)"]) == []
    assert unknown_names(["try:\n    print(1)\nexcept ValueError as error:\n    print(error)"]) == []


@pytest.mark.parametrize("lesson", [each for each in LESSONS if each.source.exists()], ids=lambda each: each.name)
def test_each_cell_can_be_run_again_after_the_lesson(lesson):
    cells = jupytext.read(lesson.source, fmt="py:percent").cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    assert changed_meanings(sources) == []
    assert unknown_names(sources) == []
