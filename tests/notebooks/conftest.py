"""nbval, run strictly on one notebook, and what it compared printed at the end of the test run."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

from course.workshop.notebooks import CELL_TIMEOUT, IGNORE_OUTPUT, environment

PROPERTY = "nbval"  # name under which a test hands its line to the summary


@dataclass(frozen=True)
class Comparison:
    """What nbval found. `kinds` counts the code cells by how they were compared; `seconds` is what the cells ran.

    compared      text, numbers or plotly figures, equal to the last character
    picture only  nothing but pixels: size and number of axes were compared, the pixels were not
    ignored       tagged `nbval-ignore-output`
    silent        ran, shows nothing
    not run       has no number in the notebook, or nbval skipped it
    """

    name: str
    kinds: Counter[str]
    failures: list[str]
    seconds: float

    @property
    def share(self) -> float:
        """Cells compared, of those that show something to compare: compared / (compared + ignored)."""
        compared, ignored = self.kinds["compared"], self.kinds["ignored"]
        return compared / (compared + ignored) if compared + ignored else 1.0

    def __str__(self) -> str:
        counts = ", ".join(
            f"{self.kinds[kind]} {kind}" for kind in ("compared", "ignored", "picture only", "silent", "not run")
        )
        return f"{self.name}: cells: {counts}; {self.share:.0%} of compared + ignored; {self.seconds:.0f} s"


@pytest.fixture
def compare(tmp_path) -> Callable[[Path], Comparison]:
    """Run a notebook in a fresh kernel and compare each output with the stored one."""

    def run(notebook: Path) -> Comparison:
        report = tmp_path / "report.xml"
        options = ["--nbval", "--nbval-current-env", f"--nbval-cell-timeout={CELL_TIMEOUT}", f"--junitxml={report}"]
        isolated = ["--noconftest", "-p", "nbval.plugin", "-p", "no:cacheprovider", "--color=no", "-o", "addopts="]
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *isolated, "-o", "junit_duration_report=call", str(notebook)],
            env=environment(tmp_path) | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
            cwd=notebook.parent,
            capture_output=True,
            text=True,
        )
        assert report.exists(), f"nbval did not start:\n{ran.stdout}{ran.stderr}"
        cases = list(ElementTree.parse(report).iter("testcase"))
        cells = [
            cell for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"
        ]
        assert len(cases) == len(cells), f"nbval ran {len(cases)} of {len(cells)} cells:\n{ran.stdout}{ran.stderr}"
        return Comparison(
            notebook.stem,
            Counter(_kind(cell, case) for cell, case in zip(cells, cases, strict=True)),
            [
                problem.text or problem.get("message", "")
                for case in cases
                for problem in case
                if problem.tag in ("failure", "error")
            ],
            sum(float(case.get("time")) for case in cases),
        )

    return run


def _kind(cell: dict, case: ElementTree.Element) -> str:
    if cell["execution_count"] is None or case.find("skipped") is not None:
        return "not run"
    if IGNORE_OUTPUT in cell["metadata"].get("tags", []) or "# NBVAL_IGNORE_OUTPUT" in "".join(cell["source"]):
        return "ignored"
    if not cell["outputs"]:
        return "silent"
    return "picture only" if all(_is_picture(output) for output in cell["outputs"]) else "compared"


def _is_picture(output: dict) -> bool:
    data = output.get("data", {})
    return (
        "image/png" in data
        and set(data) <= {"image/png", "text/plain"}
        and "".join(data.get("text/plain", "")).startswith("<Figure size")
    )


def pytest_terminal_summary(terminalreporter):
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.getreports(outcome)]
    lines = [
        value
        for report in reports
        if report.when == "call"
        for name, value in report.user_properties
        if name == PROPERTY
    ]
    if lines:
        terminalreporter.section("notebooks under nbval")
        for line in sorted(lines):
            terminalreporter.write_line(line)
