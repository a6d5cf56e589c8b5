"""What the call of `use_course_style` at the beginning of a lesson does to its page."""

import io
import json
import os
import subprocess
import sys

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


PYPLOT_AFTERWARDS = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
class Shell(InteractiveShell):
    def enable_gui(self, gui=None):
        assert gui is None  # which a kernel accepts
shell = Shell.instance()
with capture_output() as captured:
    for cell in sys.argv[1:]:
        shell.run_cell(cell).raise_error()
import matplotlib
print(json.dumps([[output.data for output in captured.outputs], matplotlib.rcParams["axes.titlelocation"]]))
"""
STYLE = "from course.viz import use_course_style; use_course_style()"
PLOT = "plt.figure(); plt.plot([1, 2], [3, 4], label='mine'); plt.title('Mine');"


@pytest.mark.slow
def test_figures_of_pyplot_are_in_the_courses_style_whenever_it_is_imported():
    cells = [STYLE, "import matplotlib.pyplot as plt", PLOT, "%matplotlib inline", PLOT, STYLE, PLOT]
    environment = os.environ | {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}  # as every kernel has it
    done = subprocess.run(
        [sys.executable, "-c", PYPLOT_AFTERWARDS, *cells], env=environment, capture_output=True, text=True, check=True
    )
    outputs, title_location = json.loads(done.stdout.splitlines()[-1])
    pictures = [output for output in outputs if "break-word" not in output.get("text/html", "")]
    assert len(pictures) == 3 and title_location == "left"
    for shown in pictures:
        assert set(shown) == {"text/html", "text/plain"}, "a picture without its words"
        assert shown["text/plain"] == said(shown) == "Line chart: Mine. mine: 3 at 1, 4 at 2."
