"""What may be called is what the catalog says; what is run is what both it and the toolbox have."""

from xml.etree import ElementTree

import pytest

from course.tools import Call, Function, Parameter
from course.tools.execution import Layer, Result, Tool, Toolbox, run_text
from course.tools.local import local_toolbox, show_animation
from course.viz import ToolBench
from course.viz.tools import bench_run
from course.viz.tools.catalog_text import read_catalog
from course.viz.tools.result_page import result_page
from course.viz.tools.safe_svg import drawing, title, written
from tests.support.drawn import overlapping
from tests.support.widgets import tool_bench

NOTES = "I want to see some cats dancing in celebration"


def double(x: int, times: int = 2) -> int:
    return x * times


def echo(text: str) -> str:
    return text


def bench(*, catalog=None, call="double(x=4)", **options):
    """A bench whose tools run in this process, so that its tests are quick."""
    parameters = (Parameter("x", "integer"), Parameter("times", "integer", required=False, default=2))
    tools = [
        Tool(Function("double", "Twice as much.", parameters), double, isolated=False),
        Tool(Function("echo", "The same text.", (Parameter("text", "string"),)), echo, isolated=False),
    ]
    return ToolBench(Toolbox(tools), examples={"Twice 4": "double(x=4)"}, catalog=catalog, call=call, **options)


def test_the_example_of_the_notes_is_asked_and_answered():
    widget = tool_bench()
    assert widget.request == NOTES == next(iter(widget.examples)) and not widget.has_run
    assert "lm-picture" not in widget._page.value and "run it" in widget.in_words()
    widget.run()
    assert widget.results[0].refusal is None and widget.has_run
    assert '<div class="lm-picture"><svg' in widget._page.value
    assert "A picture: 3 cats dancing, with confetti." in widget.in_words()
    assert len(widget.picture().axes) == 2 and len(widget.picture().axes[1].patches) == 1 + 3 * 5
    widget.request = "Two dogs"
    assert not widget.has_run and "lm-picture" not in widget._page.value, "what another call gave is forgotten"


def test_the_catalog_is_that_of_the_toolbox_and_can_be_edited():
    widget = bench()
    assert set(widget.functions.names) == {"double", "echo"} and widget.error == ""
    widget.run()
    assert [str(result) for result in widget.results] == ["8"] and "→ result 8" in widget.in_words()
    widget.catalog = "echo(text: str)"
    assert widget.results[0].refusal.layer is Layer.TABLE and "It has: echo." in widget.in_words()
    widget.run()
    assert widget.results[0].value is None
    widget.catalog = ""
    assert "nothing may be called" in widget.in_words() and widget.results[0].refusal.layer is Layer.TABLE


def test_an_error_in_the_catalog_leaves_the_last_good_one():
    widget = bench()
    before = widget.in_words()
    widget.catalog += "\ntriple(x"
    assert "Line 3 of the catalog" in widget.error and widget.in_words() == before
    widget.guarded(widget.run)()
    assert "Line 3 of the catalog" in widget.error and not widget.has_run, "what is not shown is not run"
    widget.catalog += ": int)"
    assert widget.error == "" and widget.functions.names[-1] == "triple"


@pytest.mark.parametrize(
    ("catalog", "call", "layer", "reason"),
    [
        ("double(x: int)", "double(x='4')", Layer.ARGUMENTS, "x must be of the type integer"),
        ("double(y: int)", "double(x=4)", Layer.ARGUMENTS, "double has no parameter 'x'"),
        ("double(x: int)", "double(x=4, times=3)", Layer.ARGUMENTS, "no parameter 'times'"),
        ("double(x: int)", "double(x=open('f'))", Layer.PARSING, "not computed by a call"),
        ("double(x: int)", "[]", Layer.PARSING, "no call in it"),
        ("double(x: int)", f"[{'double(x=1), ' * 9}]", Layer.LIMITS, "9 calls"),
        ("double(x: int)", "triple(x=4)", Layer.TABLE, "no function triple"),
    ],
)
def test_the_catalog_refuses_before_anything_runs(catalog, call, layer, reason, monkeypatch):
    monkeypatch.setattr(bench_run, "run_text", None)
    widget = bench(catalog=catalog, call=call)
    for _time in range(2):
        [result] = widget.results
        assert result.refusal.layer is layer and reason in result.refusal.reason
        assert reason in widget.in_words() and "✗" in widget._page.value and "✗ Refused" in widget._heading.value
        widget.run()


@pytest.mark.parametrize(
    ("catalog", "call", "layer", "reason"),
    [
        ("double(y: int)", "double(y=4)", Layer.ARGUMENTS, "double has no parameter 'y'"),
        ("double(x: str)", "double(x='4')", Layer.ARGUMENTS, "x must be of the type integer"),
        ("triple(x: int)", "triple(x=4)", Layer.TABLE, "no program of this name"),
    ],
)
def test_a_catalog_that_was_edited_does_not_change_what_can_be_run(catalog, call, layer, reason):
    widget = bench(catalog=catalog, call=call)
    assert widget.results[0].refusal is None
    widget.run()
    assert widget.results[0].refusal.layer is layer and reason in widget.in_words()


def test_arguments_without_names_are_read_by_the_signature_in_the_box():
    widget = bench(catalog="double(times: int, x: int)", call="double(3, 4)")
    assert dict(widget.results[0].call.arguments) == {"times": 3, "x": 4}
    widget.run()
    assert widget.results[0].value == "12"


def test_what_the_catalog_lacks_is_not_run_even_unchecked():
    widget = bench()
    [result] = bench_run.run([Result(Call("echo", {"text": "a"}))], read_catalog("double(x: int)"), widget.toolbox)
    assert result.value is None and result.refusal.layer is Layer.TABLE


def test_several_calls_run_each_by_itself():
    widget = bench(call="[double(x=1), triple(x=1), echo(text='a')]")
    widget.run()
    assert [result.value for result in widget.results] == ["2", None, "a"]
    assert "1 of 3 calls" in widget._heading.value and widget._page.value.count("<table") == 3


def test_it_runs_as_run_text_does():
    widget = bench(call="double(x=4, times=5)")
    widget.run()
    [expected] = run_text("double(x=4, times=5)", widget.toolbox)
    assert (widget.results[0].call, widget.results[0].value) == (expected.call, expected.value)


def test_the_menu_takes_an_example_over_and_forgets_it_when_something_else_is_typed():
    widget = tool_bench()
    second = list(widget.examples)[1]
    assert widget._menu.value == NOTES
    widget._menu.value = second
    assert (widget.request, widget.call) == (second, widget.examples[second]) and widget._menu.value == second
    widget.call = "weekday(day='2024-02-29')"
    assert widget._menu.value == "" and widget.request == second
    widget._menu.value = second
    assert widget.call == widget.examples[second]


def test_every_example_is_read_or_refused_by_a_layer():
    widget = tool_bench()
    layers = []
    for request in widget.examples:
        widget._menu.value = request
        refusal = widget.results[0].refusal
        layers.append(refusal and refusal.layer)
    assert layers == [None] * 6 + [Layer.TABLE, Layer.PARSING]


def test_the_request_is_written_as_a_call_for_the_catalog_in_the_box():
    asked = []

    def write(request, catalog):
        asked.append((request, catalog.names))
        return "double(x=21)"

    widget = bench(catalog="double(x: int)", write=write)
    widget.guarded(widget.write)()
    assert asked == [("Twice 4", ("double",))] and widget.call == "double(x=21)"
    widget.request = " "
    widget.guarded(widget.write)()
    assert "The request is empty" in widget.error and len(asked) == 1
    with pytest.raises(ValueError, match="give `write`"):
        bench().write()
    with pytest.raises(ValueError, match="no example"):
        ToolBench(Toolbox([]), examples={})


GOOD = show_animation("two dogs jumping at a party")
BAD = [
    GOOD.replace("<title>", "<script>alert(1)</script><title>"),
    GOOD.replace("<svg ", '<svg onload="alert(1)" '),
    GOOD.replace("<g ", '<g onclick="alert(1)" ', 1),
    GOOD.replace("<title>", '<a href="javascript:alert(1)"><title>').replace("</title>", "</title></a>"),
    GOOD.replace("<title>", "<foreignObject></foreignObject><title>"),
    GOOD.replace("<title>", "<style>*{}</style><title>"),
    GOOD.replace("<title>", '<image href="x"/><title>'),
    GOOD.replace('attributeName="transform"', 'attributeName="href"'),
    GOOD.replace('fill="#e69f00"', 'fill="url(#a)"'),
    GOOD.replace('fill="#e69f00"', 'style="fill:red"'),
    GOOD.replace("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml"),
    GOOD.replace("</svg>", ""),
    GOOD.replace("<title>", "<!-- a --><title>"),
    "<svg " + '<!DOCTYPE a [<!ENTITY b "c">]>' + GOOD[5:],
    GOOD.replace("<title>", "<title>" + "a" * 2_200),
    "no picture",
    "",
]


@pytest.mark.parametrize("text", BAD)
def test_what_is_more_than_shapes_is_text(text):
    assert drawing(Result(None, text)) is None
    page = result_page(Result(Call("echo"), text), True)
    assert "<svg" not in page and "<script" not in page and "lm-picture" not in page


def test_a_picture_is_written_as_it_was_read():
    picture = drawing(Result(None, GOOD))
    again = ElementTree.fromstring(written(picture).replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1))
    assert [(one.tag, one.attrib) for one in again.iter()] == [
        (one.tag, one.attrib) for one in ElementTree.fromstring(GOOD).iter()
    ]
    assert title(picture) == "2 dogs dancing, with confetti" == title(again)
    hostile = drawing(Result(None, GOOD.replace("2 dogs", "&lt;script&gt; &amp; dogs")))
    assert "<script" not in written(hostile) and "&lt;script&gt; &amp; dogs" in written(hostile)


@pytest.mark.slow
@pytest.mark.parametrize("call", ["[double(x=1), triple(x=1)]", str(Call("echo", {"text": "word " * 380})), GOOD])
def test_no_text_of_the_picture_lies_over_another(call):
    widget = bench(call=call)
    widget.run()
    figure = widget.picture()
    assert overlapping(figure) == [] and figure.get_tightbbox().width <= 8.2


def test_the_bench_has_the_local_tools():
    assert set(tool_bench().functions.names) == set(local_toolbox().catalog.names)
