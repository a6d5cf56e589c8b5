"""Find exercises by lesson or by name; a lesson's module is imported when one of its exercises is asked for."""

import difflib
import importlib
import importlib.util

from course.exercises.exercise import Exercise
from course.messages import _
from course.syllabus.lessons import LESSONS, Lesson


def exercises_of(lesson: Lesson) -> tuple[Exercise, ...]:
    """The exercises of a lesson, in the order of the lesson; none when it has no module here."""
    module = f"course.exercises.{lesson.slug}"
    return importlib.import_module(module).EXERCISES if importlib.util.find_spec(module) else ()


def all_exercises() -> tuple[Exercise, ...]:
    """Every exercise of the course, by lesson."""
    return tuple(exercise for lesson in LESSONS for exercise in exercises_of(lesson))


def find(name: str) -> Exercise:
    """The exercise of this name. Raises `ValueError` with the nearest names when there is none."""
    for lesson in LESSONS:
        if str(name).startswith(f"{lesson.number:02d}."):
            for exercise in exercises_of(lesson):
                if exercise.name == name:
                    return exercise
    known = [exercise.name for exercise in all_exercises()]
    near = difflib.get_close_matches(str(name), known, n=3) or known
    raise ValueError(
        _("There is no exercise {name!r}. Did you mean {near}?").format(name=name, near=", ".join(map(repr, near)))
    )
