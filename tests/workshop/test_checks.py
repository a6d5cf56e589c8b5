"""The steps of `python -m course test`: their order, what each may do, and what comes of a failure or an interrupt."""

import ast
import dataclasses
import signal
import subprocess
import sys
import time

import psutil
import pytest

from course.syllabus.lessons import ROOT, lesson
from course.workshop import checks, selection
from course.workshop.checks import Step, steps
from course.workshop.selection import Selection

ATTENTION = lesson("attention")
CHOSEN = Selection((ATTENTION,), ("tests/layers/test_attention.py",), (ATTENTION,))


@pytest.fixture
def processes(monkeypatch):
    """Each process that a step starts, as (command, environment). It fails when its command holds the word `fails`."""
    started = []

    def call(command, environ):
        started.append((command, environ))
        return 1 if "fails" in command else 5 if "empty" in command else 0

    monkeypatch.setattr(checks, "_call", call)
    return started


def titles(**options) -> list[str]:
    return [step.title for step in steps(**options)]


def words(**options) -> list[str]:
    """The command lines of the steps that run tests."""
    return [" ".join(step.command[1:]) for step in steps(**options) if step.command[0] == "pytest"]


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


@pytest.mark.parametrize(("may_be_empty", "code"), [(True, 0), (False, 1)])
def test_no_test_at_all_is_a_failure_unless_tests_were_chosen(processes, may_be_empty, code):
    assert checks.run([Step("first", ("empty",), may_be_empty=may_be_empty)]) == code


def test_only_the_fetch_and_the_pins_are_online(processes, monkeypatch):
    monkeypatch.delenv("COURSE_OFFLINE", raising=False)
    checks.run(steps(in_browser=True))
    online = [command[2:] for command, env in processes if env.get("COURSE_OFFLINE") != "1"]
    assert online == [["course", "fetch"], ["pytest", "tests/workshop/test_pins_resolve.py"]]


def test_what_runs_offline_comes_after_the_fetch():
    names = [step.command[0] for step in steps(in_browser=True)]
    assert names.index("course") < names.index("pytest")


@pytest.mark.parametrize(
    ("in_browser", "lessons"), [(True, "tests/browser/test_lessons.py"), (False, "tests/notebooks/test_nbval.py")]
)
def test_lessons_run_once_in_a_browser_where_there_is_one(in_browser, lessons):
    lines = [line for line in words(in_browser=in_browser) if "-m timed" not in line]
    running = [line.split()[0] for line in lines if line.startswith(("tests/browser", "tests/notebooks"))]
    assert running == ["tests/notebooks/test_sources.py", lessons]


@pytest.mark.parametrize(("browser", "required", "used"), [("x", "", True), (None, "", False), (None, "1", True)])
def test_a_browser_that_is_required_is_asked_for_even_where_none_is_found(monkeypatch, browser, required, used):
    monkeypatch.setattr(checks.doctor, "chromium", lambda: browser)
    monkeypatch.setenv("COURSE_REQUIRE_BROWSER", required)
    assert any(line.startswith("tests/browser/test_lessons.py") for line in words()) is used


def test_fast_leaves_out_slow_tests_and_running_the_lessons():
    left_out = [title for title in titles(in_browser=True) if title not in titles(fast=True, in_browser=True)]
    assert left_out == ["pins have builds for every system", "timed tests", "lessons, run in a browser"]
    assert [line for line in words(fast=True) if "-m not timed and not slow" in line]
    assert not [line for line in words() if "not slow" in line]


ROOMS = sorted(path for path in (ROOT / "course").iterdir() if path.suffix == ".py" or list(path.glob("*.py")))


@pytest.mark.parametrize("room", [room for room in ROOMS if not room.stem.startswith("__")], ids=lambda room: room.stem)
def test_fast_still_tests_every_room(room):
    tests = ROOT / "tests"
    files = (tests / room.name).rglob("test_*.py") if room.is_dir() else [tests / f"test_{room.name}"]
    functions = [
        node
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    marks = [" ".join(map(ast.unparse, function.decorator_list)) for function in functions]
    assert [mark for mark in marks if "mark.slow" not in mark and "mark.timed" not in mark]


def test_timed_tests_run_without_others_beside_them():
    [timed] = [line for line in words() if "-m timed" in line]
    [others] = [line for line in words() if "-m not timed" in line]
    assert "-n" not in timed and "-n 2" in others
    marked = [file for file in (ROOT / "tests").rglob("*.py") if "@pytest.mark." + "timed" in file.read_text("utf-8")]
    marked += [ROOT / "tests" / "exercises" / "test_limit.py"]  # all of it is
    assert {file.relative_to(ROOT).as_posix() for file in marked} <= set(timed.partition(" -m ")[0].split())
    assert timed.startswith("tests/browser/test_attention_latency.py ") and others.startswith("tests --ignore")


def test_pictures_of_pages_only_when_asked():
    assert not [line for line in words(in_browser=True) if "--screenshots" in line]
    assert words(in_browser=True, pictures=True)[-1].startswith("tests/browser/test_lessons.py --screenshots=all")
    assert words(selection=CHOSEN, in_browser=True)[-1].endswith("--lesson=attention --screenshots=attention")


def test_chosen_lessons_and_tests_are_all_that_runs():
    assert words(selection=CHOSEN, in_browser=True)[:3] == [
        "tests/notebooks/test_sources.py --lesson=attention",
        "tests/layers/test_attention.py -m not timed -n 2 --dist loadfile --no-loadscope-reorder --lesson=attention",
        "tests/layers/test_attention.py -m timed --lesson=attention",
    ]
    assert words(selection=CHOSEN, in_browser=False)[-1] == "tests/notebooks/test_nbval.py --lesson=attention"
    of_a_change = dataclasses.replace(CHOSEN, whole=True)
    assert "tests/layers/test_attention.py -m timed" in words(selection=of_a_change)
    assert titles(selection=Selection((), ()), in_browser=True) == ["lint", "format", "types", "models and texts"]


@pytest.mark.parametrize("in_browser", [True, False])
def test_chosen_steps_run_for_every_lesson_and_once(in_browser):
    own = (selection.SOURCES, selection.FRESH_KERNEL, selection.PINS)
    for lessons in ((), (ATTENTION,)):
        lines = words(selection=Selection(lessons, (), steps=own), in_browser=in_browser)
        assert [line for line in lines if line.startswith(own)] == [own[0], own[2], own[1]]
    assert words(selection=Selection((), (), steps=own), fast=True) == [selection.SOURCES]


def test_unit_tests_that_run_whole_are_of_every_lesson():
    chosen = Selection((ATTENTION,), CHOSEN.tests, whole=True)
    lines = words(selection=chosen, in_browser=True)
    assert [line.endswith("--lesson=attention") for line in lines] == [True, False, False, True]


def test_lessons_run_one_after_the_other():
    """Two at a time were not quicker: a lesson's cells keep two threads busy."""
    assert words(in_browser=True)[-1] == "tests/browser/test_lessons.py"


def test_no_lessons_is_everything_but_the_two_steps_that_go_by_lessons():
    assert words(with_lessons=False, in_browser=True) == words(in_browser=True)[1:-1]


@pytest.mark.parametrize("in_browser", [True, False])
def test_every_test_file_belongs_to_exactly_one_step(in_browser):
    homes = []
    for step in steps(in_browser=in_browser):
        if step.command[0] == "pytest" and "timed" not in step.command:
            files = [word for word in step.command[1:] if word.startswith("tests")]
            ignored = [word.removeprefix("--ignore=") for word in step.command if word.startswith("--ignore=")]
            homes.append((files, ignored))
    not_taken = "tests/notebooks/test_nbval.py" if in_browser else "tests/browser/test_lessons.py"
    for path in (ROOT / "tests").rglob("test_*.py"):
        runs = [
            any(path.is_relative_to(ROOT / file) for file in files)
            and not any(path.is_relative_to(ROOT / one) for one in ignored)
            for files, ignored in homes
        ]
        assert sum(runs) == (path != ROOT / not_taken), path


FAMILY = """
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
pathlib.Path(sys.argv[1]).write_text(str(child.pid))
try:
    time.sleep(600)
except KeyboardInterrupt:
    pathlib.Path(sys.argv[1]).with_suffix(".tidy").touch()
"""
OUTER = """
import pathlib, signal, sys
from course.workshop import checks
signal.signal(signal.SIGINT, signal.default_int_handler)  # it is ignored in what a shell runs in the background
checks.ROOT = pathlib.Path(sys.argv[1])
checks.run([checks.Step("one", ("family", "child"))])
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_lets_the_step_tidy_up_and_leaves_no_process(tmp_path, number):
    (tmp_path / "family.py").write_text(FAMILY)
    note = tmp_path / "child"
    running = subprocess.Popen([sys.executable, "-c", OUTER, str(tmp_path)], cwd=ROOT, stderr=subprocess.PIPE)
    wait_until(lambda: note.exists() and note.read_text())
    child = psutil.Process(int(note.read_text()))
    running.send_signal(number)
    assert b"KeyboardInterrupt" in running.communicate(timeout=60)[1]
    assert note.with_suffix(".tidy").exists()
    wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def wait_until(condition, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
