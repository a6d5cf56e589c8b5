"""Files converted from assets: made once, where the user may write; a kill leaves nothing, whoever shares the cache."""

import errno
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from course import folders
from course.data import AssetError, conversions, fetch
from course.data.conversions import converted, location
from tests.data.test_processes import ROOT, wait_for
from tests.support.permissions import bound_by_permissions

ASSET, FILENAME = conversions.FILES[0]
# Converts, and waits in the middle of it until the file `go` is in the working folder. Says what it read.
SLOW = """
import sys, time
from pathlib import Path
from course.data.conversions import converted
def write(file):
    with open("started", "a") as log:
        log.write("x")
    with file.open("w") as half:
        half.write("conv")
        half.flush()
        while not Path("go").exists():
            time.sleep(0.02)
        half.write("erted")
print(converted(*sys.argv[1:3], Path.read_text, write))
"""


@pytest.fixture
def own(cache, tmp_path, monkeypatch):
    """The cache folder of this user, beside the one that COURSE_CACHE names; and a private one for temporary files."""
    (tmp_path / "home").mkdir()
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return tmp_path / "home" / ".cache" / folders.NAME


def convert(text: str = "converted") -> str:
    return converted(ASSET, FILENAME, read, lambda file: file.write_text(text))


def read(file: Path) -> str:
    text = file.read_text()
    if not text.startswith("conv"):
        raise ValueError("damaged")
    return text


def entries(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"}


def start(folder: Path) -> subprocess.Popen:
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", SLOW, ASSET, FILENAME]
    return subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


class TestSharedCache:
    """A class's cache that its students may only read."""

    @bound_by_permissions
    def test_what_is_converted_there_is_read(self, cache, own):
        convert()
        cache.chmod(0o555)
        location(cache, ASSET, FILENAME).parent.chmod(0o555)
        assert convert("another") == "converted"
        assert not own.exists()

    @bound_by_permissions
    def test_what_is_missing_there_is_kept_in_the_users_own(self, cache, own):
        cache.mkdir()
        cache.chmod(0o555)
        assert convert() == "converted" and convert("another") == "converted"
        assert entries(cache) == set() and location(own, ASSET, FILENAME).read_text() == "converted"
        assert conversions.missing() == [f"{asset}/{filename}" for asset, filename in conversions.FILES[1:]]

    @bound_by_permissions
    def test_what_is_damaged_or_unreadable_there_too(self, cache, own):
        convert()
        file = location(cache, ASSET, FILENAME)
        for text, mode in (("damaged", 0o444), ("converted", 0o000)):
            file.write_text(text)
            file.chmod(mode)
            file.parent.chmod(0o555)
            assert convert("converted again") == "converted again"
            file.parent.chmod(0o755)
            file.chmod(0o644)

    @bound_by_permissions
    def test_without_a_home_to_write_in_it_is_kept_with_temporary_files(self, cache, own, tmp_path):
        cache.mkdir()
        for folder in (cache, tmp_path / "home"):
            folder.chmod(0o555)
        assert convert() == "converted" and convert("another") == "converted"
        assert location(folders.private(), ASSET, FILENAME).exists()

    @bound_by_permissions
    def test_without_any_place_the_error_names_the_file_and_the_ways_out(self, cache, own, tmp_path):
        cache.mkdir()
        for folder in (cache, tmp_path / "home", tmp_path / "tmp"):
            folder.chmod(0o555)
        with pytest.raises(AssetError, match=r"cannot be written .*Permission denied.*course fetch.*TMPDIR") as caught:
            convert()
        assert str(location(cache, ASSET, FILENAME)) in str(caught.value)
        assert "free some space" not in str(caught.value)


@pytest.mark.parametrize("code", [errno.ENOTDIR, errno.ENOENT, errno.EMFILE, errno.EIO])
def test_what_is_not_for_lack_of_space_does_not_ask_for_space(cache, own, code):
    def write(file):
        raise OSError(code, os.strerror(code))

    remedy = "open files" if code == errno.EMFILE else "set COURSE_CACHE to a folder that is"
    with pytest.raises(AssetError, match=f"cannot be written .*{remedy}") as caught:
        converted(ASSET, FILENAME, read, write)
    assert "free some space" not in str(caught.value)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_no_reason_to_fill_another(cache, own, code):
    def write(file):
        file.write_text("conv")
        raise OSError(code, os.strerror(code))

    with pytest.raises(AssetError, match=r"cannot be written .*free some space.*COURSE_CACHE"):
        converted(ASSET, FILENAME, read, write)
    assert entries(cache) == set() and not own.exists()


@pytest.mark.slow
def test_a_killed_conversion_is_swept_by_the_next(cache, own, tmp_path):
    for _ in range(2):
        victim = start(tmp_path)
        wait_for((tmp_path / "started").exists)
        (tmp_path / "started").unlink()
        victim.kill()
        victim.communicate()
    assert len(fetch.leftovers()) >= 1
    assert convert() == "converted"
    assert entries(cache) == {str(location(Path(), ASSET, FILENAME))} and fetch.leftovers() == []


@pytest.mark.slow
def test_a_killed_conversion_is_swept_by_fetch(cache, own, tmp_path):
    victim = start(tmp_path)
    wait_for((tmp_path / "started").exists)
    assert fetch.leftovers() == [], "it still writes"
    fetch.clean()
    assert entries(cache) != set()
    victim.kill()
    victim.communicate()
    fetch.fetch_all([])
    assert entries(cache) == set() and fetch.leftovers() == []


@pytest.mark.slow
def test_of_two_at_once_one_converts(cache, own, tmp_path):
    both = [start(tmp_path), start(tmp_path)]
    wait_for((tmp_path / "started").exists)
    time.sleep(0.3)  # for the other to come to the lock
    (tmp_path / "go").touch()
    assert [process.communicate(timeout=30) for process in both] == [("converted\n", "")] * 2
    assert (tmp_path / "started").read_text() == "x"


def test_what_an_older_course_made_is_counted_and_removed_by_fetch(cache, own):
    convert()
    old = location(cache, ASSET, FILENAME).parent
    old = old.with_name(old.name.rpartition("-")[0] + f"-{conversions.FORMAT - 1}")
    old.mkdir()
    (old / FILENAME).write_text("old")
    assert fetch.leftovers() == [old]
    fetch.fetch_all([])
    assert entries(cache) == {str(location(Path(), ASSET, FILENAME))}
