"""The learner's progress is saved, never lost, and never interferes with a check."""

import json
import os
import statistics
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import filelock
import pytest

from course.exercises import check, progress
from course.exercises.questions import Question
from course.exercises.registry import all_exercises, find
from course.syllabus.lessons import LESSONS
from tests.support.speed import Pace


@pytest.fixture
def file(tmp_path, monkeypatch):
    file = tmp_path / "folder" / "progress.json"
    monkeypatch.setenv("COURSE_PROGRESS", str(file))
    return file


def test_nothing_is_kept_at_first_and_reading_makes_no_file(file):
    assert progress.load() == {}
    assert not file.parent.exists()


def test_what_is_recorded_is_there_in_another_process(file):
    progress.record("tokenization.count_pairs", True)
    progress.record("tokenization.apply_merge", False)
    code = "from course.exercises import progress; print(progress.load())"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed == "{'tokenization.apply_merge': False, 'tokenization.count_pairs': True}\n"


def test_a_pass_is_never_taken_back(file):
    progress.record("tokenization.count_pairs", False)
    progress.record("tokenization.count_pairs", True)
    progress.record("tokenization.count_pairs", False)
    assert progress.load() == {"tokenization.count_pairs": True}


OLD = {"06.split_heads": True, "06.causal_mask": False, "02.count_pairs": True, "00.tokens_per_second": True}


def test_a_file_of_an_older_version_is_read_under_todays_names(file):
    file.parent.mkdir()
    file.write_text(json.dumps(OLD))
    expected = {
        "transformer.split_heads": True,
        "transformer.causal_mask": False,
        "tokenization.count_pairs": True,
        "start_here.tokens_per_second": True,  # an exercise of an older edition: kept, and in no table
    }
    assert progress.load() == expected
    assert json.loads(file.read_text()) == OLD, "reading changes nothing"
    progress.record("transformer.causal_mask", True)
    assert json.loads(file.read_text()) == expected | {"transformer.causal_mask": True}
    lines = [line.split() for line in repr(progress.table()).splitlines()]
    assert lines[0][3:7] == ["0", "of", "1", "○"]
    assert lines[2][2:6] == ["1", "of", "8", "○✓○○○○○○"]


@pytest.mark.parametrize(("old", "new"), [(True, False), (False, True), (True, True), (False, False)])
def test_under_two_names_a_pass_under_either_counts(file, old, new):
    """As when an older version wrote into the file of a newer one."""
    file.parent.mkdir()
    for names in (("06.split_heads", "transformer.split_heads"), ("transformer.split_heads", "06.split_heads")):
        values = {"06.split_heads": old, "transformer.split_heads": new}
        file.write_text(json.dumps({name: values[name] for name in names}))
        assert progress.load() == {"transformer.split_heads": old or new}
        progress.record("transformer.split_heads", False)
        assert json.loads(file.read_text()) == {"transformer.split_heads": old or new}


def test_names_that_a_newer_version_wrote_are_kept(file):
    newer = {"rlhf.reward": True, "07.future": False, "transformer.not_here_yet": True, "no lesson at all": False}
    file.parent.mkdir()
    file.write_text(json.dumps(newer))
    progress.record("transformer.split_heads", True)
    assert json.loads(file.read_text()) == newer | {"transformer.split_heads": True}


def test_without_a_setting_it_lies_in_the_users_data_folder(monkeypatch):
    monkeypatch.delenv("COURSE_PROGRESS")
    assert progress.progress_file().name == "progress.json"
    assert progress.progress_file().parent.name == "language-model-course"


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", '{"tokenization.count_pairs": "yes"}', "null", "\x00\x01", b"\xff\xfe"]
)
def test_a_damaged_file_is_kept_aside_with_a_warning(file, damage):
    damage = damage if isinstance(damage, bytes) else damage.encode()
    file.parent.mkdir()
    file.write_bytes(damage)
    with pytest.warns(UserWarning, match=r"damaged and starts again from nothing.*progress\.json\.bak"):
        progress.record("tokenization.count_pairs", True)
    assert progress.load() == {"tokenization.count_pairs": True}
    assert file.with_name("progress.json.bak").read_bytes() == damage


def test_reading_a_damaged_file_keeps_it_aside_as_well(file):
    file.parent.mkdir()
    file.write_text("broken")
    with pytest.warns(UserWarning, match="damaged"):
        assert progress.load() == {}
    assert file.with_name("progress.json.bak").read_text() == "broken"


def test_an_earlier_damaged_file_is_not_overwritten(file):
    file.parent.mkdir()
    for text in ("first", "second", "third"):
        file.write_text(text)
        with pytest.warns(UserWarning, match="damaged"):
            progress.load()
    kept = {path.name: path.read_text() for path in file.parent.glob("*.bak*")}
    assert kept == {"progress.json.bak": "first", "progress.json.bak2": "second", "progress.json.bak3": "third"}


def test_two_notebooks_at_once_lose_nothing(file):
    code = "import sys; from course.exercises import progress\n"
    code += "for n in range(30): progress.record(f'{sys.argv[1]}.{n}', True)"
    running = [subprocess.Popen([sys.executable, "-c", code, name]) for name in ("one", "other")]
    assert [process.wait(timeout=60) for process in running] == [0, 0]
    assert len(progress.load()) == 60


def test_a_reader_never_sees_half_a_file(file):
    progress.record("start_here.first", True)
    writer = threading.Thread(target=lambda: [progress.record(f"name.{n}", True) for n in range(200)])
    writer.start()
    while writer.is_alive():
        assert json.loads(file.read_text())["start_here.first"] is True
    writer.join()
    assert sorted(path.name for path in file.parent.iterdir()) == ["progress.json", "progress.json.lock"]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(file, monkeypatch):
    progress.record("start_here.first", True)

    def full(*_arguments, **_options):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.warns(UserWarning, match=r"could not be kept.*No space left"):
        patch.setattr(Path, "write_text", full)
        progress.record("start_here.second", True)
    assert progress.load() == {"start_here.first": True}
    assert sorted(path.name for path in file.parent.iterdir()) == ["progress.json", "progress.json.lock"]


def test_a_folder_that_cannot_be_written_is_warned_about_once_and_the_check_still_works(tmp_path, monkeypatch):
    in_the_way = tmp_path / "a_file"
    in_the_way.write_text("")
    monkeypatch.setenv("COURSE_PROGRESS", str(in_the_way / "progress.json"))
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        results = [check("tokenization.count_pairs", find("tokenization.count_pairs").solution) for _ in range(3)]
    assert all(result.passed for result in results)
    (warning,) = seen
    assert "could not be kept" in str(warning.message)
    assert "COURSE_PROGRESS" in str(warning.message)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs a user whom permissions bind")
def test_a_read_only_folder_is_warned_about(file):
    file.parent.mkdir(mode=0o500)
    with pytest.warns(UserWarning, match="could not be kept"):
        progress.record("start_here.first", True)


@pytest.mark.parametrize("error", [RuntimeError("could not determine the home directory"), ValueError("null byte")])
def test_without_a_home_folder_the_check_works_with_one_warning(monkeypatch, error):
    def fail(*_arguments, **_options):
        raise error

    monkeypatch.delenv("COURSE_PROGRESS")
    monkeypatch.setattr(progress.platformdirs, "user_data_path", fail)
    progress._warn.cache_clear()
    exercise = find("tokenization.count_pairs")
    with pytest.warns(UserWarning, match="could not be kept") as seen:
        assert all(check(exercise.name, exercise.solution).passed for _time in range(2))
    assert len(seen) == 1
    with pytest.warns(UserWarning, match="could not be read"):
        assert progress.load() == {}
    assert progress.tried(exercise.name)


def test_a_file_that_is_set_needs_no_home_folder(file, monkeypatch):
    def fail(*_arguments, **_options):
        raise RuntimeError("could not determine the home directory")

    monkeypatch.setattr(progress.platformdirs, "user_data_path", fail)
    progress.record("start_here.first", True)
    assert json.loads(file.read_text()) == {"start_here.first": True}


@pytest.mark.skipif(sys.platform == "win32", reason="the home folder has another name there")
def test_the_home_folder_may_be_written_short(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COURSE_PROGRESS", "~/my progress.json")
    assert progress.progress_file() == tmp_path / "my progress.json"


def test_a_path_that_is_not_absolute_is_warned_about_and_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSE_PROGRESS", "progress.json")
    progress._warn.cache_clear()
    with pytest.warns(UserWarning, match="COURSE_PROGRESS='progress.json' is not an absolute path"):
        progress.record("start_here.first", True)
    assert not any(tmp_path.iterdir())


def test_a_lock_that_is_never_freed_is_warned_about(file, monkeypatch):
    monkeypatch.setattr(progress, "LOCK_SECONDS", 0.1)
    file.parent.mkdir()
    with filelock.FileLock(f"{file}.lock"), pytest.warns(UserWarning, match="could not be kept"):
        progress.record("start_here.first", True)


def test_the_table_has_every_lesson_and_counts_what_passed(file):
    progress.record("start_here.softmax", True)
    progress.record("tokenization.count_pairs", False)
    progress.record("tokenization.apply_merge", True)
    progress.record("tokenization.an_exercise_of_an_older_edition", True)
    lines = repr(progress.table()).splitlines()
    assert lines[0].split()[:7] == ["00", "Start", "here", "1", "of", "1", "✓"]
    assert lines[2].split()[:6] == ["02", "Tokenization", "1", "of", "8", "○✗✓○○○○○"]
    untried = next(line for line in lines if line.startswith("01 "))
    assert "0 of 7" in untried and "○○○○○○○" in untried
    assert lines[len(LESSONS)].startswith(f"2 of {len(all_exercises())} exercises passed")


def test_the_table_is_the_same_in_html_and_links_the_lessons_that_are_there(file):
    progress.record("tokenization.count_pairs", True)
    page = progress.table()._repr_html_()
    assert page.count("<tr>") == len(LESSONS) + 1
    assert "✓○○○○○○" in page
    for lesson in LESSONS:
        assert (f'href="{lesson.notebook.name}"' in page) == lesson.available
    assert page == progress.table()._repr_html_()


@pytest.fixture
def questions(monkeypatch):
    """Three questions in lesson 04 and one in lesson 02."""
    asked = {
        slug: tuple(Question(f"{slug}.{name}", "?", ("a", "b"), 0, ("a", "b")) for name in names)
        for slug, names in {"attention": ("first", "second", "third"), "tokenization": ("only",)}.items()
    }
    monkeypatch.setattr("course.exercises.questions._by_lesson", lambda: asked)


def test_an_answer_is_kept_with_whether_it_was_right_at_the_first_try(file):
    assert progress.answered("attention.first") is None
    progress.record_answer("attention.first", True)
    progress.record_answer("attention.first", False)
    progress.record_answer("attention.second", False)
    progress.record_answer("attention.third", False)
    progress.record_answer("attention.third", True)
    assert progress.answered("attention.first") == progress.Answered(right=True, at_first=True)
    assert progress.answered("attention.second") == progress.Answered(right=False, at_first=False)
    assert progress.answered("attention.third") == progress.Answered(right=True, at_first=False)


def test_answers_and_checks_share_the_file_and_an_exercise_may_have_the_name_of_a_question(file):
    file.parent.mkdir()
    file.write_text(json.dumps(OLD | {"rlhf.reward": True}))
    progress.record_answer("transformer.causal_mask", True)
    progress.record("transformer.split_heads", False)
    assert json.loads(file.read_text()) == {
        "rlhf.reward": True,
        "start_here.tokens_per_second": True,
        "tokenization.count_pairs": True,
        "transformer.causal_mask": False,
        "transformer.causal_mask?": True,
        "transformer.causal_mask?first": True,
        "transformer.split_heads": True,
    }, "only true and false: an older version puts a file with anything else aside"


@pytest.mark.usefixtures("questions")
def test_the_table_counts_the_questions(file):
    progress.record_answer("attention.first", True)
    progress.record_answer("attention.third", False)
    progress.record_answer("attention.third", True)
    progress.record_answer("tokenization.only", False)
    progress.record_answer("tokenization.of_an_older_edition", True)
    lines = repr(progress.table()).splitlines()
    assert lines[4].split()[-5:] == ["questions", "2", "of", "3", "✓○✓"]
    assert lines[2].split()[-5:] == ["questions", "0", "of", "1", "✗"]
    assert lines[-1] == "2 of 4 questions answered right, 1 of them at the first try"
    assert progress.table().answered == {"tokenization": "questions 0 of 1", "attention": "questions 2 of 3"}
    page = progress.table()._repr_html_()
    assert "2 of 3" in page and "✓○✓" in page and lines[-1] in page
    assert len({row.count("<td") for row in page.split("<tr>")[2:]}) == 1


@pytest.mark.timed
def test_recording_is_fast_enough_not_to_be_noticed(file, record_property):
    pace = Pace()
    progress.record("start_here.first", True)
    seconds = []
    for number in range(20):
        began = time.perf_counter()
        progress.record(f"start_here.{number}", True)
        seconds.append(time.perf_counter() - began)
    share = statistics.median(seconds) / (0.1 * pace.ended())
    told = (
        f"{1000 * statistics.median(seconds):.0f} ms on a machine {pace.slow_by:.2f} times as slow as two quiet cores"
    )
    record_property("timed", f"{share:4.0%} of the limit: {told}")
    assert share < 1, told
