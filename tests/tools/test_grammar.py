"""The grammar reads calls of the catalog and nothing else."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.data.api_calls import KINDS, api_call_tasks
from course.data.splits import draw
from course.tools import CallGrammar, Catalog, Function, Parameter, answering_call, parse_calls
from course.tools.frames import step
from course.tools.value_rules import fits
from tests.tools.catalogs import CALLS, CATALOG

GRAMMAR = CallGrammar(CATALOG)
LETTERS = [*range(0x20, 0x7F), *"é안".encode()]


def reads(text: str | bytes, grammar: CallGrammar = GRAMMAR) -> bool:
    state = grammar.advance(grammar.start, text)
    return state is not None and grammar.is_complete(state)


@pytest.mark.parametrize("text", CALLS)
def test_read(text):
    assert reads(text)
    for end in range(len(text.encode())):
        state = GRAMMAR.advance(GRAMMAR.start, text.encode()[:end])
        assert state is not None and not GRAMMAR.is_complete(state)
    assert not reads(text + " ") and not reads(text + ")")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("volume(", "v"),
        ("area.", "area."),
        ("area()", "area()"),
        ("area(x", "area(x"),
        ("area( base=1", "area( "),
        ("area(base =1", "area(base "),
        ("area(base=1.5", "area(base=1."),
        ("area(base='1'", "area(base='"),
        ("area(base=01", "area(base=01"),
        ("area(base=True", "area(base=T"),
        ("area(base=1)", "area(base=1)"),
        ("area(base=1, base", "area(base=1, b"),
        ("area(base=1,  ", "area(base=1,  "),
        ("area(base=1 ,", "area(base=1 "),
        ("area(height=1.)", "area(height=1.)"),
        ("area(height=1e100", "area(height=1e100"),
        ("area(height=--1", "area(height=--"),
        ("area(height=None", "area(height=N"),
        ("area(unit='m'", "area(unit='m"),
        ("area(unit='cm\"", "area(unit='cm\""),
        ("area(base=1, height=2, unit='cm',", "area(base=1, height=2, unit='cm',"),
        ("areas(x", "areas(x"),
        ("web.find(words='a'", "web.find(words='"),
        ("web.find(words=[1", "web.find(words=[1"),
        ("web.find(words=['a',]", "web.find(words=['a',]"),
        ("web.find(words=['a' 'b'", "web.find(words=['a' "),
        ("web.find(words=['\n", "web.find(words=['\n"),
        ("web.find(words=['\\x", "web.find(words=['\\x"),
        ("web.find(limit=none", "web.find(limit=n"),
        ("web.find(still=0", "web.find(still=0"),
        ("web.find(size={'note': 'x'}", "web.find(size={'note': 'x'}"),
        ("web.find(size={'depth'", "web.find(size={'d"),
        ("web.find(size={'width': 1, 'width'", "web.find(size={'width': 1, 'w"),
        ("web.find(more={1", "web.find(more={1"),
        ("web.find(more={'a', ", "web.find(more={'a',"),
        ("web.find(any=[[", "web.find(any=[["),
        ("web.find(limit=1234567890123456", "web.find(limit=1234567890123456"),
        (b"web.find(any='\xff", b"web.find(any='\xff"),
        (b"web.find(any='\xc3'", b"web.find(any='\xc3'"),
        (b"web.find(any='\xed\xa0", b"web.find(any='\xed\xa0"),
    ],
)
def test_refused_at_the_first_byte_that_no_call_has(text, read):
    assert GRAMMAR.advance(GRAMMAR.start, read) is None
    assert GRAMMAR.advance(GRAMMAR.start, read[:-1]) is not None
    assert GRAMMAR.advance(GRAMMAR.start, text) is None


def walk(seed: int, grammar: CallGrammar, prefer: bytes = b"'\"]})") -> str:
    """A call that the grammar reads, byte by byte at random; `prefer` makes an end likelier."""
    rng, state, text = random.Random(seed), grammar.start, bytearray()
    while not grammar.is_complete(state):
        possible = {byte: after for byte in LETTERS if (after := step(state, byte)) is not None}
        assert possible, f"no way on from {text!r}"
        likely = [byte for byte in possible if byte in prefer]
        byte = rng.choice(likely) if likely and rng.random() < 0.3 else rng.choice([*possible])
        state = possible[byte]
        text.append(byte)
    return text.decode()


@settings(max_examples=40)
@given(st.integers(0, 10**6))
def test_what_the_grammar_writes_is_a_call_of_the_catalog(seed):
    """Every walk comes to an end that parses, with all that is required and values of the right types."""
    (call,) = parse_calls(walk(seed, GRAMMAR), CATALOG)
    function = CATALOG[call.name]
    assert {each.name for each in function.parameters if each.required} <= call.arguments.keys()
    for name, value in call.arguments.items():
        parameter = function.parameter(name)
        assert fits(value, parameter.type) or (value is None and parameter.default is None)
        assert not parameter.enum or value in parameter.enum
        if parameter.items:
            assert all(fits(each, parameter.items.type) for each in value)
        if parameter.properties:
            assert "width" in value and value.keys() <= {"width", "note"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_grammar_reads_the_calls_that_answer(kind):
    contradicted = {  # the answer is no call of the function, or has another type or a text outside the enum
        "simple": 0,
        "multiple": 0,
        "live_simple": 2,
        "live_multiple": 6,
    }
    tasks = api_call_tasks(kind)
    refused = 0
    for task in draw(tasks, min(300, len(tasks))):
        catalog = Catalog(task.functions)
        text = str(answering_call(task.answers[0], catalog[task.answers[0].name]))
        refused += not reads(text, CallGrammar(catalog))
    assert refused == contradicted[kind]


def test_enums_with_quotes_and_letters_beyond_ascii():
    values = ("it's", 'a"b', "é", "a\\b", "")
    grammar = CallGrammar(Catalog([Function("f", "", (Parameter("x", "string", enum=values),))]))
    for value in values:
        assert reads(f"f(x={value!r})", grammar)
    assert not reads("f(x='e')", grammar)
    whole = CallGrammar(Catalog([Function("f", "", (Parameter("x", "integer", enum=(1, 10, None)),))]))
    assert reads("f(x=7)", whole) and reads("f(x=None)", whole)


def test_an_empty_catalog_is_refused():
    with pytest.raises(ValueError, match="The catalog is empty"):
        CallGrammar(Catalog([]))
