"""Every lesson, opened and run as a learner does it."""

import pytest

from course.lessons import LESSONS


@pytest.mark.parametrize("lesson", [lesson for lesson in LESSONS if lesson.available], ids=lambda lesson: lesson.name)
def test_lesson_runs_in_the_browser(lab, lesson):
    lab.open(lesson.name)
    lab.screenshot_all("opened")  # what a learner and a code host show before anything is run
    lab.run_all()
    assert lab.errors() == []
    lab.screenshot_all("light")
    lab.use_theme("JupyterLab Dark")
    lab.screenshot_all("dark")
