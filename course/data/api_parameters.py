"""One parameter of an API's function, as its documentation describes it: name, type, what may be given.

The form is that of Berkeley's function-calling data, a JSON Schema with Python's `float` and `dict` as type names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from course.messages import _

PYTHON_TYPES: Mapping[str, str] = {
    "string": "str",
    "integer": "int",
    "float": "float",
    "boolean": "bool",
    "array": "list",
    "tuple": "tuple",
    "dict": "dict",
    "any": "Any",
}
OTHER_NAMES: Mapping[str, str] = {"number": "float", "object": "dict"}  # of JSON Schema itself


class Absent(Enum):
    """What stands in place of a value where there is none; None is a value."""

    NO_DEFAULT = "no default"


NO_DEFAULT = Absent.NO_DEFAULT


@dataclass(frozen=True)
class Parameter:
    """One parameter: its `type` is one of `PYTHON_TYPES`, its `default` is `NO_DEFAULT` where none is documented.

    `enum` lists the values that are allowed, if there are only some. `items` describes the elements of an array or a
    tuple, `properties` the entries of a dictionary. Raises `ValueError` for an unknown type.
    """

    name: str
    type: str
    description: str = ""
    required: bool = True
    default: object = field(default=NO_DEFAULT, hash=False)
    enum: tuple[object, ...] = ()
    items: "Parameter | None" = None
    properties: tuple["Parameter", ...] = ()

    def __post_init__(self) -> None:
        if self.type not in PYTHON_TYPES:
            raise ValueError(
                _("The parameter {name} has the type {type!r}. The types are: {known}.").format(
                    name=self.name, type=self.type, known=", ".join(PYTHON_TYPES)
                )
            )

    @property
    def annotation(self) -> str:
        """Its type as Python writes it: `list[int]`, `Literal['km', 'miles']`."""
        if self.enum:
            return f"Literal[{', '.join(map(repr, self.enum))}]"
        python = PYTHON_TYPES[self.type]
        if self.items is None:
            return python
        return f"{python}[{self.items.annotation}{', ...' if self.type == 'tuple' else ''}]"

    def __str__(self) -> str:
        """`name: type`, and its default where it may be left out: `...` where that is not documented."""
        default = "" if self.required else " = ..." if self.default is NO_DEFAULT else f" = {self.default!r}"
        return f"{self.name}: {self.annotation}{default}"

    @classmethod
    def from_json(cls, name: str, schema: Mapping[str, Any], required: bool) -> "Parameter":
        kind = schema.get("type", "")
        return cls(
            name,
            OTHER_NAMES.get(kind, kind),
            schema.get("description", ""),
            required,
            schema.get("default", NO_DEFAULT),
            tuple(schema.get("enum", ())),
            cls.from_json("items", schema["items"], True) if "items" in schema else None,
            properties_of(schema),
        )

    def to_json(self) -> dict[str, Any]:
        written: dict[str, Any] = {"type": self.type, "description": self.description}
        if self.default is not NO_DEFAULT:
            written["default"] = self.default
        if self.enum:
            written["enum"] = list(self.enum)
        if self.items:
            written["items"] = self.items.to_json()
        return written | (object_of(self.properties) if self.properties else {})


def properties_of(schema: Mapping[str, Any]) -> tuple[Parameter, ...]:
    """The parameters that an object's schema describes. Raises `ValueError` where a required one is not among them."""
    required, properties = schema.get("required", ()), schema.get("properties", {})
    if unknown := [name for name in required if name not in properties]:
        raise ValueError(
            _("{name!r} is required and not described: add it to the properties, or take it from the list.").format(
                name=unknown[0]
            )
        )
    return tuple(Parameter.from_json(name, each, name in required) for name, each in properties.items())


def object_of(properties: Sequence[Parameter]) -> dict[str, Any]:
    """The schema of an object with these properties."""
    return {
        "type": "dict",
        "properties": {each.name: each.to_json() for each in properties},
        "required": [each.name for each in properties if each.required],
    }
