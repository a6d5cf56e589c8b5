"""Every lesson, opened, run and used as by a learner. `lessons/<slug>.py` operates the widgets of a lesson."""

import importlib

import pytest

from course.syllabus.lessons import LESSONS
from tests.browser.controls import require_named_controls, require_safe_controls
from tests.support.comparison import require_lesson_as_stored


@pytest.mark.parametrize("lesson", [lesson for lesson in LESSONS if lesson.available], ids=lambda lesson: lesson.name)
def test_lesson_runs_in_the_browser(lab, compare, lesson, pictures, record_property, subtests):
    use_widgets = importlib.import_module(f"tests.browser.lessons.{lesson.slug}").use_widgets
    comparison = compare(lesson.notebook, before=lambda: pictures("opened"))
    record_property("nbval", str(comparison))
    assert lab.errors() == []
    with subtests.test("outputs are those stored"):
        require_lesson_as_stored(comparison)
    for width in (1280, 700):
        with subtests.test("everything fits", width=width):
            assert lab.misfits(width) == []
    with subtests.test("pictures have words"):
        assert lab.page.evaluate("courseTest.mute()")["mute"] == []
    pictures("light")
    with subtests.test("widgets answer"):
        use_widgets(lab)
    lab.use_theme("JupyterLab Dark")
    pictures("dark")
    with subtests.test("controls have names, and keys stay in the widget"):
        require_named_controls(lab)
        tried = require_safe_controls(lab)
        record_property("controls", f"{lesson.name}: {tried} controls, no cell lost or added")
