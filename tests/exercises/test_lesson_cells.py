"""A lesson shows each of its exercises in a cell of its own: the stub, and the check as the last expression."""

import jupytext
import pytest

from course.exercises.registry import exercises_of
from course.syllabus.lessons import LESSONS

WRITTEN = [lesson for lesson in LESSONS if lesson.source.exists()]


def exercise_cells(lesson):
    """The source of each cell tagged as an exercise."""
    cells = jupytext.read(lesson.source, fmt="py:percent").cells
    return [cell.source for cell in cells if "exercise" in cell.metadata.get("tags", [])]


@pytest.mark.parametrize("lesson", WRITTEN, ids=lambda lesson: lesson.name)
def test_exercise_cells_are_the_exercises_in_their_order(lesson):
    assert exercise_cells(lesson) == [exercise.cell for exercise in exercises_of(lesson)]
