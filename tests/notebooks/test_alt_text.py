"""Every picture of a lesson's stored page is also there in words, for whoever does not see it."""

import re

import nbformat
import pytest

from course.syllabus.lessons import LESSONS
from course.viz.kit.alt_text import LONGEST
from course.viz.kit.interactive import PLOTLY
from course.viz.kit.layout import blank
from course.viz.kit.style import picture_html, png_base64
from tests.support.comparison import PICTURE
from tests.support.pictures import Pictures

EACH = pytest.mark.parametrize(
    "lesson", [lesson for lesson in LESSONS if lesson.available], ids=lambda lesson: lesson.name
)


def pictures(output):
    """What a page says of each picture of an output, None where it says nothing."""
    data = output.get("data", {})
    for kind in data:
        if kind.startswith("image/"):
            yield data["text/plain"] if PLOTLY in data else None  # JupyterLab gives an image/png no alternative text
    for tag, attributes in Pictures(data.get("text/html", "")).found:
        if tag == "img":
            yield attributes.get("alt")
        elif attributes.get("aria-hidden") != "true":
            yield attributes.get("aria-label") if attributes.get("role") == "img" else None


def require_words(words):
    assert words is not None and len(words.strip()) >= 10 and "<Figure" not in words, words


@EACH
def test_every_picture_has_words(lesson):
    notebook = nbformat.read(lesson.notebook, as_version=4)
    for number, cell in enumerate(notebook.cells, 1):
        for output in cell.get("outputs", []):
            for words in pictures(output):
                assert words is not None, f"cell {number} shows a picture without words"
                require_words(words)


@EACH
def test_no_words_are_longer_than_somebody_listens_to(lesson):
    notebook = nbformat.read(lesson.notebook, as_version=4)
    found = [words for cell in notebook.cells for output in cell.get("outputs", []) for words in pictures(output)]
    assert max((len(words) for words in found if words), default=0) <= 2 * LONGEST


def test_the_words_of_a_picture_are_compared_and_its_pixels_are_not():
    png = png_base64(blank("a"))
    other_pixels = png[:-20] + "A" * 20
    first, other, more = (picture_html(*one) for one in ((png, "A"), (other_pixels, "A"), (png, "B")))
    stored = [re.sub(PICTURE, "base64", picture) for picture in (first, other, more)]
    assert first != other and stored[0] == stored[1] != stored[2] and 'alt="A" width=' in stored[0]


def test_a_picture_without_words_is_found():
    def said(kind, text, **more):
        return list(pictures(nbformat.v4.new_output("display_data", data={kind: text, "text/plain": "p", **more})))

    assert said("text/html", '<img src="data:x" alt="Bars &lt;b&gt;">') == ["Bars <b>"]
    assert said("text/html", "<p><img src='data:x'></p><svg></svg>") == [None, None]
    assert said("text/html", '<svg role="img" aria-label="A block"></svg><svg aria-hidden="true"/>') == ["A block"]
    assert said("image/png", "x") == [None] and said("image/png", "x", **{PLOTLY: {}}) == ["p"]
    for words in (None, "", "   ", "Figure", "<Figure size 800x400 with 1 Axes>"):
        with pytest.raises(AssertionError):
            require_words(words)
