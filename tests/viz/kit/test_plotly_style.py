"""The live figures' style: the course's colors with enough contrast, numbers that are the same on every machine."""

import html
import math

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.viz.kit import plotly_style, style
from course.viz.kit.plotly_style import CONFIG, MOST_READABLE, TEMPLATE, markup, rounded, see_through, written

LAYOUT = TEMPLATE.layout


@pytest.mark.parametrize(
    ("text", "background"),
    [
        (LAYOUT.font.color, LAYOUT.paper_bgcolor),
        (LAYOUT.xaxis.color, LAYOUT.plot_bgcolor),
        (LAYOUT.yaxis.color, LAYOUT.plot_bgcolor),
        (LAYOUT.scene.xaxis.color, LAYOUT.scene.xaxis.backgroundcolor),
        (LAYOUT.scene.zaxis.color, LAYOUT.scene.zaxis.backgroundcolor),
        (LAYOUT.hoverlabel.font.color, LAYOUT.hoverlabel.bgcolor),
        (LAYOUT.legend.font.color, LAYOUT.legend.bgcolor),
        (LAYOUT.modebar.color, LAYOUT.modebar.bgcolor),
    ],
)
def test_text_reads_on_its_own_background_whatever_the_page_has(text, background):
    assert style.contrast(text, background) >= 4.5


def test_the_card_is_that_of_the_pictures():
    assert LAYOUT.paper_bgcolor == LAYOUT.plot_bgcolor == style.course_style()["figure.facecolor"] == style.PAPER
    assert LAYOUT.colorway == style.UNNAMED
    assert LAYOUT.font.family.split(",")[0] == style.font_families()[0]


def test_no_button_leads_outside():
    assert "sendChartToCloud" in CONFIG["modeBarButtonsToRemove"]
    assert CONFIG["plotlyServerURL"] == "" and CONFIG["displaylogo"] is False
    assert "responsive" not in CONFIG, "with it the figure is gone after a change of the theme"


def test_numbers_are_short_and_plain():
    assert rounded([0.123456, -2.34567, 98.76543, 50257, 123456.7, 0, float("nan")]) == [
        0.1235, -2.346, 98.77, 50257, 123457, 0, None,
    ]  # fmt: skip
    assert [type(value) for value in rounded(np.array([3.0, 0.5], dtype=np.float32))] == [int, float]
    assert written(-1234567.8) == "−1,234,568" and written(math.inf) == "–" and written(1990, thousands="") == "1990"


@given(st.floats(-1e6, 1e6, allow_subnormal=False))
def test_what_differs_in_the_last_bits_is_the_same_number(value):
    (first,) = rounded([value])
    assert first == pytest.approx(value, rel=6e-4, abs=1e-300)
    assert rounded([first]) == [first]


def test_many_numbers_are_one_line_of_base64():
    values = np.sqrt(np.arange(MOST_READABLE + 1) + 2)
    values[3] = np.nan
    many = rounded(values)
    assert many.dtype == np.float32 and np.isnan(many[3])
    assert (many == rounded(values + 1e-9))[4:].all()
    line = plotly_style.new_live_figure([go.Scatter(y=many)], title="").to_plotly_json()["data"][0]["y"]
    assert set(line) == {"dtype", "bdata"} and line["dtype"] == "f4"


@pytest.mark.parametrize("value", [123456789.0, 1e39, 1e-46])
def test_many_numbers_keep_the_digits_that_float32_has_not(value):
    many = rounded([value] * MOST_READABLE + [math.nan])
    assert many.dtype == np.float64 and many[0] == value and np.isnan(many[-1])
    line = plotly_style.new_live_figure([go.Scatter(y=many)], title="").to_plotly_json()["data"][0]["y"]
    assert line["dtype"] == "f8"


def test_huge_numbers_have_an_exponent():
    assert rounded([1e300]) == [1e300] and written(1e300) == "1e+300" and written(-1e-9) == "−1e−09"


def test_texts_are_texts():
    assert markup("<b>&amp;") == "&lt;b&gt;&amp;amp;"
    assert markup("$5") == "$5" and markup("$x$ %{y}") == "&#36;x&#36; &#37;{y}"
    assert html.unescape(markup("$x$ <b> %{y} &lt;")) == "$x$ <b> %{y} &lt;"
    assert plotly_style.new_live_figure([], title="a < b").layout.title.text == "a &lt; b"
    assert see_through("#0072B2", 0.25) == "rgba(0,114,178,0.25)"
