"""Calls with all tools, the hostile ones too, and what a process holds while they run."""

import os
import threading
from pathlib import Path

import psutil

from course.tools import Call
from course.tools.execution import process as process_module
from course.tools.execution import run_call
from course.tools.local import local_toolbox
from tests.tools.hostile_tools import HOSTILE

TOOLBOX = local_toolbox(HOSTILE)


def run(function, /, **arguments):
    return run_call(Call(function, arguments), TOOLBOX, seconds=30.0, memory_mb=100)


def held():
    """The children of this process, and how many threads and open files it has.

    Tests that ran before it in this process may have left it a browser, so there may be children from the beginning.
    """
    this = psutil.Process()
    files = this.num_handles() if os.name == "nt" else this.num_fds()
    return {child.pid for child in this.children()}, threading.active_count(), files


def altered(tmp_path, monkeypatch, code):
    """The child with other code: what `code` does to the module `child` before it begins."""
    folder = Path(process_module.CHILD).parent
    file = tmp_path / "altered.py"
    file.write_text(f"import sys\nsys.path.insert(0, {str(folder)!r})\nimport child\n{code}\nchild.main()\n")
    monkeypatch.setattr(process_module, "CHILD", file)
