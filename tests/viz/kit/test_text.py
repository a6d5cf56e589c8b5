"""Tokens as visible text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.viz.kit.text import INVISIBLE, StripToken, isolated, number, percent, readable, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [(" the", "␣the"), ("a\n", "a↵"), ("\t", "⇥"), ("\r", "␍"), ("\u200d", "U+200D"), ("\xa0", "U+00A0"), ("한", "한")],
)
def test_visible(text, shown):
    assert visible(text) == shown


@given(st.text())
def test_whatever_is_shown_can_be_seen(text):
    assert not any(unicodedata.category(character) in INVISIBLE for character in visible(text))


@pytest.mark.parametrize("text", ["##ים", "␣שלום", "##ية", "a ב"])
def test_right_to_left_text_is_isolated_in_a_sentence(text):
    assert isolated(text) == f"\u2068{text}\u2069"


@pytest.mark.parametrize("text", ["", "##ing", "␣the", "한국", "12%", "‹D7›"])
def test_other_text_needs_no_isolates(text):
    assert isolated(text) == text


@pytest.mark.parametrize(
    ("data", "shown"), [("é".encode(), "é"), (b"\xec\x9e", "‹EC›‹9E›"), (b" \xec", " ‹EC›"), (b"", "")]
)
def test_readable(data, shown):
    assert readable(data) == shown


@pytest.mark.parametrize(
    ("share", "digits", "shown"),
    [(0.25, 0, "25%"), (0.004, 0, "<1%"), (0.006, 0, "1%"), (0.0, 0, "0%"), (0.0004, 1, "<0.1%"), (0.5, 1, "50.0%")],
)
def test_percent(share, digits, shown):
    assert percent(share, digits) == shown


def test_a_token_says_what_is_wrong_with_it():
    with pytest.raises(ValueError, match="no mark 'odd'"):
        StripToken("a", mark="odd")
    with pytest.raises(ValueError, match=r"1\.5 .* not between 0 and 1"):
        StripToken("a", strength=1.5)


@pytest.mark.parametrize(
    ("value", "options", "text"),
    [
        (-1234.567, {}, "−1,234.57"),
        (-0.001, {}, "0.00"),
        (0.0, {"sign": True}, "0.00"),
        (-0.004, {"sign": True}, "0.00"),
        (0.5, {"sign": True}, "+0.50"),
        (3, {"digits": 0}, "3"),
    ],
)
def test_numbers_have_a_minus_sign_and_separators_and_no_sign_at_0(value, options, text):
    assert number(value, **options) == text
