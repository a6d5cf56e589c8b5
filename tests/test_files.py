"""A file is written whole or not at all, whatever happens in the middle of it."""

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from course import files
from course.files import written_whole
from tests.support.interrupts import interrupts_arrive

ROOT = Path(__file__).parents[1]
POSIX = sys.platform != "win32"
needs_posix = pytest.mark.skipif(not POSIX, reason="Windows has other permissions, links and signals")
needs_locks = pytest.mark.skipif(files.fcntl is None, reason="this system has no locks that end with a process")

# Writes half of the file, says so, and waits.
HALF = """
import sys, time
from pathlib import Path
from course.files import written_whole
with written_whole(Path(sys.argv[1])) as fresh, fresh.open("w") as file:
    file.write("half")
    file.flush()
    print("half", flush=True)
    time.sleep(60)
"""
# Writes the file again and again with one letter.
AGAIN = """
import sys
from pathlib import Path
from course.files import written_whole
for _ in range(60):
    with written_whole(Path(sys.argv[1])) as fresh:
        fresh.write_text(sys.argv[2] * 100_000)
"""


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "some [1].json"  # brackets mean something in a pattern
    file.write_text("old")
    return file


def start(program: str, *arguments: object) -> subprocess.Popen:
    with interrupts_arrive():
        command = [sys.executable, "-c", program, *map(str, arguments)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)


def half_written(file: Path) -> subprocess.Popen:
    """A process that is in the middle of writing."""
    process = start(HALF, file)
    assert process.stdout.readline() == "half\n"
    return process


def write(file: Path, text: str) -> None:
    with written_whole(file) as fresh:
        fresh.write_text(text)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_and_one_in_the_place_of_another(tmp_path, file):
    write(file, "new")
    write(tmp_path / "fresh.txt", "first")
    assert file.read_text() == "new"
    assert names(tmp_path) == ["fresh.txt", file.name]


def test_until_the_end_the_old_file_is_there_and_the_fresh_one_has_its_name(file):
    with written_whole(file) as fresh:
        assert not fresh.exists()
        fresh.write_text("new")
        assert (fresh.name, file.read_text()) == (file.name, "old")
    assert file.read_text() == "new"


@pytest.mark.parametrize("error", [ValueError, OSError, KeyboardInterrupt, SystemExit])
def test_an_error_or_an_interrupt_leaves_the_old_file_and_nothing_else(tmp_path, file, error):
    with pytest.raises(error), written_whole(file) as fresh:
        fresh.write_text("half")
        raise error
    assert file.read_text() == "old"
    assert names(tmp_path) == [file.name]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_disk_that_fills_up_at_the_last_moment(tmp_path, file, monkeypatch, step):
    def full(*_arguments):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space left"):
        patch.setattr(*{"fsync": (os, "fsync"), "replace": (Path, "replace")}[step], full)
        write(file, "new")
    assert file.read_text() == "old"
    assert names(tmp_path) == [file.name]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux's /dev/full")
def test_a_full_disk_while_the_block_writes(tmp_path, file):
    with pytest.raises(OSError, match="No space left"), written_whole(file) as fresh:
        fresh.symlink_to("/dev/full")
        fresh.write_text("new")
    assert file.read_text() == "old"
    assert names(tmp_path) == [file.name]


def test_a_block_that_writes_nothing_is_an_error(tmp_path, file):
    with pytest.raises(FileNotFoundError), written_whole(file):
        pass
    assert file.read_text() == "old"
    assert names(tmp_path) == [file.name]


def test_the_bytes_are_flushed_before_the_file_takes_its_place_and_the_folder_after(file, monkeypatch):
    seen = []
    fsync, replace = os.fsync, Path.replace

    def watched_fsync(descriptor):
        seen.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    def watched_replace(self, target):
        seen.append("replace")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(Path, "replace", watched_replace)
    write(file, "new")
    assert seen == ["file", "replace", "folder"] if POSIX else ["file", "replace"]


@needs_posix
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_permissions_are_those_of_any_new_file_whatever_the_writer_gave(tmp_path, file, umask):
    before = os.umask(umask)
    try:
        (tmp_path / "ordinary").touch()
        with written_whole(file) as fresh:
            fresh.write_text("new")
            fresh.chmod(0o600)
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IMODE((tmp_path / "ordinary").stat().st_mode) == 0o666 & ~umask


@needs_posix
@pytest.mark.skipif(POSIX and os.geteuid() == 0, reason="needs a user whom permissions bind")
def test_a_read_only_folder_is_a_permission_error_and_the_file_stays(tmp_path, file):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(PermissionError):
            write(file, "new")
        assert (file.read_text(), names(tmp_path)) == ("old", [file.name])
    finally:
        tmp_path.chmod(0o700)


def test_a_folder_in_the_place_of_the_file_is_refused_before_anything_is_written(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "content").touch()
    with pytest.raises(IsADirectoryError, match="folder"), written_whole(tmp_path / "folder"):
        pytest.fail("the block ran")
    assert names(tmp_path) == ["folder"] and names(tmp_path / "folder") == ["content"]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        write(tmp_path / "nowhere" / "file", "new")


@needs_posix
@pytest.mark.parametrize("exists", [True, False])
def test_a_symbolic_link_stays_and_what_it_points_to_is_written(tmp_path, exists):
    (tmp_path / "elsewhere").mkdir()
    real, link = tmp_path / "elsewhere" / "real", tmp_path / "link"
    if exists:
        real.write_text("old")
    link.symlink_to(real)
    write(link, "new")
    assert link.is_symlink() and real.read_text() == "new" and not real.is_symlink()
    assert names(tmp_path) == ["elsewhere", "link"] and names(real.parent) == ["real"]


@needs_locks
def test_what_a_killed_process_left_is_swept_by_the_next_write(tmp_path, file):
    process = half_written(file)
    process.kill()
    process.communicate()
    assert file.read_text() == "old" and len(names(tmp_path)) == 2
    write(tmp_path / "another file", "new")
    assert len(names(tmp_path)) == 3, "another file's"
    write(file, "new")
    assert file.read_text() == "new" and names(tmp_path) == ["another file", file.name]


@needs_locks
def test_one_that_still_writes_is_left_alone_however_old_its_folder(tmp_path, file):
    process = half_written(file)
    [folder] = tmp_path.glob(".*")
    os.utime(folder, (0, 0))
    write(file, "new")
    assert folder.exists()
    process.kill()
    process.communicate()


@needs_posix
def test_an_interrupted_process_cleans_up_itself(tmp_path, file):
    process = half_written(file)
    process.send_signal(signal.SIGINT)
    _out, err = process.communicate(timeout=30)
    assert "KeyboardInterrupt" in err
    assert file.read_text() == "old" and names(tmp_path) == [file.name]


@pytest.mark.parametrize(("hours", "swept"), [(1, False), (23, False), (25, True)])
def test_without_locks_what_is_older_than_a_day_is_swept(tmp_path, file, monkeypatch, hours, swept):
    monkeypatch.setattr(files, "fcntl", None)
    with pytest.raises(OSError), written_whole(file) as fresh:
        left = fresh.parent
        monkeypatch.setattr(files.shutil, "rmtree", lambda *_arguments, **_options: None)
        raise OSError
    monkeypatch.undo()
    monkeypatch.setattr(files, "fcntl", None)
    then = time.time() - hours * 3600
    os.utime(left, (then, then))
    write(file, "new")
    assert left.exists() is not swept


@needs_locks
@pytest.mark.parametrize(("module", "function"), [("tempfile", "mkdtemp"), ("os", "open")])
def test_a_writer_whose_folder_is_swept_before_it_is_locked_makes_another(
    tmp_path, file, monkeypatch, module, function
):
    """Another writer sweeps right after the folder is made, or right after it is opened."""
    calls, original = [], getattr(getattr(files, module), function)

    def swept_at_once(*arguments, **options):
        answer = original(*arguments, **options)
        calls.append(answer)
        if len(calls) == 1:
            files._sweep(tmp_path, f".{file.name}.writing-")
            assert names(tmp_path) == [file.name]
        return answer

    monkeypatch.setattr(getattr(files, module), function, swept_at_once)
    write(file, "new")
    assert len(calls) > 1 and file.read_text() == "new" and names(tmp_path) == [file.name]


@needs_locks
def test_no_descriptor_is_left_open(file):
    before = len(names(Path("/dev/fd")))
    for _ in range(5):
        write(file, "new")
    assert len(names(Path("/dev/fd"))) == before


def test_of_writers_at_once_one_wins_and_no_reader_sees_a_mixture(tmp_path, file):
    write(file, "x" * 100_000)
    writers = [start(AGAIN, file, letter) for letter in "abc"]
    while any(writer.poll() is None for writer in writers):
        text = file.read_text()
        assert len(text) == 100_000 and len(set(text)) == 1
    assert [writer.communicate()[1] for writer in writers] == ["", "", ""]
    assert set(file.read_text()) <= set("abc") and names(tmp_path) == [file.name]


def test_threads_of_one_process_do_not_sweep_one_another(tmp_path, file):
    failed = []

    def again(letter):
        try:
            for _ in range(50):
                write(file, letter * 1000)
        except OSError as error:
            failed.append(error)

    threads = [threading.Thread(target=again, args=letter) for letter in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == [] and names(tmp_path) == [file.name]


# Holds a folder, says so, and waits; what it starts does the same.
HOLD = """
import subprocess, sys, time
from pathlib import Path
from course.files import held
with held(Path(sys.argv[1]), "waiting"):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], close_fds=False)
    print("held", flush=True)
    time.sleep(60)
"""


@needs_locks
class TestHeld:
    def test_one_after_the_other(self, tmp_path, capsys):
        for _ in range(2):
            with files.held(tmp_path, "waiting") as waited:
                assert not waited
        assert capsys.readouterr().err == ""

    def test_another_waits_says_so_and_goes_on(self, tmp_path, capsys):
        seen = []

        def second():
            with files.held(tmp_path, "waiting for the first") as waited:
                seen.append(waited)

        with files.held(tmp_path, "waiting"):
            thread = threading.Thread(target=second)
            thread.start()
            thread.join(0.2)
            assert seen == []
        thread.join()
        assert seen == [True] and capsys.readouterr().err == "waiting for the first\n"

    def test_a_child_of_a_killed_process_still_holds_it(self, tmp_path):
        process = start(HOLD, tmp_path)
        assert process.stdout.readline() == "held\n"
        [child] = psutil.Process(process.pid).children()
        process.kill()
        process.wait()
        with pytest.raises(BlockingIOError):
            files._locked(tmp_path)
        child.kill()
        with files.held(tmp_path, "waiting"):
            pass

    def test_a_folder_that_may_only_be_read_can_be_held(self, tmp_path):
        tmp_path.chmod(0o500)
        with files.held(tmp_path, "waiting"):
            pass
        tmp_path.chmod(0o700)


@needs_locks
def test_what_killed_processes_left_anywhere_below_is_listed_and_swept(tmp_path):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    process = half_written(tmp_path / "deep" / "er" / "file")
    assert files.leftovers(tmp_path) == [], "it still writes"
    process.kill()
    process.communicate()
    [left] = files.leftovers(tmp_path)
    assert left.parent == tmp_path / "deep" / "er"
    files.sweep(tmp_path)
    assert files.leftovers(tmp_path) == [] and names(left.parent) == []
    assert files.leftovers(tmp_path / "not there") == []
