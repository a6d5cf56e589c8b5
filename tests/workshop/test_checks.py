"""The steps of `python -m course test`: their order, what each may do, and what comes of a failure."""

import subprocess
from types import SimpleNamespace

import pytest

from course.syllabus.lessons import ROOT
from course.workshop import checks
from course.workshop.checks import STEPS, Step, steps


@pytest.fixture
def processes(monkeypatch):
    """Each process that a step starts, as (command, environment). It fails when its command holds the word `fails`."""
    started = []

    def run(command, cwd, env):
        started.append((command, env))
        return SimpleNamespace(returncode=1 if "fails" in command else 0)

    monkeypatch.setattr(subprocess, "run", run)
    return started


def test_every_step_runs_in_order(processes, capsys):
    assert checks.run([Step("first", ("one",)), Step("second", ("two", "x"))]) == 0
    assert [command[1:] for command, _ in processes] == [["-m", "one"], ["-m", "two", "x"]]
    assert "2 passed, 0 failed" in capsys.readouterr().out


def test_goes_on_after_a_failure_and_says_which(processes, capsys):
    assert checks.run([Step("first", ("fails",)), Step("second", ("two",))]) == 1
    assert len(processes) == 2
    table = capsys.readouterr().out.splitlines()[-5:]
    assert table[1].startswith("FAILED") and table[1].endswith("first")
    assert table[2].startswith("passed") and table[2].endswith("second")
    assert table[-1] == "1 passed, 1 failed"


def test_only_the_fetch_is_online(processes, monkeypatch):
    monkeypatch.delenv("COURSE_OFFLINE", raising=False)
    checks.run(STEPS)
    online = [command[2:] for command, env in processes if env.get("COURSE_OFFLINE") != "1"]
    assert online == [["course", "fetch"]]


def test_what_runs_offline_comes_after_the_fetch():
    names = [step.command[0] for step in STEPS]
    assert names.index("course") < names.index("pytest")


def test_fast_leaves_out_notebooks_and_browser():
    left_out = [step.command for step in steps(fast=False) if step not in steps(fast=True)]
    assert steps(fast=False) == STEPS
    assert [command[1] for command in left_out] == ["tests/notebooks", "tests/browser"]


def test_every_test_file_belongs_to_exactly_one_step():
    homes = []
    for step in STEPS:
        if step.command[0] == "pytest":
            files = [word for word in step.command[1:] if not word.startswith("--")]
            ignored = [word.removeprefix("--ignore=") for word in step.command if word.startswith("--ignore=")]
            homes.append((files, ignored))
    for path in (ROOT / "tests").rglob("test_*.py"):
        runs = [
            any(path.is_relative_to(ROOT / file) for file in files)
            and not any(path.is_relative_to(ROOT / one) for one in ignored)
            for files, ignored in homes
        ]
        assert sum(runs) == 1, path
