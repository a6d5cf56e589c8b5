"""The diagrams in a real page: shown before the notebook is trusted, in its theme, at its width, texts inside."""

import io

import nbformat
import pytest
from PIL import Image

from course.viz import diagrams
from course.viz.diagrams.drawing import THEMES, WIDTH
from course.workshop.notebooks import KERNEL

# What of an SVG's texts is wider than the box around their middle, or than the picture, in the fonts of this browser.
MISFITS = """svg => {
    const page = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
    document.body.appendChild(page);
    const boxes = [...page.querySelectorAll("rect:not(.frame)")].map(box => box.getBBox());
    const misfits = [...page.querySelectorAll("text")].filter(text => {
        const inner = text.getBBox(), x = inner.x + inner.width / 2, y = inner.y + inner.height / 2;
        const around = boxes
            .filter(box => box.x <= x && x <= box.x + box.width && box.y <= y && y <= box.y + box.height)
            .sort((a, b) => a.width - b.width)[0];
        return around && (inner.x < around.x || around.x + around.width < inner.x + inner.width);
    }).map(text => text.textContent);
    page.remove();
    return misfits;
}"""


@pytest.fixture
def opened(lab, server):
    """All diagrams as the stored outputs of a notebook that has not been run, and is not trusted."""
    cells = []
    for name in diagrams.__all__:
        drawing = getattr(diagrams, name)()
        output = nbformat.v4.new_output(
            "execute_result",
            {"text/html": drawing._repr_html_(), "text/plain": repr(drawing)},
            execution_count=1,
        )
        cells.append(nbformat.v4.new_code_cell(f"diagrams.{name}()", execution_count=1, outputs=[output]))
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    nbformat.write(notebook, server.folder / "diagrams.ipynb")
    lab.open("diagrams")
    return lab


def test_they_are_shown_untrusted_in_the_pages_theme_and_width(opened):
    for theme in ("light", "dark"):
        opened.use_theme(f"JupyterLab {theme.capitalize()}")
        for name in diagrams.__all__:
            picture = opened.cell(f"diagrams.{name}()").locator("img")
            picture.scroll_into_view_if_needed()
            shown = picture.bounding_box()
            assert shown["width"] == WIDTH and shown["height"] == getattr(diagrams, name)().height
            assert picture.evaluate("image => image.complete && image.naturalWidth") == WIDTH
            assert picture.get_attribute("alt") == getattr(diagrams, name)().description
            corner = Image.open(io.BytesIO(picture.screenshot())).convert("RGB").getpixel((3, 28))
            assert "#{:02x}{:02x}{:02x}".format(*corner) == THEMES[theme]["paper"]
    assert opened.misfits(700) == opened.misfits(1280) == []


def test_texts_fit_in_the_fonts_of_the_browser(opened):
    for name in diagrams.__all__:
        assert opened.page.evaluate(MISFITS, getattr(diagrams, name)().svg()) == []
