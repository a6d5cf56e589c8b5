"""Every lesson runs in a fresh kernel and gives the outputs that are stored."""

import pytest

from course.syllabus.lessons import LESSONS
from course.workshop.notebooks import SECONDS_LIMIT

FLOOR = 0.9  # share of the cells with something to compare that must be compared


@pytest.mark.notebook
@pytest.mark.parametrize("lesson", [lesson for lesson in LESSONS if lesson.available], ids=lambda lesson: lesson.name)
def test_outputs_are_those_stored(lesson, compare, record_property):
    comparison = compare(lesson.notebook)
    record_property("nbval", str(comparison))
    assert not comparison.failures, "\n\n".join(comparison.failures)
    assert not comparison.kinds["not run"], f"{comparison}: every code cell must have been run"
    assert comparison.share >= FLOOR, f"{comparison}: at least {FLOOR:.0%} must be compared"
    assert comparison.seconds <= SECONDS_LIMIT, f"{comparison}: a lesson runs in {SECONDS_LIMIT} s on two CPU cores"
