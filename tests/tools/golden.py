"""Golden cases: for each rule, calls that it passes and calls that it refuses, decided by hand.

`exact` is what ours says, `bfcl` what it says with BFCL's rule for texts, `theirs` what their checker says. The last is
written down by hand as well; what it said is stored beside it, by `make_bfcl_verdicts`.
"""

from typing import Any, NamedTuple

from course.tools import Call, Function, Parameter


class Golden(NamedTuple):
    rule: str  # the first rule that refuses, or the one that passes the argument x
    call: Call
    function: Function
    allowed: dict[str, tuple[object, ...]]
    exact: bool
    bfcl: bool
    theirs: bool


def of_value(
    rule: str,
    kind: str,
    value: object,
    options: tuple[object, ...],
    exact: bool,
    bfcl: bool | None = None,
    theirs: bool | None = None,
    **more: Any,
) -> Golden:
    """A call of f(x) whose only argument is the value."""
    function = Function("f", "", (Parameter("x", kind, **more),))
    bfcl = exact if bfcl is None else bfcl
    return Golden(
        rule, Call("f", {"x": value}), function, {"x": options}, exact, bfcl, bfcl if theirs is None else theirs
    )


def of_call(rule: str, call: Call, right: bool, **allowed: tuple[object, ...]) -> Golden:
    """A call of f(a, b), where b is optional and c is no parameter."""
    function = Function("f", "", (Parameter("a", "integer"), Parameter("b", "integer", required=False)))
    return Golden(rule, call, function, allowed, right, right, right)


FLOATS = {"items": Parameter("items", "float")}
WHOLE = {"items": Parameter("items", "integer")}
TEXTS = {"items": Parameter("items", "string")}
DICTS = {"items": Parameter("items", "dict")}
LISTS = {"items": Parameter("items", "array", items=Parameter("items", "string"))}

GOLDEN: list[Golden] = [
    of_call("same_name", Call("f", {"a": 1}), True, a=(1,), b=("", 2)),
    of_call("same_name", Call("F", {"a": 1}), False, a=(1,), b=("", 2)),
    of_call("same_name", Call("f.f", {"a": 1}), False, a=(1,), b=("", 2)),
    of_call("required_given", Call("f"), False, a=(1,), b=("", 2)),
    of_call("required_given", Call("f", {"b": 2}), False, a=("", 1), b=("", 2)),
    of_call("known_parameter", Call("f", {"a": 1, "c": 1}), False, a=(1,), b=("", 2)),
    of_call("known_parameter", Call("f", {"a": 1, "#1": 1}), False, a=(1,), b=("", 2)),
    of_call("known_parameter", Call("f", {"a": 1, "c": 1}), False, a=(1,), b=("", 2), c=(1,)),
    of_call("same_value", Call("f", {"a": 1, "b": 2}), False, a=(1,)),
    of_call("may_be_left_out", Call("f", {"a": 1}), True, a=(1,), b=(2, "")),
    of_call("may_be_left_out", Call("f", {"a": 1}), False, a=(1,), b=(2,)),
    of_call("may_be_left_out", Call("f", {"a": 1}), True, a=(1,)),
    of_value("same_value", "integer", 5, (4, 5), True),
    of_value("same_value", "integer", 6, (4, 5), False),
    of_value("right_type", "integer", 5.0, (5,), False),
    of_value("right_type", "integer", True, (1,), False),
    of_value("right_type", "integer", "5", (5,), False),
    of_value("right_type", "integer", None, (5,), False),
    of_value("same_value", "float", 5, (5.0,), True),
    of_value("same_value", "float", 5.0, (5,), True),
    of_value("right_type", "float", True, (1.0,), False),
    of_value("right_type", "float", "0.1", (0.1,), False),
    of_value("same_value", "boolean", False, (False,), True),
    of_value("same_value", "boolean", True, (False,), False),
    of_value("right_type", "boolean", 0, (False,), False),
    of_value("right_type", "boolean", "False", (False,), False),
    of_value("right_type", "string", 5, ("5",), False),
    of_value("right_type", "string", ["a"], ("a",), False),
    of_value("same_text", "string", "Paris", ("Paris",), True),
    of_value("same_text", "string", "paris", ("Paris",), False, True),
    of_value("same_text", "string", "April 1, 2024", ("april 1 2024",), False, True),
    of_value("same_text", "string", "105", ("10.5",), False, True),
    of_value("same_text", "string", "1-2", ("1/2",), False, True),
    of_value("same_text", "string", "-5", ("5",), False, True),
    of_value("same_text", "string", "x^2", ("x2",), False, True),
    of_value("same_text", "string", "a'b", ('a"b',), False, True),
    of_value("same_text", "string", "a:b", ("ab",), False),
    of_value("same_text", "string", "a\tb", ("a b",), False),
    of_value("same_text", "string", "", ("", "a"), True),
    of_value("same_text", "string", ".", ("", "a"), False, True),
    of_value("same_value", "string", "a", (), False),
    of_value("as_variable", "integer", "n", ("n",), True),
    of_value("right_type", "integer", "N", ("n",), False),
    of_value("right_type", "integer", "n", (5, "n"), False),
    of_value("as_variable", "integer", "", ("", "n"), True),
    of_value("right_type", "integer", "", ("", 5), False),
    of_value("right_type", "integer", "", ("",), False),
    of_value("as_variable", "integer", None, (None, ""), True),
    of_value("as_variable", "integer", 5.0, (5.0,), True),
    of_value("as_variable", "string", True, (True,), True),
    of_value("same_text", "string", "A", (None, "a"), False),
    of_value("same_text", "string", "a", (None, "a"), True),
    of_value("same_elements", "array", [1, 2], ([2, 1], [1, 2]), True, **WHOLE),
    of_value("same_value", "array", [1, 2], ([2, 1],), False, **WHOLE),
    of_value("same_elements", "array", [1], ([1, 1],), False, **WHOLE),
    of_value("same_elements", "array", [], ([],), True, **WHOLE),
    of_value("right_type", "array", [True], ([1],), False, **WHOLE),
    of_value("right_type", "array", [1.0], ([1],), False, **WHOLE),
    of_value("right_type", "array", (1, 2), ([1, 2],), False, **WHOLE),
    of_value("right_type", "array", 1, ([1],), False, **WHOLE),
    of_value("as_variable", "array", "xs", ("xs",), True, **WHOLE),
    of_value("as_variable", "array", ["a"], (["a"],), True, **WHOLE),
    of_value("same_text", "array", ["a", "B"], (["A", "b"],), False, True, **TEXTS),
    of_value("same_elements", "tuple", (1.5, 2.5), ([1.5, 2.5],), True, **FLOATS),
    of_value("same_elements", "tuple", [1.5, 2.5], ([1.5, 2.5],), True, **FLOATS),
    of_value("same_value", "tuple", (2.5, 1.5), ([1.5, 2.5],), False, **FLOATS),
    of_value("same_keys", "dict", {"a": 1}, ({"a": [1, 2]},), True),
    of_value("same_value", "dict", {"a": 3}, ({"a": [1, 2]},), False),
    of_value("same_keys", "dict", {"a": 1, "b": 1}, ({"a": [1]},), False),
    of_value("same_keys", "dict", {}, ({"a": [1]},), False),
    of_value("same_keys", "dict", {}, ({"a": [1, ""]},), True),
    of_value("same_text", "dict", {"a": "X"}, ({"a": ["x"]},), False, True),
    of_value("right_type", "dict", [{"a": 1}], ({"a": [1]},), False),
    of_value("same_elements", "array", [{"a": 1}, {"a": 2}], ([{"a": [1]}, {"a": [2]}],), True, **DICTS),
    of_value("same_value", "array", [{"a": 2}, {"a": 1}], ([{"a": [1]}, {"a": [2]}],), False, **DICTS),
    of_value("same_elements", "array", [{"a": 1}], ([{"a": [1]}, {"a": [2]}],), False, **DICTS),
    of_value("same_text", "any", "X", ("x",), False, True),
    of_value("same_value", "any", 5, (5,), True),
    # Where theirs and ours differ. Theirs compares by ==, and True == 1.
    of_value("same_value", "dict", {"a": True}, ({"a": [1]},), False, theirs=True),
    of_value("same_value", "dict", {"a": 0}, ({"a": [False]},), False, theirs=True),
    # Theirs takes 1 for 1.0 outside lists only: the list that an answer gives can itself be wrong.
    of_value("same_elements", "array", [1, 2.5], ([1.0, 2.5],), True, theirs=False, **FLOATS),
    of_value("same_elements", "array", [2.5, 1], ([2.5, 1],), True, theirs=False, **FLOATS),
    # Theirs reads the "" that says "may be left out" as a list of its characters: none.
    of_value("same_elements", "array", [], ("", [1]), False, theirs=True, **WHOLE),
    # Theirs compares texts by its rule, and checks types, one level down at most.
    of_value("same_text", "dict", {"a": ["X"]}, ({"a": [["x"]]},), False, True, theirs=False),
    of_value("same_text", "array", [["X"]], ([["x"]],), False, True, theirs=False, **LISTS),
    of_value("right_type", "array", [[5]], ([["x"]],), False, **LISTS),
    of_value(
        "right_type",
        "array",
        [[1.0]],
        ([[1]],),
        False,
        theirs=True,
        items=Parameter("items", "array", items=Parameter("items", "integer")),
    ),
]
