"""HTML of the widgets: learners' input is escaped, and screen readers can read the result."""

import xml.etree.ElementTree as ElementTree

import pytest

from course.viz.kit import html

EVIL = '<script>alert("1")</script>&\''

PIECES = {
    "heading": html.heading(EVIL, EVIL),
    "prose": html.prose(EVIL),
    "bars": html.bars([html.Bar(EVIL, 1.0, EVIL, marked=True)], EVIL),
    "numbered": html.numbered([EVIL], EVIL, EVIL),
    "numbered, empty": html.numbered([], EVIL, EVIL),
    "line_chart": html.line_chart([3, 2, 1], 1, caption=EVIL, xlabel=EVIL),
}


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_typed_html_stays_text(piece):
    tree = ElementTree.fromstring(piece)  # well-formed, or this raises
    assert not tree.findall(".//script")
    assert EVIL in "".join(tree.itertext())


def test_bars_are_a_table_in_proportion_with_the_marked_row_in_bold():
    tree = ElementTree.fromstring(html.bars([html.Bar("a", 4, "4", marked=True), html.Bar("b", 1, "1")], "counts"))
    assert places(tree) == [(0, 100), (0, 25)]
    assert [row.get("class") for row in tree.iter("tr")] == ["lm-marked", ""]
    assert [head.text for head in tree.iter("th")] == ["a", "b"]
    assert tree.find("caption").text == "counts"


def places(tree):
    """Where each bar begins on its axis and how long it is, in percent."""
    bars = [bar.get("style") for bar in tree.iter("div") if bar.get("class") == "lm-bar"]
    return [tuple(float(part.split(": ")[1].removesuffix("%")) for part in bar.split("; ")) for bar in bars]


def test_shares_are_bars_on_an_axis_to_the_whole():
    tree = ElementTree.fromstring(html.bars([html.Bar("a", 0.5, "50%"), html.Bar("b", 0.25, "25%")], "c", full=1.0))
    assert places(tree) == [(0, 50), (0, 25)]


def test_bars_below_0_go_to_the_left_of_a_line_at_0():
    tree = ElementTree.fromstring(html.bars([html.Bar("a", 3.0, "3"), html.Bar("b", -1.0, "−1")], "c"))
    assert places(tree) == [(25, 75), (0, 25)]
    assert [zero.get("style") for zero in tree.iter("div") if zero.get("class") == "lm-zero"] == ["left: 25.00%"] * 2


def test_two_charts_on_one_axis_have_bars_of_one_scale():
    first, second = ([html.Bar("a", 1.0, "1")], [html.Bar("b", -1.0, "−1"), html.Bar("c", 3.0, "3")])
    one, other = (places(ElementTree.fromstring(html.bars(rows, "c", 3.0, -1.0))) for rows in (first, second))
    assert one == [(25, 25)] and other == [(0, 25), (25, 75)]


def test_a_long_label_is_whole_under_the_pointer():
    tree = ElementTree.fromstring(html.bars([html.Bar("x" * 300, 1, "1")], "c"))
    assert tree.find(".//th").get("title") == "x" * 300


def test_the_newest_item_of_a_list_stands_first_with_its_number():
    tree = ElementTree.fromstring(html.numbered(["first", "second"], "merges", "none"))
    assert [(item.get("value"), item.text) for item in tree.iter("li")] == [("2", "second"), ("1", "first")]


@pytest.mark.parametrize(("values", "at"), [([], 0), ([5], 0), ([5, 0], 1), ([120, 80, 60], 2)])
def test_a_line_chart_marks_its_place(values, at):
    tree = ElementTree.fromstring(html.line_chart(values, at, caption="tokens", xlabel="merges"))
    points = [tuple(map(float, point.split(","))) for point in tree.find(".//polyline").get("points").split()]
    circle = tree.find(".//circle")
    assert len(points) == len(values)
    if values:
        assert points[at] == (float(circle.get("cx")), float(circle.get("cy")))
        assert tree.find(".//tspan").text == str(values[at])
        assert points[0][1] <= points[-1][1]  # fewer is lower on the page
