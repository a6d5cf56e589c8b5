"""What is read as a call, and where and why a text is refused."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.tools import BY_POSITION, Call, CallError, parse_calls
from course.tools.call import DEEPEST, LONGEST
from tests.tools.catalogs import CATALOG

READ = {
    "f()": [Call("f")],
    " f ( ) ".replace(" (", "("): [Call("f")],
    "a.b.c(x=1)": [Call("a.b.c", {"x": 1})],
    "f(x=-1, y=+2.5, z=-0.0)": [Call("f", {"x": -1, "y": 2.5, "z": 0.0})],
    "f(x='it\\'s', y=\"a\" 'b')": [Call("f", {"x": "it's", "y": "ab"})],
    "f(x=True, y=False, z=None)": [Call("f", {"x": True, "y": False, "z": None})],
    "f(x=[1, (2, 'a')], y={'k': [1]}, z=())": [Call("f", {"x": [1, (2, "a")], "y": {"k": [1]}, "z": ()})],
    "[f(x=1), g(y=2)]": [Call("f", {"x": 1}), Call("g", {"y": 2})],
    "f(x=1), g(y=2)": [Call("f", {"x": 1}), Call("g", {"y": 2})],
    "[]": [],
    "```python\nf(x=1)\n```": [Call("f", {"x": 1})],
    "Sure:\n```\n[f(x=1)]\n```\nThis calls `f`.": [Call("f", {"x": 1})],
    "```f(x=1)```": [Call("f", {"x": 1})],
    "```python\nf(x=1)": [Call("f", {"x": 1})],
    "`f(x=1)`\n": [Call("f", {"x": 1})],
    "f(x='```python\\nx```')": [Call("f", {"x": "```python\nx```"})],
    "f(x='[[[[[[[[[[[[[[[[[[[[[[[[[')": [Call("f", {"x": "[" * 25})],
    "f(\n  x=1,\n  y='안녕',\n)": [Call("f", {"x": 1, "y": "안녕"})],
    "f(x='\\d')": [Call("f", {"x": "\\d"})],
    "f(é=1)": [Call("f", {"é": 1})],
}


@pytest.mark.parametrize("text", READ)
def test_read(text):
    assert parse_calls(text) == READ[text]
    assert [list(map(type, call.arguments.values())) for call in parse_calls(text)] == [
        list(map(type, call.arguments.values())) for call in READ[text]
    ]


REFUSED: dict[str, tuple[str, str | None]] = {  # the reason, and the text from where it shows; Python's own may vary
    "": ("empty", ""),
    "``` ```": ("empty", "```"),
    "no call": ("no expression of Python", None),
    "f": ("no call", "f"),
    "'f(x=1)'": ("no call", "'f(x=1)'"),
    "[f(x=1), 2]": ("no call", "2]"),
    "f(x=1": ("never closed", None),
    "x = f()": ("no expression of Python", None),
    "f(); g()": ("no expression of Python", None),
    "f(x=1)\nf(x=2)": ("no expression of Python", None),
    "f(x=1)(y=2)": ("Only a name can be called", "f(x=1)(y=2)"),
    "f().g()": ("Only a name can be called", "f().g()"),
    "f[0]()": ("Only a name can be called", "f[0]()"),
    "'a'.join()": ("Only a name can be called", "'a'.join()"),
    "(lambda: 1)()": ("Only a name can be called", "lambda: 1)()"),
    "ｆ(x=1)": ("other letters or spaces than f", "ｆ(x=1)"),
    "a . b()": ("other letters or spaces than a.b", "a . b()"),
    "f(ｘ=1)": ("other letters than x", "ｘ=1)"),
    "f(*[1])": ("not unpacked by *", "*[1])"),
    "f(**{'x': 1})": ("not unpacked by **", "**{'x': 1})"),
    "f(x=1, x=2)": ("x is given twice", "2)"),
    "f(x=y)": ("y is a bare name", "y)"),
    "f(x=true)": ("true is a bare name", "true)"),
    "f(x=[1, nan])": ("nan is a bare name", "nan])"),
    "f(x='안녕', y=z)": ("z is a bare name", "z)"),
    "f(x=[\n1,\n안, y])": ("안 is a bare name", "안, y])"),
    "f(x=g())": ("not computed by a call", "g())"),
    "f(x=__import__('os').name)": ("not looked up", "__import__('os').name)"),
    "f(x='a'.b)": ("not looked up", "'a'.b)"),
    "f(x=[1][0])": ("not looked up", "[1][0])"),
    "f(x=2**9)": ("not computed", "2**9)"),
    "f(x=1+2j)": ("not computed", "1+2j)"),
    "f(x=not 1)": ("not computed", "not 1)"),
    "f(x=1 if 2 else 3)": ("not computed", "1 if 2 else 3)"),
    "f(x=-True)": ("sign", "-True)"),
    "f(x=--1)": ("not computed", "--1)"),
    "f(x=f'{1}')": ("f-string", "f'{1}')"),
    "f(x=(y:=1))": ("no code", "y:=1))"),
    "f(x=lambda: 1)": ("no code", "lambda: 1)"),
    "f(x=[y for y in z])": ("no code", "[y for y in z])"),
    "f(y for y in z)": ("no code", "(y for y in z)"),
    "f(x=b'a')": ("A value is a number", "b'a')"),
    "f(x=2j)": ("A value is a number", "2j)"),
    "f(x=...)": ("A value is a number", "...)"),
    "f(x={1, 2})": ("A value is a number", "{1, 2})"),
    "f(x={**y})": ("keys of a dictionary", "{**y})"),
    "f(x={(1,): 2})": ("keys of a dictionary", "{(1,): 2})"),
    "f(x=1e999)": ("too large", "1e999)"),
    "f(x=-1e999)": ("too large", "1e999)"),
    "f(x='a\0')": ("null byte", "\0')"),
    "Sure:\n```python\nf(x=y)\n```": ("y is a bare name", "y)\n```"),
    "f(x=" + "[" * 40 + "]" * 40 + ")": (f"More than {DEEPEST} brackets", "[" * 21 + "]" * 40 + ")"),
    "f(x=" + "9" * 5_000 + ")": ("digits", None),
    "f(x='" + "a" * LONGEST + "')": ("10,007 characters; 10,000 are allowed", None),
    "f(x='\ud800')": ("gives up", None),
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: ascii(text[:30]))
def test_refused_where_and_why(text):
    what, rest = REFUSED[text]
    with pytest.raises(CallError) as refused:
        parse_calls(text)
    assert what in refused.value.what
    assert rest is None or text[refused.value.at :] == rest
    assert f"character {refused.value.at + 1}" in str(refused.value) and len(str(refused.value)) < 400


@pytest.mark.parametrize(
    "text",
    [
        "f(x=" + "-" * 9_000 + "1)",
        "f(x=" + "not " * 2_000 + "1)",
        "f(x=" + "1+" * 4_000 + "1)",
        "f(x=" + "lambda:" * 1_000 + "1)",
        "a" + ".b" * 4_900 + "()",
        "f" + "()" * 4_000,
        "f(x=1" + " if 1 else 1" * 800 + ")",
        "f(x='" + "[" * 9_000,
    ],
    ids=lambda text: text[:12],
)
def test_what_is_deep_without_brackets_is_refused_or_read(text):
    try:
        (call,) = parse_calls(text)
    except CallError:
        return
    assert call == Call(text[:-2])


def test_positional_arguments_take_the_names_of_the_signature():
    assert parse_calls("area(3, 4.0)", CATALOG) == [Call("area", {"base": 3, "height": 4.0})]
    assert parse_calls("area(3, 4.0, 'km')", CATALOG)[0].arguments["unit"] == "km"
    assert parse_calls("area(3, height=1)", CATALOG) == [Call("area", {"base": 3, "height": 1})]
    too_many = parse_calls("area(3, 4.0, 'km', 5)", CATALOG)[0].arguments
    assert list(too_many) == ["base", "height", "unit", BY_POSITION.format(4)]
    assert parse_calls("unknown(3, x=1)", CATALOG) == [Call("unknown", {"#1": 3, "x": 1})]
    assert parse_calls("area(3)") == [Call("area", {"#1": 3})]
    with pytest.raises(CallError, match="base is given twice"):
        parse_calls("area(3, base=4)", CATALOG)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3) | st.tuples(inner, inner),
    max_leaves=8,
)
names = st.sampled_from(["x", "y_1", "été", "unit"])


@given(st.dictionaries(names | st.sampled_from(["#1", "#2"]), values))
def test_the_text_of_a_call_is_read_as_the_call(arguments):
    by_position = {name: arguments[name] for name in sorted(arguments) if name[0] == "#"}
    by_position = {f"#{number}": value for number, value in enumerate(by_position.values(), start=1)}
    call = Call("a.b", by_position | {name: value for name, value in arguments.items() if name[0] != "#"})
    if "\0" not in repr(call) and len(str(call)) <= LONGEST:
        (found,) = parse_calls(str(call))
        assert repr(found) == repr(call)


@given(st.text(alphabet="f(x=1,)[]{}'\"\\`*. \n:-é", max_size=40))
def test_any_text_is_calls_of_literals_or_a_call_error(text):
    try:
        calls = parse_calls(text)
    except CallError as error:
        assert 0 <= error.at <= len(text)
    else:
        for call in calls:
            assert ast.literal_eval(repr(call.arguments)) == call.arguments
