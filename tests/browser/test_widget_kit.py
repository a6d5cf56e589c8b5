"""All widgets in one page, with small models: keys, names, errors that move nothing, a restart, the next day."""

import nbformat
import pytest

from course.workshop.notebooks import KERNEL
from tests.browser.controls import require_named_controls, require_safe_controls
from tests.support.widgets import WIDGETS


@pytest.fixture
def page(lab, server):
    """Every widget in a cell of its own, run and shown."""
    sources = [f"from tests.support.widgets import {name}\n{name}_ = {name}()\n{name}_" for name in WIDGETS]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), server.folder / "kit.ipynb")
    lab.open("kit")
    lab.use_theme("JupyterLab Light")
    lab.run_all(limit=120)
    assert lab.errors() == []
    for name in WIDGETS:
        lab.cell(f"{name}_ = ").locator(".lm-widget").wait_for()
    return lab


def test_every_control_has_a_name(page):
    print(require_named_controls(page))


def test_keys_stay_in_the_widget(page):
    print(require_safe_controls(page))
