"""The arguments of a call against the function's parameters: names, types and choices, before anything runs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from course.messages import _
from course.tools.call import Call
from course.tools.execution.sizes import ArgumentError, require_small
from course.tools.schema import Function, Parameter

LONGEST_SHOWN = 60  # characters of a value in a message

# What the type of a parameter allows. A bool is no number; a whole number is a float, and a tuple is an array.
TYPES: Mapping[str, Callable[[object], bool]] = {
    "string": lambda value: type(value) is str,
    "integer": lambda value: type(value) is int,
    "float": lambda value: type(value) in (int, float),
    "boolean": lambda value: type(value) is bool,
    "array": lambda value: type(value) in (list, tuple),
    "tuple": lambda value: type(value) in (list, tuple),
    "dict": lambda value: type(value) is dict,
    "any": lambda value: True,
}


def require_arguments(call: Call, function: Function) -> None:
    """Raises `ArgumentError`, which names the argument, for a call that the function cannot be given as it is.

    Each required parameter must be there and no unknown one. Each value must be plain and small (`require_small`), of
    its parameter's type, also inside of lists and dictionaries, and one of its choices where it has some.
    """
    require_small(call.arguments)
    known = [parameter.name for parameter in function.parameters]
    for name in call.arguments:
        if name.startswith("#"):  # what `parse_calls` names an argument without a name that no parameter is left for
            raise ArgumentError(
                _("{function} has {count} parameters, and the call gives more values than that.").format(
                    function=function.name, count=len(known)
                )
            )
        if name not in known:
            raise ArgumentError(
                _("{function} has no parameter {name}. It has: {known}.").format(
                    function=function.name, name=_shown(name), known=", ".join(known) or _("none")
                )
            )
    _require_entries(function.name, function.parameters, call.arguments)


def _require_entries(where: str, parameters: Sequence[Parameter], values: Mapping[Any, object]) -> None:
    for parameter in parameters:
        if parameter.name in values:
            _require_value(parameter.name, parameter, values[parameter.name])
        elif parameter.required:
            raise ArgumentError(
                _("{where} needs a value for {name!r}, and the call has none.").format(where=where, name=parameter.name)
            )


def _require_value(name: str, parameter: Parameter, value: object) -> None:
    if not TYPES[parameter.type](value):
        raise ArgumentError(
            _("{name} must be of the type {type}, and it is {value}, of the type {found}.").format(
                name=name, type=parameter.type, value=_shown(value), found=type(value).__name__
            )
        )
    if parameter.enum and value not in parameter.enum:
        raise ArgumentError(
            _("{name} is {value}; it must be one of {known}.").format(
                name=name, value=_shown(value), known=", ".join(map(repr, parameter.enum))
            )
        )
    if parameter.items is not None and isinstance(value, Sequence) and not isinstance(value, str):
        for number, inner in enumerate(value):
            _require_value(f"{name}[{number}]", parameter.items, inner)
    if isinstance(value, dict):
        _require_entries(name, parameter.properties, value)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."
