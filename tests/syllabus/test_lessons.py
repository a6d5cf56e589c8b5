"""The map of the lessons."""

import pytest

from course.syllabus import lessons
from course.syllabus.lessons import LESSONS, Lesson, lesson, require_lesson


def test_numbers_are_the_places_and_names_are_unique():
    assert [each.number for each in LESSONS] == list(range(20))
    assert len({each.slug for each in LESSONS}) == len({each.title for each in LESSONS}) == 20


def test_a_lesson_needs_only_earlier_ones():
    assert all(need < each.number for each in LESSONS for need in each.needs)


@pytest.mark.parametrize("wanted", [2, "2", "02", "tokenization", "02_tokenization", "02_tokenization.ipynb"])
def test_a_lesson_is_found_by_number_and_by_name(wanted):
    assert lesson(wanted).name == "02_tokenization"


@pytest.mark.parametrize("wanted", [20, -1, "", "tokens"])
def test_an_unknown_lesson_is_an_error_that_names_those_there(wanted):
    with pytest.raises(ValueError, match=r"02_tokenization"):
        lesson(wanted)


def test_a_lesson_that_is_not_written_says_what_is(monkeypatch):
    monkeypatch.setattr(lessons, "LESSONS", (LESSONS[0], Lesson(7, "unwritten", "Unwritten")))
    assert require_lesson(0).name == "00_start_here"
    with pytest.raises(ValueError, match=r"07_unwritten is not written yet\. There today: 00_start_here"):
        require_lesson(7)


def test_every_notebook_and_source_belongs_to_a_lesson():
    names = {each.name for each in LESSONS}
    files = [*lessons.NOTEBOOKS.glob("*.ipynb"), *lessons.SOURCES.glob("*.py")]
    assert files and {file.stem for file in files} <= names
