"""What a code host shows of a stored lesson: no kernel, no style, no script, and of pictures perhaps only PNG.

GitHub renders notebooks with nbconvert and then sanitizes the page: scripts, styles, classes and the style of each
element go. A PNG is in nbconvert's own page as an <img> with a data URI, as in the course's HTML. Whether an SVG in a
data URI stays is not documented, so each has to be there in words.
"""

from html.parser import HTMLParser

import nbformat
import pytest

from course.syllabus.lessons import LESSONS

SHOWN = ("text/html", "text/markdown", "image/png", "text/plain")  # by nbconvert, the first that an output has
DROPPED = ("style", "script", "svg")


class Sanitized(HTMLParser):
    """The texts that are left of a page, and its pictures: PNG, or their words instead."""

    def __init__(self, page):
        super().__init__()
        self.left, self._inside = [], 0
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self._inside += tag in DROPPED
        if tag == "img":
            is_png = (attributes.get("src") or "").startswith("data:image/png;base64,")
            self.left.append("a picture" if is_png else attributes.get("alt") or "")

    def handle_endtag(self, tag):
        self._inside -= tag in DROPPED

    def handle_data(self, text):
        if not self._inside:
            self.left.append(text.strip())


def left_of(output):
    """What is left of an output on a page without style, script and SVG; None where it was not there to be seen."""
    if output.output_type == "stream":
        return output.text.strip()
    if output.output_type == "error":
        return output.ename
    if not output.data.get("text/plain"):  # the page's own style sheet
        return None
    kind = next((kind for kind in SHOWN if kind in output.data), "")
    shown = output.data.get(kind, "")
    return " ".join(filter(None, Sanitized(shown).left)) if kind == "text/html" else shown.strip()


@pytest.mark.parametrize("lesson", [lesson for lesson in LESSONS if lesson.available], ids=lambda lesson: lesson.name)
def test_every_output_is_seen(lesson):
    notebook = nbformat.read(lesson.notebook, as_version=4)
    for number, cell in enumerate(notebook.cells, 1):
        for output in cell.get("outputs", []):
            assert left_of(output) != "", f"a code host shows nothing of an output of cell {number}"


def test_an_output_that_needs_a_style_a_script_or_an_svg_is_found():
    def left(**data):
        return left_of(nbformat.v4.new_output("display_data", {"text/plain": "x", **data}))

    assert left(**{"text/html": "<style>a {}</style><script>b()</script><svg><text>c</text></svg>"}) == ""
    assert left(**{"text/html": '<img src="data:image/svg+xml;base64,eA==">'}) == ""
    assert left(**{"text/html": '<img src="data:image/svg+xml;base64,eA==" alt="A block">'}) == "A block"
    assert left(**{"text/html": '<img src="data:image/png;base64,eA==">'}) == "a picture"
    assert left(**{"application/vnd.plotly.v1+json": {}, "image/png": "eA=="}) == "eA=="
    assert left(**{"application/vnd.jupyter.widget-view+json": {}}) == "x"
    assert left(**{"text/plain": ""}) is None
