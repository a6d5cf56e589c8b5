"""One chart, drawn as SVG and as a figure: the same lines at the same places, and its words for a screen reader."""

import xml.etree.ElementTree as ElementTree

import pytest
from matplotlib.figure import Figure

from course.viz.kit import chart
from course.viz.kit.chart import Chart, Label, Line
from course.viz.kit.layout import new_figure

EVIL = '<script>alert("1")</script>&\''
CHART = Chart(
    EVIL,
    "x " + EVIL,
    "y " + EVIL,
    (-1.0, 3.0),
    (-2.0, 2.0),
    [Line([(-1.0, -2.0), (3.0, 2.0)]), Line([(0.0, 1.0), (1.0, 1.0)], "faint")],
    (1.0, 0.0),
    (0.0, 2.0),
    (0.5,),
    [Label(1.0, 1.5, EVIL, "end")],
    "words " + EVIL,
)


def svg_places(text: str, tag: str) -> list[list[float]]:
    return [
        [float(number) for pair in each.get("points").split() for number in pair.split(",")]
        for each in ElementTree.fromstring(text).iter(tag)
    ]


def drawn(of: Chart) -> Figure:
    figure = new_figure(6.0, 4.0)
    chart.draw(figure.add_axes((0.1, 0.2, 0.8, 0.6)), of)
    return figure


def test_the_page_gets_text_and_words_never_tags():
    tree = ElementTree.fromstring(chart.svg(CHART))
    assert not tree.findall(".//script") and "".join(tree.itertext()).count(EVIL) == 4
    assert tree.find("svg").get("aria-label") == "words " + EVIL and tree.find("svg").get("role") == "img"


def test_lines_end_at_the_corners_of_the_axes():
    width, height = 560, 250
    first, _second = svg_places(chart.svg(CHART, width, height), "polyline")
    assert first == [chart.LEFT, height - chart.BOTTOM, width - chart.RIGHT, chart.TOP]
    circle = ElementTree.fromstring(chart.svg(CHART, width, height)).find(".//circle")
    assert float(circle.get("cx")) == pytest.approx((chart.LEFT + width - chart.RIGHT) / 2)
    assert float(circle.get("cy")) == pytest.approx((chart.TOP + height - chart.BOTTOM) / 2)


def test_the_figure_has_the_same():
    axes = drawn(CHART).axes[0]
    lines = [line.get_xydata().tolist() for line in axes.lines]
    assert [[-1.0, -2.0], [3.0, 2.0]] in lines and [[1.0, 0.0]] in lines
    assert (axes.get_xlim(), axes.get_ylim()) == ((-1.0, 3.0), (-2.0, 2.0))
    in_svg = {text.text for text in ElementTree.fromstring(chart.svg(CHART)).iter("text")}
    assert {label.get_text() for label in axes.get_xticklabels()} <= in_svg


def test_a_point_above_the_axes_is_at_their_edge_in_both():
    high = CHART._replace(point=(1.0, 99.0))
    assert float(ElementTree.fromstring(chart.svg(high)).find(".//circle").get("cy")) == chart.TOP
    assert [[1.0, 2.0]] in [line.get_xydata().tolist() for line in drawn(high).axes[0].lines]


@pytest.mark.parametrize(
    ("places", "texts"),
    [([0.0, 0.5, 1.0], ["0.0", "0.5", "1.0"]), ([-20.0, 0.0], ["−20", "0"]), ([0.25, 1000.0], ["0.25", "1,000.00"])],
)
def test_ticks_have_the_same_decimals(places, texts):
    assert chart.tick_texts(places) == texts


def test_ticks_are_inside():
    for low, high in ((0.05, 2.0), (-40.0, 40.0), (0.0, 0.3)):
        places = chart.ticks(low, high, 6)
        assert len(places) >= 3 and all(low - 1e-9 <= place <= high + 1e-9 for place in places)
