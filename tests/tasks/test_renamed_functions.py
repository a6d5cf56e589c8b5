"""Functions under other names: what changes and what stays."""

import pytest

from course.data.api_calls import Answer
from course.tasks.renamed_functions import new_name, renamed, renamed_answer
from course.tools import Call, Function, Parameter, check_call

SUM = Function(
    "tools.add_up", "Add.", (Parameter("first_term", "integer", "", True), Parameter("of", "string", "", False))
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("get_weather", "weather_get"),
        ("a.b.get_the_weather", "a.b.weather_the_get"),
        ("todo", "todo_call"),
        ("map_3d", "map_3d_call"),
        ("is_in", "in_is"),
        ("up_up", "up_up_call"),
        ("import_", "_import"),
    ],
)
def test_the_words_of_a_name_are_turned(name, expected):
    assert new_name(name, "call") == expected


def test_a_function_keeps_what_its_parameters_are():
    changed = renamed(SUM)
    assert changed.name == "tools.up_add" and changed.description == SUM.description
    assert [each.name for each in changed.parameters] == ["term_first", "of_value"]
    assert [(each.type, each.required) for each in changed.parameters] == [("integer", True), ("string", False)]
    assert SUM.name == "tools.add_up"


def test_the_answer_is_renamed_with_the_function():
    answer = renamed_answer(Answer("tools.add_up", {"first_term": (1,), "of": ("", {"in_it": (2,)})}))
    assert answer == Answer("tools.up_add", {"term_first": (1,), "of_value": ("", {"in_it": (2,)})})
    assert check_call(Call("tools.up_add", {"term_first": 1}), renamed(SUM), answer.allowed).right
    assert not check_call(Call("tools.add_up", {"first_term": 1}), renamed(SUM), answer.allowed).right
