"""Expressions have the value that Python gives them, and all else is a sentence."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from course.tools.local import (
    calculate,
)

NUMBERS = st.one_of(st.integers(0, 99).map(str), st.decimals(0, 99, places=2).map(str))


EXPRESSIONS = st.recursive(
    NUMBERS,
    lambda inner: st.one_of(
        st.builds("{}{}{}".format, inner, st.sampled_from(["+", " - ", "*", "/", "//", "%", "**"]), inner),
        st.builds("{}{}".format, st.sampled_from("+-"), inner),
        inner.map("({})".format),
    ),
    max_leaves=6,
)


@given(EXPRESSIONS)
def test_expressions_have_the_value_that_python_gives_them(expression):
    try:
        value = calculate(expression)
    except ValueError:
        return
    assert value == pytest.approx(eval(expression), rel=1e-12)


@given(EXPRESSIONS)
def test_what_has_a_value_in_python_has_one_here_unless_it_is_too_large(expression):
    assume("**" not in expression and len(expression) < 100)
    try:
        value = eval(expression)
    except ZeroDivisionError:
        with pytest.raises(ValueError, match="cannot be divided by 0"):
            calculate(expression)
    else:
        assert calculate(expression) == pytest.approx(value, rel=1e-12)


@given(st.text(max_size=30))
def test_whatever_is_written_there_is_a_number_or_a_sentence(text):
    try:
        value = calculate(text)
    except ValueError as error:
        assert str(error).endswith((".", "only."))
    else:
        assert math.isfinite(value)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("-2 ** 2", -4),
        ("2 ** -1", 0.5),
        ("2 ** 3 ** 2", 512),
        ("7 // 2 * 2 + 7 % 2", 7),
        ("-7 // 2", -4),
        ("10 / 4", 2.5),
        ("6 / 3", 2),
        (" ( 1 + 2 ) * 3 ", 9),
        ("1e3", 1000),
        (".5 + 5.", 5.5),
        ("2 ** 900", 2**900),
        ("2 ** 900 / 2", 2.0**899),
        ("0 ** 0", 1),
        ("(-8) ** 3", -512),
        ("+".join(["(1)"] * 30), 30),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_precedence_is_that_of_python(expression, value):
    assert calculate(expression) == value and type(calculate(expression)) is type(value)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "missing at the end"),
        ("1 +", "missing at the end"),
        ("* 1", r"before '\*'"),
        ("()", r"before '\)'"),
        ("1 2", "'2' is not expected"),
        ("(1", "never closed"),
        ("1)", r"'\)' is not expected"),
        ("1,000", "cannot be calculated"),
        ("٣ + 1", "cannot be calculated"),
        ("2 ^ 3", "cannot be calculated"),
        ("sqrt(4)", "cannot be calculated"),
        ("1 / 0", "1 cannot be divided by 0"),
        ("5 % (1 - 1)", "5 cannot be divided by 0"),
        ("0 ** -1", "no power below 0"),
        ("(-8) ** 0.5", "no real number"),
        ("10 ** 300", "300 digits"),
        ("0.1 ** -300", "300 digits"),
        ("9 ** 9 ** 9", "300 digits"),
        ("1e999", "300 digits"),
        ("9" * 190 + "**2", "300 digits"),
        ("1" * 201, "201 characters"),
        ("(" * 21 + "1" + ")" * 21, "20 levels"),
        ("2" + "**1" * 21, "20 levels"),
    ],
)
def test_what_cannot_be_calculated_is_a_sentence(expression, message):
    with pytest.raises(ValueError, match=message):
        calculate(expression)
