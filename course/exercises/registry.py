"""Find exercises by lesson or by name; a lesson's module is imported when one of its exercises is asked for."""

import difflib
import importlib
import importlib.util

from course.exercises.exercise import Exercise
from course.exercises.former_names import current_name
from course.exercises.showing import show
from course.messages import _
from course.syllabus.lessons import LESSONS, Lesson

NEAREST = 3  # names to offer for one that does not exist


def exercises_of(lesson: Lesson) -> tuple[Exercise, ...]:
    """The exercises of a lesson, in the order of the lesson; none when it has no module here."""
    module = f"course.exercises.{lesson.slug}"
    return importlib.import_module(module).EXERCISES if importlib.util.find_spec(module) else ()


def all_exercises() -> tuple[Exercise, ...]:
    """Every exercise of the course, by lesson."""
    return tuple(exercise for lesson in LESSONS for exercise in exercises_of(lesson))


def find(name: object) -> Exercise:
    """The exercise of this name, or of this former name: `transformer.split_heads`, once `06.split_heads`.

    Raises `ValueError` when there is none, with the nearest names or with where the names are.
    """
    wanted = current_name(name) if isinstance(name, str) else ""
    for lesson in LESSONS:
        if lesson.slug == wanted.partition(".")[0]:
            for exercise in exercises_of(lesson):
                if exercise.name == wanted:
                    return exercise
    if near := _near(wanted):
        raise ValueError(
            _("There is no exercise {name}. Did you mean {near}?").format(
                name=show(name), near=", ".join(map(repr, near))
            )
        )
    example = all_exercises()[0]
    raise ValueError(
        _(
            "There is no exercise {name}. An exercise's name is in the last line of its cell, "
            "in front of the function: {example}."
        ).format(name=show(name), example=f'check("{example.name}", {example.function_name})')
    )


def _near(wanted: str) -> list[str]:
    """The names that are most like this one, as a whole or in their function; of a lesson, those of its exercises."""
    known = {exercise.name: exercise.function_name for exercise in all_exercises()}
    if of_lesson := [name for name in known if name.partition(".")[0] == wanted]:
        return of_lesson
    function = wanted.rpartition(".")[2]
    alike = difflib.get_close_matches(function, known.values(), n=NEAREST, cutoff=0.8)
    same_function = [name for name in known if known[name] in alike]
    return same_function[:NEAREST] or difflib.get_close_matches(wanted, known, n=NEAREST)
