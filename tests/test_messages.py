"""Everything that the course says to a learner goes through gettext: the source is searched for words that don't."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from course.syllabus.lessons import ROOT

PACKAGE = ROOT / "course"
FILES = sorted(PACKAGE.rglob("*.py"))
# What these raise and print is for those who write lessons, figures and tests; `__main__` runs before all imports.
FOR_DEVELOPERS = {f"workshop/{name}.py" for name in ("checks", "notebooks", "readme", "shards", "type_errors")}
FOR_DEVELOPERS |= {
    f"viz/{name}.py" for name in ("__init__", "show", "kit/style", "kit/text", "kit/layout", "kit/strips")
}
FOR_DEVELOPERS |= {"viz/start_here/lesson_map.py", "viz/start_here/rails.py"}
FIGURES = re.compile(r"viz/(figures/.*|[a-z0-9_]+/figures\.py)")  # functions that a lesson's author calls
PROPER_NAMES = {"PyTorch"}
SHOWN_KEYWORDS = {"title", "hints", "explanation", "message", "definition", "remedy", "help"}  # of the course's objects
SHOWN_KEYWORDS |= {
    "description",
    "placeholder",
    "tooltip",
    "label",
    "caption",
    "empty",
    "xlabel",
    "ylabel",
}  # of widgets
SHOWN_POSITIONS = {"Mistake": 1, "Term": 2, "Lesson": 1, "Finding": 0, "warn": 0, "print": 0, "hint": 1}
WORD = re.compile(r"[A-Za-z가-힣]{2,}")

each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(PACKAGE).as_posix())


def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def name_of(call: ast.Call) -> str:
    """The called function's name, without the object it belongs to."""
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def gettext_calls(tree: ast.AST) -> Iterator[tuple[ast.Call, list[ast.expr]]]:
    """Each call of `_` or `ngettext`, with its message arguments."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name_of(node) in ("_", "ngettext"):
            yield node, node.args[: 1 if name_of(node) == "_" else 2]


def untranslated(node: ast.AST) -> Iterator[str]:
    """The words in an expression that do not pass through gettext, nor are a value's name, key or format."""
    if isinstance(node, ast.Call) and name_of(node) in ("_", "ngettext"):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and WORD.search(node.value):
        yield from {node.value} - PROPER_NAMES
    if isinstance(node, ast.JoinedStr | ast.BinOp | ast.IfExp | ast.Tuple | ast.List | ast.BoolOp | ast.Starred):
        for child in ast.iter_child_nodes(node):
            yield from untranslated(child)
    if isinstance(node, ast.Call) and name_of(node) == "format":  # the text, not the values
        yield from untranslated(node.func.value)


def shown(tree: ast.AST, *, for_developers: bool = False) -> Iterator[ast.expr]:
    """The expressions whose value a learner reads."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and not for_developers:
            yield from node.exc.args
        if isinstance(node, ast.Call):
            yield from (keyword.value for keyword in node.keywords if keyword.arg in SHOWN_KEYWORDS)
            position = None if for_developers and name_of(node) == "print" else SHOWN_POSITIONS.get(name_of(node))
            if position is not None and len(node.args) > position:
                yield node.args[position]


def fields(text: str) -> set[str]:
    """The names of the values that a message takes."""
    return {
        re.split(r"[.\[]", name)[0]
        for _text, name, _spec, _conversion in string.Formatter().parse(text)
        if name is not None
    }


@each_file
def test_messages_are_literals(file):
    for call, arguments in gettext_calls(parsed(file)):
        for argument in arguments:
            assert isinstance(argument, ast.Constant), f"line {call.lineno}: {ast.unparse(argument)}"
            assert argument.value.strip(), f"line {call.lineno}: an empty message"


@each_file
def test_messages_take_the_values_they_are_given(file):
    for node in ast.walk(parsed(file)):
        if not (isinstance(node, ast.Call) and name_of(node) == "format" and isinstance(node.func, ast.Attribute)):
            continue
        for _call, arguments in gettext_calls(node.func.value):
            wanted = set().union(*(fields(argument.value) for argument in arguments))
            given = {keyword.arg for keyword in node.keywords}
            assert not node.args, f"line {node.lineno}: name the values, so that a translation can reorder them"
            assert wanted == given, f"line {node.lineno}"


@pytest.mark.slow
@each_file
def test_no_words_go_past_gettext(file):
    place = file.relative_to(PACKAGE).as_posix()
    for_developers = place in FOR_DEVELOPERS or FIGURES.fullmatch(place) is not None
    tree = parsed(file)
    past = [(node.lineno, text) for node in shown(tree, for_developers=for_developers) for text in untranslated(node)]
    assert past == []


SUPERLATIVES = re.compile(r"likeliest|likelier|\b(least|most) likely", re.IGNORECASE)


def test_outcomes_are_probable_as_the_field_has_it():
    """ "The most probable token", never "the likeliest": in code, lessons, terms and questions."""
    texts = [*FILES, *PACKAGE.rglob("*.toml"), *PACKAGE.rglob("*.js"), *(ROOT / "notebooks/source").glob("*.py")]
    assert [text.name for text in texts if SUPERLATIVES.search(text.read_text(encoding="utf-8"))] == []
    assert SUPERLATIVES.search("The likeliest next token") and not SUPERLATIVES.search("equally likely")


def test_the_search_sees_what_it_is_for():
    code = """
raise ValueError(f"Wrong shape {x}.")
Button(description="Go on", tooltip=_("fine"), layout="row of two")
Mistake(wrong, "Words" if x else _("fine"))
print("{n} tokens".format(n=3))
_(f"a {b}")
"""
    tree = ast.parse(code)
    past = [text for node in shown(tree) for text in untranslated(node)]
    assert sorted(past) == ["Go on", "Words", "Wrong shape ", "{n} tokens"]
    assert [type(arguments[0]) for _call, arguments in gettext_calls(tree)].count(ast.JoinedStr) == 1
