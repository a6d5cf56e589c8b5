"""Building, comparing and nbval on a small lesson: an intact lesson passes, and each kind of damage is named."""

import nbformat
import pytest

from course.claims import MIME
from course.syllabus import lessons
from course.workshop import claims, notebooks
from course.workshop.notebooks import NotebookError, build, out_of_date

LESSON = lessons.LESSONS[0]
SOURCE = """\
# %% [markdown]
# # A lesson

# %%
import ipywidgets
import matplotlib.pyplot as plt
from course.syllabus.lessons import LESSONS

len(LESSONS)

# %% tags=["nbval-ignore-output"]
import time
print(time.perf_counter())

# %%
print("before")
_ = ipywidgets.interact(lambda x: print(x), x=3)

# %%
_, axes = plt.subplots(figsize=(2, 1))
_ = axes.plot([1, 2])

# %% tags=["raises-exception"]
int("four")
"""


CLAIM = """
# %%
from course.claims import Finding, claim
from course.intervals import mean_difference

claim(
    "start_here.pairs",
    "The first numbers are larger than the second.",
    said_by="this test",
    findings=[Finding("first minus second", mean_difference(range(3, 23), range(20)), holds="above", bound=2)],
)
"""


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write the source of lesson 00 in a folder of its own."""
    monkeypatch.setattr(lessons, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(lessons, "SOURCES", tmp_path / "source")
    (tmp_path / "source").mkdir()
    return lambda text: LESSON.source.write_text(text, encoding="utf-8")


@pytest.fixture
def edit(write):
    """Build the lesson, then change its notebook: `edit(function of the list of cells)`."""
    write(SOURCE)
    build(LESSON)

    def change(how):
        notebook = nbformat.read(LESSON.notebook, as_version=4)
        how(notebook.cells)
        nbformat.write(notebook, LESSON.notebook)

    return change


@pytest.mark.slow
def test_build_gives_the_same_bytes_again(write):
    write(SOURCE)
    assert build(LESSON).changed
    first = LESSON.notebook.read_bytes()
    assert not build(LESSON).changed
    assert LESSON.notebook.read_bytes() == first
    assert out_of_date(LESSON) == []

    LESSON.notebook.unlink()
    build(LESSON)
    stored, again = nbformat.reads(first.decode(), 4), nbformat.read(LESSON.notebook, 4)
    assert [a == b for a, b in zip(stored.cells, again.cells, strict=True)] == [True, True, False, True, True, True]


@pytest.mark.slow
def test_a_notebook_that_was_saved_with_its_widgets_loses_them(edit):
    edit(lambda cells: None)
    saved = nbformat.read(LESSON.notebook, as_version=4)
    state = {"version_major": 2, "version_minor": 0, "state": {}}
    saved.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": state}
    nbformat.write(saved, LESSON.notebook)
    assert build(LESSON).changed and "widgets" not in nbformat.read(LESSON.notebook, as_version=4).metadata


@pytest.mark.slow
def test_notebook_holds_what_a_page_needs_and_no_more(write):
    write(SOURCE)
    built = build(LESSON)
    text = LESSON.notebook.read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)
    assert notebook.metadata.course == {"seconds": round(built.seconds)}
    assert notebook.metadata.kernelspec == {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    }
    assert notebook.metadata.language_info == {"name": "python"}
    assert "widget" not in notebook.metadata and "widget-view" not in text
    assert [cell.get("execution_count") for cell in notebook.cells] == [None, 1, 2, 3, 4, 5]
    assert [cell.id for cell in notebook.cells] == [f"cell-{index:03d}" for index in range(6)]
    assert notebook.cells[3].outputs[0].text == "before\n3\n"  # what interact shows first is there without a kernel
    assert len(notebook.cells[5].outputs[0].traceback) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("x = 1\nx / 0", "00_start_here, cell 7 (00_start_here.py, line 28): ZeroDivisionError: division by zero"),
        ("for", "00_start_here, cell 7 (00_start_here.py, line 27): SyntaxError"),
        ("object()", "cell 7 (00_start_here.py, line 26) shows 'at 0x"),
        ("import course; print(course.__file__)", "which differs on each machine"),
        ("", "00_start_here, cell 7 (00_start_here.py, line 26) is empty"),
        ("import os; os._exit(1)", "00_start_here, cell 7 (00_start_here.py, line 26) ended the kernel"),
        ("import time; time.sleep(9)", "00_start_here, cell 7 (00_start_here.py, line 26) ran for more than 3 s"),
    ],
)
def test_build_names_the_line_and_keeps_the_old_notebook(write, monkeypatch, cell, message):
    monkeypatch.setattr(notebooks, "CELL_TIMEOUT", 3)
    write(SOURCE + f"\n# %%\n{cell}\n")
    LESSON.notebook.write_text("old")
    with pytest.raises(NotebookError) as caught:
        build(LESSON)
    assert message in str(caught.value)
    assert LESSON.notebook.read_text() == "old"
    assert sorted(path.name for path in LESSON.notebook.parent.iterdir()) == ["00_start_here.ipynb", "source"]


@pytest.mark.slow
def test_out_of_date_names_each_kind_of_damage(edit):
    built = LESSON.notebook.read_bytes()

    def first(how):
        edit(how)
        (sentence,) = out_of_date(LESSON)
        LESSON.notebook.write_bytes(built)
        return sentence

    assert (
        "cell 2 (00_start_here.py, line 4) differs in its source: 'len(LESSONS)' in the source, 'len(LESSONS) + 1'"
        in (first(lambda cells: cells[1].update(source=cells[1].source + " + 1")))
    )
    assert "differs in its tags: 'nbval-ignore-output' in the source, ''" in first(
        lambda cells: cells[2].metadata.clear()
    )
    assert "cell 6 (00_start_here.py, line 23) is not in the notebook" in first(lambda cells: cells.pop())
    assert "cell 7 is not in the source" in first(lambda cells: cells.append(nbformat.v4.new_markdown_cell("more")))
    assert "cell 3 was not run" in first(lambda cells: cells[2].update(execution_count=None))
    assert "cell 2 shows NameError: x" in (
        first(lambda cells: cells[1].outputs.append(nbformat.v4.new_output("error", ename="NameError", evalue="x")))
    )
    LESSON.notebook.unlink()
    assert "00_start_here.ipynb is missing" in out_of_date(LESSON)[0]


@pytest.mark.slow
def test_nbval_passes_what_was_built(edit, compare):
    comparison = compare(LESSON.notebook)
    assert comparison.failures == []
    assert comparison.kinds == {"compared": 3, "ignored": 1, "picture only": 1}
    assert comparison.share == 3 / 4


@pytest.mark.slow
def test_nbval_fails_each_changed_output(edit, compare):
    def damage(cells):
        cells[1].outputs[0].data["text/plain"] = "999"  # a number is another
        cells[3].outputs.pop(0)  # an output is gone
        cells[4].outputs[0].data["text/plain"] = "<Figure size 200x100 with 2 Axes>"
        cells[5].outputs[0].evalue = "another message"

    edit(damage)
    comparison = compare(LESSON.notebook)
    assert len(comparison.failures) == 4
    assert "999" in comparison.failures[0]


@pytest.mark.slow
def test_nbval_counts_a_cell_that_was_not_run(edit, compare):
    edit(lambda cells: cells[1].update(execution_count=None, outputs=[]))
    comparison = compare(LESSON.notebook)
    assert comparison.kinds["not run"] == 1


@pytest.mark.slow
@pytest.mark.parametrize(("low", "differ"), [(3, False), (2.5, True)])
def test_nbval_compares_the_numbers_of_a_claim(write, compare, low, differ):
    write("# %% [markdown]\n# # A lesson\n" + CLAIM)
    build(LESSON)
    (data,) = claims.stored(LESSON)
    assert data["verdict"] == "held" and data["findings"][0]["interval"]["low"] == 3

    notebook = nbformat.read(LESSON.notebook, as_version=4)
    notebook.cells[1].outputs[0].data[MIME]["findings"][0]["interval"]["low"] = low
    nbformat.write(notebook, LESSON.notebook)
    comparison = compare(LESSON.notebook)
    assert comparison.kinds == {"compared": 1}
    assert [MIME in failure and "2.5" in failure for failure in comparison.failures] == [True] * differ
