"""What a cell and a saved page hold of a live figure: plotly's JSON, the picture, the words, the numbers."""

import base64
import io
import json

import nbformat
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from matplotlib.image import imread

from course.viz import figures
from course.viz.kit.interactive import PLOTLY

X = [1, 2, 4, 8]


def figure(noise=0.0):
    runs = np.array([[0.9, 0.5, 0.3, 0.2], [0.8, 0.6, 0.35, 0.25]]) + noise
    return figures.hover_curves(X, {"gru": runs}, title="Errors fall", xlabel="epochs", ylabel="errors")


@pytest.fixture
def shown():
    InteractiveShell.instance()
    with capture_output() as captured:
        figure()._ipython_display_()
    return captured.outputs


def test_a_cell_shows_the_figure_and_its_numbers(shown):
    live, numbers = shown
    assert set(live.data) == {PLOTLY, "image/png", "text/plain"}
    assert set(live.data[PLOTLY]) == {"data", "layout", "config"}
    assert live.metadata["image/png"]["alt"] == live.data["text/plain"] == repr(figure())
    assert "<details><summary>This figure in words and numbers</summary>" in numbers.data["text/markdown"]
    assert "<br>gru: 0.850 ± 0.071 at 1, 0.225 ± 0.035 at 8.</p>" in numbers.data["text/markdown"]
    assert "0.850 ± 0.071" in numbers.data["text/markdown"] and "0.850 ± 0.071" in numbers.data["text/plain"]


def test_the_words_are_those_of_the_data(shown):
    assert shown[0].data["text/plain"] == (
        "Errors fall: errors, by epochs.\ngru: 0.850 ± 0.071 at 1, 0.225 ± 0.035 at 8."
    )


def test_the_live_figure_is_as_high_as_the_picture():
    bundle = figure().bundle()
    picture = imread(io.BytesIO(base64.b64decode(bundle["image/png"])))
    assert bundle[PLOTLY]["layout"]["height"] == picture.shape[0]
    assert picture.shape[1] <= 830, "the page would make a wider one smaller"


def test_two_runs_are_the_same_to_the_last_character():
    first, again, shaken = (json.dumps(some.bundle()) for some in (figure(), figure(), figure(1e-9)))
    assert first == again
    assert json.loads(first)[PLOTLY] == json.loads(shaken)[PLOTLY], "noise of another machine is rounded away"
    assert json.loads(first)[PLOTLY] != figure(0.01).bundle()[PLOTLY]


def test_nothing_is_asked_of_outside_and_no_script_is_stored():
    text = json.dumps(figure().bundle()[PLOTLY])
    for word in ("http", "//", "cdn", "<script", "uid"):
        assert word not in text.lower()
    assert len(text) < 6_000


def test_a_saved_page_has_the_picture_and_the_numbers(shown):
    from nbconvert import HTMLExporter

    outputs = [nbformat.v4.new_output("display_data", data=o.data, metadata=o.metadata) for o in shown]
    cell = nbformat.v4.new_code_cell("figure()", outputs=outputs)
    page, _resources = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    assert shown[0].data["image/png"] in page
    assert "<details>" in page and "0.850 ± 0.071" in page
