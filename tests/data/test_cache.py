"""The cache returns a file only while its content is the registered one."""

import os
from pathlib import Path

import pytest

from course import data
from course.data import cache as cache_module
from course.data.cache import cache_dir, is_valid, location
from course.data.registry import ASSETS
from tests.support.assets import CONTENT, make_asset


def put(content: bytes) -> Path:
    file = location(make_asset())
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def test_course_cache_names_the_folder(cache, monkeypatch):
    assert cache_dir() == cache
    monkeypatch.setenv("COURSE_CACHE", "~/somewhere")
    assert cache_dir() == Path.home() / "somewhere"
    monkeypatch.delenv("COURSE_CACHE")
    assert cache_dir().name == "language-model-course"


def test_the_right_bytes_are_valid_wherever_they_come_from(cache):
    put(CONTENT)
    assert is_valid(make_asset())


@pytest.mark.parametrize(
    "content", [b"", CONTENT[:-1], CONTENT + b" ", b"T" + CONTENT[1:]], ids=["empty", "cut", "longer", "changed"]
)
def test_any_other_bytes_are_not(cache, content):
    put(content)
    assert not is_valid(make_asset())


def test_a_file_that_is_changed_later_is_hashed_again(cache):
    file = put(CONTENT)
    assert is_valid(make_asset())
    file.write_bytes(b"T" + CONTENT[1:])
    os.utime(file, ns=(0, 0))
    assert not is_valid(make_asset())


def test_a_new_process_trusts_neither_size_nor_time(cache):
    file = put(CONTENT)
    assert is_valid(make_asset())
    before = file.stat()
    file.write_bytes(b"T" + CONTENT[1:])
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    cache_module._sha256.cache_clear()
    assert not is_valid(make_asset())


def test_a_file_is_hashed_once_in_a_process(cache, monkeypatch):
    put(CONTENT)
    assert is_valid(make_asset())
    monkeypatch.setattr(cache_module.hashlib, "file_digest", None)  # a second time would call it
    assert is_valid(make_asset())


def test_status_lists_every_asset_without_hashing(cache, monkeypatch):
    monkeypatch.setattr(cache_module, "_sha256", None)
    config = next(asset for asset in ASSETS if asset.name == "minilm-config")
    assert [cached for _asset, cached in data.status()] == [False] * len(ASSETS)
    location(config).parent.mkdir(parents=True)
    location(config).write_bytes(bytes(config.size))
    assert [asset for asset, cached in data.status() if cached] == [config]


def test_a_cache_folder_that_is_a_file_is_named_with_the_way_out(cache):
    cache.write_text("in the way")
    for use in (data.status, lambda: data.path("minilm-config")):
        with pytest.raises(data.AssetError, match=r"cache folder .*cannot be used.*COURSE_CACHE"):
            use()
