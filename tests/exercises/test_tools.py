"""What the exercises of the lesson `tools` ask for is what the course computes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.data.api_calls import Answer
from course.data.overlap import disjoint
from course.exercises.tools.accepted import accepts
from course.exercises.tools.constrained import next_characters
from course.exercises.tools.outcomes import outcome
from course.exercises.tools.reading import READ_CALL, read_call
from course.exercises.tools.schema import wrong_arguments
from course.exercises.tools.splitting import groups_by_function
from course.tools import (
    Call,
    CallError,
    CallGrammar,
    Catalog,
    Function,
    Parameter,
    check_call,
    check_calls,
    check_text,
    parse_calls,
)
from tests.exercises.trial import inputs_of
from tests.tools.catalogs import CALLS

KINDS = {"string": str, "integer": int, "float": float, "boolean": bool, "array": list, "dict": dict}
OF_KINDS = {
    "string": st.sampled_from(["a", "A", "1"]),
    "integer": st.integers(0, 2),
    "float": st.sampled_from([0.0, 1.0, 2.5]),
    "boolean": st.booleans(),
    "array": st.sampled_from([[], [1]]),
    "dict": st.sampled_from([{}, {"a": 1}]),
}
values = st.one_of(st.none(), *OF_KINDS.values())
few_parameters = st.dictionaries(st.sampled_from("abcd"), values, max_size=4)


def alike(value):
    """The value, and where it is a number those of other types that are equal to it, or nearly."""
    return [value, int(value), float(value), bool(value)] if isinstance(value, int | float) else [value]


def in_one_call(text):
    """The name and the arguments of the text's call, as the exercise wants them."""
    try:
        (call,) = parse_calls(text)
    except (CallError, ValueError):
        return "", {}
    alone = text.strip()[0] not in "[("
    return (call.name, dict(call.arguments)) if alone and "#1" not in call.arguments else ("", {})


@pytest.mark.parametrize("texts", [READ_CALL.cases(), inputs_of(READ_CALL), [(text,) for text in CALLS]])
def test_a_call_is_read_as_the_course_reads_it(texts):
    expected = [in_one_call(text) for (text,) in texts]
    assert repr([read_call(text) for (text,) in texts]) == repr(expected)
    assert any(name for name, _arguments in expected)


@pytest.mark.parametrize("value", ["{1}", "1 + 2j", "b'a'", "1e999", "{-1: 2}"])
def test_these_literals_of_python_the_course_refuses(value):
    text = f"f(x={value})"
    assert read_call(text)[0] == "f"
    assert in_one_call(text) == ("", {})


@given(
    kinds=st.dictionaries(st.sampled_from("abc"), st.sampled_from(sorted(KINDS)), max_size=3),
    arguments=few_parameters,
    data=st.data(),
)
def test_arguments_are_wrong_by_the_rules_of_the_course(kinds, arguments, data):
    required = data.draw(st.permutations(sorted(kinds)).map(lambda names: names[: len(names) // 2 + 1]))
    parameters = (Parameter(name, kind, required=name in required) for name, kind in kinds.items())
    nodes = check_call(Call("f", arguments), Function("f", "", tuple(parameters)), {}).nodes
    rules = ("known_parameter", "required_given", "right_type")
    expected = {node.path for node in nodes if node.rule in rules and not node.ok}
    wrong = wrong_arguments(arguments, {name: KINDS[kind] for name, kind in kinds.items()}, required)
    assert set(wrong) == expected
    assert len(wrong) == len(expected)


@given(
    kinds=st.dictionaries(
        st.sampled_from("abc"), st.sampled_from(["string", "integer", "float", "boolean"]), max_size=3
    ),
    data=st.data(),
)
def test_arguments_are_accepted_as_the_course_accepts_them(kinds, data):
    optional = {name: data.draw(st.booleans()) for name in kinds}
    accepted = {
        name: data.draw(st.lists(OF_KINDS[kind], min_size=1, max_size=2)) + [""] * optional[name]
        for name, kind in kinds.items()
    }
    near = {
        name: st.sampled_from([each for value in values if value != "" for each in alike(value)])
        for name, values in accepted.items()
    }
    needed = {name: near[name] for name in kinds if not optional[name]}
    arguments = data.draw(
        st.fixed_dictionaries(needed, optional={name: near[name] for name in kinds if optional[name]})
    )
    missing, unknown = data.draw(st.sampled_from([("", {}), ("", {}), ("a", {}), ("b", {}), ("", {"d": 1})]))
    arguments = {name: value for name, value in arguments.items() if name != missing} | unknown
    parameters = (Parameter(name, kind, required=not optional[name]) for name, kind in kinds.items())
    verdict = check_call(Call("f", arguments), Function("f", "", tuple(parameters)), accepted)
    assert accepts(arguments, accepted) == verdict.right


numbers = st.dictionaries(st.sampled_from("xy"), st.integers(0, 1), max_size=2)


@given(name=st.sampled_from(["f", "g", "f.g"]), arguments=numbers, right=st.tuples(st.sampled_from("fg"), numbers))
def test_the_outcome_is_that_of_the_course(name, arguments, right):
    parameters = tuple(Parameter(parameter, "integer", required=False) for parameter in "xy")
    catalog = Catalog(Function(name, "", parameters) for name in "fg")
    answer = Answer(right[0], {parameter: (value,) for parameter, value in right[1].items()})
    allowed = Answer(answer.name, {parameter: answer.allowed.get(parameter, ("",)) for parameter in "xy"})
    verdict = check_calls([Call(name, arguments)], catalog, [allowed])
    assert outcome((name, arguments), list(catalog.names), [right]) == verdict.outcome.value
    assert outcome(None, list(catalog.names), [right]) == check_text("f of 1", catalog, [allowed]).outcome.value


functions = st.lists(st.sets(st.sampled_from("abcdefgh"), max_size=3), min_size=1, max_size=7)


@given(functions)
def test_whole_groups_have_no_function_on_both_sides_and_no_group_can_be_split(tasks):
    numbers = groups_by_function(tasks)
    assert list(dict.fromkeys(numbers)) == list(range(max(numbers) + 1))
    for group in set(numbers):
        inside = [task for task, number in zip(tasks, numbers, strict=True) if number == group]
        outside = [task for task, number in zip(tasks, numbers, strict=True) if number != group]
        if outside:
            disjoint(outside, inside, text=sorted, names=("outside", "inside"))
        reached, left = set(inside[0]), inside[1:]
        while linked := [task for task in left if task & reached]:
            reached, left = reached.union(*linked), [task for task in left if not task & reached]
        assert not left


names = st.lists(st.from_regex(r"[ab]{1,2}(\.[ab]{1,2})?", fullmatch=True), min_size=1, max_size=4, unique=True)


@given(names=names, prefix=st.text("ab.", max_size=3))
def test_the_next_characters_are_those_of_the_grammar(names, prefix):
    grammar = CallGrammar(Catalog(Function(name, "", ()) for name in names))
    for begun in {prefix, *names, *(name[:1] for name in names)}:
        state = grammar.advance(grammar.start, begun)
        allowed = {each for each in "ab.()" if state is not None and grammar.advance(state, each) is not None}
        assert next_characters(begun, names) == allowed
