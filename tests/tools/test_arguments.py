"""Arguments are checked against the description of the function, and are plain and small, whoever made the call."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.tools import Call, Function, Parameter
from course.tools.execution import ArgumentError, require_arguments, require_small

POINT = Parameter("point", "dict", properties=(Parameter("x", "float"), Parameter("y", "float", required=False)))
PLOT = Function(
    "plot",
    "",
    (
        Parameter("points", "array", items=POINT),
        Parameter("kind", "string", required=False, enum=("line", "bars")),
        Parameter("sizes", "tuple", required=False, items=Parameter("size", "integer")),
        Parameter("size", "integer", required=False, enum=(1, 2)),
        Parameter("log", "boolean", required=False),
        Parameter("extra", "any", required=False),
    ),
)


class Text(str):
    def __repr__(self):
        raise AssertionError("It is asked for its text.")


class Number(int):
    pass


class Anything:
    __class__ = str

    def __repr__(self):
        raise AssertionError("It is asked for its text.")


def check(**arguments):
    require_arguments(Call("plot", {"points": [], **arguments}), PLOT)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"points": [{"x": 1.5}, {"x": 1, "y": -2}]},
        {"points": ({"x": 0},)},
        {"kind": "bars", "sizes": (1, 2), "size": 2, "log": False},
        {"sizes": [1, 2]},
        {"extra": {"a": [None, (1, "b\n\t", "한")], 1: True}},
        {"extra": None},
        {"extra": 10**18 - 1},
        {"extra": "a" * 4000},
        {"extra": [1] * 997},
        {"extra": [[[[[[[[1]]]]]]]]},
    ],
)
def test_good_arguments_pass(arguments):
    check(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"points": [{"x": 1}, {"x": "1"}]}, r"^x must be of the type float, and it is '1', of the type str"),
        ({"points": [{"y": 1}]}, r"^points\[0\] needs a value for 'x'"),
        ({"points": [{"x": 1}, 2]}, r"^points\[1\] must be of the type dict, and it is 2"),
        ({"points": {"x": 1}}, "^points must be of the type array"),
        ({"points": "[]"}, "^points must be of the type array"),
        ({"kind": "pie"}, "^kind is 'pie'; it must be one of 'line', 'bars'"),
        ({"kind": ["line"]}, "^kind must be of the type string"),
        ({"sizes": (1, 2.0)}, r"^sizes\[1\] must be of the type integer"),
        ({"size": 3}, "^size is 3; it must be one of 1, 2"),
        ({"size": True}, "^size must be of the type integer"),
        ({"log": 1}, "^log must be of the type boolean"),
        ({"log": "a" * 100}, r"it is 'a{56}\.\.\., of"),
        ({"colour": "red"}, "^plot has no parameter 'colour'. It has: points, kind"),
        ({"#7": 1}, "^plot has 6 parameters, and the call gives more values"),
        ({"extra": math.nan}, "^extra is nan: give a finite number"),
        ({"extra": [-math.inf]}, "^extra is -inf: give a finite number"),
        ({"extra": 10**18}, "^extra is a whole number of more than 18 digits"),
        ({"extra": -(10**5000)}, "^extra is a whole number of more than 18 digits"),
        ({"extra": {1, 2}}, "of the type set: only"),
        ({"extra": b"a"}, "of the type bytes: only"),
        ({"extra": 1j}, "of the type complex: only"),
        ({"extra": ...}, "of the type ellipsis: only"),
        ({"extra": [Text("a")]}, "of the type Text: only"),
        ({"extra": Number(1)}, "of the type Number: only"),
        ({"extra": {Text("a"): 1}}, "of the type Text: only"),
        ({"kind": Anything()}, "of the type Anything: only"),
        ({"extra": print}, "of the type builtin_function_or_method: only"),
        ({"extra": "a" * 4001}, "more than 4000 characters"),
        ({"extra": {"a" * 2000: 1, "b" * 2001: 2}}, "more than 4000 characters"),
        ({"extra": [1] * 1000}, "more than 1000 values"),
        ({"extra": [[[[[[[[[1]]]]]]]]]}, "more than 8 levels"),
        ({"extra": "\x7f"}, r"U\+007F"),
        ({"extra": "\udfff"}, r"U\+DFFF"),
    ],
)
def test_bad_arguments_are_one_sentence(arguments, message):
    with pytest.raises(ArgumentError, match=message) as caught:
        check(**arguments)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 200


def test_a_list_in_itself_is_refused():
    endless = []
    endless.append(endless)
    with pytest.raises(ArgumentError, match="levels"):
        check(extra=endless)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(PLAIN)
def test_plain_values_pass_up_to_eight_levels(value):
    def levels(value):
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return max((1 + levels(each) for each in inner), default=0)

    if levels(value) <= 8:
        require_small({"value": value})
    else:
        with pytest.raises(ArgumentError, match="levels"):
            require_small({"value": value})
