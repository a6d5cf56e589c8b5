"""The tree has a node for all that a rule has looked at, and the three ways of checking may differ."""

import pytest

from course.data.api_calls import CallTask
from course.tools import Outcome, apibench_match, check_text
from course.tools.schema import Catalog
from course.viz import CallTree
from course.viz.tools.call_nodes import call_tree as tree_of
from tests.support.drawn import overlapping
from tests.support.widgets import CALL_TASKS, call_tree

RIGHT = "price.scale(amount='10.5', place={'x': 2.0})"
CALLS = {
    RIGHT: Outcome.RIGHT,
    "price.scale(amount='105', sizes=[1, 3], place={'x': 2, 'note': 'b'})": Outcome.WRONG_CALL,
    "price.scale(amout=10.5)": Outcome.WRONG_CALL,
    "price.drop()": Outcome.WRONG_CALL,
    "[price.drop(), price.scale(amount='10.5')]": Outcome.WRONG_CALL,
    "price.scal(amount='10.5', place={'x': 2.0})": Outcome.HALLUCINATED,
    "[a(x=1), b()]": Outcome.HALLUCINATED,
    "amount = 10.5": Outcome.UNPARSABLE,
    "price.scale(amount=10 ** 5)": Outcome.UNPARSABLE,
    "": Outcome.UNPARSABLE,
    "[]": Outcome.UNPARSABLE,
}


@pytest.mark.parametrize(("call", "outcome"), CALLS.items())
@pytest.mark.parametrize("strings", ["exact", "bfcl"])
def test_it_says_what_the_rules_say(call, outcome, strings):
    widget = call_tree(call=call, strings=strings)
    task = CALL_TASKS[0]
    expected = check_text(call, Catalog(task.functions), task.answers, strings=strings)
    assert widget.error == "" and widget.verdict == expected and expected.outcome is outcome
    shown = [one for _depth, node in tree_of(widget.verdict).walk() for one in node.verdicts]
    assert sorted(map(repr, shown)) == sorted(map(repr, expected.nodes)), "each verdict is at one node"
    page = widget._tree.value
    assert page.count('class="lm-why"') == len(expected.nodes)
    wrong = {node.path for node in expected.nodes if not node.ok}
    assert page.count('data-ok="false"') == len(wrong) and page.count("✗</span>") == len(wrong)
    for node in expected.nodes:
        assert node.rule in widget.in_words() and node.reason in widget.in_words()
    assert ("✓ Right" in widget._heading.value) == (outcome is Outcome.RIGHT)


def test_parts_are_below_what_they_are_parts_of():
    widget = call_tree(call="price.scale(amount='10.5', sizes=[1, 3], place={'x': 2, 'note': 'b'})")
    found = [(depth, node.name, node.ok) for depth, node in tree_of(widget.verdict).walk()]
    assert found == [
        (0, "price.scale", True),
        (1, "amount", True),
        (1, "sizes", True),
        (2, "[0]", True),
        (2, "[1]", False),
        (1, "place", True),
        (2, "x", True),
        (2, "note", False),
    ]
    assert widget.reading.said("exact").endswith("rules refuse 2 nodes.")


def test_calls_of_a_list_are_nodes_with_arguments_of_their_own():
    widget = call_tree(call="[price.drop(), price.scale(amount='10.5')]")
    found = [(depth, node.written) for depth, node in tree_of(widget.verdict).walk()]
    assert (0, "2 calls") in found and (1, "[1] price.scale") in found and (2, "place not given") in found


def test_three_rules_may_differ_about_one_call():
    widget = call_tree(call="price.scale(amount='105', sizes=[1, 2], place={'x': 2})")
    verdicts = {rule: verdict.right for rule, verdict in widget.reading.verdicts.items()}
    assert verdicts == {"exact": False, "bfcl": True} and not widget.reading.contained
    assert [row.sign for row in widget.reading.rows("exact")] == ["✗", "✓", "✗"]
    widget.strings = "bfcl"
    assert "✓ Right" in widget._heading.value and [row.is_marked for row in widget.reading.rows("bfcl")][1]


def test_substrings_are_those_of_apibench():
    reference = "price.scale(amount='10.5', place={'x': 2.0})"
    for call in CALLS:
        assert call_tree(call=call).reading.contained == apibench_match(call, reference)
    assert call_tree(call="price.scale(amount='110.55', place={'x': 2.0})").reading.contained
    drop = call_tree(task=2)
    assert drop.verdict.right and not drop.reading.contained and "has no argument" in drop.in_words()


def test_each_task_keeps_the_call_that_was_typed_for_it():
    widget = call_tree()
    assert widget.call == RIGHT and widget.request == CALL_TASKS[0].question and widget.verdict.right
    widget.call = "price.drop()"
    widget.task = 2
    assert widget.call == "price.drop()" and widget.verdict.right and widget.request == CALL_TASKS[1].question
    widget.call = "price.drop(1)"
    widget.task = 1
    assert widget.call == "price.drop()" and widget.verdict.outcome is Outcome.WRONG_CALL
    widget.task = 2
    assert widget.call == "price.drop(1)"


def test_the_request_is_written_as_a_call_with_the_functions_of_the_task():
    asked = []

    def write(request, catalog):
        asked.append((request, catalog.names))
        return "price.fall()"

    widget = call_tree(task=2, request="Let it fall", write=write)
    widget.guarded(widget.write)()
    assert asked == [("Let it fall", ("price.drop",))]
    assert widget.call == "price.fall()" and widget.verdict.outcome is Outcome.HALLUCINATED
    widget.request = " "
    widget.guarded(widget.write)()
    assert "The request is empty" in widget.error and len(asked) == 1
    widget.request = "x" * 1_001
    widget.guarded(widget.write)()
    assert "the limit here is 1,000" in widget.error and len(asked) == 1


def test_without_a_writer_there_is_no_box_for_a_request():
    bare, full = CallTree(CALL_TASKS), call_tree()
    assert len(full.children) == len(bare.children) + 2
    with pytest.raises(ValueError, match="give `write`"):
        bare.write()


def test_tasks_that_cannot_be_checked_are_refused():
    first, second = CALL_TASKS
    with pytest.raises(ValueError, match="There is no task"):
        CallTree([])
    with pytest.raises(ValueError, match=r"The task odd is answered by price\.scale, which is not among"):
        CallTree([second, CallTask("odd", "?", second.functions, first.answers)])
    with pytest.raises(ValueError, match="answered by nothing"):
        CallTree([CallTask("odd", "?", second.functions, ())])


@pytest.mark.slow
@pytest.mark.parametrize("call", [*CALLS, f"price.scale(amount={'x ' * 400!r}, sizes={[7] * 200})"])
def test_no_text_of_the_picture_lies_over_another(call):
    figure = call_tree(call=call).picture()
    assert overlapping(figure) == [] and figure.get_tightbbox().width <= 8.2
