"""A catalog that is written as text is read back as it was, and what is no signature is one sentence with its line."""

import pytest

from course.tools import NO_DEFAULT, Catalog, Function, Parameter
from course.tools.local import local_toolbox
from course.viz.tools.catalog_text import catalog_text, line_of, read_catalog

MANY = Function(
    "many.kinds",
    "All kinds, 'a # sign' too.",
    (
        Parameter("text", "string"),
        Parameter("sizes", "array", items=Parameter("items", "integer")),
        Parameter("pair", "tuple", items=Parameter("items", "float")),
        Parameter("more", "dict"),
        Parameter("any", "any"),
        Parameter("sign", "string", enum=("#", "a)", "'")),
        Parameter("level", "integer", required=False, default=-2, enum=(-2, 1)),
        Parameter("flag", "boolean", required=False, default=True),
        Parameter("left", "array", required=False, default=NO_DEFAULT),
        Parameter("names", "array", required=False, default=["a"], items=Parameter("items", "string")),
    ),
)


def test_a_catalog_is_read_back_as_it_was_written():
    functions = [MANY, *local_toolbox().catalog, Function("none")]
    read = read_catalog(catalog_text(functions))
    assert [line_of(one) for one in read] == [line_of(one) for one in functions]
    assert read["many.kinds"] == MANY
    assert read.names == tuple(one.name for one in functions)


def test_lines_that_have_not_changed_keep_the_descriptions_of_the_parameters():
    known = local_toolbox().catalog
    assert list(read_catalog(catalog_text(known), known)) == list(known)
    changed = read_catalog("weekday(day: str)  # The day.", known)["weekday"]
    assert changed.parameters[0].description == "" and changed.description == "The day."


def test_empty_lines_and_comments_are_no_functions():
    assert read_catalog("\n# weekday(day: str)\n  \nf()\n").names == ("f",)
    assert len(read_catalog("")) == 0 and catalog_text(Catalog([])) == ""


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("weekday(day: str", "It is no signature"),
        ("weekday", "It is no signature"),
        ("f(x: int) -> int", "It is no signature"),
        ("f(x: int): pass; g(y=1)", "It is no signature"),
        ("f(a: int): pass; x = (1", "It is no signature"),
        ("__import__('os').system('ls')", "It is no signature"),
        ("f(" + "(" * 900 + ")" * 900 + ")", "It is no signature"),
        ("f(x)", "x has no type that is known"),
        ("f(x: open('file'))", "x has no type that is known"),
        ("f(x: os.PathLike)", "x has no type that is known"),
        ("f(x: Literal[()])", "x has no type that is known"),
        ("f(x: Literal[open])", "x has no type that is known"),
        ("f(x: Literal[True])", "x has no type that is known"),
        ("f(x: Literal[1, 'a'])", "x has no type that is known"),
        ("f(x: list[set])", "items has no type that is known"),
        ("f(x: int = open('file'))", "The default of x is no value"),
        ("f(x: int = 1 + 'a')", "The default of x is no value"),
        ("f(*x: int)", "Parameters are written one by one"),
        ("f(x: int, /)", "Parameters are written one by one"),
        ("f(**x: int)", "Parameters are written one by one"),
        ("for.x(a: int)", "is no name of Python"),
        ("f(x: int, x: int)", "two parameters named x"),
        ("f(x: str)  # " + "a" * 2_000, "2,000 are allowed|2000 are allowed"),
    ],
)
def test_what_is_no_signature_is_named_with_its_line(line, reason):
    with pytest.raises(ValueError, match=r"^Line 2 of the catalog: .*(?:" + reason + ")"):
        read_catalog(f"g(y: int)\n{line}")


def test_two_functions_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two functions named f"):
        read_catalog("f(x: int)\nf()")
