"""The assumptions of the browser tests: they recognize a working widget, and each way in which one can be broken."""

import nbformat
import pytest

from course.workshop.notebooks import KERNEL

CELLS = [
    """
import ipywidgets
slider = ipywidgets.IntSlider(value=2, max=8, description="n")
field = ipywidgets.Textarea(value="one")
button = ipywidgets.Button(description="Double")
answer = ipywidgets.Label()

def show(change=None):
    answer.value = f"{field.value} {slider.value}"

slider.observe(show, "value")
field.observe(show, "value")
button.on_click(lambda button: setattr(slider, "value", 2 * slider.value))
show()
ipywidgets.VBox([slider, field, button, answer])
""",
    """
broken = ipywidgets.Button(description="Break")
broken.on_click(lambda button: 1 / 0)
broken
""",
    """
from IPython.display import HTML
HTML("<img src='http://192.0.2.1/picture.png'>")
""",
    "undefined",
    "'never reached'",
]


def notebook_of(*sources):
    cells = [nbformat.v4.new_code_cell(source.strip(), execution_count=1) for source in sources]
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


@pytest.fixture
def run(unchecked_lab, server):
    """A function that opens a notebook of these cells and runs them."""

    def open_and_run(*sources, limit=60):
        nbformat.write(notebook_of(*sources), server.folder / "sample.ipynb")
        unchecked_lab.open("sample")
        unchecked_lab.run_all(limit)
        return unchecked_lab

    return open_and_run


@pytest.fixture
def opened(run):
    """A function that opens a notebook of the first `n` cells and runs them."""
    return lambda n: run(*CELLS[:n])


def test_widgets_answer_keys_mouse_clicks_and_typing(opened):
    lab = opened(1)
    cell = lab.cell("IntSlider")
    handle, track, answer = cell.locator(".noUi-handle"), cell.locator(".noUi-base"), cell.locator(".widget-label").last
    with lab.changes(answer) as seconds:
        lab.press(handle, "ArrowRight")
    assert 0 < seconds[0] < 5
    assert answer.inner_text() == "one 3"
    with lab.changes(answer):
        lab.drag(handle, track, 0.5)
    lab.wait_until(lambda: lab.evaluate("slider.value") == 4, "the slider is in the middle")
    with lab.changes(answer):
        cell.get_by_role("button", name="Double").click()
    assert lab.evaluate("slider.value") == 8
    with lab.changes(answer):
        lab.type(cell.locator("textarea"), "토큰")
    lab.wait_until(lambda: answer.inner_text() == "토큰 8", "what was typed")
    assert (lab.errors(), lab.outside, lab.console) == ([], [], [])

    with pytest.raises(AssertionError, match="no change"), lab.changes(answer, limit=0.5):
        pass
    with pytest.raises(AssertionError, match="has no cell with 'nowhere'"):
        lab.cell("nowhere")
    with pytest.raises(AssertionError, match="NameError"):
        lab.evaluate("nowhere")


def test_what_is_broken_is_seen(opened):
    lab = opened(5)
    assert lab.errors() == ["cell 4: NameError: name 'undefined' is not defined"]
    lab.wait_until(lambda: set(lab.outside) == {"http://192.0.2.1/picture.png"}, "the request that left this machine")
    lab.cell("Break").get_by_role("button", name="Break").click()
    lab.wait_until(lambda: len(lab.errors()) == 2, "the callback's error")
    assert lab.errors()[1] == "a widget's callback: ZeroDivisionError: division by zero"


def test_a_kernel_that_asks_the_network_shows_an_error(run):
    lab = run("import urllib.request\nurllib.request.urlopen('http://example.org')")
    assert "A test looks up 'example.org' with the network off." in lab.errors()[0]


def test_a_cell_that_does_not_end_is_named(run):
    with pytest.raises(AssertionError, match="sample: cell 2 still runs, 3 s after"):
        run("1", "while True: pass", "2", limit=3)


def test_a_kernel_that_ends_is_seen(compare, tmp_path):
    nbformat.write(notebook_of("1", "import os; os._exit(1)", "2"), tmp_path / "ends.ipynb")
    comparison = compare(tmp_path / "ends.ipynb")
    assert comparison.kinds["not run"] > 0 and "those after it did not run" in comparison.failures[-1]


def test_what_another_kernel_answers_is_not_kept(run):
    lab = run("1")
    lab.evaluate("2")
    lab.page.evaluate("courseTest.restart()")
    lab.evaluate("3")
    assert sum(message["msg_type"] == "execute_input" for message in lab.messages()) == 2


WIDE = [
    "from IPython.display import HTML\nHTML('<div style=\"height: 4000px\">far down, below what is in view</div>')",
    "HTML('<div style=\"width: 3000px\">wide</div>')",
    'HTML(\'<div style="overflow-x: auto"><div style="width: 3000px">scrolls</div></div>\')',
    "print('word ' * 60)",
    'HTML(\'<div role="region" aria-label="code" style="overflow-x: auto"><p style="width: 3000px">named</p></div>\')',
    "from course.viz.show import say\nsay('word ' * 60)",
]


def test_what_does_not_fit_is_seen(run):
    lab = run(*WIDE)
    found = lab.misfits(1280)
    assert {line.split(":")[0] for line in found} == {"cell 2", "cell 3", "cell 4"}, found
    whats = {number: " ".join(line for line in found if line.startswith(f"cell {number}")) for number in (2, 3, 4)}
    assert "sticks out by" in whats[2] and "scrolls: 3000 in" in whats[3] and "breaks word" in whats[4]
