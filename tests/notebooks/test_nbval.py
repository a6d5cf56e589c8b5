"""Every lesson runs in a fresh kernel and gives the outputs that are stored, where no browser is installed."""

import pytest

from course.syllabus.lessons import LESSONS
from tests.support.comparison import require_lesson_as_stored


@pytest.mark.notebook
@pytest.mark.parametrize("lesson", [lesson for lesson in LESSONS if lesson.available], ids=lambda lesson: lesson.name)
def test_outputs_are_those_stored(lesson, compare, record_property):
    comparison = compare(lesson.notebook)
    record_property("nbval", str(comparison))
    require_lesson_as_stored(comparison)
