"""Every notebook is its executed source: the same cells, run in order, with nothing but what a page needs."""

import json

import pytest

from course.syllabus.lessons import LESSONS
from course.workshop.notebooks import out_of_date

BYTES_LIMIT = 2_000_000


@pytest.mark.parametrize(
    "lesson",
    [lesson for lesson in LESSONS if lesson.available or lesson.source.exists()],
    ids=lambda lesson: lesson.name,
)
class TestNotebook:
    def test_equals_its_source_and_was_run(self, lesson):
        assert out_of_date(lesson) == []

    def test_is_small_and_holds_no_widget_state(self, lesson):
        assert lesson.notebook.stat().st_size <= BYTES_LIMIT
        metadata = json.loads(lesson.notebook.read_text(encoding="utf-8"))["metadata"]
        assert set(metadata) == {"course", "kernelspec", "language_info"}
