"""Every check of the course, fastest first: `python -m course test`.

A step that fails does not keep the next ones from running; a table at the end says how each went. Standard library only
until the first step runs.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from course.syllabus.lessons import ROOT, Lesson
from course.workshop import doctor
from course.workshop.installing import clean_environ
from course.workshop.selection import FRESH_KERNEL, IN_BROWSER, PINS, SOURCES, Selection

UNIT = ("tests", *(f"--ignore={step}" for step in (SOURCES, FRESH_KERNEL, IN_BROWSER, PINS)))
# Tests of one file share what it loads, up to 1 GB of weights. Files with slow tests come first (tests/conftest.py).
WORKERS = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
TIMED = "pytest.mark.timed"
GRACE = 30  # seconds that a step has to clean up when it is interrupted
NOTHING_COLLECTED = 5  # pytest's exit code


@dataclass(frozen=True)
class Step:
    """One check: `python -m COMMAND`. Only an `online` step may use the network.

    `may_be_empty`: that pytest finds no test is no failure, as in the timed tests of a lesson that has none.
    """

    title: str
    command: tuple[str, ...]
    online: bool = False
    may_be_empty: bool = False


@dataclass(frozen=True)
class Result:
    """How a step went."""

    step: Step
    passed: bool
    seconds: float

    def __str__(self) -> str:
        return f"{'passed' if self.passed else 'FAILED'}  {self.seconds:7.1f} s  {self.step.title}"


def steps(
    fast: bool = False,
    selection: Selection | None = None,
    with_lessons: bool = True,
    pictures: bool = False,
    in_browser: bool | None = None,
) -> tuple[Step, ...]:
    """The steps to run, fastest first: all, or those that a `selection` needs.

    `fast` leaves out the tests marked `slow`, the timed ones, asking the package index about the pins, and running the
    lessons. Without `with_lessons` nothing that is about one lesson runs. `pictures` of whole pages are taken of every
    lesson that runs, else of those that the selection names. `in_browser` says where the lessons run; None: in a
    browser where one is installed or required.
    """
    if in_browser is None:
        in_browser = doctor.chromium() is not None or os.environ.get("COURSE_REQUIRE_BROWSER") == "1"
    unit = UNIT if selection is None else selection.tests
    unit_marks, empty = "not timed and not slow" if fast else "not timed", selection is not None
    found = [
        Step("lint", ("ruff", "check", ".")),
        Step("format", ("ruff", "format", "--check", ".")),
        Step("types", ("course.workshop.type_errors",)),
        Step("models and texts", ("course", "fetch"), online=True),
    ]
    own_steps = selection.steps if selection else ()
    runs_lessons = with_lessons and (selection is None or bool(selection.lessons))
    only = _only(selection)
    if SOURCES in own_steps:
        found.append(Step("sources equal notebooks", ("pytest", SOURCES)))
    elif runs_lessons:
        found.append(Step("sources equal notebooks", ("pytest", SOURCES, *only)))
    if (selection is None or PINS in own_steps) and not fast:
        found.append(Step("pins have builds for every system", ("pytest", PINS), online=True))
    if unit:
        own = () if selection and selection.whole else only
        found.append(Step("unit and parity tests", ("pytest", *unit, "-m", unit_marks, *WORKERS, *own), False, empty))
        if not fast:
            measured = timed_files() if selection is None else unit  # collecting all the others takes a minute
            found.append(Step("timed tests", ("pytest", *measured, "-m", "timed", *own), False, empty))
    if FRESH_KERNEL in own_steps and not fast:
        found.append(Step("lessons, run in a fresh kernel", ("pytest", FRESH_KERNEL)))
    elif runs_lessons and not fast and not in_browser:
        found.append(Step("lessons, run in a fresh kernel", ("pytest", FRESH_KERNEL, *only)))
    if runs_lessons and not fast and in_browser:
        wanted = ["all"] if pictures else [lesson.slug for lesson in selection.pictures] if selection else []
        shots = [f"--screenshots={slug}" for slug in wanted]
        found.append(Step("lessons, run in a browser", ("pytest", IN_BROWSER, *only, *shots)))
    return tuple(found)


def timed_files(root: Path = ROOT) -> tuple[str, ...]:
    """The files of tests that have the mark `timed`, named from the root."""
    files = (file for file in (root / "tests").rglob("test_*.py") if TIMED in file.read_text(encoding="utf-8"))
    return tuple(sorted(file.relative_to(root).as_posix() for file in files))


def _only(selection: Selection | None) -> tuple[str, ...]:
    lessons: tuple[Lesson, ...] = selection.lessons if selection else ()
    return tuple(f"--lesson={lesson.slug}" for lesson in lessons)


def run(steps: Sequence[Step]) -> int:
    """Run the steps in order and print how each went. Returns 0 when all passed, else 1.

    An interrupt (Ctrl-C, or SIGTERM) ends the step that runs, with all its processes, and passes on.
    """
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        results = [_run(step, f"{number}/{len(steps)}") for number, step in enumerate(steps, start=1)]
    finally:
        signal.signal(signal.SIGTERM, before)
    failed = sum(not result.passed for result in results)
    print("\n" + "\n".join(map(str, results)))
    print(f"\n{len(results) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


def _run(step: Step, number: str) -> Result:
    command = ["-m", *step.command]
    print(f"\n=== {number} {step.title}: python {' '.join(command)}", flush=True)
    start = time.perf_counter()
    code = _call([sys.executable, *command], _environ(step))
    passed = code == 0 or (step.may_be_empty and code == NOTHING_COLLECTED)
    result = Result(step, passed, time.perf_counter() - start)
    print(f"=== {result}", flush=True)
    return result


def _environ(step: Step) -> dict[str, str]:
    environ = clean_environ() | {"OMP_NUM_THREADS": "1"}
    return environ if step.online else environ | {"COURSE_OFFLINE": "1"}


def _call(command: list[str], environ: dict[str, str]) -> int:
    """Run a command in the course's folder. Returns its exit code. An interrupt ends it with all that it started."""
    # In a group of its own it hears Ctrl-C from here and once, so that it can clean up in peace.
    own_group = {"process_group": 0} if os.name != "nt" else {}
    with subprocess.Popen(command, cwd=ROOT, env=environ, **own_group) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            _end(process)
            raise


def _end(process: subprocess.Popen[bytes]) -> None:
    """Interrupt a process, then kill what is left of it and of its descendants, whatever groups they are in."""
    import psutil

    try:
        leader = psutil.Process(process.pid)
        family = [leader, *leader.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    try:
        if os.name != "nt":  # there the console has told each of them
            process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
    finally:  # a second Ctrl-C cuts the wait short
        for one in psutil.wait_procs(family, timeout=1)[1]:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
