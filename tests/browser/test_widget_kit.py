"""All widgets, with small models: names, errors that move nothing, the next day, a restart.

A page has no more widgets than a long lesson. Since ipywidgets gives each two seconds to be there again when a saved
page is opened, those at the end of a page of all would be "not found" on a slow machine.

That keys pressed in a widget stay in it is seen in the lessons (`test_lessons.py`), of which each presses in all of its
widgets; `tests/viz/test_widget_states.py` checks that every widget is in one.
"""

import nbformat
import pytest

from course.workshop.notebooks import KERNEL
from tests.browser.controls import require_named_controls, require_visible_focus
from tests.support.widgets import VIDEOS, WIDGETS

PAGES = [tuple(WIDGETS)[start : start + 9] for start in range(0, len(WIDGETS), 9)]
LOST = "This does not answer: the kernel has been restarted or is not running. Run the cell again."
# Widget → which of its text boxes, what it refuses, and what it then takes.
REFUSED = {
    "token_explorer": (0, "x" * 20_001, "the union"),
    "merge_stepper": (0, "x" * 5_001, "the union"),
    "decoder_stepper": (0, "not a letter", "dab"),
    "attention_steps": (0, "d" * 41, "dab"),
    "alignment_explorer": (0, "", "dab"),
    "video_search": (1, "no bar", VIDEOS),
    "attention_explorer": (0, "", "the states"),
    "lens_explorer": (0, "", "the states"),
    "model_view": (0, "", "the states"),
    "answer_rewards": (1, "the states of the union " * 9, "of"),
    "pair_ranking": (0, "", "the states"),
    "passage_search": (0, "", "the states"),
    "passage_order": (0, "", "the states"),
    "word_scores": (0, "", "the states"),
    "call_tree": (1, "x" * 2_001, "price.drop()"),
    "tool_bench": (0, "weekday(day", "weekday(day: str)"),
    "judge_yourself": (0, "no bar", "positive | the states"),
    "threshold_bench": (0, "0.5", "0.9 1"),
    "teacher_targets": (0, "", "the states"),
    "quantization_stairs": (0, "", "the states"),
    "scaling_frontier": (0, "3e18 cats", "3e18"),
    "five_tasks": (0, "", "the states"),
    "wave_explorer": (0, "a " * 129, "the people of the states"),
}


@pytest.fixture(params=PAGES, ids=lambda names: names[0])
def names(request):
    """The widgets of a page."""
    return request.param


@pytest.fixture
def page(lab, server, names):
    """Widgets, each in a cell of its own, run and shown."""
    sources = [f"from tests.support.widgets import {name}\n{name}_ = {name}()\n{name}_" for name in names]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    kit = f"kit{PAGES.index(names) + 1}"
    nbformat.write(notebook, server.folder / f"{kit}.ipynb")
    lab.open(kit)
    lab.use_theme("JupyterLab Light")
    lab.run_all(limit=120)
    for name in names:
        widget(lab, name).wait_for()
    return lab


def widget(page, name):
    return page.cell(f"{name}_ = ").locator(".lm-widget")


def places(shown):
    """Where a widget and the parts of its column are: top and height of each."""
    return shown.evaluate(
        """widget => [widget, ...widget.children].filter(part => part.checkVisibility()).map(part => {
            const { top, height } = part.getBoundingClientRect();
            return [top - widget.getBoundingClientRect().top, height];
        })"""
    )


def test_widgets(page, names, subtests):
    with subtests.test("every control has a name"):
        assert require_named_controls(page) >= 4 * len(names)
    with subtests.test("the focus is seen, in light and dark"):
        assert require_visible_focus(page) >= len(names)
        page.use_theme("JupyterLab Dark")
        require_visible_focus(page)
        page.use_theme("JupyterLab Light")
    for name in REFUSED.keys() & set(names):
        with subtests.test("an error moves nothing", widget=name):
            an_error_moves_nothing(page, name)
    for name, check in CHECKS.items():
        if name in names:
            with subtests.test(check.__doc__ or "", widget=name):
                check(page)
    with subtests.test("the next day"):
        the_next_day(page, names)
    with subtests.test("a restart"):
        a_restart(page, names)


def an_error_moves_nothing(page, name):
    number, bad, good = REFUSED[name]
    shown = widget(page, name)
    boxes = shown.locator("textarea, input[type=text]:visible")
    box, lowest = boxes.nth(number), boxes.last
    before, error = places(shown), shown.locator(".lm-alert")
    box.fill(bad)
    box.blur()  # some boxes count when they are left
    page.wait_until(error.is_visible, f"{name} names the error")
    page.wait_until(lambda: shown.evaluate("widget => widget.classList.contains('lm-stale')"), f"{name} is dimmed")
    after = places(shown)
    assert len(before) == len(after)
    moved = [
        (old, new) for old, new in zip(before, after, strict=True) if abs(old[0] - new[0]) + abs(old[1] - new[1]) > 2
    ]
    assert moved == []
    gap = error.bounding_box()["y"] - (lowest.bounding_box()["y"] + lowest.bounding_box()["height"])
    assert 0 <= gap < 20, f"the error is {gap} px below the boxes"
    page.screenshot(f"error-{name}", page.cell(f"{name}_ = "))
    box.fill(good)
    box.blur()
    page.wait_until(lambda: not error.is_visible(), f"{name} takes it back")
    page.wait_until(lambda: not shown.evaluate("widget => widget.classList.contains('lm-stale')"), f"{name} is bright")


def a_button_that_is_off_keeps_the_focus(page):
    """A button that does nothing keeps the focus."""
    page.evaluate("setattr(merge_stepper_, 'step', 1)")
    back = widget(page, "merge_stepper").get_by_role("button", name="Back")
    for _press in range(3):
        page.press(back, "Enter")
    page.wait_until(lambda: back.get_attribute("aria-disabled") == "true", "there is nothing to go back to")
    assert back.evaluate("button => button === document.activeElement")
    assert page.evaluate("merge_stepper_.step") == 0 and page.evaluate("merge_stepper_.error") == ""


def a_readout_says_the_value(page):
    """A number typed beside a slider is its value when the field is left; what is no number goes."""
    page.evaluate("setattr(wave_explorer_, 'length', 40)")
    field = widget(page, "wave_explorer").locator(".widget-readout[contenteditable=true]").first
    page.wait_until(lambda: field.inner_text() == "40", "40 positions")
    for typed, value in (("dabx", 40), ("50", 50), ("999", 128)):
        page.type(field, typed)
        page.page.keyboard.press("Tab")
        page.wait_until(lambda value=value: field.inner_text() == str(value), f"{typed!r} becomes {value}")
        page.wait_until(lambda value=value: page.evaluate("wave_explorer_.length") == value, f"the length is {value}")


def a_question_is_answered(page):
    """By mouse or keyboard; a reply says why, under its option; the answer is there again in another cell."""
    shown = widget(page, "question_card")
    options, replies = shown.get_by_role("button"), shown.locator(".lm-reply")
    assert shown.get_by_role("group").get_attribute("aria-label") == shown.locator(".lm-question").inner_text()
    assert options.nth(1).inner_text() == "B. [1/3, 1/3, 1/3] $x$" and "<b>Look</b>" in shown.inner_text()
    assert replies.all_inner_texts() == ["", "", "", ""]
    page.screenshot("question", page.cell("question_card_ = "))
    options.nth(1).click()
    page.wait_until(lambda: "Not right. That is $softmax$ of" in replies.nth(1).inner_text(), "why it is wrong")
    assert replies.nth(1).get_attribute("role") == "status" and options.nth(1).inner_text().startswith("✗ B. ")
    page.press(options.nth(2), "Enter")
    page.wait_until(lambda: "틀립니다" in replies.nth(2).inner_text(), "the keyboard answers")
    page.press(options.nth(0), " ")
    page.wait_until(lambda: replies.nth(0).inner_text().startswith("Right. exp"), "why it is right")
    assert page.evaluate("question_card_.tried") == [1, 2, 0] and page.evaluate("question_card_.error") == ""
    for width in (1280, 700):
        assert page.misfits(width) == []
    for theme in ("Dark", "Light"):
        page.use_theme(f"JupyterLab {theme}")
        page.screenshot(f"question-answered-{theme.lower()}", page.cell("question_card_ = "))
    stored = "__import__('course.exercises.progress').exercises.progress"
    assert page.evaluate(f"{stored}.answered(question_card_.question.name).right")
    assert not page.evaluate(f"{stored}.answered(question_card_.question.name).at_first")
    again = "type(question_card_)(question_card_.question)"
    assert page.evaluate(f"{again}.chosen") == 0, "as when the cell is run the next day"


CHECKS = {
    "merge_stepper": a_button_that_is_off_keeps_the_focus,
    "wave_explorer": a_readout_says_the_value,
    "question_card": a_question_is_answered,
}


def the_next_day(page, names):
    """Saved, and opened when the kernel is gone: every widget is there, and says that it does not answer."""
    for name in names:
        page.evaluate(f"{name}_.figure() and None")
    page.page.evaluate("courseTest.save()")
    page.page.evaluate("courseTest.shutDown()")
    page.open(page.name)
    for name in names:
        shown = widget(page, name)
        page.wait_until(lambda shown=shown: shown.get_by_text(LOST).is_visible(), f"{name} is shown, without a kernel")
        page.screenshot(f"next-day-{name}", page.cell(f"{name}_ = "))
    assert page.page.get_by_text("model not found").count() == 0
    if "merge_stepper" in names:
        assert widget(page, "merge_stepper").locator(".lm-token").count() > 5
    if "question_card" in names:
        replies = widget(page, "question_card").locator(".lm-reply").all_inner_texts()
        assert replies[0].startswith("Right.") and replies[1].startswith("Not right.") and replies[3] == ""
    page.run_all(limit=120)
    for name in names:
        page.wait_until(lambda name=name: widget(page, name).count() == 1, f"{name} is there again")
        assert not widget(page, name).get_by_text(LOST).is_visible()


def settled_texts(page, places):
    """The texts at some places once they are the same twice: a cell that comes into view is drawn piece by piece."""
    texts = places.all_inner_texts()
    while True:
        page.page.wait_for_timeout(200)
        before, texts = texts, places.all_inner_texts()
        if before == texts:
            return texts


def a_restart(page, names):
    """Whatever is clicked or typed in a widget after a restart of its kernel, it says what to do, and does not lie."""
    page.page.evaluate("courseTest.restart()")
    for name in names:
        shown = widget(page, name)
        page.wait_until(lambda shown=shown: shown.get_by_text(LOST).is_visible(), f"{name} says what to do")
        icons = "widget => [widget, ...widget.querySelectorAll('*')].map(e => getComputedStyle(e, '::before').content)"
        assert "\uf127" not in "".join(shown.evaluate(icons)), "a broken chain"
        says = shown.locator(".lm-token, .widget-html, .widget-readout, .lm-attention-readout")
        selected = shown.locator(".lm-token[aria-selected=true]")
        before, n_selected = settled_texts(page, says), max(1, selected.count())
        controls = shown.locator("button, .lm-token, textarea, [role=radio], .noUi-handle").filter(visible=True)
        for control in controls.all()[:8]:
            control.click(force=True)
            page.page.keyboard.press("a")
            page.page.keyboard.press("ArrowRight")
        assert says.all_inner_texts() == before and selected.count() <= n_selected
        assert "a" not in [box.input_value()[-1:] for box in shown.locator("textarea").all()]
