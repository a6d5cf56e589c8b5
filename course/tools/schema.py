"""A catalog: the functions that a model may call, found by their names."""

from collections.abc import Iterable, Iterator

from course.data.api_functions import Function
from course.data.api_parameters import NO_DEFAULT, Parameter
from course.messages import _

__all__ = ["NO_DEFAULT", "Catalog", "Function", "Parameter"]


class Catalog:
    """Functions by name. What is not in it does not exist: a call of it is a hallucination.

    Raises `ValueError` for two functions of one name.
    """

    def __init__(self, functions: Iterable[Function]) -> None:
        self._functions: dict[str, Function] = {}
        for function in functions:
            if function.name in self._functions:
                raise ValueError(
                    _("The catalog has two functions named {name}: rename one, or leave it out.").format(
                        name=function.name
                    )
                )
            self._functions[function.name] = function

    def __contains__(self, name: object) -> bool:
        return name in self._functions

    def __getitem__(self, name: str) -> Function:
        """The function of this name. Raises `KeyError`, which lists the known names, when there is none."""
        if name not in self._functions:
            raise KeyError(
                _("There is no function {name!r}. The catalog has: {known}.").format(
                    name=name, known=", ".join(self._functions)
                )
            )
        return self._functions[name]

    def get(self, name: str) -> Function | None:
        return self._functions.get(name)

    def __iter__(self) -> Iterator[Function]:
        return iter(self._functions.values())

    def __len__(self) -> int:
        return len(self._functions)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._functions)

    def documentation(self) -> str:
        """The documentation of each function, with an empty line between two: a text for a prompt."""
        return "\n\n".join(function.documentation() for function in self)
