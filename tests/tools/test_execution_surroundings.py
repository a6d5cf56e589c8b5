"""Calls run wherever a learner runs Python: in a kernel, in a program without a main guard, from the standard input."""

import os
import subprocess
import sys

import pytest

from course.syllabus.lessons import ROOT


@pytest.mark.parametrize("how", ["file", "argument", "input"])
def test_it_works_from_a_program_without_a_main_guard(how, tmp_path):
    code = "from course.tools.execution import run_text\nfrom course.tools.local import local_toolbox\n"
    code += "print(run_text(\"weekday('2026-01-01')\", local_toolbox())[0])\n"
    file = tmp_path / "program.py"
    file.write_text(code)
    command = {"file": [str(file)], "argument": ["-c", code], "input": ["-"]}[how]
    done = subprocess.run(
        [sys.executable, *command],
        input=code,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert (done.stdout, done.stderr) == ("Thursday\n", "")


@pytest.mark.slow
def test_it_works_in_a_kernel():
    import nbformat
    from nbclient import NotebookClient

    code = [
        "from course.tools.execution import run_text\nfrom course.tools.local import local_toolbox",
        "box = local_toolbox()\nprint(run_text(\"[weekday('2026-01-01'), calculate('9**9**9')]\", box))",
        "import psutil\nprint(psutil.Process().children(recursive=True))",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in code])
    NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}).execute()
    printed = [cell.outputs[0].text for cell in notebook.cells[1:]]
    assert "value='Thursday'" in printed[0] and "300 digits" in printed[0]
    assert printed[1].strip() == "[]"
