"""A catalog as text that can be edited: a signature on each line, and after # what the function is for."""

import ast
import re
from collections.abc import Iterable

from course.messages import _
from course.tools import NO_DEFAULT, Catalog, Function, Parameter
from course.tools.call import QUOTED

LONGEST_LINE = 2_000  # characters
SIGNATURE = re.compile(r"\s*([^\W\d][\w.]*)\s*\((.*)\)\s*")
TYPES = {"str": "string", "int": "integer", "float": "float", "bool": "boolean", "dict": "dict", "Any": "any"}
HOLDERS = {"list": "array", "tuple": "tuple"}
EXAMPLE = "weekday(day: str)"


def catalog_text(catalog: Iterable[Function]) -> str:
    """The functions, each on a line."""
    return "\n".join(map(line_of, catalog))


def line_of(function: Function) -> str:
    """The signature, and after # the description in one line."""
    return f"{function.signature()}  # {' '.join(function.description.split())}".rstrip(" #")


def read_catalog(text: str, known: Iterable[Function] = ()) -> Catalog:
    """The functions of a text as `catalog_text` writes it; empty lines, and those that begin with #, are none.

    Nothing of it is run: Python's parser reads the signature. A line that is the one of a `known` function is that
    function, with the descriptions of its parameters. Raises `ValueError`, with the number of the line, for another
    form, and for two functions of one name.
    """
    unchanged = {line_of(function): function for function in known}
    functions = []
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            if found := unchanged.get(line.strip()) or _read_line(line):
                functions.append(found)
        except ValueError as error:
            raise ValueError(_("Line {number} of the catalog: {reason}").format(number=number, reason=error)) from error
    return Catalog(functions)


def _read_line(line: str) -> Function | None:
    if len(line) > LONGEST_LINE:
        raise ValueError(_("It has {n} characters; {limit} are allowed.").format(n=len(line), limit=LONGEST_LINE))
    comment = QUOTED.sub(lambda quoted: " " * len(quoted[0]), line).find("#")
    signature, description = (line, "") if comment < 0 else (line[:comment], line[comment + 1 :].strip())
    if not signature.strip():
        return None
    match = SIGNATURE.fullmatch(signature)
    definition = _parsed(match[2]) if match else None
    if match is None or definition is None:
        raise ValueError(_("It is no signature: write it as in {example}.").format(example=EXAMPLE))
    given = definition.args
    if given.vararg or given.kwarg or given.kwonlyargs or given.posonlyargs:
        raise ValueError(_("Parameters are written one by one, without * and /."))
    defaults = [None] * (len(given.args) - len(given.defaults)) + given.defaults
    return Function(match[1], description, tuple(map(_parameter, given.args, defaults)))


def _parsed(parameters: str) -> ast.FunctionDef | None:
    try:
        [definition] = ast.parse(f"def f({parameters}): pass").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    if not isinstance(definition, ast.FunctionDef) or definition.returns is not None:
        return None
    return definition if [type(part) for part in definition.body] == [ast.Pass] else None


def _parameter(given: ast.arg, default: ast.expr | None) -> Parameter:
    read = _type(given.arg, given.annotation)
    if default is None:
        return read
    try:
        value = ast.literal_eval(default)
    except (ValueError, TypeError, MemoryError, RecursionError):
        raise ValueError(
            _("The default of {name} is no value: write a number, or a text in quotes.").format(name=given.arg)
        ) from None
    optional = NO_DEFAULT if value is Ellipsis else value
    return Parameter(read.name, read.type, required=False, default=optional, enum=read.enum, items=read.items)


def _type(name: str, written: ast.expr | None) -> Parameter:
    """A parameter of this name with the type that is written: `int`, `list[str]`, `Literal['km', 'miles']`."""
    match written:
        case ast.Name(id=kind) if kind in TYPES | HOLDERS:
            return Parameter(name, (TYPES | HOLDERS)[kind])
        case ast.Subscript(value=ast.Name(id="Literal"), slice=inside):
            if options := _options(inside):
                return Parameter(name, TYPES[type(options[0]).__name__], enum=options)
        case ast.Subscript(value=ast.Name(id=kind), slice=inside) if kind in HOLDERS:
            element = inside.elts[0] if kind == "tuple" and isinstance(inside, ast.Tuple) and inside.elts else inside
            return Parameter(name, HOLDERS[kind], items=_type("items", element))
    known = ", ".join([*TYPES, *HOLDERS, "Literal['a', 'b']"])
    raise ValueError(_("{name} has no type that is known. The types are: {known}.").format(name=name, known=known))


def _options(written: ast.expr) -> tuple[object, ...]:
    """The texts or the whole numbers between the brackets of a Literal; none where there is something else."""
    try:
        read = ast.literal_eval(written)
    except (ValueError, TypeError, MemoryError, RecursionError):
        return ()
    options = read if isinstance(written, ast.Tuple) else (read,)
    kinds = {type(option) for option in options}
    return tuple(options) if kinds in ({str}, {int}) else ()
