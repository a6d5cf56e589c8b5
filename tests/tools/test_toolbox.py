"""A table of tools: what may be in it is checked when it is made."""

import sys

import pytest

from course.tools import Call, Function, Parameter
from course.tools.execution import Tool, Toolbox, run_call
from course.tools.local import calculate, weekday
from tests.tools.calling import TOOLBOX


def described(**types):
    return Function("f", "", tuple(Parameter(name, kind) for name, kind in types.items()))


@pytest.mark.parametrize(
    ("function", "run", "message"),
    [
        (described(expression="string", digits="integer"), calculate, "make them the same"),
        (described(), calculate, "its description has nothing"),
        (described(values="array"), lambda *values: 0, "make them the same"),
        (Function("f", "", (Parameter("expression", "string", required=False),)), calculate, "has no default"),
        (Function("f", "", (Parameter("day", "string", default="2026-01-01"),)), weekday, "the function's is another"),
        (described(x="any"), lambda x: x, "cannot be imported by its name"),
    ],
)
def test_a_tool_is_checked_when_it_is_made(function, run, message):
    with pytest.raises(ValueError, match=message):
        Tool(function, run)


def test_a_function_of_a_cell_cannot_be_isolated(monkeypatch):
    def cell(x):
        return x

    cell.__qualname__, cell.__module__ = "cell", "__main__"
    monkeypatch.setattr(sys.modules["__main__"], "cell", cell, raising=False)
    with pytest.raises(ValueError, match="isolated=False"):
        Tool(described(x="any"), cell)
    assert run_call(Call("f", {"x": 1}), Toolbox([Tool(described(x="any"), cell, isolated=False)])).value == "1"


def test_a_toolbox_has_each_name_once_and_says_what_there_is():
    assert "weekday" in TOOLBOX and TOOLBOX["weekday"].function.name == "weekday"
    assert len(TOOLBOX) == len(list(TOOLBOX)) == len(TOOLBOX.catalog)
    with pytest.raises(ValueError, match="two functions named days_between"):
        TOOLBOX + TOOLBOX.tools[:1]
    with pytest.raises(KeyError, match=r"There is no tool 'f'. There are: days_between"):
        TOOLBOX["f"]
    assert len(Toolbox([]) + list(TOOLBOX)) == len(TOOLBOX)
