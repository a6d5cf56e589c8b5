"""The map of the lessons."""

import pytest

from course.syllabus import lessons
from course.syllabus.lessons import LESSONS, Lesson, lesson, numbers, require_lesson, written_lessons


@pytest.fixture
def moved(tmp_path, monkeypatch):
    """Another course, in an empty folder: what was lesson 01 has moved behind what was lesson 02."""
    monkeypatch.setattr(lessons, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(lessons, "SOURCES", tmp_path / "source")
    (tmp_path / "source").mkdir()
    first, second, third = Lesson("first", "First"), Lesson("second", "Second", ("first",)), Lesson("third", "Third")
    monkeypatch.setattr(lessons, "LESSONS", (first, third, second))
    return tmp_path


def test_numbers_are_the_places_and_names_are_unique():
    assert [each.number for each in LESSONS] == list(range(21))
    assert len({each.slug for each in LESSONS}) == len({each.title for each in LESSONS}) == 21


def test_a_lesson_needs_only_earlier_ones():
    assert all(lesson(need).number < each.number for each in LESSONS for need in each.needs)
    assert {need for each in LESSONS for need in each.needs} <= {each.slug for each in LESSONS}


@pytest.mark.parametrize(
    "wanted", [2, "2", "02", "tokenization", "02_tokenization", "02_tokenization.ipynb", "02_tokenization.py"]
)
def test_a_lesson_is_found_by_number_and_by_name(wanted):
    assert lesson(wanted).name == "02_tokenization"


@pytest.mark.parametrize(
    "folder", ["notebooks/", "./notebooks/source/", "notebooks\\", "/home/me/course/notebooks/source/"]
)
@pytest.mark.parametrize("ending", ["", ".ipynb", ".py"])
def test_a_lesson_is_found_by_its_file_as_a_shell_completes_it(folder, ending):
    assert lesson(f"{folder}02_tokenization{ending}").name == "02_tokenization"


@pytest.mark.parametrize("wanted", ["course/transformer.py", "notebooks", "notebooks/", "notebooks/source/ruff.toml"])
def test_another_file_is_named_in_the_error(wanted):
    with pytest.raises(ValueError, match=f"no lesson '{wanted}'"):
        lesson(wanted)


@pytest.mark.parametrize("wanted", [21, -1, "", "tokens", "02_", "02_tokens", "2_tokenization"])
def test_an_unknown_lesson_is_an_error_that_names_those_there(wanted):
    with pytest.raises(ValueError, match=r"02_tokenization"):
        lesson(wanted)


def test_numbers_come_in_the_order_of_the_course():
    assert numbers(("positions", "attention")) == "04, 05"
    assert numbers(()) == ""


def test_a_lesson_that_is_not_written_says_what_is(monkeypatch):
    monkeypatch.setattr(lessons, "LESSONS", (LESSONS[0], Lesson("unwritten", "Unwritten")))
    assert require_lesson(0).name == "00_start_here"
    with pytest.raises(ValueError, match=r"01_unwritten is not written yet\. There today: 00_start_here"):
        require_lesson(1)


def test_every_notebook_and_source_belongs_to_a_lesson():
    names = {each.name for each in LESSONS}
    files = [*lessons.NOTEBOOKS.glob("*.ipynb"), *lessons.SOURCES.glob("*.py")]
    assert files and {file.stem for file in files} <= names


def test_a_lesson_moves_with_its_line_and_its_files(moved):
    (moved / "source" / "02_second.py").touch()
    (moved / "02_second.ipynb").touch()
    second = lesson("second")
    assert (second.number, second.name, second.available) == (2, "02_second", True)
    assert lesson("02") == lesson("01_second") == second, "under its former file name too"
    assert lesson("01").slug == "third"
    assert written_lessons() == [second] and require_lesson("second") == second


@pytest.mark.parametrize("former", ["source/01_second.py", "01_second.ipynb"])
def test_a_file_whose_number_is_not_the_lessons_is_named_with_its_right_name(moved, former):
    (moved / former).touch()
    assert not lesson("second").available
    new = former.rpartition("/")[2].replace("01", "02")
    for call in (written_lessons, lambda: require_lesson("second"), lambda: require_lesson("first")):
        with pytest.raises(ValueError, match=rf"Rename its files: {former.rpartition('/')[2]} → {new}\."):
            call()


def test_a_learners_own_files_are_left_alone(moved):
    for name in ("01_second-Copy1.ipynb", "my_01_second.ipynb", "99_notes.ipynb"):
        (moved / name).touch()
    assert written_lessons() == []
