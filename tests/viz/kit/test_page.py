"""What the call of `use_course_style` at the beginning of a lesson does to its page."""

import io

import matplotlib
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from PIL import Image

from course.viz import use_course_style
from course.viz.kit.strips import token_strip_figure
from tests.support.pictures import Pictures, picture, said


def test_the_style_is_a_white_opaque_page():
    with matplotlib.rc_context():
        use_course_style()
        assert matplotlib.rcParams["savefig.facecolor"] == matplotlib.rcParams["figure.facecolor"] == "#ffffff"


def test_a_figure_as_the_value_of_a_cell_is_sharp_and_of_its_own_size():
    shell = InteractiveShell.instance()
    with matplotlib.rc_context(), capture_output() as captured:
        use_course_style()
        data, metadata = shell.display_formatter.format(token_strip_figure({"$a$": ['"b" <c>']}))
    (page,) = captured.outputs
    assert "break-word" in page.data["text/html"] and page.data["text/plain"] == ""
    [(_tag, attributes)] = Pictures(data["text/html"]).found
    assert int(attributes["width"]) == pytest.approx(Image.open(io.BytesIO(picture(data))).width / 2, abs=1)
    assert data["text/plain"] == said(data) == 'Text in the picture: $a$ | "b" <c>.'
    assert set(data) == {"text/html", "text/plain"} and metadata == {}
