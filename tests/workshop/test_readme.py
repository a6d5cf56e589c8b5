"""The computed parts of README.md, and what it names."""

import re

import pytest

from course.syllabus.lessons import LESSONS, ROOT
from course.workshop import readme


def test_a_lost_marker_is_an_error():
    text = readme.README.read_text(encoding="utf-8").replace("<!-- end of lessons -->", "")
    with pytest.raises(ValueError, match="markers"):
        readme.rendered(text)


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
