"""Build a lesson's executed notebook from its source, reproducibly, and check whether the two still agree."""

import copy
import os
import re
import subprocess
import tempfile
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from course import folders
from course.files import written_whole
from course.messages import _
from course.syllabus.lessons import ROOT, Lesson

SECONDS_LIMIT = 90  # for the cells of one lesson on two CPU cores, without the start of the kernel
CELL_TIMEOUT = 300  # seconds after which a cell counts as hung

IGNORE_OUTPUT = "nbval-ignore-output"  # tag of a cell whose output differs between runs or machines, such as a speed
RAISES = "raises-exception"  # tag of a cell that shows an error on purpose
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
ANSI = re.compile(r"\x1b\[[0-9;]*m")
ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")
CELL_MARKER = re.compile(r"# %%(\s|$)")


class NotebookError(Exception):
    """A lesson cannot be built. The message names the lesson, the cell and the line of its source."""


@dataclass(frozen=True)
class Built:
    """The result of `build`. `seconds` is how long the cells ran; `changed` is False when the notebook was kept."""

    lesson: Lesson
    seconds: float
    changed: bool

    def __str__(self) -> str:
        state = _("written") if self.changed else _("unchanged")
        warning = _("; the limit is {limit} s, its test will fail").format(limit=SECONDS_LIMIT)
        return f"{self.lesson.name}: {self.seconds:.0f} s, {state}{warning if self.seconds > SECONDS_LIMIT else ''}"


def environment(scratch: Path) -> dict[str, str]:
    """The environment variables under which notebooks are built and compared, so that both give the same outputs.

    They select the CPU, two threads, no network and no user settings; progress goes to the folder `scratch`.
    """
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "2",
        "TQDM_DISABLE": "1",  # a progress bar prints different text on each run
        "OMP_WAIT_POLICY": "passive",  # waiting threads sleep: faster on a busy machine, else no difference
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "IPYTHONDIR": str(scratch / "ipython"),
        "COURSE_PROGRESS": str(scratch / "progress.json"),
        "COURSE_OFFLINE": "1",
        "COURSE_DEVICE": "cpu",
        "COURSE_LANGUAGE": "en",
    }


def build(lesson: Lesson) -> Built:
    """Run the lesson's source from top to bottom and store it with its outputs as the lesson's notebook.

    The notebook is kept when the run differs from it only in outputs tagged `nbval-ignore-output` and took the same
    time within a fifth. Raises `NotebookError`, and keeps the old notebook, when a cell is empty, raises an error,
    takes more than `CELL_TIMEOUT` seconds, or shows something that differs between machines.
    """
    notebook = jupytext.read(lesson.source, fmt="py:percent")
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{index:03d}"
        if cell.cell_type == "code" and not cell.source.strip():
            raise NotebookError(_("{place} is empty: remove it.").format(place=_place(lesson, notebook, index)))
    with tempfile.TemporaryDirectory() as scratch:
        seconds = _run(lesson, notebook, environment(Path(scratch)))
    for index, output in _outputs(notebook):
        _settle(output)
        if text := _not_portable(output):
            message = _("{place} shows {found!r}, which differs on each machine or run. Show something else.")
            raise NotebookError(message.format(place=_place(lesson, notebook, index), found=text))
    notebook.metadata = nbformat.from_dict(
        {"course": {"seconds": round(seconds)}, "kernelspec": KERNEL, "language_info": {"name": "python"}}
    )
    changed = not (lesson.notebook.exists() and _same_run(nbformat.read(lesson.notebook, as_version=4), notebook))
    if changed:
        with written_whole(lesson.notebook) as fresh:
            fresh.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")
    return Built(lesson, seconds, changed)


def out_of_date(lesson: Lesson) -> list[str]:
    """The differences between the notebook and its source, one sentence each; an empty list when they agree.

    Cells are compared by content (type, source, tags), and only the first difference is reported. Also reported: a
    missing notebook, the first cell that was not run in order, and the first cell with an unintended error.
    """
    remedy = _("Run `python -m course build {number:02d}`.").format(number=lesson.number)
    if not lesson.notebook.exists():
        return [_("{name}.ipynb is missing. {remedy}").format(name=lesson.name, remedy=remedy)]
    source = jupytext.read(lesson.source, fmt="py:percent")
    stored = nbformat.read(lesson.notebook, as_version=4)
    sentences = [_first_difference(lesson, source, stored), _first_not_run(stored), _first_error(stored)]
    return [f"{lesson.name}.ipynb: {sentence} {remedy}" for sentence in sentences if sentence]


class _Runner(NotebookClient):
    """A client that collects a cell's outputs as nbval does, so that both see the same.

    nbclient itself acts as a browser for Output widgets: it answers their messages on the channel that it waits on,
    which can lose a wake-up and hang (its issue 312), and moves captured output out of the cell. Here nothing answers,
    and the first output of `interact` or an Output widget stays in the cell, as a static view.
    """

    def on_comm_open_jupyter_widget(self, msg: dict[str, Any]) -> None:
        return None

    def clear_output(self, outs: list[NotebookNode], msg: dict[str, Any], cell_index: int) -> None:
        pass


def _run(lesson: Lesson, notebook: NotebookNode, env: dict[str, str]) -> float:
    """Execute the cells in place, in the folder of the notebooks. Returns their total time in seconds."""
    client = _Runner(
        notebook,
        kernel_name=KERNEL["name"],
        timeout=CELL_TIMEOUT,
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(lesson.notebook.parent)}},
    )
    with client.setup_kernel(env=env, stderr=subprocess.DEVNULL):
        start = time.perf_counter()
        for index, cell in enumerate(notebook.cells):
            try:
                client.execute_cell(cell, index)
            except CellExecutionError as error:
                shown = next(output for output in cell.outputs if output.output_type == "error")
                traceback = ANSI.sub("", "\n".join(shown.traceback))
                line = re.search(rf"Cell In\[{cell.execution_count}\], line (\d+)", traceback)
                place = _place(lesson, notebook, index, int(line[1]) if line else 1)
                raise NotebookError(f"{place}: {error.ename}: {error.evalue}\n\n{traceback}") from None
            except CellTimeoutError:
                message = _("{place} ran for more than {limit} s.")
                raise NotebookError(message.format(place=_place(lesson, notebook, index), limit=CELL_TIMEOUT)) from None
            except DeadKernelError:
                message = _("{place} ended the kernel: it ran out of memory, or the process crashed.")
                raise NotebookError(message.format(place=_place(lesson, notebook, index))) from None
        return time.perf_counter() - start


def _place(lesson: Lesson, notebook: NotebookNode, index: int, line: int = 0) -> str:
    """The location of a cell: lesson, cell, and line of the source (`line` counts within the cell, from 1)."""
    lines = lesson.source.read_text(encoding="utf-8").splitlines()
    markers = [number for number, text in enumerate(lines, start=1) if CELL_MARKER.match(text)]
    from_the_end = index - len(notebook.cells)  # since text before the first marker is a cell without a marker
    line += markers[from_the_end]
    place = _("{name}, cell {cell} ({file}, line {line})")
    return place.format(name=lesson.name, cell=index + 1, file=lesson.source.name, line=line)


def _outputs(notebook: NotebookNode) -> Iterator[tuple[int, NotebookNode]]:
    return ((index, output) for index, cell in enumerate(notebook.cells) for output in cell.get("outputs", []))


def _settle(output: NotebookNode) -> None:
    """Remove random parts (widget ids) and, from an expected error, the frames with this machine's paths."""
    if output.output_type == "error":
        output.traceback = output.traceback[-1:]
    output.get("data", {}).pop(WIDGET_VIEW, None)


def _not_portable(output: NotebookNode) -> str | None:
    """The first memory address or path of this machine in the text of an output; None when there is none."""
    data = {kind: value for kind, value in output.get("data", {}).items() if not kind.startswith("image/")}
    texts = [ANSI.sub("", text) for text in _strings(output | {"data": data})]
    for folder in _own_folders():
        for written in (folder, ascii(folder)[1:-1], repr(folder)[1:-1], urllib.parse.quote(folder)):
            # Not the end of a longer path, nor what follows the host of a web address. In JSON it may begin a line.
            pattern = re.compile(rf"(?:(?<![\w.~/-])|(?<=file://)|(?<=\\[nrt])){re.escape(written)}")
            if any(map(pattern.search, texts)):
                return folder
    return next((address[0] for text in texts if (address := ADDRESS.search(text))), None)


def _own_folders() -> list[str]:
    """The folders whose paths differ on each machine, each with the separator that follows it in a path."""
    places = (ROOT, folders.home(), Path(tempfile.gettempdir()))
    return [f"{place}{os.sep}" for place in places if place is not None and place != Path(place.anchor)]


def _strings(value: object) -> Iterator[str]:
    """Every string in a nest of dictionaries and lists, their keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for item in value.items() for text in _strings(item))
    elif isinstance(value, (list, tuple)):
        yield from (text for item in value for text in _strings(item))


def _same_run(old: NotebookNode, new: NotebookNode) -> bool:
    """Whether two runs agree in everything that should be reproducible, and took about the same time."""
    before, after = (notebook.metadata.get("course", {}).get("seconds", 0) for notebook in (old, new))
    return abs(after - before) <= max(1, before / 5) and _lasting(old) == _lasting(new)


def _lasting(notebook: NotebookNode) -> NotebookNode:
    """The notebook without its run time and without the outputs that may differ between runs."""
    lasting = copy.deepcopy(notebook)
    lasting.metadata.pop("course", None)
    for cell in lasting.cells:
        if IGNORE_OUTPUT in cell.metadata.get("tags", []):
            cell.outputs = []
    return lasting


def _first_difference(lesson: Lesson, source: NotebookNode, stored: NotebookNode) -> str | None:
    for index, (expected, actual) in enumerate(zip_longest(source.cells, stored.cells)):
        if expected is None:
            return _("cell {cell} is not in the source.").format(cell=index + 1)
        place = _place(lesson, source, index)
        if actual is None:
            return _("{place} is not in the notebook.").format(place=place)
        for part, a, b in zip(("type", "tags", "source"), _content(expected), _content(actual), strict=True):
            if a != b:
                a, b = next((x, y) for x, y in zip_longest(a.split("\n"), b.split("\n")) if x != y)
                return _("{place} differs in its {part}: {a!r} in the source, {b!r} in the notebook.").format(
                    place=place, part=part, a=a, b=b
                )
    return None


def _content(cell: NotebookNode) -> tuple[str, str, str]:
    return cell.cell_type, ", ".join(cell.metadata.get("tags", [])), cell.source


def _first_not_run(notebook: NotebookNode) -> str | None:
    code = [(index, cell) for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    for turn, (index, cell) in enumerate(code, start=1):
        if cell.execution_count != turn:
            message = _("cell {cell} was not run in its turn (its number is {count}, not {turn}).")
            return message.format(cell=index + 1, count=cell.execution_count, turn=turn)
    return None


def _first_error(notebook: NotebookNode) -> str | None:
    for index, output in _outputs(notebook):
        if output.output_type == "error" and RAISES not in notebook.cells[index].metadata.get("tags", []):
            return _("cell {cell} shows {error}.").format(cell=index + 1, error=f"{output.ename}: {output.evalue}")
    return None
