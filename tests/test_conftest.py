"""The rules of conftest.py hold in every test."""

import os
import re
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import jaxtyping
import pytest
import torch
from hypothesis import settings

from course.exercises.registry import exercises_of
from course.layers.attention import scaled_dot_product_attention
from course.syllabus.lessons import ROOT, lesson


def test_shapes_are_checked():
    query, key = torch.zeros(1, 1, 2, 8), torch.zeros(1, 1, 2, 4)
    with pytest.raises(jaxtyping.TypeCheckError):
        scaled_dot_product_attention(query, key, key)


def test_progress_goes_elsewhere(tmp_path_factory):
    assert tmp_path_factory.getbasetemp() in Path(os.environ["COURSE_PROGRESS"]).parents


def test_offline_means_this_machine_only(offline):
    with pytest.raises(AssertionError, match=r"looks up 'example\.org'"):
        urllib.request.urlopen("http://example.org", timeout=1)
    with socket.socket() as outside, pytest.raises(AssertionError, match=r"connects to \('192\.0\.2\.1', 80\)"):
        outside.connect(("192.0.2.1", 80))
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass


@pytest.mark.slow
def test_of_what_goes_by_lessons_only_those_asked_for_are_left():
    wanted = lesson("attention")
    files = [
        "tests/exercises/test_lesson_cells.py",
        "tests/exercises/test_all_exercises.py",
        "tests/exercises/test_compare.py",
    ]
    command = [sys.executable, "-m", "pytest", *files, f"--lesson={wanted.slug}", "--collect-only", "-q"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    cells = re.findall(r"test_lesson_cells\.py::\w+\[(.*)\]", listed)
    stubs = re.findall(r"test_untouched_stub_is_not_attempted\[(.*)\]", listed)
    assert cells == [wanted.name]
    assert stubs == [exercise.name for exercise in exercises_of(wanted)]
    assert "test_close_allows_what_float32_rounds_and_no_more" in listed  # which is about no lesson in particular


@pytest.mark.parametrize("again", [1, 2])
def test_a_forgotten_seed_still_gives_the_same_numbers(again):
    assert torch.rand(()).item() == torch.rand((), generator=torch.Generator().manual_seed(0)).item()


def test_hypothesis_has_no_deadline():
    assert settings().deadline is None
