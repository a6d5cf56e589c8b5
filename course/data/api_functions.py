"""A function of an API, as its documentation describes it: its name, what it is for, and its parameters."""

import keyword
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from course.data.api_parameters import Parameter, object_of, properties_of
from course.messages import _


@dataclass(frozen=True)
class Function:
    """A function that a model may call. Its name may be dotted, as in `math.gcd`.

    Raises `ValueError` for a name that Python cannot call or pass, and for two parameters of one name.
    """

    name: str
    description: str = ""
    parameters: tuple[Parameter, ...] = ()

    def __post_init__(self) -> None:
        names = [parameter.name for parameter in self.parameters]
        for name in (*self.name.split("."), *names):
            if not name.isidentifier() or keyword.iskeyword(name):
                raise ValueError(
                    _("{name!r} in the function {function!r} is no name of Python: use letters, digits and _.").format(
                        name=name, function=self.name
                    )
                )
        if repeated := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(
                _("The function {function} has two parameters named {name}: rename one.").format(
                    function=self.name, name=repeated
                )
            )

    @property
    def ordered(self) -> tuple[Parameter, ...]:
        """Its parameters in the order of the signature: those that may be left out come last, as in Python."""
        return tuple(sorted(self.parameters, key=lambda parameter: not parameter.required))

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of this name; None where the function has none."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)

    def signature(self) -> str:
        """One line: the name, and each parameter with its type and its default."""
        return f"{self.name}({', '.join(map(str, self.ordered))})"

    def documentation(self) -> str:
        """The signature, and indented below it what the function and each parameter are for: a text for a prompt."""
        lines = [self.signature(), f"    {self.description}", *_described(self.ordered, "    ")]
        return "\n".join(line for line in lines if line.strip())

    @classmethod
    def from_json(cls, schema: Mapping[str, Any]) -> "Function":
        """Read one entry of a catalog: `name`, `description`, and `parameters` with `properties` and `required`.

        Raises `ValueError` where a part is missing or has another form, and names it.
        """
        if not isinstance(schema, Mapping) or not isinstance(schema.get("name"), str):
            raise ValueError(_('{schema!r} is no function: an object with a "name" is needed.').format(schema=schema))
        try:
            return cls(schema["name"], schema.get("description", ""), properties_of(schema.get("parameters", {})))
        except (AttributeError, TypeError, KeyError) as error:
            raise ValueError(
                _(
                    'The parameters of {name} have another form ({reason}): write an object with "properties" and a '
                    'list "required".'
                ).format(name=schema["name"], reason=error)
            ) from error

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "description": self.description, "parameters": object_of(self.parameters)}


def _described(parameters: Sequence[Parameter], indent: str) -> list[str]:
    lines = []
    for parameter in parameters:
        lines.append(f"{indent}{parameter.name}: {parameter.description}")
        inner = parameter.properties or (parameter.items.properties if parameter.items else ())
        lines += [f"{indent}    {each}: {each.description}" for each in inner]
    return lines
