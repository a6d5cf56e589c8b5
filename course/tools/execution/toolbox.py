"""The table of the functions that may be run: what is not in it cannot be called, whatever its name says."""

import importlib
import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from course.messages import _
from course.tools.schema import NO_DEFAULT, Catalog, Function


@dataclass(frozen=True)
class Tool:
    """A function of Python and its description. `isolated` tools run in a child process, the others in this one.

    Only what is imported from a module can be isolated: the child imports it by name. A function that holds a model or
    an index, or is defined in a cell, is not isolated: nothing limits its time and memory, its arguments are checked
    all the same. Raises `ValueError` where the description's parameters are not those of the function, where one that
    is optional is needed there or has another default, and where the function cannot be isolated.
    """

    function: Function
    run: Callable[..., object]
    isolated: bool = True

    def __post_init__(self) -> None:
        self._require_the_same_parameters()
        if self.isolated:
            self._require_a_name_to_import()

    def _require_the_same_parameters(self) -> None:
        kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        own = inspect.signature(self.run).parameters
        described = [parameter.name for parameter in self.function.parameters]
        if sorted(own) != sorted(described) or any(each.kind not in kinds for each in own.values()):
            raise ValueError(
                _("The function {name} takes {own}, and its description has {described}: make them the same.").format(
                    name=self.function.name,
                    own=", ".join(map(str, own.values())) or _("nothing"),
                    described=", ".join(described) or _("nothing"),
                )
            )
        for parameter in self.function.parameters:
            if parameter.default is not NO_DEFAULT and parameter.default != own[parameter.name].default:
                raise ValueError(
                    _(
                        "{name} of {function} is described with the default {default!r}, and the function's is another."
                    ).format(name=parameter.name, function=self.function.name, default=parameter.default)
                )
            if not parameter.required and own[parameter.name].default is inspect.Parameter.empty:
                raise ValueError(
                    _("{name} of {function} is described as optional, and the function has no default for it.").format(
                        name=parameter.name, function=self.function.name
                    )
                )

    def _require_a_name_to_import(self) -> None:
        module, name = getattr(self.run, "__module__", None), getattr(self.run, "__qualname__", "")
        found: object = None
        if module not in (None, "__main__") and "<" not in name:
            found = importlib.import_module(module)
            for part in name.split("."):
                found = getattr(found, part, None)
        if found is not self.run:
            raise ValueError(
                _(
                    "{function} cannot be imported by its name, so no child process can run it: put it into a module, "
                    "or give isolated=False, and it runs without limits of time and memory."
                ).format(function=self.function.name)
            )


class Toolbox:
    """The tools that may be run, by name. Raises `ValueError` for two of one name, as `Catalog` does."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        self.tools = tuple(tools)
        self.catalog = Catalog([tool.function for tool in self.tools])
        self._by_name = {tool.function.name: tool for tool in self.tools}

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> Tool:
        """The tool of this name. Raises `KeyError`, with the names that there are, when there is none."""
        if name not in self._by_name:
            raise KeyError(
                _("There is no tool {name!r}. There are: {known}.").format(
                    name=name, known=", ".join(self._by_name) or _("none")
                )
            )
        return self._by_name[name]

    def __iter__(self) -> Iterator[Tool]:
        return iter(self.tools)

    def __len__(self) -> int:
        return len(self.tools)

    def __add__(self, others: Iterable[Tool]) -> "Toolbox":
        return Toolbox([*self.tools, *others])
