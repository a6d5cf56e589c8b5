"""Berkeley's function-calling data, and what their documentation of a function becomes."""

import pytest

from course import data
from course.data.api_calls import KINDS, split_by_function
from course.data.api_parameters import NO_DEFAULT

COUNTS = {  # tasks, names of functions, most functions of a task
    "simple": (400, 370, 1),
    "multiple": (200, 443, 4),
    "live_simple": (258, 85, 1),
    "live_multiple": (1_053, 457, 37),
}


@pytest.mark.parametrize("kind", KINDS)
def test_tasks_are_those_of_the_docstring(kind):
    tasks = data.api_call_tasks(kind)
    n, n_names, most = COUNTS[kind]
    assert len(tasks) == len({task.id for task in tasks}) == n
    assert len({name for task in tasks for name in task.names}) == n_names
    assert max(len(task.functions) for task in tasks) == most
    for task in tasks:
        (answer,) = task.answers
        assert answer.name in task.names and task.question.strip()
        for function in task.functions:
            assert data.Function.from_json(function.to_json()) == function


def test_the_first_task():
    task = data.api_call_tasks("simple")[0]
    assert task.question == "Find the area of a triangle with a base of 10 units and height of 5 units."
    assert task.answers == (
        data.api_calls.Answer("calculate_triangle_area", {"base": (10,), "height": (5,), "unit": ("units", "")}),
    )
    assert task.functions[0].signature() == "calculate_triangle_area(base: int, height: int, unit: str = ...)"


def test_a_system_message_begins_the_question():
    tasks = data.api_call_tasks("live_simple")
    assert sum("\n" in task.question for task in tasks) >= 11


def test_another_kind_is_refused():
    with pytest.raises(ValueError, match=r"'java'.*simple, multiple, live_simple, live_multiple"):
        data.api_call_tasks("java")


@pytest.mark.parametrize("kinds", [("simple",), ("multiple",), ("live_multiple",), ("simple", "multiple")], ids=str)
def test_no_function_is_on_two_sides(kinds):
    tasks = [task for kind in kinds for task in data.api_call_tasks(kind)]
    train, (validation, test) = split_by_function(tasks)
    names = [{name for task in part for name in task.names} for part in (train, validation, test)]
    assert all(names) and not (names[0] & names[1] or names[0] & names[2] or names[1] & names[2])
    kept = len(train) + len(validation) + len(test)
    assert kept == len(tasks) if kinds == ("simple",) else kept < len(tasks)


WEATHER = {
    "name": "weather.get",
    "description": "The weather.",
    "parameters": {
        "type": "dict",
        "properties": {
            "unit": {"type": "string", "description": "Unit.", "enum": ["C", "F"], "default": "C"},
            "city": {"type": "string", "description": "City."},
            "days": {"type": "array", "description": "Days.", "items": {"type": "number", "description": ""}},
            "area": {"type": "tuple", "description": "Area.", "items": {"type": "float", "description": ""}},
            "about": {
                "type": "object",
                "description": "More.",
                "properties": {"wind": {"type": "boolean", "description": "Wind?", "default": None}},
            },
        },
        "required": ["city"],
    },
}


def test_a_function_as_a_signature_and_as_a_text():
    function = data.Function.from_json(WEATHER)
    assert function.signature() == (
        "weather.get(city: str, unit: Literal['C', 'F'] = 'C', days: list[float] = ..., "
        "area: tuple[float, ...] = ..., about: dict = ...)"
    )
    assert function.documentation() == function.signature() + (
        "\n    The weather.\n    city: City.\n    unit: Unit.\n    days: Days.\n    area: Area.\n    about: More.\n"
        "        wind: bool = None: Wind?"
    )
    assert [parameter.name for parameter in function.parameters] == list(WEATHER["parameters"]["properties"])
    assert function.parameter("city").default is NO_DEFAULT and function.parameter("town") is None
    assert data.Function.from_json(function.to_json()) == function
    assert hash(function) == hash(data.Function.from_json(WEATHER))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": None}, 'no function: an object with a "name"'),
        ({"name": "a b"}, "'a b' in the function 'a b' is no name"),
        ({"name": "a..b"}, "'' in the function 'a..b'"),
        ({"name": "if"}, "'if' in the function 'if'"),
        ({"parameters": {"properties": {"class": {"type": "string"}}}}, "'class' in the function 'weather.get'"),
        ({"parameters": {"properties": {"x": {"type": "text"}}}}, "x has the type 'text'. The types are: string"),
        ({"parameters": {"properties": {"x": {}}}}, "x has the type ''"),
        ({"parameters": {"properties": {"x": {"type": "array", "items": {"type": "?"}}}}}, "items has the type '?'"),
        ({"parameters": {"properties": {"x": 5}}}, "weather.get have another form"),
        ({"parameters": []}, "weather.get have another form"),
        ({"parameters": {"properties": ["x"]}}, "weather.get have another form"),
        ({"parameters": {"properties": {}, "required": ["x"]}}, "'x' is required and not described"),
    ],
)
def test_what_is_no_function_is_refused(change, message):
    with pytest.raises(ValueError) as refused:
        data.Function.from_json(WEATHER | change)
    assert message in str(refused.value)


def test_two_parameters_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two parameters named x"):
        data.Function("f", "", (data.Parameter("x", "string"), data.Parameter("x", "integer")))
