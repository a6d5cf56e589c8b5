"""The local tools answer as the calendar and the tables of units do, and say what they cannot answer."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.syllabus.terms import TERMS
from course.tokenization import CharacterTokenizer
from course.tools import Call
from course.tools.execution import run_call, run_text
from course.tools.local import (
    add_days,
    convert_units,
    count_tokens_tool,
    days_between,
    local_toolbox,
    look_up,
    search_tool,
    weekday,
)
from course.tools.local.units import NAMES, TEMPERATURES, UNITS

TOOLBOX = local_toolbox()


@given(st.dates(), st.dates())
def test_dates_agree_with_the_calendar(first, second):
    days = days_between(first.isoformat(), second.isoformat())
    assert days == second.toordinal() - first.toordinal()
    assert add_days(first.isoformat(), days) == second.isoformat()
    assert weekday(first.isoformat()) == first.strftime("%A")


@pytest.mark.parametrize(
    "text",
    ["", "2026-02-30", "2026-2-3", "20260203", "2026-W05-1", "2026-02-03 ", "03/02/2026", "００02-02-03", "0000-01-01"],
)
def test_only_one_way_of_writing_a_date_is_read(text):
    for wrong in (lambda: weekday(text), lambda: days_between(text, "2026-01-01"), lambda: add_days(text, 1)):
        with pytest.raises(ValueError, match="write one as YYYY-MM-DD"):
            wrong()


@pytest.mark.parametrize("days", [-(10**17), -366, 3_652_059, 10**17])
def test_days_beyond_the_calendar_are_a_sentence(days):
    with pytest.raises(ValueError, match="outside of the years 1 to 9999"):
        add_days(date.min.isoformat(), days)


@pytest.mark.parametrize(
    ("value", "from_unit", "to_unit", "expected"),
    [
        (1.0, "mile", "foot", 5280.0),
        (3.0, "foot", "yard", 1.0),
        (1.0, "foot", "inch", 12.0),
        (1.0, "pound", "ounce", 16.0),
        (1.0, "gallon", "pint", 8.0),
        (1.0, "week", "hour", 168.0),
        (1.0, "mebibyte", "kibibyte", 1024.0),
        (212.0, "fahrenheit", "celsius", 100.0),
        (-40.0, "celsius", "fahrenheit", -40.0),
        (0.0, "kelvin", "fahrenheit", -459.67),
        (26.2, "mile", "kilometer", 42.1648128),
    ],
)
def test_units_are_converted(value, from_unit, to_unit, expected):
    assert convert_units(value, from_unit, to_unit) == expected


@given(st.floats(1e-3, 1e6), st.data())
def test_converted_back_it_is_the_same(value, data):
    quantity = data.draw(st.sampled_from([*UNITS.values(), TEMPERATURES]))
    one, other = (data.draw(st.sampled_from(sorted(quantity))) for _number in range(2))
    assert convert_units(convert_units(value, one, other), other, one) == pytest.approx(value, rel=1e-9, abs=1e-8)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1.0, "meter", "kilogram"), "different quantities"),
        ((1.0, "celsius", "meter"), "different quantities"),
        ((-1.0, "kelvin", "celsius"), "below absolute zero"),
        ((-273.16, "celsius", "celsius"), "below absolute zero"),
        ((1.0, "furlong", "meter"), "no unit 'furlong'"),
    ],
)
def test_what_cannot_be_converted_is_a_sentence(arguments, message):
    with pytest.raises(ValueError, match=message):
        convert_units(*arguments)


def test_each_unit_is_named_once():
    assert len(NAMES) == len(set(NAMES))


def test_each_term_of_the_glossary_is_found():
    for each in TERMS:
        for name in (each.term, each.korean, each.term.upper()):
            found = look_up(name)
            assert each.definition in found and "lesson" in found
    with pytest.raises(ValueError, match="Did you mean"):
        look_up("perplexitie")


def test_every_local_tool_answers_as_its_description_says():
    examples = {
        "days_between": {"start": "2026-01-01", "end": "2026-12-31"},
        "weekday": {"day": "2026-01-01"},
        "add_days": {"day": "2026-01-01", "days": -1},
        "convert_units": {"value": 1, "from_unit": "inch", "to_unit": "centimeter"},
        "calculate": {"expression": "(3 + 4) * 2"},
        "look_up": {"term": "perplexity"},
        "show_animation": {"query": "two dogs jumping"},
    }
    assert set(examples) == set(TOOLBOX.catalog.names)
    for name, arguments in examples.items():
        assert run_call(Call(name, arguments), TOOLBOX).refusal is None
        assert TOOLBOX[name].function.description.endswith(".")


def test_tokens_are_counted_by_the_given_tokenizers():
    toolbox = local_toolbox([count_tokens_tool({"characters": CharacterTokenizer("abc")})])
    [result] = run_text('count_tokens(text="abca", tokenizer="characters")', toolbox)
    assert result.value == "4"
    with pytest.raises(ValueError, match="no tokenizer"):
        count_tokens_tool({})


def test_passages_are_searched_by_the_given_function():
    asked = []

    def search(query, k):
        asked.append((query, k))
        return ["one", "two", "three"][:k]

    tool = search_tool(search, "the course")
    toolbox = local_toolbox([tool])
    assert "the course" in tool.function.description
    assert run_text('search_passages("x")', toolbox)[0].value == "[1] one\n[2] two\n[3] three"
    assert run_text('search_passages("x", k=1)', toolbox)[0].value == "[1] one"
    assert asked == [("x", 3), ("x", 1)]
    for k in (0, 11):
        assert "1 to 10" in str(run_text(f'search_passages("x", k={k})', toolbox)[0])
