"""The functions of `tests.tools.hostile` as tools. A child process that runs one does not load this."""

from course.tools.execution import Tool
from course.tools.schema import Function, Parameter
from tests.tools import hostile

TYPES = {int: "integer", str: "string", float: "float"}


def tool(run, *, isolated=True, **types):
    """A tool whose description follows from the function's annotations; `types` says those that are not there."""
    types = {**{name: TYPES[kind] for name, kind in run.__annotations__.items()}, **types}
    parameters = tuple(Parameter(name, kind) for name, kind in types.items())
    return Tool(Function(run.__name__, "", parameters), run, isolated)


HOSTILE = [
    *(
        tool(run)
        for run in vars(hostile).values()
        if getattr(run, "__module__", "") == hostile.__name__ and run.__annotations__
    ),
    tool(hostile.echo, value="any"),
]
