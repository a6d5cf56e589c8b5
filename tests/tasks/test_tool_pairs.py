"""Pairs of a request and a call that a model writes: prompts, rules and the pool."""

import random

import pytest

from course.data.api_calls import Answer, CallTask
from course.instruction import TOO_SIMILAR
from course.tasks import tool_pairs as task
from course.tasks.self_instruct import Continuation
from course.tasks.tool_pairs import PAIR_RULES, Pair, make_pairs, pair_prompt, parse_pair, request_pool
from course.tools import Function, Parameter

PAINT = Function(
    "paint_wall",
    "Paint a wall. It dries.",
    (Parameter("color", "string", "", True), Parameter("coats", "integer", "", False)),
)


def made(name, question):
    function = Function(name, "Do it.", (Parameter("n", "integer", "", True),))
    return CallTask(name, question, (function,), (Answer(name, {"n": (3,)}),))


TASKS = [
    made("add_up", "Please add up the first three numbers."),
    made("bake_bread", "Bake me a loaf, and make it three."),
    made("clean_room", "All three rooms must be clean tonight."),
    made("paint_wall", "My wall should have a new look."),
]


def test_a_prompt_has_the_examples_and_ends_where_the_request_begins():
    blocks = pair_prompt(PAINT, TASKS[:2]).split("\n\n")
    assert blocks[0] == task.INTRODUCTION
    assert blocks[1] == (
        "Function: add_up(n: int)  # Do it\nRequest: Please add up the first three numbers.\nCall: add_up(n=3)"
    )
    assert blocks[-1].startswith("Function: paint_wall(color: str") and blocks[-1].endswith("# Paint a wall\nRequest:")


CALL = "paint_wall(color='red')"


@pytest.mark.parametrize(
    ("text", "finished", "rule"),
    [
        (f" I want the kitchen in red.\nCall: {CALL}", True, None),
        (f" I want the kitchen in red.\nCall: {CALL}\nFunction: next", False, None),
        (" I want\n the kitchen in red.\nCall: paint_wall(color='red', coats=2)", True, None),
        (f" Draw a picture on the wall.\nCall: {CALL}", True, None),
        (f" I want the kitchen in red.\nCall: {CALL}", False, "unfinished"),
        (" I want the kitchen in red.", True, "no call"),
        (f" Red, please.\nCall: {CALL}", True, "length"),
        (f" *I want the kitchen in red.\nCall: {CALL}", True, "punctuation"),
        (f" My wall should have a nice new look.\nCall: {CALL}", True, TOO_SIMILAR),
        (f" Please call paint_wall with red now.\nCall: {CALL}", True, "names the function"),
        (" I want the kitchen in red.\nCall: paint it red", True, "unparsable"),
        (" I want the kitchen in red.\nCall: paint(color='red')", True, "another function"),
        (f" I want the kitchen in red.\nCall: [{CALL}, {CALL}]", True, "another function"),
        (" I want the kitchen in red.\nCall: paint_wall(coats=2)", True, "arguments"),
        (" I want the kitchen in red.\nCall: paint_wall(color='red', by='me')", True, "arguments"),
        (" I want the kitchen in red.\nCall: paint_wall()", True, "arguments"),
        (" I want the kitchen in red.\nCall: paint_wall(color=5)", True, "arguments"),
    ],
)
def test_each_rule_drops_what_it_is_for(text, finished, rule):
    pool = request_pool(TASKS)
    found = parse_pair(PAINT, Continuation(text, finished), pool)
    assert found.rule == rule and (rule is None or rule in PAIR_RULES)
    assert found.function == "paint_wall" and "\n" not in found.request
    assert len(pool) == len(TASKS)


def test_the_second_of_two_requests_that_are_alike_is_dropped():
    def write(prompts):
        assert len(prompts) == 2 and all(prompt.count("Call:") == task.N_EXAMPLES for prompt in prompts)
        same = Continuation(f" I want the kitchen in red.\nCall: {CALL}", True)
        return [same, same, Continuation(" And three of them, all of the green ones.\nCall: add_up(n=3)", True), same]

    pool = request_pool(TASKS)
    functions = [PAINT, TASKS[0].functions[0]]
    found = make_pairs(functions, TASKS, write, pool, rng=random.Random(0))
    assert [pair.rule for pair in found] == [None, TOO_SIMILAR, None, TOO_SIMILAR]
    assert [pair.function for pair in found] == ["paint_wall", "paint_wall", "add_up", "add_up"]
    assert found[0] == Pair("paint_wall", "I want the kitchen in red.", CALL, None)
    assert pool.machine_made == tuple(pair.request for pair in found if pair.rule is None)


def test_no_example_is_of_the_function_itself():
    prompts = []
    make_pairs([PAINT] * 9, TASKS, lambda given: prompts.extend(given) or [], request_pool(TASKS), rng=random.Random(0))
    assert len(prompts) == 9 and all(prompt.count("paint_wall") == 1 for prompt in prompts)
    with pytest.raises(ValueError, match="2 tasks of other functions than paint_wall, and 3 are needed"):
        make_pairs([PAINT], TASKS[:2], lambda given: [], request_pool(TASKS), rng=random.Random(0))
