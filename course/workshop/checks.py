"""Every check of the course, fastest first: `python -m course test`.

A step that fails does not keep the next ones from running; a table at the end says how each went.
"""

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from course.syllabus.lessons import ROOT
from course.workshop.installing import clean_environ

SOURCES = "tests/notebooks/test_sources.py"


@dataclass(frozen=True)
class Step:
    """One check: `python -m COMMAND`. Only an `online` step may use the network; `--fast` leaves out what is `slow`."""

    title: str
    command: tuple[str, ...]
    online: bool = False
    slow: bool = False


STEPS = (
    Step("lint", ("ruff", "check", ".")),
    Step("format", ("ruff", "format", "--check", ".")),
    Step("types", ("course.workshop.type_errors",)),
    Step("models and texts", ("course", "fetch"), online=True),
    Step("sources equal notebooks", ("pytest", SOURCES)),
    Step("unit and parity tests", ("pytest", "tests", "--ignore=tests/notebooks", "--ignore=tests/browser")),
    Step("notebooks, run and compared", ("pytest", "tests/notebooks", f"--ignore={SOURCES}"), slow=True),
    Step("widgets in a browser", ("pytest", "tests/browser"), slow=True),
)


@dataclass(frozen=True)
class Result:
    """How a step went."""

    step: Step
    passed: bool
    seconds: float

    def __str__(self) -> str:
        return f"{'passed' if self.passed else 'FAILED'}  {self.seconds:7.1f} s  {self.step.title}"


def steps(fast: bool) -> tuple[Step, ...]:
    """The steps to run, fastest first."""
    return tuple(step for step in STEPS if not (fast and step.slow))


def run(steps: Sequence[Step]) -> int:
    """Run the steps in order and print how each went. Returns 0 when all passed, else 1."""
    results = [_run(step, f"{number}/{len(steps)}") for number, step in enumerate(steps, start=1)]
    failed = sum(not result.passed for result in results)
    print("\n" + "\n".join(map(str, results)))
    print(f"\n{len(results) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


def _run(step: Step, number: str) -> Result:
    command = ["-m", *step.command]
    print(f"\n=== {number} {step.title}: python {' '.join(command)}", flush=True)
    start = time.perf_counter()
    code = subprocess.run([sys.executable, *command], cwd=ROOT, env=_environ(step)).returncode
    result = Result(step, code == 0, time.perf_counter() - start)
    print(f"=== {result}", flush=True)
    return result


def _environ(step: Step) -> dict[str, str]:
    return clean_environ() if step.online else clean_environ() | {"COURSE_OFFLINE": "1"}
