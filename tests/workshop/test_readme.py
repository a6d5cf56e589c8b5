"""The computed parts of README.md are up to date."""

import os
import re

import pytest

from course.syllabus.lessons import LESSONS, ROOT
from course.workshop import readme


def test_computed_parts_are_up_to_date():
    text = readme.README.read_text(encoding="utf-8")
    assert readme.rendered(text) == text, "run `python -m course build`: it rewrites README.md's tables"


def test_a_lost_marker_is_an_error():
    text = readme.README.read_text(encoding="utf-8").replace("<!-- end of lessons -->", "")
    with pytest.raises(ValueError, match="markers"):
        readme.rendered(text)


def test_it_is_rewritten_whole_or_stays_as_it_was(tmp_path, monkeypatch):
    old = readme.README.read_text(encoding="utf-8").replace("| 00 |", "| 77 |")
    (tmp_path / "README.md").write_text(old, encoding="utf-8")
    monkeypatch.setattr(readme, "README", tmp_path / "README.md")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space left"):
        patch.setattr(os, "fsync", full)
        readme.update()
    assert [file.read_text(encoding="utf-8") for file in tmp_path.iterdir()] == [old]
    assert readme.update() and not readme.update()
    assert (tmp_path / "README.md").read_bytes() == (ROOT / "README.md").read_bytes()


def test_lesson_table_has_every_lesson():
    assert readme.lesson_table().count("\n") == len(LESSONS) + 1


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_links_and_named_files_exist(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    files = re.findall(r"`((?:course|tests|notebooks|benchmarks|docs|\.ci)/[\w./-]+)`", text)
    missing = [name for name in links + files if not (ROOT / name).exists()]
    assert not missing


def test_the_commands_are_there():
    text = readme.README.read_text(encoding="utf-8")
    for command in (
        "python -m course lab",
        "python -m course test",
        "python -m course fetch",
        "python -m course doctor",
    ):
        assert command in text
