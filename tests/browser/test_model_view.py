"""The view of a whole model in JupyterLab, on SmolLM2 and on an untrained model of the course's: keys, mouse, speed."""

import statistics

import nbformat
import pytest

from course.workshop.notebooks import KERNEL
from tests.browser.model_view import fit_narrow_windows, use_model_view
from tests.support.speed import Pace

SETUP = """
import torch

from course.gpt import Decoder
from course.pretrained import load
from course.tasks.pretraining import BASE, base_tokenizer
from course.interpretability.whole_pass import read_pass
from course.viz import ModelView
from time import perf_counter

view = ModelView({"BASE, untrained": (Decoder(BASE), base_tokenizer()), "SmolLM2": load()})
def seconds_of_a_pass():
    start = perf_counter()
    read_pass(view.look.whole.model, view.look.whole.ids)
    return perf_counter() - start

view
"""
TWENTY = "The animal didn't cross the street because it was too tired to go, and so it"
MEDIAN_MS = 300  # from the key to the last frame, less the forward pass


@pytest.fixture
def cell(lab, server):
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(SETUP.strip())], metadata={"kernelspec": KERNEL}
    )
    nbformat.write(notebook, server.folder / "view.ipynb")
    lab.open("view")
    lab.run_all()
    assert lab.errors() == []
    return lab.cell("view = ModelView(")


def test_it_is_used_by_keyboard_and_mouse(lab, cell):
    use_model_view(lab, cell)
    fit_narrow_windows(lab, cell)
    lab.use_theme("JupyterLab Dark")
    lab.screenshot("whole-model-dark", cell)
    lab.use_theme("JupyterLab Light")


@pytest.mark.timed
def test_twenty_tokens_of_smollm2_are_drawn_soon_after_the_pass(lab, cell, record_property):
    lab.evaluate(
        f"[setattr(view, 'model', 'SmolLM2'), setattr(view, 'text', {TWENTY!r}), setattr(view, 'part', 'weights')]"
    )
    drawing, field = cell.locator(".lm-model"), cell.locator("textarea")
    lab.wait_until(lambda: field.input_value() == TWENTY, "the text is in the box")
    pace = Pace()
    tokens = lab.evaluate("view.look.n")
    forward = 1000 * min(lab.evaluate("seconds_of_a_pass()") for _pass in range(3))
    field.focus()
    lab.page.keyboard.press("Control+End")
    typed = [lab.time_key(key, drawing) for key in "sleeps"]
    drawing.locator(".lm-part[data-part='weights']").first.focus()
    moved = [lab.time_key(key, drawing) for key in ("ArrowUp", "ArrowDown", "ArrowUp", "PageDown", "PageUp")]
    table = (
        f"{tokens} tokens of SmolLM2, ms: forward pass {forward:.0f}, typed letter {statistics.median(typed):.0f}, "
        f"another token or block {statistics.median(moved):.0f}"
    )
    print("\n" + table)
    record_property("latency", table)
    limit = MEDIAN_MS * pace.ended()
    assert statistics.median(typed) - forward < limit and statistics.median(moved) < limit, table
