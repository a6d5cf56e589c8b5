"""Figures to point at, in a real page: the picture comes alive, answers the pointer, zooms, turns, keeps its theme."""

import nbformat
import pytest

from course.workshop.notebooks import KERNEL

CELLS = [
    """
import numpy as np
from course.viz import figures
runs = np.array([[0.9, 0.5, 0.3, 0.2], [0.8, 0.6, 0.35, 0.25]])
figures.hover_curves(
    [1, 2, 3, 4], {"gru": runs, "lstm": 1.1 * runs}, title="$5 to $6 <b> %{y} &lt;", xlabel="epoch",
    ylabel="e",
    counts={"words": [9, 80, 700, 1]},
)
""",
    """
figures.leaderboard({"gru": [0.2, 0.22], "lstm": [0.3, 0.31]}, title="L", xlabel="errors", lower_is_better=True)
""",
    """
figures.frontier(["small", "poor", "large"], [1, 20, 300], [0.5, 0.4, 0.9], title="F", xlabel="weights", ylabel="right")
""",
    """
p = np.arange(60)
helix = {"helix": np.column_stack((p, np.cos(p / 5), np.sin(p / 5)))}
figures.embedding_3d(helix, title="S", axes=("position", "cosine", "sine"), joined=True)
""",
]


@pytest.fixture
def page(lab, server):
    """The four figures, run and shown in the light theme."""
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    nbformat.write(notebook, server.folder / "interactive.ipynb")
    lab.open("interactive")
    lab.use_theme("JupyterLab Light")
    lab.run_all(limit=60)
    return lab


def alive(lab, text):
    """Put the pointer on the picture of the cell with this text; the live figure, which takes its place."""
    cell = lab.cell(text)
    plot = cell.locator(".jp-RenderedPlotly")
    lab.wait_until(lambda: plot.bounding_box() is not None and plot.bounding_box()["height"] > 100, "a picture")
    before = plot.bounding_box()
    lab.page.mouse.move(5, 5)
    point(lab, plot, 0.5, 0.5)
    plot.locator(".plot-container").wait_for(state="visible")
    lab.wait_until(lambda: not plot.locator(".plot-img").is_visible(), "the picture gives way")
    assert abs(plot.bounding_box()["height"] - before["height"]) <= 1, "nothing below it jumps"
    return plot


def point(lab, plot, x, y):
    """Move the pointer to a place of a figure: shares of its width and height."""
    box = plot.bounding_box()
    lab.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)


def drag(lab, plot, start, end):
    point(lab, plot, *start)
    lab.page.mouse.down()
    point(lab, plot, *end)
    lab.page.mouse.up()


def picture(lab, plot, name):
    """A picture of the figure as it is, for a person to look at."""
    lab.screenshots.mkdir(parents=True, exist_ok=True)
    plot.screenshot(path=lab.screenshots / f"interactive-{name}.png")


def hovered(plot):
    return " ".join(plot.locator(".hoverlayer text").all_text_contents())


def axis(plot, name):
    return plot.evaluate(f"node => node.layout.{name}.range.map(Number)")


def test_figures_to_point_at(page, subtests):
    """In one page, since opening one takes longer than all that is done in it; the change of the theme comes last."""
    for check in (
        whoever_has_no_pointer_reads_the_numbers,
        curves_answer_the_pointer_and_zoom,
        typed_signs_are_themselves_in_a_live_figure,
        no_button_leads_outside,
        leaderboard_and_frontier_name_the_point_under_the_pointer,
        space_turns,
        a_live_figure_outlives_a_change_of_the_theme,
    ):
        with subtests.test(check.__name__.replace("_", " ")):
            check(page)


def curves_answer_the_pointer_and_zoom(page):
    plot = alive(page, "hover_curves")
    inside = plot.locator(".nsewdrag").bounding_box()
    page.page.mouse.move(inside["x"] + inside["width"] / 3 + 10, inside["y"] + 100, steps=4)
    page.wait_until(lambda: "epoch" in hovered(plot), "values at the pointer")
    text = hovered(plot)
    assert "gru : 0.55 ± 0.071" in text and "lstm : 0.605 ± 0.078" in text and "words : 80" in text, text
    picture(page, plot, "hover")

    whole = axis(plot, "xaxis")
    drag(page, plot, (0.3, 0.3), (0.5, 0.6))
    page.wait_until(lambda: axis(plot, "xaxis")[1] - axis(plot, "xaxis")[0] < 0.6 * (whole[1] - whole[0]), "a zoom")
    picture(page, plot, "zoom")
    point(page, plot, 0.4, 0.5)
    page.page.mouse.dblclick(*[inside["x"] + 90, inside["y"] + 90])
    page.wait_until(lambda: axis(plot, "xaxis") == pytest.approx(whole), "a double click shows the whole again")


def typed_signs_are_themselves_in_a_live_figure(page):
    plot = alive(page, "hover_curves")
    assert plot.locator(".gtitle").text_content() == "$5 to $6 <b> %{y} &lt;"


def a_live_figure_outlives_a_change_of_the_theme(page):
    plot = alive(page, "hover_curves")
    height = plot.bounding_box()["height"]
    page.page.mouse.move(5, 5)
    page.use_theme("JupyterLab Dark")
    page.page.wait_for_timeout(1500)  # it is drawn anew, and would then be without height
    assert plot.bounding_box()["height"] == height
    assert plot.locator(".plot-container").bounding_box()["height"] == pytest.approx(height, abs=1)
    picture(page, plot, "dark")


def no_button_leads_outside(page):
    plot = alive(page, "hover_curves")
    titles = {
        plot.locator(".modebar-btn").nth(i).get_attribute("data-title")
        for i in range(plot.locator(".modebar-btn").count())
    }
    assert titles == {"Zoom", "Pan", "Reset axes"}
    assert plot.locator("a[href]:not(.modebar-btn)").count() == 0


def leaderboard_and_frontier_name_the_point_under_the_pointer(page):
    for text, expected in (("leaderboard", "gru: 0.210 ± 0.014"), ("frontier", "small")):
        plot = alive(page, text)
        points = plot.locator(".scatterlayer .point, .scatterlayer .points path")
        seen = set()
        for i in range(points.count()):
            box = points.nth(i).bounding_box()
            page.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=3)
            page.page.wait_for_timeout(120)
            seen.add(hovered(plot))
        assert any(expected in one for one in seen), seen


def space_turns(page):
    plot = alive(page, "embedding_3d")
    page.wait_until(lambda: plot.locator("canvas").count() > 0, "a canvas")
    eye = "node => Object.values(node._fullLayout.scene._scene.getCamera().eye)"
    before = plot.evaluate(eye)
    drag(page, plot, (0.5, 0.5), (0.65, 0.4))
    page.wait_until(lambda: plot.evaluate(eye) != pytest.approx(before, abs=0.05), "the camera moves")
    picture(page, plot, "space")


def whoever_has_no_pointer_reads_the_numbers(page):
    cell = page.cell("hover_curves")
    details = cell.locator("details")
    summary = details.locator("summary")
    assert summary.inner_text() == "This figure in words and numbers"
    page.press(summary, "Enter")
    page.wait_until(lambda: details.locator("table").is_visible(), "the numbers unfold by a key")
    assert "0.550 ± 0.071" in details.inner_text()
    page.press(summary, "Enter")
    page.wait_until(lambda: not details.locator("table").is_visible(), "and fold again")
