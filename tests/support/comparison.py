"""nbval compares a notebook's outputs with those of a new run: in a kernel of its own, or as a page received them."""

import math
import os
import re
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest
from nbformat import NotebookNode
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, RunningKernel
from nbval.plugin import IPyNbCell, IPyNbFile, nocolors

from course.workshop.notebooks import CELL_TIMEOUT, SECONDS_LIMIT, environment
from tests.support.offline import forbid_network_in_kernels
from tests.support.speed import paced

PICTURE = r"(?<=data:image/png;base64,)[A-Za-z0-9+/=]+"  # in HTML
TINY = r"\d(?:\.\d+)?e[-−]0[6-9]"  # what float32 rounds off, which is another number on another processor
FRACTION = r"\d[\d,]*\.\d+"
FLOOR = 0.9  # share of the cells with something to compare that must be compared
NEAR = 1e-4  # relative difference of two numbers that another processor may make of one
ROUNDING = 1e-6  # difference of two numbers, as where both are but what float32 rounds off


@dataclass(frozen=True)
class Comparison:
    """What nbval found. `kinds` counts the code cells by how they were compared; `seconds` is what the cells ran.

    `slow_by` says how many times as slow as two quiet cores the machine was meanwhile.

    compared      text, or the size and the words of a picture, equal to the last character but for `TINY` numbers; the
                  numbers of claims and of plotly figures, which are stored with more digits than are shown, as `near`
                  as another processor is
    picture only  nothing but pixels, which were not compared
    ignored       tagged `nbval-ignore-output`
    silent        ran, shows nothing
    not run       has no number in the notebook, or did not run now
    """

    name: str
    kinds: Counter[str]
    failures: list[str]
    seconds: float
    slow_by: float = 1.0

    @property
    def share(self) -> float:
        """Cells compared, of those that show something to compare: compared / (compared + ignored)."""
        compared, ignored = self.kinds["compared"], self.kinds["ignored"]
        return compared / (compared + ignored) if compared + ignored else 1.0

    def __str__(self) -> str:
        counts = ", ".join(
            f"{self.kinds[kind]} {kind}" for kind in ("compared", "ignored", "picture only", "silent", "not run")
        )
        took = f"{self.seconds:.0f} of {SECONDS_LIMIT * self.slow_by:.0f} s"
        return f"{self.name}: cells: {counts}; {self.share:.0%} of compared + ignored; {took}"


def require_lesson_as_stored(comparison: Comparison) -> None:
    """A lesson gives what is stored, is compared nearly everywhere, and is quick. `AssertionError` when not."""
    assert not comparison.failures, "\n\n".join(comparison.failures)
    assert not comparison.kinds["not run"], f"{comparison}: every code cell must have been run"
    assert comparison.share >= FLOOR, f"{comparison}: at least {FLOOR:.0%} must be compared"
    slow_by = comparison.slow_by
    told = f"a lesson runs in {SECONDS_LIMIT} s on two quiet CPU cores; this machine was {slow_by:.2f} times as slow"
    assert comparison.seconds <= SECONDS_LIMIT * slow_by, f"{comparison}: {told}"


def near(one: object, other: object) -> bool:
    """Whether two JSON values are alike but for the last digits of their numbers: `NEAR`, or `ROUNDING`."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(near(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(near, one, other))
    if isinstance(one, bool) or isinstance(other, bool) or not {type(one), type(other)} <= {int, float}:
        return type(one) is type(other) and one == other
    return math.isclose(one, other, rel_tol=NEAR, abs_tol=ROUNDING)


class NearJson(dict):
    """What nbval compares by `!=`: equal to what is `near`."""

    def __eq__(self, other: object) -> bool:
        return near(dict(self), dict(other)) if isinstance(other, dict) else NotImplemented

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None


class Recording:
    """A kernel, as nbval uses one, that has run already: it answers each cell with what a page received for it.

    `messages` are those of the iopub channel, in order, each with `msg_type`, `msg_id` (of the request it answers) and
    `content`. What belongs to no cell is left out.
    """

    def __init__(self, messages: list[dict]) -> None:
        asked = [message["msg_id"] for message in messages if message["msg_type"] == "execute_input"]
        answers = {msg_id: deque() for msg_id in asked}
        for message in messages:
            if message["msg_id"] in answers:
                answers[message["msg_id"]].append(message)
        self._turns = deque(answers.items())
        self._answers: deque[dict] = deque()

    def is_alive(self) -> bool:
        return bool(self._turns)

    def execute_cell_input(self, source: str, allow_stdin: bool) -> str:
        msg_id, self._answers = self._turns.popleft()
        ran = next(message["content"]["code"] for message in self._answers if message["msg_type"] == "execute_input")
        assert ran == source, f"The page ran {ran!r} where the notebook has {source!r}."
        return msg_id

    def get_message(self, stream: str, timeout: float) -> dict:
        message = self._answers.popleft()
        return message | {"parent_header": {"msg_id": message["msg_id"]}}

    def await_reply(self, msg_id: str, timeout: float) -> None:
        """It has come."""

    def await_idle(self, msg_id: str, timeout: float) -> None:
        """It has come."""


def run_and_compare(session: pytest.Session, notebook: Path, scratch: Path) -> Comparison:
    """Run a notebook in a fresh kernel, its files in `scratch`, and compare each output with the stored one."""
    environ = environment(scratch)
    forbid_network_in_kernels(environ)
    with mock.patch.dict(os.environ, environ):
        kernel = RunningKernel(CURRENT_ENV_KERNEL_NAME, cwd=str(notebook.parent))
    try:
        return compare(session, notebook, kernel)
    finally:
        kernel.stop()


def compare(
    session: pytest.Session,
    notebook: Path,
    kernel: RunningKernel | Recording,
    seconds: float | None = None,
    slow_by: float = 1.0,
) -> Comparison:
    """Let nbval run each cell of the notebook in the kernel and compare what comes with what is stored.

    Where the kernel is a `Recording`, `seconds` is how long the cells ran, and `slow_by` how slow the machine was.
    """
    file = IPyNbFile.from_parent(session, path=notebook)
    file.kernel = kernel
    file.sanitize_patterns[PICTURE] = "base64"  # not the pixels; what is beside them is compared, the words too
    file.sanitize_patterns[TINY] = "next to 0"
    kinds, failures = Counter(), []
    start = time.perf_counter()
    with paced() as slowness, mock.patch.object(session.config.option, "nbval_cell_timeout", CELL_TIMEOUT):
        for number, cell in enumerate(cells := list(file.collect())):
            if file.timed_out or not kernel.is_alive():
                failures.append(f"Cell {number} and those after it did not run:\n{cell.cell.source}")
                kinds["not run"] += len(cells) - number
                break
            cell.colors = nocolors
            cell.sanitize = _sanitized_by(cell.sanitize)
            kinds[_kind(cell)] += 1
            failures += [] if cell.options["skip"] else _failures(cell)
        if seconds is None:
            seconds, slow_by = time.perf_counter() - start, slowness()
    return Comparison(notebook.stem, kinds, failures, seconds, slow_by)


def _sanitized_by(sanitize: Callable[[object], object]) -> Callable[[object], object]:
    def sanitized(output: object) -> object:
        if isinstance(output, dict):
            return NearJson(output)
        clean = sanitize(output)  # the numbers of a claim are compared in its JSON
        return re.sub(FRACTION, "#", clean) if isinstance(clean, str) and "claimed:" in clean else clean

    return sanitized


def _failures(cell: IPyNbCell) -> list[str]:
    """What is wrong with a cell; it runs now."""
    try:
        cell.runtest()
    except Exception as error:
        return [cell.repr_failure(pytest.ExceptionInfo.from_exception(error))]
    return []


def _kind(item: IPyNbCell) -> str:
    cell = item.cell
    if cell.execution_count is None or item.options["skip"]:
        return "not run"
    if not item.options["check"]:
        return "ignored"
    if not cell.outputs:
        return "silent"
    return "picture only" if all(_is_picture(output) for output in cell.outputs) else "compared"


def _is_picture(output: NotebookNode) -> bool:
    data = output.get("data", {})
    return (
        "image/png" in data
        and set(data) <= {"image/png", "text/plain"}
        and data.get("text/plain", "").startswith("<Figure size")
    )
