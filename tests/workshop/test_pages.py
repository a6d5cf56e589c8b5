"""What the build computes of README.md and docs/ is up to date, and is written whole or not at all."""

import os

import pytest

from course.workshop import pages


@pytest.mark.parametrize("path", pages.PAGES, ids=lambda path: path.name)
def test_a_page_is_what_the_build_writes(path):
    assert path.read_text(encoding="utf-8") == pages.PAGES[path](), "run `python -m course.workshop.pages`"


@pytest.fixture
def two(tmp_path, monkeypatch):
    """A page that is up to date and one that is not."""
    old, same = tmp_path / "old.md", tmp_path / "same.md"
    for path in (old, same):
        path.write_text("as it was\n", encoding="utf-8")
    monkeypatch.setattr(pages, "PAGES", {same: lambda: "as it was\n", old: lambda: "né\n"})
    return old, same


def test_what_has_changed_is_written(two):
    old, same = two
    before = same.stat().st_mtime_ns
    assert pages.update() == [old] and pages.update() == []
    assert old.read_bytes() == "né\n".encode() and same.stat().st_mtime_ns == before
    same.unlink()
    assert pages.update() == [same]


def test_a_page_is_written_whole_or_stays_as_it_was(two, monkeypatch):
    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        pages.update()
    assert {path.read_text(encoding="utf-8") for path in two[0].parent.iterdir()} == {"as it was\n"}


def test_a_page_that_cannot_be_made_leaves_all_as_they_were(two, monkeypatch):
    old, same = two

    def fail():
        raise ValueError("2 claims have the same name.")

    monkeypatch.setattr(pages, "PAGES", {old: pages.PAGES[old], same: fail})
    with pytest.raises(ValueError, match="2 claims"):
        pages.update()
    assert old.read_text(encoding="utf-8") == "as it was\n"
