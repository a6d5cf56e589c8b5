"""Every lesson, opened, run and used as by a learner. `lessons/<slug>.py` operates the widgets of a lesson."""

import importlib

import pytest

from course.syllabus.lessons import LESSONS


@pytest.mark.parametrize("lesson", [lesson for lesson in LESSONS if lesson.available], ids=lambda lesson: lesson.name)
def test_lesson_runs_in_the_browser(lab, lesson):
    use_widgets = importlib.import_module(f"tests.browser.lessons.{lesson.slug}").use_widgets
    lab.open(lesson.name)
    lab.use_theme("JupyterLab Light")  # the server remembers the theme of the lesson before
    lab.screenshot_all("opened")  # what a learner and a code host show before anything is run
    lab.run_all()
    assert lab.errors() == []
    lab.screenshot_all("light")
    use_widgets(lab)
    lab.use_theme("JupyterLab Dark")
    lab.screenshot_all("dark")
