"""A call runs in a process of its own, within its limits, and leaves nothing behind."""

import json
import os
import subprocess
import sys
import time

import psutil
import pytest

from course.syllabus.lessons import ROOT
from course.tools import Call
from course.tools.execution import process as process_module
from course.tools.execution import run_call, run_text
from course.tools.execution.process import end_family
from course.tools.local import days_between
from tests.tools.calling import TOOLBOX, altered, held, run


@pytest.fixture(autouse=True)
def _nothing_is_left():
    before = held()
    yield
    assert held() == before, "processes, threads or open files are left"


def test_a_child_loads_the_function_and_not_the_packages_around_it():
    modules = run("surroundings", name="modules").value
    for heavy in ("torch", "numpy", "babel", "psutil", "multiprocessing", "course.tools", "course.data"):
        assert repr(heavy) not in modules


@pytest.mark.parametrize(
    "text", ["weekday('2026-01-01')", "look_up('token')", "calculate('1')", "convert_units(1, 'inch', 'foot')"]
)
def test_the_local_tools_load_no_other_part_of_the_course_than_they_need(text, tmp_path, monkeypatch):
    known = {"course", "course.messages", "course.syllabus", "course.tools.local"}
    code = """
answer = child.answer
def told(*arguments):
    found = answer(*arguments)
    names = {name for name in sys.modules if name.startswith(("course", "torch", "numpy"))}
    found["text"] = " ".join(sorted(names))
    return found
child.answer = told"""
    altered(tmp_path, monkeypatch, code)
    loaded = run_text(text, TOOLBOX)[0].value.split()
    assert loaded and {name for name in loaded if not name.startswith(tuple(known))} - known == set()
    assert "course.tools" not in loaded


@pytest.mark.parametrize("name", ["write_file", "open_file"])
def test_no_file_is_written_where_files_may_be_read(name, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "read.txt").write_text("text")
    assert run("read_file", path=str(tmp_path / "read.txt")).value == "text"
    assert "tried what no call may (open)" in str(run(name, path=str(tmp_path / "written.txt")))
    assert [path.name for path in tmp_path.iterdir()] == ["read.txt"]


def test_threads_that_a_function_leaves_do_not_delay_its_answer():
    started = time.perf_counter()
    assert run("keep_thread", seconds=30.0).value == "started"
    assert time.perf_counter() - started < 20


def test_the_time_is_that_of_the_call(tmp_path, monkeypatch):
    altered(tmp_path, monkeypatch, "import time\ntime.sleep(2)")
    result = run_call(Call("sleep", {"seconds": 0.1}), TOOLBOX, seconds=1.9)
    assert result.value == "None" and 0.1 <= result.seconds < 1.9


@pytest.mark.parametrize("name", ["grow", "repeat"])
def test_memory_is_watched_where_the_system_limits_nothing(name, tmp_path, monkeypatch):
    altered(tmp_path, monkeypatch, "child.limit_resources = lambda *_arguments: None")
    arguments = {"step": 1_000_000} if name == "grow" else {"text": "a" * 1000, "times": 1_000_000}
    result = run_call(Call(name, arguments), TOOLBOX, seconds=30.0, memory_mb=50)
    assert "memory" in result.refusal.reason


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the resource limit of memory is Linux's")
def test_the_system_limits_memory_where_nobody_watches(monkeypatch):
    monkeypatch.setattr(process_module, "WATCH", 60.0)
    result = run_call(Call("grow", {"step": 1_000_000}), TOOLBOX, seconds=30.0, memory_mb=50)
    assert "memory" in result.refusal.reason
    assert run_call(Call("repeat", {"text": "a", "times": 60_000_000}), TOOLBOX, memory_mb=50).value is None
    assert run_call(Call("repeat", {"text": "a", "times": 20_000_000}), TOOLBOX, memory_mb=50).value == "a" * 2000


@pytest.mark.parametrize("code", ["raise SystemExit(3)", "print('no protocol', flush=True)", "print('x' * 10**6)"])
def test_a_child_that_does_not_start_is_a_sentence(code, tmp_path, monkeypatch):
    altered(tmp_path, monkeypatch, code + "\nsys.exit(1)")
    assert "could not be started" in str(run("echo", value=1))


def test_a_function_that_is_not_found_says_which(monkeypatch):
    monkeypatch.setattr(days_between, "__qualname__", "days_after")
    result = run("days_between", start="2026-01-01", end="2026-01-02")
    assert "could not be started" in str(result) and "days_after" in str(result)


def test_a_child_that_never_gets_ready_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(process_module, "START", 0.3)
    altered(tmp_path, monkeypatch, "import time\ntime.sleep(60)")
    started = time.perf_counter()
    assert "could not be started" in str(run("echo", value=1)) and time.perf_counter() - started < 20


def test_an_interrupt_ends_the_child(monkeypatch):
    def interrupted(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(process_module, "_wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run("sleep", seconds=60.0)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("power", "{'base': 7, 'exponent': 999999999}"), ("sleep", "{'seconds': 60.0}")],
    ids=["it computes in C", "it sleeps"],
)
def test_a_child_ends_by_itself_when_nobody_is_left_to_end_it(name, arguments, tmp_path, monkeypatch):
    altered(tmp_path, monkeypatch, "child.GRACE = 0.2")
    job = {
        "path": [str(ROOT), *sys.path],
        "module": "tests.tools.hostile",
        "file": None,
        "function": name,
        "seconds": 0.1,
    }
    job |= {"arguments": arguments, "memory_mb": 100, "characters": 100}
    command = [sys.executable, str(process_module.CHILD)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as child:
        child.stdin.write(json.dumps(job).encode() + b"\ngo\n")
        child.stdin.flush()
        assert child.stdout.readline() == b"ready\n"
        child.stdin.close()
        assert child.wait(20) != 0
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as child:
        child.stdin.write(json.dumps(job).encode() + b"\n")
        child.stdin.close()
        assert child.wait(20) == 2, "the parent has ended before it said go"


def test_a_process_is_ended_with_its_descendants():
    code = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', {inner!r}], start_new_session={new}).wait()"
    inner = "import time; print('here', flush=True); time.sleep(60)"
    inner = code.format(inner=inner, new=True)
    command = [sys.executable, "-c", code.format(inner=inner, new=False)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as leader:
        assert leader.stdout.readline().strip() == b"here"
        family = psutil.Process(leader.pid).children(recursive=True)
        assert len(family) == 2
        end_family(leader)
        end_family(leader)  # once more is no error
    gone, alive = psutil.wait_procs(family, timeout=10)
    assert (len(gone), alive) == (2, [])


@pytest.mark.skipif(os.name == "nt", reason="Windows has no groups of processes")
def test_a_process_is_ended_with_those_of_its_group_whose_parent_is_gone():
    code = "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', {inner!r}]); {after}"
    orphan = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    between = code.format(inner=orphan, after="sys.exit()")
    leader_code = code.format(
        inner=between, after="child.wait(); print('gone', flush=True); import time; time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", leader_code], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as leader:
        said = {leader.stdout.readline().strip() for _number in range(2)}
        [pid] = said - {"gone"}
        orphan = psutil.Process(int(pid))
        assert psutil.Process(leader.pid).children(recursive=True) == []
        end_family(leader)
    assert psutil.wait_procs([orphan], timeout=10)[1] == []
