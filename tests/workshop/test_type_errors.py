"""The list of known type errors: a new error fails, a known one does not, and the list never grows."""

import shutil

import pytest

from course.syllabus.lessons import ROOT
from course.workshop.type_errors import KNOWN_ERRORS, main

WRONG = "def label(count: int) -> str:\n    return count\n"
RIGHT = WRONG.replace("return count", "return str(count)")
LISTED = "course/code.py: Returned type `int` is not assignable to declared return type `str` [bad-return]\n"
SHAPES = """
from jaxtyping import Bool, Float
from torch import Tensor

from course.messages import _


def masked_mean(
    states: Float[Tensor, "batch length d_model"],
    mask: Bool[Tensor, "batch length"] | None,
    bias: Float[Tensor, "d_model"],
) -> Float[Tensor, "batch d_model"]:
    return states.mean(dim=1) + bias


def message(n_rows: int) -> str:
    return _("{n} rows").format(n=n_rows)
"""


@pytest.fixture
def project(tmp_path):
    """An empty project with the settings of this one, no known errors and the module `course/messages.py`."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for file in (KNOWN_ERRORS, "course/messages.py", "course/exercises/topic/code.py", "experiments/code.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    (tmp_path / "benchmarks").mkdir()
    shutil.copy(ROOT / "course" / "messages.py", tmp_path / "course")
    return tmp_path


def put(project, code, listed="", file="course/code.py"):
    (project / file).write_text(code, encoding="utf-8")
    (project / KNOWN_ERRORS).write_text(listed, encoding="utf-8")


def test_a_new_error_fails_with_its_line(project, capsys):
    put(project, WRONG)
    assert main([], project) == 1
    assert "course/code.py:2: Returned type `int`" in capsys.readouterr().out


@pytest.mark.parametrize("edited", [WRONG, f"import os\n\n\n{WRONG}", WRONG.replace("    return", "    if 1: return")])
def test_a_known_error_passes_wherever_it_is_in_the_file(project, edited):
    put(project, edited, listed=LISTED)
    assert main([], project) == 0


def test_the_same_error_a_second_time_is_new(project, capsys):
    put(project, f"{WRONG}\n\n{WRONG.replace('label', 'title')}", listed=LISTED)
    assert main([], project) == 1
    assert "1 new type errors, 1 known, 0 known and gone" in capsys.readouterr().out


def test_a_known_error_that_is_gone_fails_until_it_is_off_the_list(project, capsys):
    put(project, RIGHT, listed=LISTED)
    assert main([], project) == 1
    assert LISTED in capsys.readouterr().out
    assert main(["--prune"], project) == 0
    assert (project / KNOWN_ERRORS).read_text(encoding="utf-8") == ""
    assert main([], project) == 0


def test_pruning_never_adds(project):
    put(project, WRONG, listed="course/code.py: An error that is gone [bad-return]\n")
    assert main(["--prune"], project) == 1
    assert (project / KNOWN_ERRORS).read_text(encoding="utf-8") == ""


def test_shapes_and_translated_messages_are_types_like_others(project, capsys):
    put(project, SHAPES)
    assert main([], project) == 0, capsys.readouterr().out
    put(project, f"{SHAPES}\n\nlength: int = message(3)\nmasked_mean(3, None, None)\n")
    assert main([], project) == 1
    assert "3 new type errors" in capsys.readouterr().out


def test_only_exercises_go_without_annotations(project):
    code = "def solution(word):\n    return word\n"
    put(project, code, file="course/exercises/topic/code.py")
    assert main([], project) == 0
    put(project, code, file="experiments/code.py")
    assert main([], project) == 1


def test_a_checker_that_cannot_run_says_why(project):
    (project / "pyproject.toml").write_text("[tool.pyrefly]\nproject-includes = 3\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="project-includes"):
        main([], project)
