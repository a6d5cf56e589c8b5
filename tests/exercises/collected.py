"""Import what the modules of a folder here register for the lessons' exercises."""

import importlib
import importlib.util

from course.exercises.registry import exercises_of
from course.syllabus.lessons import LESSONS


def load(folder: str) -> None:
    """Import `tests/exercises/<folder>/<slug>.py` of every lesson that has exercises."""
    for lesson in LESSONS:
        module = f"tests.exercises.{folder}.{lesson.slug}"
        if exercises_of(lesson) and importlib.util.find_spec(module):
            importlib.import_module(module)
