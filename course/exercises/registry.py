"""Find exercises by lesson or by name; a lesson's module is imported when one of its exercises is asked for."""

import difflib
import importlib
import importlib.util

from course.exercises.exercise import Exercise
from course.exercises.former_names import current_name
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
    """The exercise of this name, or of this former name: `transformer.split_heads`, once `06.split_heads`.

    Raises `ValueError` with the nearest names when there is none.
    """
    wanted = current_name(str(name))
    for lesson in LESSONS:
        if lesson.slug == wanted.partition(".")[0]:
            for exercise in exercises_of(lesson):
                if exercise.name == wanted:
                    return exercise
    known = [exercise.name for exercise in all_exercises()]
    near = difflib.get_close_matches(wanted, known, n=3) or known
    raise ValueError(
        _("There is no exercise {name!r}. Did you mean {near}?").format(name=name, near=", ".join(map(repr, near)))
    )
