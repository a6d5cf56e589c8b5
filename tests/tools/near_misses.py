"""Calls near those that answer: of each argument other values, other types and other spellings; arguments too many."""

from collections.abc import Iterator
from typing import NamedTuple

from course.data.api_calls import KINDS, LEFT_OUT, CallTask, api_call_tasks
from course.data.splits import draw
from course.tools import Call, answering_call

OPTIONS = 2  # listed values of a parameter that are tried
N_LIVE = 150  # tasks of the largest kind: they have few functions between them


class NearMiss(NamedTuple):
    """`change` says what was done to the call that answers."""

    change: str
    call: Call


def tasks() -> list[CallTask]:
    *others, last = (api_call_tasks(kind) for kind in KINDS)
    return [task for some in (*others, draw(last, N_LIVE)) for task in some]


def near_misses(task: CallTask) -> Iterator[NearMiss]:
    answer = task.answers[0]
    function = next(function for function in task.functions if function.name == answer.name)
    shortest = answering_call(answer, function)
    yield NearMiss("none", shortest)
    yield NearMiss("other name", Call(f"{answer.name}_", shortest.arguments))
    for other in task.functions:
        if other is not function:
            yield NearMiss("other function", Call(other.name, shortest.arguments))
    yield NearMiss("one too many", Call(answer.name, {**shortest.arguments, "not_a_parameter": 1}))
    for parameter in function.parameters:
        if parameter.name not in answer.allowed:
            yield NearMiss("not in the answer", Call(answer.name, {**shortest.arguments, parameter.name: 1}))
    for name, options in answer.allowed.items():
        if name in shortest.arguments:
            rest = {other: value for other, value in shortest.arguments.items() if other != name}
            yield NearMiss("left out", Call(answer.name, rest))
        for option in options[:OPTIONS]:
            value = plain(option)
            for change, other in (("listed", value), *changes(value)):
                yield NearMiss(change, Call(answer.name, {**shortest.arguments, name: other}))


def plain(option: object) -> object:
    """A value that an option lists: of a dictionary's keys, each with the first of its values, where it has one."""
    if isinstance(option, dict):
        lists = {key: values if isinstance(values, list) else [values] for key, values in option.items()}
        kept = {key: [each for each in values if each != LEFT_OUT] for key, values in lists.items()}
        return {key: plain(values[0]) for key, values in kept.items() if values}
    return [plain(each) for each in option] if isinstance(option, list) else option


def changes(value: object) -> Iterator[tuple[str, object]]:
    yield "None", None
    yield "empty text", ""
    yield "in a list", [value]
    yield "as a text", str(value)
    match value:
        case bool():
            yield "bool negated", not value
            yield "bool to int", int(value)
        case int():
            yield "int + 1", value + 1
            yield "int to float", float(value)
            yield "int to bool", bool(value)
        case float():
            yield "float + 0.5", value + 0.5
            yield "float to int", int(value)
        case str():
            yield "text in capitals", value.upper()
            yield "text without signs", "".join(each for each in value if each.isalnum())
            yield "text with signs", " ".join(value) + "."
            yield "text with other quotes", f"'{value}'".replace("'", '"')
            yield "text cut", value[:-1]
            yield "text to int", 5
            yield "text to bool", True
        case list():
            yield "list reversed", value[::-1]
            yield "list empty", []
            yield "list cut", value[:-1]
            yield "list and one more", [*value, *value[-1:]]
            yield "list to tuple", tuple(value)
            if value:
                yield "list to text", ", ".join(map(str, value))
                for change, first in changes(value[0]):
                    yield f"list: {change}", [first, *value[1:]]
        case dict():
            yield "dict and one more", {**value, "not_a_key": 1}
            yield "dict empty", {}
            yield "dict in a list", [value]
            for key in value:
                yield "dict without a key", {other: each for other, each in value.items() if other != key}
                for change, other in changes(value[key]):
                    yield f"dict: {change}", {**value, key: other}
